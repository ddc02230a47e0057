/* SPDX-License-Identifier: MIT */
/* Changes by whole operations; see mutate.h. */
#include "mutate.h"

#include <string.h>

#include "../program/fields.h"
#include "../generate/generate.h"

/* One in so many changes starts afresh: a search that only climbs gets stuck. */
#define FRESH_ONE_IN 32
/* Changes made at once, at most: each more makes a useful one rarer. */
#define CHANGES_MAX 4
/* Operations of a splice, at most. */
#define SPLICE_MAX 8

struct mutator
{
    uint64_t state;
    struct program *p;
};

static uint32_t below(struct mutator *m, uint32_t n)
{
    uint64_t z = m->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) >> 32) % n;
}

static struct op *any_op(struct mutator *m)
{
    return &m->p->op[below(m, m->p->nr_ops)];
}

/* Room for n operations at a place; how many there is room for. */
static uint32_t open_gap(struct program *p, uint32_t at, uint32_t n)
{
    uint32_t room = PROGRAM_OPS_MAX - p->nr_ops;

    n = n < room ? n : room;
    memmove(&p->op[at + n], &p->op[at], (p->nr_ops - at) * sizeof(p->op[0]));
    p->nr_ops = (uint8_t)(p->nr_ops + n);

    return n;
}

static void close_gap(struct program *p, uint32_t at, uint32_t n)
{
    memmove(&p->op[at], &p->op[at + n],
            (p->nr_ops - at - n) * sizeof(p->op[0]));
    p->nr_ops = (uint8_t)(p->nr_ops - n);
}

/* A program for this host to take operations from. */
static void donor(struct mutator *m, struct program *from)
{
    const struct generate_options o = { .release = m->p->host.release,
                                        .shape = &m->p->host,
                                        .wide = !below(m, 4) };
    uint64_t seed = (uint64_t)below(m, UINT32_MAX) << 32;

    seed |= below(m, UINT32_MAX);
    program_generate(from, seed, &o);
}

static void splice(struct mutator *m)
{
    struct program from;
    uint32_t start, n, at = below(m, m->p->nr_ops + 1U);

    donor(m, &from);
    start = below(m, from.nr_ops);
    n = 1 + below(m, SPLICE_MAX);
    if ( n > (uint32_t)from.nr_ops - start )
        n = (uint32_t)from.nr_ops - start;
    n = open_gap(m->p, at, n);
    memcpy(&m->p->op[at], &from.op[start], n * sizeof(from.op[0]));
}

static void drop(struct mutator *m)
{
    uint32_t at = below(m, m->p->nr_ops);
    uint32_t n = 1 + below(m, below(m, 4) ? 1 : SPLICE_MAX);

    if ( n > m->p->nr_ops - at )
        n = m->p->nr_ops - at;
    close_gap(m->p, at, n);
}

static void duplicate(struct mutator *m)
{
    struct op op = *any_op(m);
    uint32_t at = below(m, m->p->nr_ops + 1U);

    if ( open_gap(m->p, at, 1) )
        m->p->op[at] = op;
}

static void swap(struct mutator *m)
{
    struct op *a = any_op(m), *b = any_op(m), op = *a;

    *a = *b;
    *b = op;
}

static void move(struct mutator *m)
{
    uint32_t from = below(m, m->p->nr_ops);
    struct op op = m->p->op[from];
    uint32_t to;

    close_gap(m->p, from, 1);
    to = below(m, m->p->nr_ops + 1U);
    open_gap(m->p, to, 1);
    m->p->op[to] = op;
}

static void retarget(struct mutator *m)
{
    struct op *op = any_op(m);

    if ( op_table[op->code].nr_args &&
         op_table[op->code].arg[0].kind == ARG_DOM )
        op->arg[0].v = below(m, HV_DOMS_MAX);
}

/* One argument to a value of its table, pages to a base and a small step. */
static void operand(struct mutator *m)
{
    static const int8_t steps[] = { 0, 0, 1, -1, 2, -2 };
    struct op *op = any_op(m);
    const struct op_info *info = &op_table[op->code];
    struct value v = { .v = 0 };
    uint32_t i;

    if ( !info->nr_args )
        return;
    i = below(m, info->nr_args);
    if ( info->arg[i].kind == ARG_PAGES )
    {
        v.sel = (uint8_t)below(m, BASE_COUNT);
        v.v = v.sel == BASE_LIT ? (int64_t)below(m, 17)
                                : steps[below(m, sizeof(steps))];
    }
    else if ( field_table[info->arg[i].kind].nibbles )
        field_decode_narrow(&v, info->arg[i].kind, below(m, 1U << (4 *
                            field_table[info->arg[i].kind].nibbles)));
    else
        return;
    op->arg[i] = v;
}

static void copy_field(struct mutator *m)
{
    struct op *to = any_op(m);
    const struct op *from = any_op(m);
    const struct op_info *a = &op_table[to->code], *b = &op_table[from->code];
    uint32_t i, j;

    if ( !a->nr_args || !b->nr_args )
        return;
    i = below(m, a->nr_args);
    for ( j = 0; j < b->nr_args; j++ )
        if ( b->arg[j].kind == a->arg[i].kind )
            to->arg[i] = from->arg[j];
}

static void other_host(struct mutator *m)
{
    struct host_shape *host = &m->p->host;

    switch ( below(m, 4) )
    {
    case 0:
        host->nodes = (uint8_t)(1 + below(m, HV_NODES_MAX));
        break;
    case 1:
        host->node_pages = (uint16_t)(8U << below(m, 6));
        break;
    case 2:
        host->llc = !host->llc;
        break;
    default:
        host->release = (uint8_t)below(m, RELEASE_COUNT);
        break;
    }
}

static void fresh(struct mutator *m)
{
    struct program from;

    donor(m, &from);
    *m->p = from;
}

void mutate_program(struct program *p, uint64_t seed)
{
    static void (*const changes[])(struct mutator *m) = {
        splice, splice, splice, drop, duplicate, swap, move, retarget,
        operand, operand, copy_field, other_host,
    };
    struct mutator m = { .state = seed, .p = p };
    uint32_t n = 1 + below(&m, CHANGES_MAX);

    if ( !p->nr_ops || !below(&m, FRESH_ONE_IN) )
    {
        fresh(&m);
        return;
    }
    while ( n-- && p->nr_ops )
        changes[below(&m, sizeof(changes) / sizeof(changes[0]))](&m);
}

void mutate_join(struct program *a, const struct program *b, uint64_t seed)
{
    struct mutator m = { .state = seed, .p = a };
    uint32_t keep = below(&m, a->nr_ops + 1U);
    uint32_t start = below(&m, b->nr_ops + 1U), n = b->nr_ops - start;

    a->nr_ops = (uint8_t)keep;
    n = open_gap(a, keep, n);
    memcpy(&a->op[keep], &b->op[start], n * sizeof(b->op[0]));
}

/* ---- bytes ---- */

static size_t store(struct program *p, uint8_t *data, size_t limit)
{
    uint8_t bytes[PROGRAM_BYTES_MAX];
    size_t size = program_encode(p, bytes);

    while ( size > limit && p->nr_ops )
    {
        p->nr_ops--;
        size = program_encode(p, bytes);
    }
    if ( size > limit )
        size = limit;
    memcpy(data, bytes, size);

    return size;
}

/* Raw calls keep their layout: bytes change, records are copied or dropped. */
static size_t mutate_raw(struct mutator *m, uint8_t *data, size_t size,
                         size_t limit)
{
    uint32_t records = size < HEADER_BYTES ? 0
                       : (uint32_t)((size - HEADER_BYTES) / RESERVATION_BYTES);
    uint8_t *end = data + HEADER_BYTES + (size_t)records * RESERVATION_BYTES;

    if ( size < HEADER_BYTES )
        return size;
    if ( (!records || !below(m, 4)) && records < PROGRAM_OPS_MAX &&
         limit >= (size_t)(end - data) + RESERVATION_BYTES )
    {
        if ( records )
            memcpy(end, data + HEADER_BYTES +
                   (size_t)below(m, records) * RESERVATION_BYTES,
                   RESERVATION_BYTES);
        else
            memset(end, 0, RESERVATION_BYTES);
        end += RESERVATION_BYTES;
        records++;
    }
    else if ( records > 1 && !below(m, 8) )
    {
        end -= RESERVATION_BYTES;
        records--;
    }
    for ( uint32_t n = records ? 1 + below(m, CHANGES_MAX) : 0; n; n-- )
    {
        uint8_t *at = data + HEADER_BYTES +
                      below(m, records * RESERVATION_BYTES);

        if ( below(m, 2) )
            *at ^= (uint8_t)(1U << below(m, 8));
        else
            *at = (uint8_t)below(m, below(m, 2) ? 256 : 8);
    }
    if ( !below(m, 8) )
        data[1 + below(m, HEADER_BYTES - 1)] = (uint8_t)below(m, 256);

    return (size_t)(end - data);
}

size_t mutate(uint8_t *data, size_t size, size_t limit, uint64_t seed)
{
    struct mutator m = { .state = seed };
    struct program p;

    if ( program_bytes_kind(data, size) == KIND_RESERVATION )
        return mutate_raw(&m, data, size, limit);
    program_decode(&p, data, size, NULL);
    mutate_program(&p, seed);

    return store(&p, data, limit);
}

size_t mutate_cross(const uint8_t *a, size_t a_size, const uint8_t *b,
                    size_t b_size, uint8_t *out, size_t limit, uint64_t seed)
{
    struct program p, q;

    if ( program_bytes_kind(a, a_size) == KIND_RESERVATION )
    {
        size_t size = a_size < limit ? a_size : limit;

        memcpy(out, a, size);
        return mutate(out, size, limit, seed);
    }
    program_decode(&p, a, a_size, NULL);
    program_decode(&q, b, b_size, NULL);
    mutate_join(&p, &q, seed);

    return store(&p, out, limit);
}
