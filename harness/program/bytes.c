/* SPDX-License-Identifier: MIT */
/*
 * Bytes to a program, and a program to its one canonical form. Driven by the
 * tables: no operation is named here.
 */
#include "harness/program/kinds/kind.h"
#include "raw.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

enum program_kind program_bytes_kind(const uint8_t *data, size_t size)
{
    enum program_kind kind =
        size ? (enum program_kind)(data[0] & FORMAT_KIND_MASK) : KIND_NARROW;

    _Static_assert(KIND_DOMCTL == FORMAT_KIND_MASK && KIND_COUNT == 5,
                   "every kind is one");

    return kind == KIND_DOMCTL && size > HEADER_AT_HOST &&
                   data[HEADER_AT_HOST] & HEADER_SYSCTL
               ? KIND_SYSCTL
               : kind;
}

/* ---- bytes to a program ---- */

static void decode_header(struct program *p, const uint8_t *h,
                          struct decode_note *note)
{
    enum program_kind kind = program_bytes_kind(h, HEADER_BYTES);
    uint8_t host = h[HEADER_AT_HOST];
    bool large = (host & HEADER_LARGE) == HEADER_LARGE;
    unsigned int known = HEADER_NODES_MASK | HEADER_LLC;

    if ( program_kind_is_raw(kind) )
        known |= HEADER_PROLOGUE_MASK;
    if ( kind == KIND_SYSCTL )
        known |= HEADER_SYSCTL;
    if ( large )
        known |= HEADER_LARGE;

    note->version = h[0] >> FORMAT_VERSION_SHIFT != FORMAT_VERSION;
    if ( h[1] >= RELEASE_COUNT )
    {
        note->header = true;
        note->header_offset = 1;
    }
    else if ( host & ~known )
    {
        note->header = true;
        note->header_offset = HEADER_AT_HOST;
    }

    /* Any byte but a draft's number is one of a release: so what it meant
     * before there were drafts it means still. */
    p->host.release = h[1] < RELEASE_COUNT ? h[1] : h[1] % RELEASED_COUNT;
    p->host.nodes = (host & HEADER_NODES_MASK) + 1;
    p->host.llc = host & HEADER_LLC;
    p->host.node_pages = (h[3] + 1U) * (large ? PROGRAM_LARGE_UNIT : 1);
    p->wide = kind != KIND_NARROW;
}

/* What a record is decoded for. */
struct decoding
{
    unsigned int known; /* so many operations has the release */
    uint32_t pages;     /* of the host                        */
};

static void decode_narrow(struct op *op, const uint8_t *in,
                          const struct decoding *d)
{
    const struct op_info *info;
    uint64_t bits;

    _Static_assert(sizeof(bits) == NARROW_BYTES, "a record is a number");
    memcpy(&bits, in, sizeof(bits));
    bits = le64toh(bits);
    op->code = (uint8_t)((bits & 0xff) % d->known);
    info = &op_table[op->code];
    bits >>= 8;

    for ( unsigned int i = 0; i < info->nr_args; i++ )
    {
        unsigned int width = 4 * kind_table[info->arg[i].kind]->nibbles;

        kind_decode_narrow(&op->arg[i], info->arg[i].kind,
                           (uint32_t)bits & ((1U << width) - 1));
        bits >>= width;
    }
}

static void decode_wide(struct op *op, const uint8_t *in,
                        const struct decoding *d)
{
    const struct op_info *info;

    op->code = (uint8_t)(in[0] % d->known);
    info = &op_table[op->code];
    in++;

    for ( unsigned int i = 0; i < info->nr_args; i++ )
    {
        kind_decode(&op->arg[i], info->arg[i].kind, in);
        in += kind_table[info->arg[i].kind]->bytes;
    }
}

static void decode_raw(struct op *op, const uint8_t *in,
                       const struct decoding *d)
{
    (void)d;
    decode_reservation(op, in);
}

static void decode_raw_domctl(struct op *op, const uint8_t *in,
                              const struct decoding *d)
{
    decode_domctl(op, in, d->known == OP_COUNT);
}

static void decode_raw_sysctl(struct op *op, const uint8_t *in,
                              const struct decoding *d)
{
    decode_sysctl(op, in, d->pages);
}

static const struct
{
    size_t bytes;
    void (*decode)(struct op *op, const uint8_t *in, const struct decoding *d);
} records[KIND_COUNT] = {
    [KIND_NARROW] = { NARROW_BYTES, decode_narrow },
    [KIND_WIDE] = { WIDE_BYTES, decode_wide },
    [KIND_RESERVATION] = { RESERVATION_BYTES, decode_raw },
    [KIND_DOMCTL] = { DOMCTL_BYTES, decode_raw_domctl },
    [KIND_SYSCTL] = { SYSCTL_BYTES, decode_raw_sysctl },
};

size_t program_record_bytes(enum program_kind kind)
{
    return records[kind].bytes;
}

void program_decode(struct program *p, const uint8_t *data, size_t size,
                    struct decode_note *note)
{
    struct decode_note unwanted;
    uint8_t header[HEADER_BYTES] = { 0 };
    enum program_kind kind = program_bytes_kind(data, size);
    size_t head = size < HEADER_BYTES ? size : HEADER_BYTES;
    struct decoding d;
    size_t room, nr;

    note = note ? note : &unwanted;
    *note = (struct decode_note){ 0 };
    program_init(p);
    if ( !size )
        return;

    memcpy(header, data, head);
    decode_header(p, header, note);
    if ( program_kind_is_raw(kind) )
        p->nr_ops = raw_prologue(
            p->op, (header[HEADER_AT_HOST] & HEADER_PROLOGUE_MASK) >>
                       HEADER_PROLOGUE_SHIFT);
    d.known = op_count((enum release)p->host.release);
    d.pages = p->host.nodes * p->host.node_pages;
    room = PROGRAM_OPS_MAX - p->nr_ops;
    data += head;
    size -= head;

    nr = size / records[kind].bytes;
    note->tail = size % records[kind].bytes;
    if ( nr > room )
    {
        note->over = size - room * records[kind].bytes;
        note->tail = 0;
        nr = room;
    }

    /* Arguments that an operation does not have are 0. */
    memset(&p->op[p->nr_ops], 0, nr * sizeof(p->op[0]));
    for ( size_t i = 0; i < nr; i++, data += records[kind].bytes )
        records[kind].decode(&p->op[p->nr_ops++], data, &d);
    assert(p->nr_ops <= PROGRAM_OPS_MAX);
}

/* ---- a program to bytes ---- */

static bool encode_narrow(const struct op *op, uint8_t *out)
{
    const struct op_info *info = &op_table[op->code];
    uint64_t bits = op->code;
    unsigned int shift = 8;

    for ( unsigned int i = 0; i < info->nr_args; i++ )
    {
        uint32_t code;

        if ( !kind_encode_narrow(&code, info->arg[i].kind, &op->arg[i]) )
            return false;
        /* One of no nibbles may stand at bit 64; its code is 0. */
        if ( code )
            bits |= (uint64_t)code << shift;
        shift += 4 * kind_table[info->arg[i].kind]->nibbles;
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
        assert(kind_valid(info->arg[i].kind, &op->arg[i]));
        kind_encode(out, info->arg[i].kind, &op->arg[i]);
        out += kind_table[info->arg[i].kind]->bytes;
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
    bool large = host->node_pages > PROGRAM_SMALL_NODE;
    enum program_kind kind;

    assert(p->nr_ops <= PROGRAM_OPS_MAX && host->release < RELEASE_COUNT);
    assert(host->nodes >= 1 && host->nodes <= HV_NODES_MAX);
    assert(host->node_pages >= 1 && program_has_bytes(p));
    assert(program_releases(p) & RELEASE_BIT(host->release));

    p->wide = p->wide || !program_is_narrow(p);
    kind = p->wide ? KIND_WIDE : KIND_NARROW;
    out[0] = FORMAT_VERSION << FORMAT_VERSION_SHIFT | kind;
    out[1] = host->release;
    out[HEADER_AT_HOST] = (uint8_t)((host->nodes - 1) |
                                    (host->llc ? HEADER_LLC : 0) |
                                    (large ? HEADER_LARGE : 0));
    out[3] = (uint8_t)((large ? host->node_pages / PROGRAM_LARGE_UNIT
                              : host->node_pages) -
                       1);

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
