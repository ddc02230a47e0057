/* SPDX-License-Identifier: MIT */
/*
 * Which values of each field of a call were tried, what came back, and which
 * rule decided. The fields and their classes are in fields.def.
 *
 * Not here: which of them must be tried; rules and pairs are what is required.
 */
#include "state.h"

#include <stdlib.h>
#include <string.h>

#include "harness/program/kinds/kind.h"

/* Kinds of calls, as fields.def names them. */
#define CLAIM FAMILY_CLAIM
#define NATIVE FAMILY_NATIVE
#define RESV FAMILY_RESV
#define QUERY FAMILY_QUERY
#define DOMCTL FAMILY_DOMCTL
#define SYSCTL FAMILY_SYSCTL
/* Claim sets are domctls here. */
#define ALL (FAMILY_ALL & ~FAMILY_SETS)
#define MEMORY_OP (1 << CALLS_MEMORY_OP)

_Static_assert((FAMILY_ALL & ~FAMILY_SETS) == (1 << CALLS_MEMORY_OP) - 1,
               "kinds of calls are the families and one more");

#define ONE true
#define SOME false
#define POWER(n) (UINT64_C(1) << (n))
/* The end of what may be a guest's address, by the caller's width; 64-bit PV
 * guests have addresses above Xen's, too, which no value here reaches. */
#define GUEST_END_64 UINT64_C(0x800000000000)
#define GUEST_END_32 UINT64_C(0xf5800000)

const struct field_info field_table[FIELD_COUNT] = {
#define FIELD(id, text, of, how, condition)                                   \
    [FIELD_##id] = { .name = (text), .calls = (of), .one = (how) },
#include "fields.def"
};

const struct class_info class_table[] = {
#define CLASS_OF(of, text, only, condition) { FIELD_##of, text, only },
#include "fields.def"
    { FIELD_COUNT, NULL, 0 },
};

_Static_assert(sizeof(class_table) / sizeof(class_table[0]) <= CLASSES_MAX,
               "CLASSES_MAX is more than there are");

/* A call as the conditions of fields.def want it. */
struct called
{
    const struct hv_call *c;
    const struct xen_memory_reservation *r;
    uint32_t calls; /* kinds of call */
    uint32_t cmd;
    uint64_t start, nr, list, guest_end, pad;
    uint32_t bits, node; /* of mem_flags; node + 1 */
    uint32_t need;       /* bytes of the structure that are read */
    uint32_t who;        /* HV_CALLER_*, without the width */
    bool abi32;
    int32_t skew; /* what is added to the right interface version */
    uint16_t domid;
    int slot;                       /* of the domain; -1: none possible */
    const struct hv_domain_view *d; /* NULL: no domain has that id */
    uint64_t unclaimed, host, nodes, value; /* pages, but for nodes */
};

const char *matrix_calls(unsigned int i)
{
    return i == CALLS_MEMORY_OP ? "any memory_op" : matrix_family(i);
}

static void memory_op(struct called *k)
{
    const struct hv_call *c = k->c;

    k->cmd = (uint32_t)(c->cmd & MEMOP_CMD_MASK);
    k->start = c->cmd >> MEMOP_EXTENT_SHIFT;
    k->list = (uint64_t)(uintptr_t)c->resv.extent_start.p;
    k->nr = c->resv.nr_extents;
    k->need = sizeof(c->resv);
    k->domid = c->resv.domid;
    k->guest_end = GUEST_END_64;
    if ( k->abi32 )
    {
        k->list = (uint32_t)k->list;
        k->nr = (uint32_t)k->nr;
        k->need = COMPAT_RESERVATION_SIZE;
        k->guest_end = GUEST_END_32;
    }
    k->bits = c->resv.mem_flags & MEMF_BITS_MASK;
    k->node = (c->resv.mem_flags & MEMF_NODE_MASK) >> MEMF_NODE_SHIFT;
    memcpy(&k->pad, c->pad, sizeof(c->pad));
    switch ( k->cmd )
    {
    case XENMEM_claim_pages: k->calls = FAMILY_CLAIM; break;
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
        k->calls = FAMILY_QUERY;
        k->need = sizeof(domid_t);
        k->nr = 0;
        break;
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        k->calls = k->abi32 ? FAMILY_COMPAT : FAMILY_NATIVE;
        break;
    default: break;
    }
    k->calls |= MEMORY_OP;
}

static void domctl(struct called *k, enum release release)
{
    const struct hv_domctl *d = &k->c->domctl;

    k->calls = FAMILY_DOMCTL;
    k->cmd = d->cmd;
    k->domid = d->domid;
    k->skew = (int32_t)(d->version - hv_domctl_version(release));
    k->need = sizeof(struct xen_domctl);
    k->value = d->value / KB_PER_PAGE;
}

static void sysctl(struct called *k)
{
    k->calls = FAMILY_SYSCTL;
    k->skew = (int32_t)k->c->sysctl_skew;
    k->need = sizeof(struct xen_sysctl);
    k->domid = DOMID_INVALID;
}

static void look(struct called *k, const struct engine *e)
{
    const struct hv_view *v = &e->seen;

    memset(k, 0, sizeof(*k));
    k->c = &e->call;
    k->r = &e->call.resv;
    k->abi32 = e->call.caller.flags & HV_CALLER_ABI32;
    k->who = e->call.caller.flags & ~HV_CALLER_ABI32;
    switch ( e->call.kind )
    {
    case HV_CALL_MEMORY_OP: memory_op(k); break;
    case HV_CALL_DOMCTL:
        domctl(k, (enum release)e->model.shape.release);
        break;
    case HV_CALL_PHYSINFO:
    case HV_CALL_NUMAINFO:
    case HV_CALL_OFFLINE:
    case HV_CALL_SYSCTL: sysctl(k); break;
    default: return; /* no structure of a caller */
    }
    k->slot = domid_resolve(k->domid, &e->call.caller);
    if ( k->slot >= 0 && v->dom[k->slot].state != HV_DOM_ABSENT )
        k->d = &v->dom[k->slot];
    k->unclaimed = v->free > v->claimed ? v->free - v->claimed : 0;
    k->host = e->model.host_pages;
    k->nodes = e->model.shape.nodes;
}

void matrix_classify(struct classified *found, const struct engine *e)
{
    bool taken[FIELD_COUNT] = { false }, has[FIELD_COUNT];
    struct called called, *k = &called;
    unsigned int n = 0;

    look(k, e);
    found->calls = k->calls;
    found->rule = e->prediction.rule;
    if ( !k->calls )
        return;
#define FIELD(id, name, of, how, condition)                                   \
    has[FIELD_##id] = (k->calls & (of)) && (condition);
#include "fields.def"
#define CLASS_OF(field, values, only, condition)                              \
    found->in[n] = has[FIELD_##field] && !taken[FIELD_##field] &&             \
                   (condition);                                               \
    taken[FIELD_##field] |= found->in[n++] && field_table[FIELD_##field].one;
#include "fields.def"
}

/* What that rule decided of a class, which may be new; in the order of the
 * checks. */
static struct field_outcome *outcome_of(struct field_outcome **first,
                                        enum rule rule)
{
    struct field_outcome *new;

    while ( *first && (*first)->rule < rule )
        first = &(*first)->next;
    if ( *first && (*first)->rule == rule )
        return *first;
    new = matrix_alloc(sizeof(*new));
    new->rule = rule;
    new->next = *first;
    *first = new;

    return new;
}

static void count(struct matrix *m, struct field_outcome **first,
                  uint32_t step, long rc)
{
    struct field_outcome *o = outcome_of(first, m->classes.rule);

    if ( !o->count++ )
    {
        o->file = matrix_copy(m->file);
        o->step = step;
        o->lo = o->hi = rc;
    }
    o->lo = rc < o->lo ? rc : o->lo;
    o->hi = rc > o->hi ? rc : o->hi;
}

uint32_t class_calls(unsigned int i)
{
    return class_table[i].calls & field_table[class_table[i].field].calls;
}

void matrix_classified(struct matrix *m, uint32_t step, long rc)
{
    const struct classified *k = &m->classes;

    for ( unsigned int i = 0; k->calls && class_table[i].values; i++ )
    {
        uint32_t calls = k->calls & class_calls(i);

        for ( unsigned int c = 0; k->in[i] && c < CALLS_COUNT; c++ )
            if ( calls >> c & 1 )
                count(m, &m->release[m->now]->outcomes[c][i], step, rc);
    }
}

void matrix_drop_fields(struct matrix_release *t)
{
    for ( unsigned int c = 0; c < CALLS_COUNT; c++ )
        for ( unsigned int i = 0; i < CLASSES_MAX; i++ )
            for ( struct field_outcome *o = t->outcomes[c][i], *next; o;
                  o = next )
            {
                next = o->next;
                free(o->file);
                free(o);
            }
}
