/* SPDX-License-Identifier: MIT */
/* The table of known weaknesses, and when a row applies. */
#include "impl.h"

#define BIT(inv) (UINT64_C(1) << INV_##inv)
#define CALL(op) (UINT64_C(1) << OP_##op)
#define ANY_CALL UINT64_MAX
/* Those that put the block of a stopped populate aside. */
#define STASHES RELEASE_RANGE(RELEASE_4_22, RELEASE_DRAFT_V8)

_Static_assert(OP_COUNT <= 64 && INV_COUNT <= 64 && WEAK_COUNT <= 32,
               "masks of 64 and of 32 bits");

const struct weakness_info weakness_table[WEAK_COUNT] = {
#define WEAKNESS(id, name, releases, invs, calls, ends, title, fix, shortest) \
    [WEAK_##id] = { name, releases, invs, calls, ends, title, fix, shortest },
#include "weaknesses.def"
#undef WEAKNESS
};

/* Where blocks cannot be counted, what an allocation that worked led to may
 * look as if there had been no block. */
static bool block_unknown(const struct engine *e)
{
    return e->prediction.ended == RULE_ALLOC_SPACE &&
           !(e->h.ops->caps & HV_CAP_CAPACITY);
}

/* Was a stash freed, or taken up? */
static bool stash_ended(const struct engine *e, bool freed)
{
    for ( unsigned int d = 0; d < HV_DOMS_MAX; d++ )
        if ( stash_left(e, d) && stash_freed(e, d) == freed )
            return true;

    return false;
}

/* What a row's masks cannot say. */
static bool when(const struct engine *e, int weakness, enum invariant inv)
{
    switch ( weakness )
    {
    case WEAK_GROW_ON_FREE:
        /* The limit is exceeded only when an extra page is freed: when it is
         * given back, by whatever call, or at its last unmapping. */
        return inv != INV_CAP || e->call_op == OP_extra_free ||
               e->call_op == OP_decrease || e->call_op == OP_unmap;

    case WEAK_ASSIGN_WINDOW:
        /* Only while a call runs; at rest the promise must hold again. */
        return e->in_window;

    case WEAK_CLAIM_LOST:
        /* Only what an assignment that must fail takes with it. */
        return block_unknown(e) || e->prediction.ended == RULE_ASSIGN_DYING ||
               e->prediction.ended == RULE_ASSIGN_ABOVE ||
               e->prediction.ended == RULE_ASSIGN_ROOM;

    case WEAK_ORPHAN_PAGE:
        /* Where the heap ends is not known with colouring and on a live host,
         * so the rule is open; what was counted ends where the list does. */
        return e->prediction.rule == RULE_INCREASE_LIST ||
               e->prediction.rule == RULE_POPULATE_WRITE ||
               (e->call.readonly & HV_READONLY_LIST) ||
               e->spec.program->host.llc ||
               (!(e->h.ops->caps & HV_CAP_CAPACITY) &&
                e->call.resv.extent_start.p && e->result.rc >= 0 &&
                e->call.list_entries <= (uint64_t)e->result.rc);

    case WEAK_STASH_HALF:
    case WEAK_STASH_CLAIM_LOST: return stash_ended(e, true);

    case WEAK_STASH_CLAIM_AGAIN: return stash_ended(e, false);

    case WEAK_UNTOLD_DOMAIN:
        return e->prediction.rule == RULE_CREATE_UNWRITTEN;

    case WEAK_OFFLINE_REGROW:
    case WEAK_EXCHANGE_OFFLINING_BUG:
    case WEAK_ONLINE_DIRTY:
    case WEAK_OFFLINE_DIRTY:
    case WEAK_OFFLINE_MISALIGNED: return e->offline_used;

    case WEAK_OFFLINE_BROKEN_BUG:
        return e->prediction.rule == RULE_OFFLINE_BROKEN;

    case WEAK_OFFLINE_BROKEN_AGAIN: return offline_broken_again(e);

    case WEAK_OFFLINE_HALF:
        return e->prediction.rule == RULE_OFFLINE_FAULT ||
               e->prediction.rule == RULE_OFFLINE_FRAME ||
               e->prediction.rule == RULE_OFFLINE_BROKEN;

    case WEAK_COMPAT_REREAD: return hv_in_pieces(&e->call);

    case WEAK_LLC_CLAIM:
    case WEAK_LLC_REGROW: return e->spec.program->host.llc;

    default: return true;
    }
}

int weakness_find(const struct engine *e, enum invariant inv)
{
    for ( int i = 0; i < WEAK_COUNT; i++ )
    {
        const struct weakness_info *w = &weakness_table[i];

        if ( (w->releases & RELEASE_BIT(e->spec.release)) &&
             (w->invariants & (UINT64_C(1) << inv)) &&
             (w->calls & (UINT64_C(1) << e->call_op)) && when(e, i, inv) )
            return i;
    }

    return -1;
}
