/* SPDX-License-Identifier: MIT */
/*
 * KIND_DOMCTL: the fuzzed bytes are struct xen_domctl itself, as far as a command
 * here looks at it, and three entries of a claim set. As in reservation.c, a
 * first byte says which fields are given; the others are as a good call has
 * them. Claim sets come first where the release has them. docs/format.md has the
 * layout.
 */
#include "harness/program/kinds/claims.h"
#include "harness/program/kinds/kind.h"
#include "reservation.h"

#include <assert.h>

/* Where things are in a record. */
enum
{
    AT_GIVEN = 0,
    AT_CALLER = 1,
    AT_ARG = 2,
    AT_DATA = 3,
    AT_CMD = 4,
    AT_VERSION = 8,
    AT_DOMAIN = 12,
    AT_VALUE = 20,
    AT_NR = 28,
    AT_MODE = 32,
    AT_ENTRIES = 36,
};

#define ENTRIES 3
#define ENTRY_BYTES sizeof(struct xen_memory_claim)
#define ABI_BIT 4
/* Set: a given domid is a number, else an index into the table of DOMID. */
#define DOMID_NUMBER 0x20
#define ENTRIES_SHIFT 6
/* Codes of MEMARG, then: in place, and byte 0, 1, ... changes once it is read. */
#define ARG_PLACES 38
#define ARG_CODES (ARG_PLACES + MEMARG_SHORT_MAX)

_Static_assert(AT_ENTRIES + ENTRIES * ENTRY_BYTES == DOMCTL_BYTES,
               "a record ends with the entries");

/* Nibbles of the first byte: below, no field; one field each; all of them. */
enum given_field
{
    FIELD_NONE = 5,
    FIELD_CMD,
    FIELD_CALLER,
    FIELD_ARG,
    FIELD_VERSION,
    FIELD_DOMID,
    FIELD_NR,
    FIELD_MODE,
    FIELD_DATA,
    FIELD_ENTRIES,
    FIELD_ALL
};

_Static_assert(FIELD_ALL == 15, "a nibble");

static bool is_given(const uint8_t *in, enum given_field field)
{
    unsigned int a = in[AT_GIVEN] & 15, b = in[AT_GIVEN] >> 4;

    return a == field || b == field || a == FIELD_ALL || b == FIELD_ALL;
}

/* What a good call does, by the lowest bits of its command. */
static const struct
{
    uint8_t cmd, mode;
} with_sets[] = {
    { XEN_DOMCTL_claim_memory, CLAIM_MEMORY_SET },
    { XEN_DOMCTL_claim_memory, CLAIM_MEMORY_SET },
    { XEN_DOMCTL_get_memory_claims, 0 },
    { XEN_DOMCTL_claim_memory, CLAIM_MEMORY_GET },
    { XEN_DOMCTL_claim_memory, CLAIM_MEMORY_SET },
    { XEN_DOMCTL_max_mem, 0 },
    { XEN_DOMCTL_unpausedomain, 0 },
    { XEN_DOMCTL_destroydomain, 0 },
}, without[] = {
    { XEN_DOMCTL_max_mem, 0 },
    { XEN_DOMCTL_getdomaininfo, 0 },
    { XEN_DOMCTL_createdomain, 0 },
    { XEN_DOMCTL_setnodeaffinity, 0 },
    { XEN_DOMCTL_max_mem, 0 },
    { XEN_DOMCTL_getdomaininfo, 0 },
    { XEN_DOMCTL_unpausedomain, 0 },
    { XEN_DOMCTL_destroydomain, 0 },
};
#define GOOD_MASK 7

static void decode_domid(struct value *v, const uint8_t *in)
{
    uint16_t domid = (uint16_t)le_get(in + AT_DOMAIN, 2);

    if ( !is_given(in, FIELD_DOMID) ) /* one that the host was prepared with */
        *v = (struct value){ .v = 1 + (domid & 1), .sel = 1 };
    else if ( in[AT_CALLER] & DOMID_NUMBER )
        kind_decode(v, ARG_DOMID, in + AT_DOMAIN);
    else
        kind_decode_narrow(v, ARG_DOMID, domid & 15);
}

static void decode_argument(struct value *arg, struct value *flip,
                            const uint8_t *in)
{
    uint8_t code = in[AT_ARG] % ARG_CODES;

    if ( !is_given(in, FIELD_ARG) )
        return;
    if ( code >= ARG_PLACES )
        flip->v = code - ARG_PLACES + 1;
    else
        kind_decode(arg, ARG_MEMARG, &code);
}

static void decode_entry(struct value *v, const uint8_t *in, bool given)
{
    uint64_t n = le_get(in, 8);
    uint32_t target = (uint32_t)le_get(in + 8, 4);
    struct value pages = { .v = 1 + (int64_t)(n % 16) };

    if ( !given )
    {
        /* The host, node 0 or node 1. */
        target = target % 3 ? target % 3 - 1 : CLAIM_TARGET_HOST;
        *v = entry_value(target, &pages, 0);
        return;
    }
    pages = (struct value){ .v = (int32_t)(uint32_t)n,
                            .sel = (uint8_t)(n >> 60) };
    *v = entry_value(target, &pages,
                     (uint32_t)le_get(in + 12, 4) % (ENTRY_PAD_MAX + 1));
}

static void decode_set(struct op *op, const uint8_t *in, uint32_t cmd,
                       uint32_t mode)
{
    struct value *entry = &op->claim_memory.entry0;
    uint32_t nr = (uint32_t)le_get(in + AT_NR, 4);
    bool get = cmd == XEN_DOMCTL_get_memory_claims || mode == CLAIM_MEMORY_GET;

    op->code = OP_claim_memory;
    op->claim_memory.cmd.v = cmd == XEN_DOMCTL_get_memory_claims;
    op->claim_memory.mode.v = mode;
    if ( is_given(in, FIELD_NR) )
        op->claim_memory.nr.v = nr;
    else if ( get )
        op->claim_memory.nr.v = 1 + (int64_t)(nr % 8);
    for ( unsigned int i = 0; i < in[AT_CALLER] >> ENTRIES_SHIFT; i++ )
        decode_entry(&entry[i], in + AT_ENTRIES + i * ENTRY_BYTES,
                     is_given(in, FIELD_ENTRIES));
}

static void decode_other(struct op *op, const uint8_t *in, uint32_t cmd)
{
    uint8_t value[9] = { in[AT_MODE] };

    op->code = OP_domctl;
    op->domctl.cmd.v = cmd;
    if ( is_given(in, FIELD_VERSION) )
        op->domctl.version.v = in[AT_VERSION];
    le_put(value + 1, 8, le_get(in + AT_VALUE, 8));
    if ( is_given(in, FIELD_NR) )
        kind_decode(&op->domctl.value, ARG_PAGES, value);
    else if ( cmd == XEN_DOMCTL_max_mem )
        op->domctl.value = (struct value){ .sel = BASE_HOST };
    else if ( cmd == XEN_DOMCTL_setnodeaffinity )
        op->domctl.value.v = 1 + in[AT_VALUE] % 15;
    if ( is_given(in, FIELD_DATA) )
        op->domctl.count.v = in[AT_NR];
}

void decode_domctl(struct op *op, const uint8_t *in, bool sets)
{
    unsigned int good = in[AT_CMD] & GOOD_MASK;
    uint32_t cmd = sets ? with_sets[good].cmd : without[good].cmd;
    uint32_t mode = sets ? with_sets[good].mode : 0;
    uint8_t data = in[AT_DATA] % ARG_PLACES;
    bool set;

    if ( is_given(in, FIELD_CMD) )
        cmd = in[AT_CMD];
    if ( is_given(in, FIELD_MODE) )
        mode = (uint32_t)le_get(in + AT_MODE, 4);
    set = sets && (cmd == XEN_DOMCTL_claim_memory ||
                   cmd == XEN_DOMCTL_get_memory_claims);
    if ( set )
        decode_set(op, in, cmd, mode);
    else
        decode_other(op, in, cmd);
    decode_domid(set ? &op->claim_memory.domid : &op->domctl.domid, in);
    if ( is_given(in, FIELD_CALLER) )
    {
        struct value *caller = set ? &op->claim_memory.caller
                                   : &op->domctl.caller;
        struct value *abi = set ? &op->claim_memory.abi : &op->domctl.abi;

        caller->v = in[AT_CALLER] % CALLER_COUNT;
        abi->v = (in[AT_CALLER] >> ABI_BIT) & 1;
    }
    decode_argument(set ? &op->claim_memory.arg : &op->domctl.arg,
                    set ? &op->claim_memory.flip : &op->domctl.flip, in);
    if ( is_given(in, FIELD_DATA) )
        kind_decode(set ? &op->claim_memory.data : &op->domctl.data, ARG_DATA,
                    &data);
}
