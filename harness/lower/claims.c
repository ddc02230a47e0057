/* SPDX-License-Identifier: MIT */
/*
 * Claim sets: setting one, getting it, and any domctl about them. What the
 * command and the mode are called differs between the drafts; releases have
 * neither, and are asked as draft-v8 would be.
 */
#include "internal.h"

#include <string.h>

#include "harness/program/kinds/claims.h"

static bool is_v7(const struct lower *l)
{
    return l->model->shape.release == RELEASE_DRAFT_V7;
}

/* Of dom0, all in its place; the entries, which l->entries has, too. */
static long issue_whole(struct lower *l, uint32_t entries)
{
    static const struct value whole = { .sel = MEM_OK };

    l->call->placed = true;
    place_entries(l, &whole, entries);

    return l->issue(l->ctx);
}

/* What a get is to fill: entries that there cannot be, so that it shows which
 * of them were written. */
static void fill_unwritten(struct lower *l, uint32_t nr)
{
    memset(l->entries, UINT8_MAX, nr * sizeof(l->entries[0]));
}

static uint32_t add_part(struct lower *l, uint32_t nr, const struct value *v,
                         int slot, uint32_t target)
{
    if ( !v->v && !v->sel ) /* not in the set */
        return nr;
    l->entries[nr] = (struct xen_memory_claim){
        .pages = part_resolve(v, l->view, slot, l->model->host_pages, target),
        .target = target,
    };

    return nr + 1;
}

long lower_claim_set(struct lower *l, const struct op *op)
{
    struct hv_domctl *d = lower_new_domctl(l, XEN_DOMCTL_claim_memory, op);
    const struct value *node = &op->claim_set.node0;
    int slot = op_slot(op);
    uint32_t nr;

    nr = add_part(l, 0, &op->claim_set.host, slot, CLAIM_TARGET_HOST);
    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        nr = add_part(l, nr, &node[n], slot, n);
    /* draft-v7 knows no empty set: an entry of no pages releases. */
    if ( !nr && is_v7(l) )
        l->entries[nr++] =
            (struct xen_memory_claim){ .target = CLAIM_TARGET_HOST };
    d->nr_entries = nr;

    return issue_whole(l, nr);
}

/* Entries that NR says, of those that there are. */
static uint32_t entries_said(const struct value *nr, uint32_t all)
{
    return nr->v ? (uint32_t)nr->v - 1 : all;
}

static uint32_t entries_placed(uint32_t said)
{
    return said < HV_ENTRIES_MAX ? said : HV_ENTRIES_MAX;
}

long lower_claim_get(struct lower *l, const struct op *op)
{
    uint32_t cmd = is_v7(l) ? XEN_DOMCTL_claim_memory
                            : XEN_DOMCTL_get_memory_claims;
    struct hv_domctl *d = lower_new_domctl(l, cmd, op);

    d->mode = is_v7(l) ? CLAIM_MEMORY_GET : 0;
    d->nr_entries = entries_said(&op->claim_get.capacity, CLAIM_SET_MAX);
    fill_unwritten(l, entries_placed(d->nr_entries));

    return issue_whole(l, entries_placed(d->nr_entries));
}

/* The entries that the operation gives, then the last one again and again. */
static uint32_t given_entries(struct lower *l, const struct op *op, int slot)
{
    const struct value *entry = &op->claim_memory.entry0;
    uint32_t nr = 0;

    for ( unsigned int i = 0; i < CLAIM_ENTRIES; i++ )
    {
        struct value pages = entry_pages(&entry[i]);

        if ( !entry_given(&entry[i]) )
            continue;
        l->entries[nr].target = entry_target(&entry[i]);
        l->entries[nr].pad = entry_pad(&entry[i]);
        l->entries[nr].pages = part_resolve(&pages, l->view, slot,
                                            l->model->host_pages,
                                            l->entries[nr].target);
        nr++;
    }
    if ( !nr )
        fill_unwritten(l, HV_ENTRIES_MAX);
    for ( uint32_t i = nr; nr && i < HV_ENTRIES_MAX; i++ )
        l->entries[i] = l->entries[nr - 1];

    return nr;
}

long lower_claim_memory(struct lower *l, const struct op *op)
{
    struct hv_call *c = lower_call(l, HV_CALL_DOMCTL);
    struct hv_domctl *d = &c->domctl;
    uint32_t nr;
    int slot;

    if ( !lower_caller(l, &op->claim_memory.caller, &op->claim_memory.abi) )
        return 0;
    d->cmd = set_command(&op->claim_memory.cmd);
    d->version = hv_domctl_version((enum release)l->model->shape.release);
    d->domid = (uint16_t)op->claim_memory.domid.v;
    d->mode = (uint32_t)op->claim_memory.mode.v;
    slot = domid_resolve(d->domid, &c->caller);
    nr = given_entries(l, op, slot);
    d->nr_entries = entries_said(&op->claim_memory.nr, nr);
    c->flip = (uint32_t)op->claim_memory.flip.v;
    c->placed = true;
    place_entries(l, &op->claim_memory.data, entries_placed(d->nr_entries));
    place_argument(c, &op->claim_memory.arg, sizeof(struct xen_domctl));

    return l->issue(l->ctx);
}
