/* SPDX-License-Identifier: MIT */
/*
 * The domctls of claim sets (docs/claim-sets.md): their arguments, the entries
 * in the caller's memory, and telling a domain's claims. draft-v7 has one
 * domctl with a mode, draft-v8 one to set and one to get.
 *
 * Not here: domctl's front end (domctl.c), the entries' meaning and the claims
 * themselves (heap_set.c).
 */
#include "checks.h"
#include "world.h"

#include <string.h>

struct claim_set_call
{
    struct stub *s;
    int dom;
    struct xen_domctl_claim_memory *op;
    bool copyback; /* *op changed                                            */
    /* Of a set as read, of a get as to be written. */
    uint32_t nr;
    struct xen_memory_claim entry[CLAIM_SET_MAX];
};
#define CHECKED_CALL struct claim_set_call

static bool llc_on(const struct claim_set_call *c)
{
    return c->s->w.llc;
}

static bool dying(const struct claim_set_call *c)
{
    return c->s->w.dom[c->dom].dying != DYING_NO;
}

/* All entries at once. More than fit only come here by a planted fault. */
static bool entries_read(struct claim_set_call *c)
{
    struct guest *g = &c->s->guest;
    size_t size;
    bool all;

    c->nr = c->op->nr_entries;
    if ( c->nr > CLAIM_SET_MAX )
        c->nr = CLAIM_SET_MAX;
    size = c->nr * sizeof(c->entry[0]);
    if ( FAULT_ON(&c->s->w, set_double_fetch) )
        read_argument(g, c->entry, c->op->entries, size);
    all = read_argument(g, c->entry, c->op->entries, size);
    /* A second time, unseen. */
    if ( all && FAULT_ON(&c->s->w, set_entries_read_again) )
        copy_from_guest(g, c->entry, c->op->entries, size);
    for ( uint32_t i = 0; i < c->nr; i++ )
        if ( c->entry[i].pages > UINT32_MAX &&
             FAULT_ON(&c->s->w, set_pages_32_bits) )
            c->entry[i].pages = (uint32_t)c->entry[i].pages;

    return all;
}

static long install(struct claim_set_call *c)
{
    return c->s->alloc->claim_set(c->s->a, c->dom, c->nr, c->entry);
}

/* ---- telling ---- */

static void tell(struct claim_set_call *c, uint64_t pages, uint32_t target)
{
    c->entry[c->nr++] = (struct xen_memory_claim){ .pages = pages,
                                                   .target = target };
}

/* The domain's claims: the host-wide one, which draft-v7 lists even if it is of
 * no pages, then nodes with one. */
static void collect(struct claim_set_call *c)
{
    struct stub *s = c->s;
    struct alloc_parts parts;
    uint32_t host;

    LOCK(s, HV_LOCK_HEAP, ALLOC_NO_DOMAIN);
    s->alloc->parts(s->a, &parts);
    UNLOCK(s, HV_LOCK_HEAP, ALLOC_NO_DOMAIN);

    host = parts.dom[c->dom].host;
    if ( host && FAULT_ON(&s->w, get_host_is_total) )
        for ( uint32_t n = 0; n < s->w.nodes; n++ )
            host += parts.dom[c->dom].node[n];
    if ( (host || s->w.sets == 7) &&
         !(host && FAULT_ON(&s->w, get_omits_host)) )
        tell(c, host, CLAIM_TARGET_HOST);
    for ( uint32_t n = 0; n < s->w.nodes; n++ )
        if ( parts.dom[c->dom].node[n] )
            tell(c, parts.dom[c->dom].node[n],
                 FAULT_ON(&s->w, get_nodes_shifted) ? n + 1 : n);
}

/* Is there less room than claims? How many they are is told in any case. */
static bool too_small(struct claim_set_call *c)
{
    uint32_t room = c->op->nr_entries;

    collect(c);
    if ( room == c->nr && FAULT_ON(&c->s->w, get_wants_more_room) )
        room--;
    c->copyback = true;
    if ( !FAULT_ON(&c->s->w, get_count_not_told) )
        c->op->nr_entries = c->nr;

    return c->nr > room;
}

static bool not_written(struct claim_set_call *c)
{
    return copy_to_guest(&c->s->guest, c->op->entries, c->entry,
                         c->nr * sizeof(c->entry[0]));
}

/* ---- draft-v8 ---- */

/* No entries: everything is released, whatever the host and the domain are. */
static bool sets(const struct claim_set_call *c)
{
    return c->op->nr_entries;
}

/* clang-format off */
#define SET_CLAIMS_CHECKS(CHECK) \
    CHECK(set_claims, pad, EINVAL, "rules 3.15 a", "padding", c->op->mode, \
          .releases = RELEASES_DRAFT_V8) \
    CHECK(set_claims, llc, EOPNOTSUPP, "rules 3.15 c", \
          "LLC colouring is on", sets(c) && llc_on(c), \
          .releases = RELEASES_DRAFT_V8) \
    CHECK(set_claims, dying, ESRCH, "rules 3.15 d", \
          "domain is dying or dead", sets(c) && dying(c), \
          .releases = RELEASES_DRAFT_V8) \
    CHECK(set_claims, many, E2BIG, "rules 3.15 e", \
          "more entries than there are targets", \
          c->op->nr_entries > CLAIM_SET_MAX, .releases = RELEASES_DRAFT_V8) \
    CHECK(set_claims, running, EBUSY, "rules 3.15 f", \
          "domain is not paused", \
          sets(c) && !c->s->w.dom[c->dom].pause_count, \
          .releases = RELEASES_DRAFT_V8) \
    CHECK(set_claims, fault, EFAULT, "rules 3.15 g", \
          "entries cannot be read", !entries_read(c), \
          .releases = RELEASES_DRAFT_V8)
#define GET_CLAIMS_CHECKS(CHECK) \
    CHECK(get_claims, pad, EINVAL, "rules 3.15 s", "padding", c->op->mode, \
          .releases = RELEASES_DRAFT_V8) \
    CHECK(get_claims, small, ENOBUFS, "rules 3.15 t", \
          "no room for all claims", too_small(c), \
          .releases = RELEASES_DRAFT_V8) \
    CHECK(get_claims, fault, EFAULT, "rules 3.15 u", \
          "entries cannot be written", not_written(c), .needs = "small", \
          .releases = RELEASES_DRAFT_V8, \
          .caught = "GET-TRUTH/*,RESULT/*")
/* clang-format on */
DEFINE_CHECKS(set_claims, SET_CLAIMS_CHECKS)
DEFINE_CHECKS(get_claims, GET_CLAIMS_CHECKS)

static long set_claims(struct claim_set_call *c)
{
    struct stub *s = c->s;
    long rc;

    if ( REFUSED(&s->w, set_claims, c, &rc) )
        return rc;
    if ( sets(c) )
        return install(c);
    if ( llc_on(c) && FAULT_ON(&s->w, set_release_refused_llc) )
        return -EOPNOTSUPP;
    if ( dying(c) && FAULT_ON(&s->w, set_release_refused_dying) )
        return -ESRCH;
    if ( !s->w.dom[c->dom].pause_count &&
         FAULT_ON(&s->w, set_release_refused_running) )
        return -EBUSY;

    return s->alloc->claim(s->a, c->dom, 0);
}

static long get_claims(struct claim_set_call *c)
{
    long rc = 0;

    (void)REFUSED(&c->s->w, get_claims, c, &rc);
    c->copyback = c->copyback && rc != -EFAULT;

    return rc;
}

/* ---- draft-v7 ---- */

static bool is_set(const struct claim_set_call *c)
{
    return c->op->mode == CLAIM_MEMORY_SET;
}

/* Of checks that change places. */
#define ONE_MODE "what is no set is not tested as one"

/* clang-format off */
#define CLAIM_MEMORY_CHECKS(CHECK) \
    CHECK(claim_memory, llc, EOPNOTSUPP, "rules 3.14 a", \
          "LLC colouring is on", llc_on(c), .releases = RELEASES_DRAFT_V7) \
    CHECK(claim_memory, empty, EINVAL, "rules 3.14 b", \
          "a set of no entries", is_set(c) && !c->op->nr_entries, \
          .releases = RELEASES_DRAFT_V7, \
          .unseen[CHECK_SWAP] = "a count is not both 0 and too large") \
    CHECK(claim_memory, many, E2BIG, "rules 3.14 c", \
          "more entries than there are targets", \
          is_set(c) && c->op->nr_entries > CLAIM_SET_MAX, \
          .releases = RELEASES_DRAFT_V7, .unseen[CHECK_SWAP] = ONE_MODE) \
    CHECK(claim_memory, mode, EOPNOTSUPP, "rules 3.14 d", "unknown mode", \
          !is_set(c) && c->op->mode != CLAIM_MEMORY_GET, \
          .releases = RELEASES_DRAFT_V7, .unseen[CHECK_EARLY] = ONE_MODE) \
    CHECK(claim_memory, dying, ESRCH, "rules 3.14 e", \
          "domain is dying or dead", dying(c), \
          .releases = RELEASES_DRAFT_V7) \
    CHECK(claim_memory, fault, EFAULT, "rules 3.14 f", \
          "entries cannot be read", is_set(c) && !entries_read(c), \
          .releases = RELEASES_DRAFT_V7)
#define GET_SET_CHECKS(CHECK) \
    CHECK(get_set, small, ERANGE, "rules 3.14 r", "no room for all claims", \
          too_small(c), .releases = RELEASES_DRAFT_V7) \
    CHECK(get_set, fault, EFAULT, "rules 3.14 s", \
          "entries cannot be written", not_written(c), .needs = "small", \
          .releases = RELEASES_DRAFT_V7, \
          .caught = "GET-TRUTH/*,RESULT/*")
/* clang-format on */
DEFINE_CHECKS(claim_memory, CLAIM_MEMORY_CHECKS)
DEFINE_CHECKS(get_set, GET_SET_CHECKS)

static long claim_memory(struct claim_set_call *c)
{
    struct stub *s = c->s;
    long rc = 0;

    if ( REFUSED(&s->w, claim_memory, c, &rc) )
        return rc;
    if ( c->op->mode == CLAIM_MEMORY_SET )
        return install(c);
    (void)REFUSED(&s->w, get_set, c, &rc);

    return rc;
}

/* ---- both ---- */

/* Their payload is none that the headers know. */
static long on_payload(struct stub *s, int dom, struct xen_domctl *op,
                       bool *copyback,
                       long (*command)(struct claim_set_call *c))
{
    struct xen_domctl_claim_memory set;
    struct claim_set_call c = { .s = s, .dom = dom, .op = &set };
    long rc;

    memcpy(&set, &op->u, sizeof(set));
    rc = command(&c);
    memcpy(&op->u, &set, sizeof(set));
    *copyback = c.copyback;

    return rc;
}

long domctl_claim_memory(struct stub *s, int dom, struct xen_domctl *op,
                         bool *copyback)
{
    return on_payload(s, dom, op, copyback,
                      s->w.sets == 7 ? claim_memory : set_claims);
}

long domctl_get_claims(struct stub *s, int dom, struct xen_domctl *op,
                       bool *copyback)
{
    return on_payload(s, dom, op, copyback, get_claims);
}
