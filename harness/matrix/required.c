/* SPDX-License-Identifier: MIT */
/*
 * What a corpus must hold: a witness of every rule that can decide, a near miss
 * of every one that an argument can avoid, and a witness of every pair of checks
 * that one call can violate. What cannot be is listed here, with its reason.
 */
#include "state.h"

#include <string.h>

#define NR_OF(a) (sizeof(a) / sizeof((a)[0]))

/* By the bits of enum rule_family. */
static const char *const family_names[] = {
    "claim",  "reservation", "compat reservation", "query",
    "domctl", "sysctl",      "claim set",          "claim set told",
};

_Static_assert(FAMILY_ALL == (1 << NR_OF(family_names)) - 1,
               "a name for each family of argument checks");

const char *matrix_family(unsigned int i)
{
    return i < NR_OF(family_names) ? family_names[i] : NULL;
}

/* Pairs that no call can violate together, on any release. */
static const struct
{
    enum rule a, b;
    const char *why;
} never_together[] = {
    { RULE_CLAIM_DOMID, RULE_CLAIM_DYING, "no domain, so none that dies" },
    { RULE_CLAIM_DYING, RULE_CLAIM_SECOND, "a dying domain has no claim" },
    { RULE_CLAIM_LLC, RULE_CLAIM_SECOND, "no claim was ever made there" },
    { RULE_COMPAT_NR, RULE_RESV_START, "a 32-bit start is below such counts" },
    { RULE_CLAIM_RELEASE, RULE_CLAIM_ABOVE_MAX, "0 is above no limit" },
/* Without a domain nothing of it can be compared. */
#define NO_DOMAIN(rule)                                                       \
    {                                                                         \
        RULE_CLAIM_DOMID, rule, "without a domain its pages are not compared" \
    }
    NO_DOMAIN(RULE_CLAIM_RELEASE),
    NO_DOMAIN(RULE_CLAIM_SECOND),
    NO_DOMAIN(RULE_CLAIM_NOT_ABOVE),
    NO_DOMAIN(RULE_CLAIM_ABOVE_MAX),
    NO_DOMAIN(RULE_CLAIM_NOMEM),
#undef NO_DOMAIN
    { RULE_SET7_LLC, RULE_SET7_SECOND, "no claim was ever made there" },
    { RULE_SET8_LLC, RULE_SET8_SECOND, "no claim was ever made there" },
    { RULE_SET7_DYING, RULE_SET7_SECOND, "a dying domain has no claim" },
    { RULE_SET8_DYING, RULE_SET8_SECOND, "a dying domain has no claim" },
    { RULE_SET7_NONE, RULE_SET7_MANY, "0 is not too many" },
    { RULE_SET8_RELEASE, RULE_SET8_MANY, "0 is not too many" },
    { RULE_SET7_NONE, RULE_SET7_FAULT, "no entry is read" },
    { RULE_SET8_RELEASE, RULE_SET8_FAULT, "no entry is read" },
    { RULE_GET7_SHORT, RULE_GET7_FAULT, "no entry is written" },
    { RULE_GET8_SHORT, RULE_GET8_FAULT, "no entry is written" },
/* Checks of targets that exclude each other. */
#define ONE_TARGET(a, b)                                                      \
    {                                                                         \
        RULE_##a, RULE_##b, "an entry has one target"                         \
    }
    ONE_TARGET(SET7_TOTALS, SET7_NODE),
    ONE_TARGET(SET7_TOTALS, SET7_TWICE),
    ONE_TARGET(SET7_TOTALS, SET7_NODE_NOMEM),
    ONE_TARGET(SET7_NODE, SET7_TWICE),
    ONE_TARGET(SET7_NODE, SET7_NODE_NOMEM),
    ONE_TARGET(SET8_HOSTS, SET8_TARGET),
    ONE_TARGET(SET8_HOSTS, SET8_NODE),
    ONE_TARGET(SET8_HOSTS, SET8_TWICE),
    ONE_TARGET(SET8_TARGET, SET8_NODE),
    ONE_TARGET(SET8_TARGET, SET8_TWICE),
    ONE_TARGET(SET8_NODE, SET8_TWICE),
#undef ONE_TARGET
};

/* Entries of a claim set are compared if there are some that can be read, and
 * not too many. */
static bool entries_unknown(enum rule a, enum rule b)
{
    switch ( a )
    {
    case RULE_SET7_NONE:
    case RULE_SET7_MANY:
    case RULE_SET7_FAULT: return b >= RULE_SET7_PAD && b <= RULE_SET7_NOMEM;
    case RULE_SET8_RELEASE:
    case RULE_SET8_MANY:
    case RULE_SET8_FAULT:
        return b >= RULE_SET8_PAGES && b <= RULE_SET8_NODE_NOMEM;
    default: return false;
    }
}

/* Rules that decide on a host with LLC colouring only. */
static bool needs_llc(enum rule r)
{
    return r == RULE_CLAIM_LLC || r == RULE_ALLOC_LLC_ORDER ||
           r == RULE_SET7_LLC || r == RULE_SET8_LLC;
}

/* Why no hypervisor of the release can decide by it. */
static const char *not_in_release(enum rule r, const struct hv_facts *rel)
{
    if ( (r >= RULE_SET7_LLC && r <= RULE_GET7_OK && rel->claim_sets != 7) ||
         (r >= RULE_SET8_PAD && r <= RULE_GET8_OK && rel->claim_sets != 8) )
        return "this release has not that draft's claim sets";
    switch ( r )
    {
    case RULE_NONE: return "not a rule";
    case RULE_CLAIM_LLC:
        return rel->llc_refused ? NULL : "this release does not test it";
    case RULE_CLAIM_DYING:
        return rel->dying_refused ? NULL : "this release does not test it";
    case RULE_ALLOC_LLC_ORDER:
        return rel->llc_possible ? NULL : "this release has no LLC colouring";
    case RULE_UNPAUSE_STASH:
        return rel->stash ? NULL : "this release puts nothing aside";
    case RULE_INFO_NONE:
    case RULE_INFO_RESERVED:
        return rel->info_next_domain ? NULL
                                     : "this release looks the domid up first";
    default: return NULL;
    }
}

const char *matrix_infeasible(const struct matrix_release *t, enum rule r)
{
    const char *why = not_in_release(r, &model_releases[t->release]);

    if ( !why && !(t->caps & HV_CAP_LLC) && needs_llc(r) )
        why = "not available here: LLC colouring is not offered";
    if ( !why && !(t->caps & HV_CAP_STASH) && r == RULE_POPULATE_STOP )
        why = "not available here: a populate is not left unfinished";

    return why;
}

const char *matrix_no_near_miss(enum rule r)
{
    switch ( rule_table[r].family )
    {
    case FAMILY_END: return "no check: how a call ends";
    case FAMILY_MEMORY: return "it depends on memory alone";
    default: return NULL;
    }
}

bool matrix_pair(const struct matrix_release *t, enum rule a, enum rule b,
                 const char **why)
{
    *why = NULL;
    if ( a >= b ||
         !(rule_table[a].family & rule_table[b].family & FAMILY_ALL) )
        return false;
    *why = matrix_infeasible(t, a);
    if ( !*why )
        *why = matrix_infeasible(t, b);
    if ( !*why && entries_unknown(a, b) )
        *why = "entries that are not there are not compared";
    for ( size_t i = 0; i < NR_OF(never_together) && !*why; i++ )
        if ( never_together[i].a == a && never_together[i].b == b )
            *why = never_together[i].why;

    return !*why;
}

bool matrix_lacks_near_miss(const struct matrix_release *t, enum rule r)
{
    return t->rule[r].decided && !t->rule[r].near_miss.file &&
           !matrix_no_near_miss(r);
}

static void count_rule(const struct matrix_release *t, enum rule r,
                       struct matrix_totals *n)
{
    const struct rule_row *row = &t->rule[r];

    n->rules += r != RULE_NONE;
    if ( matrix_infeasible(t, r) )
    {
        /* What is said never to decide must not: a table can be wrong, too. */
        n->wrong += row->decided != 0;
        return;
    }
    n->in_release++;
    n->witnessed += row->decided != 0;
    n->near_required += !matrix_no_near_miss(r);
    n->near_misses += row->near_miss.file && !matrix_no_near_miss(r);
}

static void count_values(const struct matrix_release *t,
                         struct matrix_totals *n)
{
    for ( unsigned int i = 0; class_table[i].values; i++ )
        for ( unsigned int c = 0; c < CALLS_COUNT; c++ )
            if ( class_calls(i) >> c & 1 )
            {
                n->values++;
                n->values_tried += t->outcomes[c][i] != NULL;
            }
}

void matrix_totals(const struct matrix *m, enum release release,
                   struct matrix_totals *n)
{
    const struct matrix_release *t = m->release[release];
    const char *why;

    memset(n, 0, sizeof(*n));
    for ( unsigned int a = 0; a < RULE_COUNT; a++ )
    {
        count_rule(t, (enum rule)a, n);
        for ( unsigned int b = 0; b < RULE_COUNT; b++ )
            if ( matrix_pair(t, (enum rule)a, (enum rule)b, &why) )
            {
                n->pairs++;
                n->pairs_witnessed += t->overrides[a][b] != NULL;
            }
    }
    count_values(t, n);
}

bool matrix_complete(const struct matrix *m, enum release release)
{
    struct matrix_totals n;

    matrix_totals(m, release, &n);
    return n.witnessed == n.in_release && n.near_misses == n.near_required &&
           n.pairs_witnessed == n.pairs && n.values_tried == n.values &&
           !n.wrong;
}
