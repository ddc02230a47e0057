/* SPDX-License-Identifier: MIT */
/*
 * KIND_RESERVATION: the fuzzed bytes are struct xen_memory_reservation itself,
 * passed to memory_op on a prepared host. For engines that know how to mutate
 * structures of C, and for dictionaries of its fields.
 */
#include "decode.h"
#include "fields.h"

#include <assert.h>
#include <string.h>

#define DOM(n) { .v = (n) }
#define PAGES(base, offset) { .v = (offset), .sel = BASE_##base }
#define NUMBER(n) { .v = (n) }
#define ANY_NODE { .v = -1 }
#define NR_OF(a) (sizeof(a) / sizeof((a)[0]))

#define CREATE(d) { OP_create, { DOM(d) } }, \
                  { OP_max_mem, { DOM(d), PAGES(HOST, 0) } }
#define POPULATE(d, ...) { OP_populate, { DOM(d), __VA_ARGS__, NUMBER(0), \
                                          ANY_NODE } }
#define CLAIM(d, ...) { OP_claim, { DOM(d), __VA_ARGS__ } }

/* One domain that may grow and one that may not. */
static const struct op fresh[] = {
    CREATE(1),
    { OP_create, { DOM(2) } },
};

/* Pages and a claim; a claim alone. */
static const struct op claimed[] = {
    CREATE(1),
    POPULATE(1, PAGES(LIT, 8)),
    CLAIM(1, PAGES(TOT, 8)),
    CREATE(2),
    { OP_unpause, { DOM(2) } },
    CLAIM(2, PAGES(LIT, 8)),
};

/* Half destroyed with a claim; destroyed but kept by a mapping. */
static const struct op dying[] = {
    CREATE(1),
    POPULATE(1, PAGES(LIT, 8)),
    CLAIM(1, PAGES(TOT, 4)),
    { OP_destroy, { DOM(1), NUMBER(1) } },
    CREATE(2),
    POPULATE(2, PAGES(LIT, 4)),
    { OP_map, { DOM(2), PAGES(LIT, 1) } },
    { OP_destroy, { DOM(2) } },
};

/* Two pages left, one of them claimed. Creating a domain may cost pages, so it
 * comes first. */
static const struct op exhausted[] = {
    CREATE(1),
    CREATE(2),
    POPULATE(1, PAGES(FREE, -2)),
    CLAIM(2, PAGES(LIT, 1)),
};

uint8_t reservation_prologue(struct op *op, unsigned int prologue)
{
    static const struct
    {
        const struct op *op;
        uint8_t nr;
    } prologues[] = {
        { fresh, NR_OF(fresh) }, { claimed, NR_OF(claimed) },
        { dying, NR_OF(dying) }, { exhausted, NR_OF(exhausted) },
    };

    assert(prologue < NR_OF(prologues));
    memcpy(op, prologues[prologue].op,
           prologues[prologue].nr * sizeof(*op));

    return prologues[prologue].nr;
}

/* Where things are in a record. */
enum
{
    AT_CALLER = 0, AT_ARG = 1, AT_BASE = 2, AT_LIST = 3, AT_CMD = 4,
    AT_RESERVATION = 12,
};

#define ABI_BIT 4
#define RESERVATION_SIZE sizeof(struct xen_memory_reservation)

_Static_assert(RESERVATION_SIZE == MEMARG_SHORT_MAX &&
               AT_RESERVATION + RESERVATION_SIZE == RESERVATION_BYTES,
               "a record ends with the structure");

/* Position of each argument; checked against ops.def by the tests. */
enum
{
    RAW_CALLER, RAW_ABI, RAW_CMD, RAW_START, RAW_DOMID, RAW_NR, RAW_ORDER,
    RAW_FLAGS, RAW_LIST, RAW_ARG, RAW_PAD
};

/* A wide value whose selector byte and number lie apart. */
static void decode_apart(struct value *v, enum arg_kind kind, uint8_t sel,
                         uint64_t n)
{
    uint8_t bytes[9] = { sel };

    le_put(bytes + 1, 8, n);
    field_decode_wide(v, kind, bytes);
}

void decode_reservation(struct op *op, const uint8_t *in)
{
    uint64_t cmd = le_get(in + AT_CMD, 8);
    struct xen_memory_reservation r;
    struct value *arg = op->arg;

    memcpy(&r, in + AT_RESERVATION, sizeof(r));
    op->code = OP_memory_op;
    arg[RAW_CALLER].v = in[AT_CALLER] % CALLER_COUNT;
    arg[RAW_ABI].v = (in[AT_CALLER] >> ABI_BIT) & 1;
    arg[RAW_CMD].v = (int64_t)(cmd & MEMOP_CMD_MASK);
    arg[RAW_START].v = (int64_t)(cmd >> MEMOP_EXTENT_SHIFT);
    field_decode_wide(&arg[RAW_DOMID], ARG_DOMID,
                      in + AT_RESERVATION +
                      offsetof(struct xen_memory_reservation, domid));
    decode_apart(&arg[RAW_NR], ARG_PAGES, in[AT_BASE], r.nr_extents);
    arg[RAW_ORDER].v = r.extent_order;
    arg[RAW_FLAGS].v = r.mem_flags;
    decode_apart(&arg[RAW_LIST], ARG_LIST, in[AT_LIST],
                 le_get(in + AT_RESERVATION, 8));
    field_decode_wide(&arg[RAW_ARG], ARG_MEMARG, in + AT_ARG);
    arg[RAW_PAD].v = (int64_t)le_get(in + RESERVATION_BYTES - 6, 6);
}
