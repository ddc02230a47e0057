/* SPDX-License-Identifier: MIT */
/*
 * KIND_RESERVATION: the fuzzed bytes are struct xen_memory_reservation itself,
 * passed to memory_op on a prepared host. For engines that know how to mutate
 * structures of C, and for dictionaries of its fields.
 *
 * A call gets as far as its first wrong field. Were all fields taken as they
 * lie there, a random record would fail at the first one, always; so the first
 * byte says which fields are given by the record, mostly none, one or two. The
 * others are as a good call has them. docs/format.md has the layout.
 */
#include "harness/program/kinds/kind.h"
#include "reservation.h"

#include <assert.h>
#include <string.h>

#define NR_OF(a) (sizeof(a) / sizeof((a)[0]))

/* clang-format off */
#define N(n)                { .v = (n) }
#define PAGES(base, offset) { .v = (offset), .sel = BASE_##base }
#define CREATE(d)           { OP_create, .create = { N(d) } }
#define MAX_MEM(d, ...)     { OP_max_mem, .max_mem = { N(d), __VA_ARGS__ } }
#define CLAIM(d, ...)       { OP_claim, .claim = { N(d), __VA_ARGS__ } }
#define POPULATE(d, ...)    { OP_populate, .populate = { N(d), __VA_ARGS__, \
                                                         .node = N(-1) } }
#define MAP(d, n)           { OP_map, .map = { N(d), N(n) } }
#define UNPAUSE(d)          { OP_unpause, .unpause = { N(d) } }
#define DESTROY(d, steps)   { OP_destroy, .destroy = { N(d), N(steps) } }

/* One domain that may grow and one that may not. */
static const struct op fresh[] = {
    CREATE(1), MAX_MEM(1, PAGES(HOST, 0)),
    CREATE(2),
};

/* Pages and a claim; a claim alone. */
static const struct op claimed[] = {
    CREATE(1), MAX_MEM(1, PAGES(HOST, 0)),
    POPULATE(1, PAGES(LIT, 8)), CLAIM(1, PAGES(TOT, 8)),
    CREATE(2), MAX_MEM(2, PAGES(HOST, 0)),
    UNPAUSE(2), CLAIM(2, PAGES(LIT, 8)),
};

/* Half destroyed with a claim; destroyed but kept by a mapping. */
static const struct op dying[] = {
    CREATE(1), MAX_MEM(1, PAGES(HOST, 0)),
    POPULATE(1, PAGES(LIT, 8)), CLAIM(1, PAGES(TOT, 4)), DESTROY(1, 1),
    CREATE(2), MAX_MEM(2, PAGES(HOST, 0)),
    POPULATE(2, PAGES(LIT, 4)), MAP(2, 1), DESTROY(2, 0),
};

/* Two pages left, one of them claimed. Creating a domain may cost pages, so it
 * comes first. */
static const struct op exhausted[] = {
    CREATE(1), MAX_MEM(1, PAGES(HOST, 0)),
    CREATE(2), MAX_MEM(2, PAGES(HOST, 0)),
    POPULATE(1, PAGES(FREE, -2)), CLAIM(2, PAGES(LIT, 1)),
};
/* clang-format on */

uint8_t reservation_prologue(struct op *op, unsigned int prologue)
{
    static const struct
    {
        const struct op *op;
        uint8_t nr;
    } prologues[] = {
        { fresh, NR_OF(fresh) },
        { claimed, NR_OF(claimed) },
        { dying, NR_OF(dying) },
        { exhausted, NR_OF(exhausted) },
    };

    assert(prologue < NR_OF(prologues));
    memcpy(op, prologues[prologue].op, prologues[prologue].nr * sizeof(*op));

    return prologues[prologue].nr;
}

/* Where things are in a record. */
enum
{
    AT_GIVEN = 0,
    AT_CALLER = 1,
    AT_ARG = 2,
    AT_BASE = 3,
    AT_CMD = 4,
    AT_RESERVATION = 12,
};

#define ABI_BIT 4
/* Set: a given domid is a number, else an index into the table of DOMID. */
#define DOMID_NUMBER 0x20
#define LIST_SHIFT 4
/* Codes of MEMARG, then: in place, and byte 0, 1, ... changes once it is read. */
#define ARG_PLACES 38
#define ARG_READONLY (ARG_PLACES + RESERVATION_SIZE)
#define ARG_CODES (ARG_READONLY + 1)
#define RESERVATION_SIZE sizeof(struct xen_memory_reservation)

_Static_assert(RESERVATION_SIZE == MEMARG_SHORT_MAX &&
                   AT_RESERVATION + RESERVATION_SIZE == RESERVATION_BYTES,
               "a record ends with the structure");

/* Nibbles of the first byte: below, no field; one field each; all of them. */
enum given_field
{
    FIELD_NONE = 5,
    FIELD_CMD,
    FIELD_START,
    FIELD_CALLER,
    FIELD_ARG,
    FIELD_LIST,
    FIELD_ORDER,
    FIELD_FLAGS,
    FIELD_DOMID,
    FIELD_NR,
    FIELD_ALL
};

_Static_assert(FIELD_ALL == 15, "a nibble");

static bool is_given(const uint8_t *in, enum given_field field)
{
    unsigned int a = in[AT_GIVEN] & 15, b = in[AT_GIVEN] >> 4;

    return a == field || b == field || a == FIELD_ALL || b == FIELD_ALL;
}

/* A wide value whose selector byte and number lie apart. */
static void decode_apart(struct value *v, enum arg_kind kind, uint8_t sel,
                         uint64_t n)
{
    uint8_t bytes[9] = { sel };

    le_put(bytes + 1, 8, n);
    kind_decode(v, kind, bytes);
}

static void decode_cmd(struct op *op, const uint8_t *in)
{
    /* Claims, and what else takes the structure. */
    static const uint8_t good[] = {
        XENMEM_claim_pages,          XENMEM_claim_pages,
        XENMEM_claim_pages,          XENMEM_populate_physmap,
        XENMEM_claim_pages,          XENMEM_increase_reservation,
        XENMEM_decrease_reservation, XENMEM_current_reservation,
    };
    uint64_t cmd = le_get(in + AT_CMD, 8);

    op->memory_op.cmd.v = is_given(in, FIELD_CMD)
                              ? (int64_t)(cmd & MEMOP_CMD_MASK)
                              : good[cmd % sizeof(good)];
    if ( is_given(in, FIELD_START) )
        op->memory_op.start.v = (int64_t)(cmd >> MEMOP_EXTENT_SHIFT);
}

static void decode_domid(struct value *v, const uint8_t *in, uint16_t domid)
{
    uint8_t bytes[2];

    le_put(bytes, 2, domid);
    if ( !is_given(in, FIELD_DOMID) ) /* one that the host was prepared with */
        *v = (struct value){ .v = 1 + (domid & 1), .sel = 1 };
    else if ( in[AT_CALLER] & DOMID_NUMBER )
        kind_decode(v, ARG_DOMID, bytes);
    else
        kind_decode_narrow(v, ARG_DOMID, domid & 15);
}

static void decode_argument(struct op *op, const uint8_t *in)
{
    uint8_t code = in[AT_ARG] % ARG_CODES;

    if ( !is_given(in, FIELD_ARG) )
        return;
    if ( code == ARG_READONLY )
        op->memory_op.arg.sel = MEM_READONLY;
    else if ( code >= ARG_PLACES )
        op->memory_op.flip.v = code - ARG_PLACES + 1;
    else
        kind_decode(&op->memory_op.arg, ARG_MEMARG, &code);
}

void decode_reservation(struct op *op, const uint8_t *in)
{
    struct xen_memory_reservation r;

    memcpy(&r, in + AT_RESERVATION, sizeof(r));
    op->code = OP_memory_op;
    if ( is_given(in, FIELD_CALLER) )
    {
        op->memory_op.caller.v = in[AT_CALLER] % CALLER_COUNT;
        op->memory_op.abi.v = (in[AT_CALLER] >> ABI_BIT) & 1;
    }
    decode_cmd(op, in);
    decode_domid(&op->memory_op.domid, in, r.domid);
    /* Else a small step from the base, signed. */
    decode_apart(&op->memory_op.nr, ARG_PAGES, in[AT_BASE],
                 is_given(in, FIELD_NR) ? r.nr_extents
                                        : (uint64_t)(int8_t)r.nr_extents);
    if ( is_given(in, FIELD_ORDER) )
        op->memory_op.order.v = r.extent_order;
    if ( is_given(in, FIELD_FLAGS) )
        op->memory_op.flags.v = r.mem_flags;
    if ( is_given(in, FIELD_LIST) )
        decode_apart(&op->memory_op.list, ARG_LIST, in[AT_BASE] >> LIST_SHIFT,
                     le_get(in + AT_RESERVATION, 8));
    else if ( op->memory_op.cmd.v == XENMEM_claim_pages )
        op->memory_op.list.sel = MEM_NULL;
    decode_argument(op, in);
    op->memory_op.pad.v = (int64_t)le_get(in + RESERVATION_BYTES - 6, 6);
}
