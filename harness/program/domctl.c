/* SPDX-License-Identifier: MIT */
/*
 * KIND_DOMCTL: the fuzzed bytes are struct xen_domctl itself, as far as a command
 * here looks at it, and three entries of a claim set. What is not given (raw.c)
 * is as a good call has it. Claim sets come first where the release has them.
 * docs/format.md has the layout.
 */
#include "harness/program/kinds/claims.h"
#include "harness/program/kinds/kind.h"
#include "raw.h"

/* Where things are in a record, behind what all kinds have. */
enum
{
    AT_DATA = 3,
    AT_CMD = 4,
    AT_VERSION = 8,
    AT_DOMAIN = 12,
    AT_VALUE = 20,
    AT_NR = 28,
    AT_MODE = 32,
    AT_ENTRIES = 36,
};

#define ENTRY_BYTES sizeof(struct xen_memory_claim)
/* How many entries there are, in the byte of the caller. */
#define ENTRIES_SHIFT 6
/* Places and changing bytes only: such an argument can always be written. */
#define ARG_CODES RAW_ARG_READONLY

_Static_assert(AT_ENTRIES + CLAIM_ENTRIES * ENTRY_BYTES == DOMCTL_BYTES,
               "a record ends with the entries");

/* Fields that the first byte can give. */
enum
{
    FIELD_CMD = RAW_FIELD_NONE + 1,
    FIELD_CALLER,
    FIELD_ARG,
    FIELD_VERSION,
    FIELD_DOMID,
    FIELD_NR,
    FIELD_MODE,
    FIELD_DATA,
    FIELD_ENTRIES,
    FIELD_END
};

_Static_assert(FIELD_END == RAW_FIELD_ALL, "a nibble");

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
    if ( raw_given(in, FIELD_NR) )
        op->claim_memory.nr.v = nr;
    else if ( get )
        op->claim_memory.nr.v = 1 + (int64_t)(nr % 8);
    for ( unsigned int i = 0; i < in[RAW_AT_CALLER] >> ENTRIES_SHIFT; i++ )
        decode_entry(&entry[i], in + AT_ENTRIES + i * ENTRY_BYTES,
                     raw_given(in, FIELD_ENTRIES));
}

static void decode_other(struct op *op, const uint8_t *in, uint32_t cmd)
{
    op->code = OP_domctl;
    op->domctl.cmd.v = cmd;
    if ( raw_given(in, FIELD_VERSION) )
        op->domctl.version.v = in[AT_VERSION];
    if ( raw_given(in, FIELD_NR) )
        raw_apart(&op->domctl.value, ARG_PAGES, in[AT_MODE],
                  le_get(in + AT_VALUE, 8));
    else if ( cmd == XEN_DOMCTL_max_mem )
        op->domctl.value = (struct value){ .sel = BASE_HOST };
    else if ( cmd == XEN_DOMCTL_setnodeaffinity )
        op->domctl.value.v = 1 + in[AT_VALUE] % 15;
    if ( raw_given(in, FIELD_DATA) )
        op->domctl.count.v = in[AT_NR];
}

void decode_domctl(struct op *op, const uint8_t *in, bool sets)
{
    unsigned int good = in[AT_CMD] & GOOD_MASK;
    uint32_t cmd = sets ? with_sets[good].cmd : without[good].cmd;
    uint32_t mode = sets ? with_sets[good].mode : 0;
    uint8_t data = in[AT_DATA] % RAW_ARG_PLACES;
    bool set;

    if ( raw_given(in, FIELD_CMD) )
        cmd = in[AT_CMD];
    if ( raw_given(in, FIELD_MODE) )
        mode = (uint32_t)le_get(in + AT_MODE, 4);
    set = sets && (cmd == XEN_DOMCTL_claim_memory ||
                   cmd == XEN_DOMCTL_get_memory_claims);
    if ( set )
        decode_set(op, in, cmd, mode);
    else
        decode_other(op, in, cmd);
    raw_domid(set ? &op->claim_memory.domid : &op->domctl.domid, in,
              raw_given(in, FIELD_DOMID), (uint16_t)le_get(in + AT_DOMAIN, 2));
    if ( raw_given(in, FIELD_CALLER) )
        raw_caller(set ? &op->claim_memory.caller : &op->domctl.caller,
                   set ? &op->claim_memory.abi : &op->domctl.abi, in);
    if ( raw_given(in, FIELD_ARG) )
        raw_argument(set ? &op->claim_memory.arg : &op->domctl.arg,
                     set ? &op->claim_memory.flip : &op->domctl.flip,
                     in[RAW_AT_ARG] % ARG_CODES);
    if ( raw_given(in, FIELD_DATA) )
        kind_decode(set ? &op->claim_memory.data : &op->domctl.data, ARG_DATA,
                    &data);
}
