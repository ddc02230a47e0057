/* SPDX-License-Identifier: MIT */
/* A program to bytes: the one canonical form. Driven by the tables. */
#include "fields.h"

#include <assert.h>
#include <string.h>

static bool encode_narrow(const struct op *op, uint8_t *out)
{
    const struct op_info *info = &op_table[op->code];
    uint64_t bits = op->code;
    unsigned int shift = 8;

    for ( unsigned int i = 0; i < info->nr_args; i++ )
    {
        uint32_t raw;

        if ( !field_encode_narrow(&raw, info->arg[i].kind, &op->arg[i]) )
            return false;
        /* A field of no nibbles may stand at bit 64; its raw value is 0. */
        if ( raw )
            bits |= (uint64_t)raw << shift;
        shift += 4 * field_table[info->arg[i].kind].nibbles;
    }
    assert(shift <= 8 * NARROW_BYTES);
    le_put(out, NARROW_BYTES, bits);

    return true;
}

static void encode_wide(const struct op *op, uint8_t *out)
{
    const struct op_info *info = &op_table[op->code];
    uint8_t *end = out + WIDE_BYTES;

    *out++ = op->code;
    for ( unsigned int i = 0; i < info->nr_args; i++ )
    {
        assert(field_valid(info->arg[i].kind, &op->arg[i]));
        field_encode_wide(out, info->arg[i].kind, &op->arg[i]);
        out += field_table[info->arg[i].kind].bytes;
    }
    assert(out <= end);
    memset(out, 0, end - out);
}

bool program_is_narrow(const struct program *p)
{
    uint8_t unwanted[NARROW_BYTES];

    for ( unsigned int i = 0; i < p->nr_ops; i++ )
        if ( !encode_narrow(&p->op[i], unwanted) )
            return false;

    return true;
}

size_t program_encode(struct program *p, uint8_t *out)
{
    const struct host_shape *host = &p->host;
    uint8_t *at = out + HEADER_BYTES;
    enum program_kind kind;

    assert(p->nr_ops <= PROGRAM_OPS_MAX && host->release < RELEASE_COUNT);
    assert(host->nodes >= 1 && host->nodes <= HV_NODES_MAX);
    assert(host->node_pages >= 1 && host->node_pages <= HV_NODE_PAGES_MAX);

    p->wide = p->wide || !program_is_narrow(p);
    kind = p->wide ? KIND_WIDE : KIND_NARROW;
    out[0] = FORMAT_VERSION << FORMAT_VERSION_SHIFT | kind;
    out[1] = host->release;
    out[2] = (uint8_t)((host->nodes - 1) | (host->llc ? HEADER_LLC : 0));
    out[3] = (uint8_t)(host->node_pages - 1);

    for ( unsigned int i = 0; i < p->nr_ops; i++ )
        if ( p->wide )
        {
            encode_wide(&p->op[i], at);
            at += WIDE_BYTES;
        }
        else
        {
            bool narrow = encode_narrow(&p->op[i], at);

            assert(narrow);
            (void)narrow;
            at += NARROW_BYTES;
        }

    return (size_t)(at - out);
}
