/* SPDX-License-Identifier: MIT */
/*
 * What records of raw calls have in common, whatever structure they carry: the
 * first byte, which says what is given; caller, domid and argument; the prepared
 * host.
 *
 * A call gets as far as its first wrong field. Were all fields taken as they
 * lie there, a random record would fail at the first one, always; so the first
 * byte says which fields are given by the record, mostly none, one or two. The
 * others are as a good call has them. docs/format.md has the layouts.
 */
#include "harness/program/kinds/kind.h"
#include "raw.h"

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

uint8_t raw_prologue(struct op *op, unsigned int prologue)
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

#define ABI_BIT 4
/* Set: a given domid is a number, else an index into the table of DOMID. */
#define DOMID_NUMBER 0x20

bool raw_given(const uint8_t *in, unsigned int field)
{
    unsigned int a = in[RAW_AT_GIVEN] & 15, b = in[RAW_AT_GIVEN] >> 4;

    return a == field || b == field || a == RAW_FIELD_ALL ||
           b == RAW_FIELD_ALL;
}

void raw_apart(struct value *v, enum arg_kind kind, uint8_t sel, uint64_t n)
{
    uint8_t bytes[9] = { sel };

    le_put(bytes + 1, 8, n);
    kind_decode(v, kind, bytes);
}

void raw_caller(struct value *caller, struct value *abi, const uint8_t *in)
{
    caller->v = in[RAW_AT_CALLER] % CALLER_COUNT;
    abi->v = (in[RAW_AT_CALLER] >> ABI_BIT) & 1;
}

void raw_domid(struct value *v, const uint8_t *in, bool given, uint16_t domid)
{
    uint8_t bytes[2];

    le_put(bytes, 2, domid);
    if ( !given ) /* one that the host was prepared with */
        *v = (struct value){ .v = 1 + (domid & 1), .sel = 1 };
    else if ( in[RAW_AT_CALLER] & DOMID_NUMBER )
        kind_decode(v, ARG_DOMID, bytes);
    else
        kind_decode_narrow(v, ARG_DOMID, domid & 15);
}

void raw_argument(struct value *arg, struct value *flip, uint8_t code)
{
    if ( code == RAW_ARG_READONLY )
        arg->sel = MEM_READONLY;
    else if ( code >= RAW_ARG_PLACES )
        flip->v = code - RAW_ARG_PLACES + 1;
    else
        kind_decode(arg, ARG_MEMARG, &code);
}
