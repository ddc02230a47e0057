/* SPDX-License-Identifier: MIT */
/* Calls about claim sets as C; their part of the runtime is claim_domctl(). */
#include "claims.h"

#include <inttypes.h>
#include <string.h>

static void print_entry(FILE *f, const struct xen_memory_claim *e)
{
    fprintf(f, "{ UINT64_C(%" PRIu64 "), %#x, %u }", (uint64_t)e->pages,
            e->target, e->pad);
}

static void print_entries(FILE *f, const struct xen_memory_claim *entry,
                          uint32_t nr)
{
    fprintf(f, "(struct claim[]){ ");
    for ( uint32_t i = 0; i < nr; i++ )
    {
        print_entry(f, &entry[i]);
        fprintf(f, i + 1 < nr ? ",\n        " : " }");
    }
}

/* Entries up to the one that all others repeat. */
static uint32_t distinct(const struct xen_memory_claim *entry, uint32_t nr)
{
    while ( nr > 1 && !memcmp(&entry[nr - 1], &entry[nr - 2], sizeof(*entry)) )
        nr--;
    return nr;
}

const char *emit_claim_set(FILE *f, const struct hv_call *c,
                           uint32_t right_version)
{
    uint32_t nr = c->domctl.nr_entries, given;

    if ( c->domctl.version != right_version )
        return "it makes a domctl that the headers do not describe";
    if ( c->arg_bytes < sizeof(struct xen_domctl) || nr > HV_ENTRIES_MAX ||
         c->data_bytes != nr * sizeof(c->entries[0]) ||
         c->data + c->data_bytes != GUEST_LIST_END )
        return "it makes a domctl with memory that is not there";
    given = distinct(c->entries, nr);
    fprintf(f, "    rc = claim_domctl(%u, %u, %#x, %u, %u, ", c->domctl.cmd,
            c->domctl.domid, c->domctl.mode, nr, given);
    if ( given )
        print_entries(f, c->entries, given);
    else
        fprintf(f, "NULL");
    fprintf(f, ");\n");

    return NULL;
}

void emit_claims_told(FILE *f, unsigned int step, const struct hv_result *r)
{
    fprintf(f, "    claims_told(%u, %u, ", step, r->nr_entries);
    if ( r->nr_entries && !r->rc )
        print_entries(f, r->entries, r->nr_entries);
    else
        fprintf(f, "NULL");
    fprintf(f, ");\n");
}
