/* SPDX-License-Identifier: MIT */
/*
 * The domctls of the drafts that tell a domain's claims (rules 3.14 and 3.15):
 * what they may return, and the entries that they write.
 *
 * Not here: the sets themselves, and which call is such a one (claim_set.c).
 */
#include "internal.h"

#include <string.h>

/* The entries that a get reports; at most one more than there are nodes. */
static uint32_t reported(const struct model *m, int slot,
                         struct xen_memory_claim entry[HV_NODES_MAX + 1])
{
    uint32_t host = claim_host_part(m, slot), nr = 0;
    const uint32_t *part = m->counters.node_claim[slot];

    /* draft-v7 has the host's first, even if it is nothing. */
    if ( host || is_v7(m) )
        entry[nr++] = (struct xen_memory_claim){ .pages = host,
                                                 .target = CLAIM_TARGET_HOST };
    for ( uint32_t n = 0; n < HV_NODES_MAX; n++ )
        if ( part[n] )
            entry[nr++] = (struct xen_memory_claim){ .pages = part[n],
                                                     .target = n };
    return nr;
}

/* Can so many entries not be written? */
static bool entries_unwritable(const struct hv_call *call, uint32_t nr)
{
    return nr * sizeof(*call->entries) > call->data_bytes ||
           (nr && call->readonly & HV_READONLY_LIST);
}

void claim_get_predict(const struct model *m, const struct hv_call *call,
                       int slot, struct prediction *p)
{
    struct xen_memory_claim entry[HV_NODES_MAX + 1];
    uint32_t nr = reported(m, slot, entry);
    bool v7 = is_v7(m);

    if ( decides(p, v7 ? RULE_GET7_UNWRITTEN : RULE_GET8_UNWRITTEN,
                 model_readonly_argument(call)) )
        answer(p, -EFAULT);
    else if ( decides(p, v7 ? RULE_GET7_SHORT : RULE_GET8_SHORT,
                      nr > call->domctl.nr_entries) )
        answer(p, v7 ? -ERANGE : -ENOBUFS);
    else if ( decides(p, v7 ? RULE_GET7_FAULT : RULE_GET8_FAULT,
                      nr <= call->domctl.nr_entries &&
                          entries_unwritable(call, nr)) )
        answer(p, -EFAULT);
    else
        answer(p, !decides(p, v7 ? RULE_GET7_OK : RULE_GET8_OK, true));
}

void claim_get_fill(const struct model *m, const struct hv_call *call,
                    struct hv_result *result)
{
    struct xen_memory_claim entry[HV_NODES_MAX + 1];
    uint32_t nr;

    result->nr_entries = call->domctl.nr_entries;
    result->entries = result->entry_space;
    if ( call->entries )
        memcpy(result->entry_space, call->entries, call->data_bytes);
    if ( !claim_set_is_get(m, call) ||
         (result->rc && result->rc != -ERANGE && result->rc != -ENOBUFS) )
        return;
    nr = reported(m, call->domctl.domid, entry);
    result->nr_entries = nr;
    if ( !result->rc )
        memcpy(result->entry_space, entry, nr * sizeof(entry[0]));
}

const char *claim_get_told(const struct model *m, const struct hv_call *call,
                           const struct hv_result *result)
{
    struct xen_memory_claim entry[HV_NODES_MAX + 1];
    uint32_t nr;

    if ( result->rc && result->rc != -ERANGE && result->rc != -ENOBUFS )
        return NULL;
    nr = reported(m, call->domctl.domid, entry);
    if ( result->nr_entries != nr )
        return "another number of entries was written back";
    if ( !result->rc && nr &&
         memcmp(entry, result->entries, nr * sizeof(entry[0])) )
        return "the entries are not those of the rules, or in another order";
    return NULL;
}
