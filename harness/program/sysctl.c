/* SPDX-License-Identifier: MIT */
/*
 * KIND_SYSCTL: the fuzzed bytes are the start of struct xen_sysctl itself, with a
 * page_offline_op in it. What is not given (raw.c) is as a good call has it: a few
 * frames of the host, and room for their status words. docs/format.md has the
 * layout.
 */
#include <stddef.h>

#include "harness/program/kinds/kind.h"
#include "raw.h"

/* Where things are in a record, behind what all kinds have. */
enum
{
    AT_DATA = 3,
    AT_SYSCTL = 4,
    AT_CMD = AT_SYSCTL + offsetof(struct xen_sysctl, cmd),
    AT_VERSION = AT_SYSCTL + offsetof(struct xen_sysctl, interface_version),
    AT_ACTION = AT_SYSCTL + offsetof(struct xen_sysctl, u.page_offline.cmd),
    AT_START = AT_SYSCTL + offsetof(struct xen_sysctl, u.page_offline.start),
    AT_END = AT_SYSCTL + offsetof(struct xen_sysctl, u.page_offline.end),
    /* The array's address is nobody's choice: in its place, what it holds. */
    AT_COUNT = AT_SYSCTL + offsetof(struct xen_sysctl, u.page_offline.status),
    AT_DISTANCE,
};

_Static_assert(AT_COUNT + sizeof(uint64_t) == SYSCTL_BYTES,
               "a record ends with the array's address");

/* Fields that the first byte can give. */
enum
{
    FIELD_CMD = RAW_FIELD_NONE + 1,
    FIELD_CALLER,
    FIELD_ARG,
    FIELD_VERSION,
    FIELD_ACTION,
    FIELD_START,
    FIELD_END_FRAME,
    FIELD_DATA,
    FIELD_COUNT,
    FIELD_END
};

_Static_assert(FIELD_END == RAW_FIELD_ALL, "a nibble");

/* Frames beyond the first of a good call, in the byte of the caller: up to 7, as
 * many words as a short array can end in. */
#define FRAMES_SHIFT 5

static uint32_t frame_at(const uint8_t *in, unsigned int at)
{
    return (uint32_t)le_get(in + at, 4);
}

static void decode_frames(struct op *op, const uint8_t *in, uint32_t pages)
{
    uint32_t start = frame_at(in, AT_START), end;

    if ( !raw_given(in, FIELD_START) )
        start = HV_FRAME_BASE + start % pages;
    /* Behind the last number there is, it is the first again. */
    end = start + (in[RAW_AT_CALLER] >> FRAMES_SHIFT);
    if ( raw_given(in, FIELD_END_FRAME) )
        end = frame_at(in, AT_END);
    op->sysctl.action.v = raw_given(in, FIELD_ACTION)
                              ? (int64_t)frame_at(in, AT_ACTION)
                              : sysctl_page_offline + in[AT_ACTION] % 3;
    op->sysctl.start.v = start;
    op->sysctl.end.v = end;
}

void decode_sysctl(struct op *op, const uint8_t *in, uint32_t pages)
{
    /* Pages out of use, and what tells of them. */
    static const uint8_t good[] = {
        XEN_SYSCTL_page_offline_op, XEN_SYSCTL_page_offline_op,
        XEN_SYSCTL_page_offline_op, XEN_SYSCTL_physinfo,
        XEN_SYSCTL_page_offline_op, XEN_SYSCTL_page_offline_op,
        XEN_SYSCTL_page_offline_op, XEN_SYSCTL_numainfo,
    };

    op->code = OP_sysctl;
    op->sysctl.cmd.v = raw_given(in, FIELD_CMD)
                           ? in[AT_CMD]
                           : good[in[AT_CMD] % sizeof(good)];
    if ( raw_given(in, FIELD_CALLER) )
        raw_caller(&op->sysctl.caller, &op->sysctl.abi, in);
    if ( raw_given(in, FIELD_ARG) )
        raw_argument(&op->sysctl.arg, &op->sysctl.flip,
                     in[RAW_AT_ARG] % (RAW_ARG_READONLY + 1));
    if ( raw_given(in, FIELD_VERSION) )
        op->sysctl.version.v = in[AT_VERSION];
    if ( raw_given(in, FIELD_DATA) )
        kind_decode(&op->sysctl.data, ARG_DATA, in + AT_DATA);
    if ( raw_given(in, FIELD_COUNT) )
        op->sysctl.count.v = in[AT_COUNT];
    if ( op->sysctl.cmd.v == XEN_SYSCTL_page_offline_op )
        decode_frames(op, in, pages);
    else if ( op->sysctl.cmd.v == XEN_SYSCTL_numainfo )
        kind_decode(&op->sysctl.distance, ARG_ARRAY, in + AT_DISTANCE);
}
