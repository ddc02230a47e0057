/* SPDX-License-Identifier: MIT */
/*
 * Which rules can meet in one call, and what is known to be impossible, each
 * with the reason. A pair that is not listed here must have a witness.
 */
#include "matrix.h"

struct impossible
{
    enum rule rule, other; /* other: RULE_NONE for the rule alone */
    const char *why;
};

/* Rules that no program can make decide. */
static const struct impossible alone[] = {
    { RULE_NONE, RULE_NONE, "not a rule" },
};

/* Rules behind which nothing more is looked at: they end a call that is good,
 * or all that is left to them. Others must have a near miss, too. */
static const enum rule last[] = {
    RULE_CLAIM_OK,      RULE_POPULATE_POD,  RULE_POPULATE_DONE,
    RULE_INCREASE_DONE, RULE_DECREASE_DONE, RULE_QUERY_CURRENT,
    RULE_QUERY_MAXIMUM, RULE_MAX_MEM_OK,    RULE_AFFINITY_OK,
    RULE_INFO_OK,       RULE_UNPAUSE_OK,    RULE_CREATE_OK,
    RULE_DESTROY_OK,    RULE_PHYSINFO_OK,   RULE_NUMAINFO_OK,
    RULE_MAP_OK,        RULE_UNMAP_OK,      RULE_ANON_OK,
    RULE_ANON_FREE,     RULE_EXTRA_OK,      RULE_EXTRA_FREE_OK,
};

/* Rules that look at free memory alone, which no argument changes. */
static const enum rule memory_only[] = {
    RULE_CREATE_NOMEM,
    RULE_EXTRA_GATE,
};

/* Pairs that no call can violate together. */
static const struct impossible together[] = {
    { RULE_CLAIM_DOMID, RULE_CLAIM_DYING, "no domain, so none that dies" },
    { RULE_CLAIM_DYING, RULE_CLAIM_SECOND, "a dying domain has no claim" },
    { RULE_CLAIM_LLC, RULE_CLAIM_SECOND, "no claim was ever made there" },
    { RULE_COMPAT_NR, RULE_RESV_START, "a 32-bit start is below such counts" },
    { RULE_CLAIM_RELEASE, RULE_CLAIM_ABOVE_MAX, "0 is above no limit" },
};

#define NR_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Validation rules of one kind of call, in the order they are looked at. */
static const enum rule claim_order[] = {
    RULE_CALLER_USER,        RULE_CLAIM_COMPAT,    RULE_CLAIM_LLC,
    RULE_CLAIM_START_EXTENT, RULE_CLAIM_FAULT,     RULE_CLAIM_LIST,
    RULE_CLAIM_ORDER,        RULE_CLAIM_FLAGS,     RULE_CLAIM_DOMID,
    RULE_CLAIM_XSM,          RULE_CLAIM_DYING,     RULE_CLAIM_RELEASE,
    RULE_CLAIM_SECOND,       RULE_CLAIM_NOT_ABOVE, RULE_CLAIM_ABOVE_MAX,
    RULE_CLAIM_NOMEM,
};
static const enum rule native_order[] = {
    RULE_CALLER_USER, RULE_RESV_FAULT, RULE_RESV_NR,   RULE_RESV_START,
    RULE_RESV_DOMID,  RULE_RESV_BITS,  RULE_RESV_NODE, RULE_RESV_XSM,
    RULE_RESV_RANGE,  RULE_RESV_ORDER,
};
static const enum rule compat_order[] = {
    RULE_CALLER_USER, RULE_COMPAT_FAULT, RULE_COMPAT_NR, RULE_COMPAT_RANGE,
    RULE_RESV_START,  RULE_RESV_DOMID,   RULE_RESV_BITS, RULE_RESV_NODE,
    RULE_RESV_XSM,    RULE_RESV_ORDER,
};
static const enum rule query_order[] = {
    RULE_CALLER_USER, RULE_QUERY_START, RULE_QUERY_FAULT,
    RULE_QUERY_DOMID, RULE_QUERY_XSM,
};

static const enum rule domctl_order[] = {
    RULE_CALLER_USER,  RULE_DOMCTL_FAULT, RULE_DOMCTL_VERSION,
    RULE_DOMCTL_DOMID, RULE_DOMCTL_XSM,   RULE_DOMCTL_COMMAND,
};
static const enum rule sysctl_order[] = {
    RULE_CALLER_USER, RULE_SYSCTL_FAULT,   RULE_SYSCTL_VERSION,
    RULE_SYSCTL_XSM,  RULE_SYSCTL_COMMAND,
};

static int place(const enum rule *order, size_t nr, enum rule r)
{
    for ( size_t i = 0; i < nr; i++ )
        if ( order[i] == r )
            return (int)i;

    return -1;
}

static bool precedes(enum rule a, enum rule b)
{
    static const struct
    {
        const enum rule *order;
        size_t nr;
    } family[] = {
        { claim_order, NR_OF(claim_order) },
        { native_order, NR_OF(native_order) },
        { compat_order, NR_OF(compat_order) },
        { query_order, NR_OF(query_order) },
        { domctl_order, NR_OF(domctl_order) },
        { sysctl_order, NR_OF(sysctl_order) },
    };

    for ( size_t i = 0; i < NR_OF(family); i++ )
    {
        int pa = place(family[i].order, family[i].nr, a);

        if ( pa >= 0 && place(family[i].order, family[i].nr, b) > pa )
            return true;
    }

    return false;
}

const char *matrix_rule_infeasible(enum rule r, enum release release)
{
    const struct model_release *rel = &model_releases[release];

    if ( r == RULE_CLAIM_LLC && !rel->llc_refused )
        return "this release does not test it";
    if ( r == RULE_CLAIM_DYING && !rel->dying_refused )
        return "this release does not test it";
    if ( r == RULE_ALLOC_LLC_ORDER && !rel->llc_possible )
        return "this release has no LLC colouring";
    if ( (r == RULE_INFO_NONE || r == RULE_INFO_RESERVED) &&
         !rel->info_next_domain )
        return "this release looks the domid up first";
    for ( size_t i = 0; i < NR_OF(alone); i++ )
        if ( alone[i].rule == r )
            return alone[i].why;

    return NULL;
}

const char *matrix_no_near_miss(enum rule r)
{
    if ( place(last, NR_OF(last), r) >= 0 )
        return "it is the last one";
    if ( place(memory_only, NR_OF(memory_only), r) >= 0 )
        return "it looks at memory, not at an argument";

    return NULL;
}

bool matrix_pair(enum rule a, enum rule b, enum release release,
                 const char **why)
{
    *why = NULL;
    if ( !precedes(a, b) )
        return false;
    *why = matrix_rule_infeasible(a, release);
    if ( !*why )
        *why = matrix_rule_infeasible(b, release);
    for ( size_t i = 0; i < NR_OF(together) && !*why; i++ )
        if ( together[i].rule == a && together[i].other == b )
            *why = together[i].why;
    /* Without a domain nothing of it can be compared. */
    if ( !*why && a == RULE_CLAIM_DOMID &&
         (b == RULE_CLAIM_SECOND || b == RULE_CLAIM_NOT_ABOVE ||
          b == RULE_CLAIM_ABOVE_MAX || b == RULE_CLAIM_NOMEM ||
          b == RULE_CLAIM_RELEASE) )
        *why = "without a domain its pages are not compared";

    return !*why;
}
