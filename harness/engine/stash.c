/* SPDX-License-Identifier: MIT */
/*
 * Blocks that are put aside for domains (rules 3.18): who may have one and how long,
 * and what becomes of the claim that it used up.
 *
 * Not here: which frames they are, which only the implementation's audit sees.
 */
#include "impl.h"

/* Is the call a populate that was left unfinished? */
static bool left_unfinished(const struct engine *e)
{
    return e->call_op == OP_populate && e->result.rc == HV_CONTINUE;
}

static void check_owner(struct engine *e, unsigned int slot, bool here)
{
    const struct hv_domain_view *a = &e->before.dom[slot];
    const struct hv_domain_view *b = &e->seen.dom[slot];

    if ( b->stash && b->state != HV_DOM_ALIVE )
        invariant_broken(e, INV_STASH, "d%u is dying and has %u pages aside",
                         slot, b->stash);
    else if ( a->stash != b->stash && !here )
        invariant_broken(e, INV_STASH,
                         "d%u had %u pages aside and has %u: the call is not "
                         "about it",
                         slot, a->stash, b->stash);
    else if ( b->stash > a->stash && !left_unfinished(e) )
        invariant_broken(e, INV_STASH,
                         "%u pages were put aside for d%u by a call that was "
                         "not left unfinished",
                         b->stash, slot);
    else if ( b->stash && b->tot > a->tot && e->call_op == OP_populate &&
              !left_unfinished(e) )
        invariant_broken(e, INV_STASH, "d%u got pages, and still has %u aside",
                         slot, b->stash);
}

/* Pages that were aside for a domain and are not any more. */
bool stash_left(const struct engine *e, unsigned int slot)
{
    const struct hv_domain_view *a = &e->before.dom[slot];
    const struct hv_domain_view *b = &e->seen.dom[slot];

    return a->stash &&
           (a->stash != b->stash || a->stash_node != b->stash_node ||
            (e->call_op == OP_populate && b->tot > a->tot));
}

bool stash_freed(const struct engine *e, unsigned int slot)
{
    const struct hv_domain_view *a = &e->before.dom[slot];
    const struct hv_domain_view *b = &e->seen.dom[slot];

    return stash_left(e, slot) && b->tot < a->tot + a->stash;
}

/* What of the claim the block in the stash used up: the last that the call took
 * from the heap. */
static uint32_t claim_of_stash(const struct engine *e, unsigned int slot)
{
    const struct hv_domain_view *a = &e->before.dom[slot];
    const struct hv_domain_view *b = &e->seen.dom[slot];
    uint32_t fell = a->claim > b->claim ? a->claim - b->claim : 0;
    uint32_t got = b->tot > a->tot ? b->tot - a->tot : 0;

    if ( stash_left(e, slot) && !stash_freed(e, slot) )
        got -= a->stash;
    fell -= fell < got ? fell : got;

    return fell < b->stash ? fell : b->stash;
}

/* The claim was used up when the block was put aside. If it is freed, nobody has
 * got the pages. */
static void check_claim(struct engine *e, unsigned int slot)
{
    const struct hv_domain_view *a = &e->before.dom[slot];
    const struct hv_domain_view *b = &e->seen.dom[slot];
    uint32_t lost = e->stash_claim[slot];

    if ( a->stash && !stash_left(e, slot) )
        return; /* the same block still is */
    e->stash_claim[slot] = b->stash ? claim_of_stash(e, slot) : 0;
    if ( lost && stash_freed(e, slot) && b->state == HV_DOM_ALIVE &&
         b->claim < a->claim + lost )
        invariant_broken(e, INV_KEEP,
                         "%u pages that were aside for d%u are free, and its "
                         "claim has lost %u for them",
                         a->stash, slot, lost);
}

void check_stash(struct engine *e, int slot, uint32_t changed)
{
    for ( ; changed; changed &= changed - 1 )
    {
        unsigned int d = (unsigned int)__builtin_ctz(changed);

        if ( !(e->before.dom[d].stash | e->seen.dom[d].stash) )
            continue;
        check_owner(e, d, slot == (int)d);
        check_claim(e, d);
    }
}
