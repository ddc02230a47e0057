/* SPDX-License-Identifier: MIT */
/*
 * KIND_RESERVATION: the fuzzed bytes are struct xen_memory_reservation itself,
 * passed to memory_op on a prepared host. For engines that know how to mutate
 * structures of C, and for dictionaries of its fields. What is not given
 * (raw.c) is as a good call has it. docs/format.md has the layout.
 */
#include "harness/program/kinds/kind.h"
#include "raw.h"

#include <string.h>

/* Where things are in a record, behind what all kinds have. */
enum
{
    AT_BASE = 3,
    AT_CMD = 4,
    AT_RESERVATION = 12,
};

#define LIST_SHIFT 4
#define ARG_CODES (RAW_ARG_READONLY + 1)
#define RESERVATION_SIZE sizeof(struct xen_memory_reservation)

_Static_assert(RESERVATION_SIZE == MEMARG_SHORT_MAX &&
                   AT_RESERVATION + RESERVATION_SIZE == RESERVATION_BYTES,
               "a record ends with the structure");

/* Fields that the first byte can give. */
enum
{
    FIELD_CMD = RAW_FIELD_NONE + 1,
    FIELD_START,
    FIELD_CALLER,
    FIELD_ARG,
    FIELD_LIST,
    FIELD_ORDER,
    FIELD_FLAGS,
    FIELD_DOMID,
    FIELD_NR,
    FIELD_END
};

_Static_assert(FIELD_END == RAW_FIELD_ALL, "a nibble");

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

    op->memory_op.cmd.v = raw_given(in, FIELD_CMD)
                              ? (int64_t)(cmd & MEMOP_CMD_MASK)
                              : good[cmd % sizeof(good)];
    if ( raw_given(in, FIELD_START) )
        op->memory_op.start.v = (int64_t)(cmd >> MEMOP_EXTENT_SHIFT);
}

void decode_reservation(struct op *op, const uint8_t *in)
{
    struct xen_memory_reservation r;

    memcpy(&r, in + AT_RESERVATION, sizeof(r));
    op->code = OP_memory_op;
    if ( raw_given(in, FIELD_CALLER) )
        raw_caller(&op->memory_op.caller, &op->memory_op.abi, in);
    decode_cmd(op, in);
    raw_domid(&op->memory_op.domid, in, raw_given(in, FIELD_DOMID), r.domid);
    /* Else a small step from the base, signed. */
    raw_apart(&op->memory_op.nr, ARG_PAGES, in[AT_BASE],
              raw_given(in, FIELD_NR) ? r.nr_extents
                                      : (uint64_t)(int8_t)r.nr_extents);
    if ( raw_given(in, FIELD_ORDER) )
        op->memory_op.order.v = r.extent_order;
    if ( raw_given(in, FIELD_FLAGS) )
        op->memory_op.flags.v = r.mem_flags;
    if ( raw_given(in, FIELD_LIST) )
        raw_apart(&op->memory_op.list, ARG_LIST, in[AT_BASE] >> LIST_SHIFT,
                  le_get(in + AT_RESERVATION, 8));
    else if ( op->memory_op.cmd.v == XENMEM_claim_pages )
        op->memory_op.list.sel = MEM_NULL;
    if ( raw_given(in, FIELD_ARG) )
        raw_argument(&op->memory_op.arg, &op->memory_op.flip,
                     in[RAW_AT_ARG] % ARG_CODES);
    op->memory_op.pad.v = (int64_t)le_get(in + RESERVATION_BYTES - 6, 6);
}
