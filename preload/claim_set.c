/* SPDX-License-Identifier: MIT */
/*
 * libclaimcheck-xen.so: the domctls about claim sets of the drafts, for which
 * libxenctrl has no function: as the checks read them, and as a step of a
 * recorded test case.
 */
#include "host.h"

#include <string.h>

#include "harness/program/kinds/claims.h"

_Static_assert(ENTRY_PAD_MAX < UINT8_MAX, "padding of an operand");

void preload_describe_set(struct preload_host *p, struct hv_call *call,
                          const struct xen_domctl *op)
{
    const size_t size = sizeof(p->entries[0]);
    struct xen_domctl_claim_memory set;
    uint32_t nr;

    memcpy(&set, &op->u, sizeof(set));
    call->domctl.nr_entries = set.nr_entries;
    call->domctl.mode = set.mode;
    call->data = set.entries;
    call->placed = true;
    nr = set.nr_entries < HV_ENTRIES_MAX ? set.nr_entries : HV_ENTRIES_MAX;
    /* Whole entries. */
    nr = (uint32_t)(preload_read_some(p->entries, set.entries, nr * size) /
                    size);
    call->data_bytes = nr * (uint32_t)size;
    call->entries = p->entries;
}

void preload_read_set(const struct hv_call *call, const struct xen_domctl *op,
                      struct hv_result *result)
{
    struct xen_domctl_claim_memory set;

    memcpy(&set, &op->u, sizeof(set));
    result->nr_entries = set.nr_entries;
    result->entries = NULL;
    if ( call->data_bytes &&
         preload_read(result->entry_space, call->data, call->data_bytes) )
        result->entries = result->entry_space;
}

/* An entry of a set as an operand; false: it has none. */
static bool entry_of(struct value *v, const struct xen_memory_claim *e)
{
    struct value pages = { .v = (int64_t)e->pages };

    if ( e->pad > ENTRY_PAD_MAX || e->pages > INT32_MAX )
        return false;
    *v = entry_value(e->target, &pages, e->pad);

    return true;
}

/* The parts of a plain set; false: it says more than a plain one can. */
static bool plain_set(struct op *op, const struct hv_call *c)
{
    struct value *node = &op->claim_set.node0, *part;

    for ( uint32_t i = 0; i < c->domctl.nr_entries; i++ )
    {
        const struct xen_memory_claim *e = &c->entries[i];

        if ( e->target != CLAIM_TARGET_HOST && e->target >= HV_NODES_MAX )
            return false;
        part = e->target == CLAIM_TARGET_HOST ? &op->claim_set.host
                                              : &node[e->target];
        if ( e->pad || !e->pages || e->pages > INT64_MAX || part->v )
            return false;
        part->v = (int64_t)e->pages;
    }
    return c->domctl.nr_entries && !c->domctl.mode;
}

/* A set of at most three entries, whatever they are. */
static bool raw_set(struct op *op, const struct hv_call *c)
{
    struct value *entry = &op->claim_memory.entry0;

    op->claim_memory.cmd.v = c->domctl.cmd == XEN_DOMCTL_get_memory_claims;
    op->claim_memory.domid = (struct value){ c->domctl.domid, 1 };
    op->claim_memory.mode.v = c->domctl.mode;
    op->claim_memory.nr.v = (int64_t)c->domctl.nr_entries + 1;
    for ( uint32_t i = 0; i < c->domctl.nr_entries; i++ )
        if ( i == 3 || !entry_of(&entry[i], &c->entries[i]) )
            return false;

    return c->domctl.nr_entries < UINT32_MAX;
}

bool preload_set_op(struct op *op, const struct hv_call *c, enum op_code code)
{
    bool whole = c->domctl.nr_entries <= c->data_bytes / sizeof(c->entries[0]);

    memset(op, 0, sizeof(*op));
    op->code = (uint8_t)code;
    op_set_slot(op, c->domctl.domid);
    if ( code == OP_claim_get )
    {
        op->claim_get.capacity.v = (int64_t)c->domctl.nr_entries + 1;
        return c->domctl.nr_entries < UINT32_MAX;
    }
    if ( !whole )
        return false;
    if ( plain_set(op, c) )
        return true;
    memset(op, 0, sizeof(*op));
    op->code = OP_claim_memory;

    return raw_set(op, c);
}
