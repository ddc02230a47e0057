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

static struct hv_domctl *new_call(struct lower *l, uint32_t cmd)
{
    struct hv_call *c = lower_call(l, HV_CALL_DOMCTL);
    enum release release = (enum release)l->model->shape.release;

    c->placed = true;
    c->domctl.cmd = cmd;
    c->domctl.version = hv_domctl_version(release);

    return &c->domctl;
}

/* What a get is to fill: entries that there cannot be, so that it shows which
 * of them were written. */
static void fill_unwritten(struct lower *l, uint32_t from, uint32_t to)
{
    for ( ; from < to; from++ )
        l->entries[from] = (struct xen_memory_claim){ .pages = UINT64_MAX,
                                                      .target = UINT32_MAX,
                                                      .pad = UINT32_MAX };
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
    static const struct value whole = { .sel = MEM_OK };
    struct hv_domctl *d = new_call(l, XEN_DOMCTL_claim_memory);
    const struct value *node = &op->claim_set.node0;
    int slot = op_slot(op);
    uint32_t nr;

    d->domid = (uint16_t)slot;
    nr = add_part(l, 0, &op->claim_set.host, slot, CLAIM_TARGET_HOST);
    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        nr = add_part(l, nr, &node[n], slot, n);
    /* draft-v7 knows no empty set: an entry of no pages releases. */
    if ( !nr && is_v7(l) )
        l->entries[nr++] =
            (struct xen_memory_claim){ .target = CLAIM_TARGET_HOST };
    d->nr_entries = nr;
    place_entries(l, &whole, nr);
    place_whole(l->call, sizeof(struct xen_domctl));

    return l->issue(l->ctx);
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
    static const struct value whole = { .sel = MEM_OK };
    struct hv_domctl *d = new_call(l, is_v7(l) ? XEN_DOMCTL_claim_memory
                                               : XEN_DOMCTL_get_memory_claims);

    d->domid = (uint16_t)op_slot(op);
    d->mode = is_v7(l) ? CLAIM_MEMORY_GET : 0;
    d->nr_entries = entries_said(&op->claim_get.capacity, CLAIM_SET_MAX);
    fill_unwritten(l, 0, entries_placed(d->nr_entries));
    place_entries(l, &whole, entries_placed(d->nr_entries));
    place_whole(l->call, sizeof(struct xen_domctl));

    return l->issue(l->ctx);
}

/* The entries that the operation gives, then the last one again and again. */
static uint32_t given_entries(struct lower *l, const struct op *op, int slot)
{
    const struct value *entry = &op->claim_memory.entry0;
    uint32_t nr = 0;

    for ( unsigned int i = 0; i < 3; i++ )
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
        fill_unwritten(l, 0, HV_ENTRIES_MAX);
    for ( uint32_t i = nr; nr && i < HV_ENTRIES_MAX; i++ )
        l->entries[i] = l->entries[nr - 1];

    return nr;
}

long lower_claim_memory(struct lower *l, const struct op *op)
{
    struct hv_domctl *d = new_call(l, set_command(&op->claim_memory.cmd));
    uint32_t nr;
    int slot;

    if ( !lower_caller(l, &op->claim_memory.caller, &op->claim_memory.abi) )
        return 0;
    d->domid = (uint16_t)op->claim_memory.domid.v;
    d->mode = (uint32_t)op->claim_memory.mode.v;
    slot = domid_resolve(d->domid, &l->call->caller);
    nr = given_entries(l, op, slot);
    d->nr_entries = entries_said(&op->claim_memory.nr, nr);
    l->call->flip = (uint32_t)op->claim_memory.flip.v;
    place_entries(l, &op->claim_memory.data, entries_placed(d->nr_entries));
    place_argument(l->call, &op->claim_memory.arg, sizeof(struct xen_domctl));

    return l->issue(l->ctx);
}
