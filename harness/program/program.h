/* SPDX-License-Identifier: MIT */
/*
 * A test case: a host shape and a list of operations. A program is data; it has
 * three faces that are exact inverses: this structure, bytes (for engines) and
 * text (for people and git). docs/format.md is the grammar.
 *
 * Not here: what an operation does (harness/engine), what may result (model/).
 */
#ifndef CLAIMCHECK_PROGRAM_H
#define CLAIMCHECK_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor/hypervisor.h"

/* Operations of a program: long enough for build + balloon + kill + rebuild,
 * short enough that a run stays under 20 us. */
#define PROGRAM_OPS_MAX 64
/* Most arguments of an operation (memory_op). */
#define OP_ARGS_MAX 12

/* Pages of a node that bytes can say, and generators choose: each number of a few,
 * so that limits are hit; and multiples of a unit, so that there are blocks that
 * a guest may have (order 9) and may not (order 10). More would cost each run too
 * much. Text can say more, up to HV_NODE_PAGES_MAX. */
#define PROGRAM_SMALL_NODE 256
#define PROGRAM_LARGE_UNIT 8
#define PROGRAM_NODE_PAGES_MAX (256 * PROGRAM_LARGE_UNIT)
#define PROGRAM_PAGES_MAX (HV_NODES_MAX * PROGRAM_NODE_PAGES_MAX)

#define HEADER_BYTES 4
#define NARROW_BYTES 8
#define WIDE_BYTES 48
/* A raw call: which fields are given 1, caller 1, argument 1, bases 1, command word
 * 8, then the 32 bytes of struct xen_memory_reservation as they lie in memory;
 * see reservation.c. */
#define RESERVATION_BYTES 44
/* A raw domctl: which fields are given 1, caller 1, argument 1, data 1, then the
 * 32 bytes of struct xen_domctl that a command here looks at, and three entries
 * of a claim set; see domctl.c. */
#define DOMCTL_BYTES 84
/* A raw sysctl: which fields are given 1, caller 1, argument 1, data 1, then the
 * leading 32 bytes of struct xen_sysctl; see sysctl.c. */
#define SYSCTL_BYTES 36
#define PROGRAM_BYTES_MAX (HEADER_BYTES + PROGRAM_OPS_MAX * WIDE_BYTES)

/* First header byte: version << 2 | kind. Raised when old bytes would mean
 * something else; then bytes are converted through text. Versions 2 and 3 are
 * never used, nor any above 7: their first byte could begin a text. */
#define FORMAT_VERSION 6
/* A shift of 2 leaves two bits for the kind. */
#define FORMAT_VERSION_SHIFT 2
#define FORMAT_KIND_MASK 3
/* Third header byte (HEADER_AT_HOST): bits 0-1 nodes - 1, bit 2 LLC colouring, bit
 * 3 of raw control calls: sysctls, not domctls; bits 4-5 the prepared host of raw
 * calls; bits 6-7, both or none: pages are counted in PROGRAM_LARGE_UNIT. Fourth:
 * pages of a node, less 1. Large hosts cost time: one in four is enough where
 * bits are random. */
#define HEADER_AT_HOST 2
#define HEADER_NODES_MASK 0x03
#define HEADER_LLC 0x04
#define HEADER_SYSCTL 0x08
#define HEADER_PROLOGUE_SHIFT 4
#define HEADER_PROLOGUE_MASK 0x30
#define HEADER_LARGE 0xc0

/* What the records of a byte string are. */
enum program_kind
{
    KIND_NARROW = 0,      /* operations, NARROW_BYTES each                   */
    KIND_WIDE = 1,        /* operations, WIDE_BYTES each                     */
    KIND_RESERVATION = 2, /* raw memory_op calls, RESERVATION_BYTES each, on a
                           * prepared host; decodes to a wide program        */
    KIND_DOMCTL = 3,      /* the same of raw domctls, DOMCTL_BYTES each      */
    KIND_SYSCTL = 4,      /* ... of raw sysctls, SYSCTL_BYTES each: the kind of
                           * domctls, with HEADER_SYSCTL                     */
    KIND_COUNT
};

/* Raw calls are for engines that mutate structures: they decode to wide
 * programs, and are not written back in that form. */
static inline bool program_kind_is_raw(enum program_kind kind)
{
    return kind >= KIND_RESERVATION;
}

enum arg_kind
{
#define KIND(name, narrow, wide) ARG_##name,
#include "harness/program/kinds/kinds.def"
#undef KIND
    ARG_KIND_COUNT
};

enum pages_base
{
#define BASE(name, text, meaning) BASE_##name,
#include "harness/program/kinds/pages.def"
#undef BASE
    BASE_COUNT
};

enum op_code
{
#define ARG(name, kind)
#define OP(name, help, args) OP_##name,
#include "ops.def"
#undef OP
#undef ARG
    OP_COUNT
};

/*
 * One argument. v is the value; sel says what kind of value where a kind has
 * several: PAGES: enum pages_base, v then is the signed offset; LIST, MEMARG:
 * enum mem_sel, v the K of short:K or the address; NODE: 1 for exact, v is
 * node or -1 for any; DOMID: 1 if v is a slot's domid (d0..d7), so that it can
 * be printed by name; otherwise 0.
 */
struct value
{
    int64_t v;
    uint8_t sel;
};

/* Where a structure or an extent list lies. */
enum mem_sel
{
    MEM_OK = 0, /* all of it mapped, ending at the window's end         */
    MEM_NULL,
    MEM_UNMAPPED,
    MEM_NONCANONICAL,
    MEM_SHORT,      /* v bytes (arguments) or entries (lists) are mapped    */
    MEM_MISALIGNED, /* mapped, one byte before its natural place            */
    MEM_ADDRESS,    /* lists only: v is the address; nothing is mapped there
                       * unless it lies in a window                           */
    MEM_READONLY,   /* as MEM_OK, but it cannot be written                  */
    MEM_SEL_COUNT
};

/* ABI values. */
#define ABI_64 0
#define ABI_32 1

/* Most entries of an extent list, that is K of short:K. */
#define LIST_SHORT_MAX 1024
/* Bytes of struct xen_memory_reservation: most that K of an argument can be. */
#define MEMARG_SHORT_MAX 32
/* A command word's start extent is what is left of 64 bits. */
#define START_MAX ((UINT64_C(1) << 58) - 1)

/* CALLER values: 0 dom0, 1..7 d1..d7, 8 ctl, 9..15 d1.user..d7.user. */
#define CALLER_DOM0 0
#define CALLER_CTL 8
#define CALLER_USER 8 /* + slot, slot >= 1 */
#define CALLER_COUNT 16

/* HOLDER values: whose page is meant. */
enum holder
{
    HOLDER_FREE,    /* one that nobody is known to own                       */
    HOLDER_XEN,     /* the first of a block that the hypervisor allocated    */
    HOLDER_OFFLINE, /* one that was taken out of use, or will be when freed  */
    HOLDER_HOST,    /* any of the host, by its number                        */
    HOLDER_DOM,     /* + slot: one of a domain's                             */
    HOLDER_COUNT = HOLDER_DOM + HV_DOMS_MAX
};

/*
 * One operation. Its operands have the names of ops.def, op->claim.pages, for
 * those who know which operation it is; arg[] is for code that treats all of
 * them alike by the operation table.
 */
struct op
{
    uint8_t code; /* enum op_code */
    union
    {
        struct value arg[OP_ARGS_MAX];
#define ARG(name, kind) struct value name;
#define OP(name, help, args)                                                  \
    struct                                                                    \
    {                                                                         \
        args                                                                  \
    } name;
#include "ops.def"
#undef OP
#undef ARG
    };
};

struct program
{
    struct host_shape host;
    bool wide; /* encoded with wide records; true if an argument has
                           * no narrow form (decode, parse and encode see to
                           * it; who builds a program by hand need not)      */
    uint8_t nr_ops;
    struct op op[PROGRAM_OPS_MAX];
};

/* ---- the tables ---- */
struct arg_info
{
    const char *name;
    enum arg_kind kind;
};

struct op_info
{
    const char *name;
    const char *help;
    uint8_t nr_args;
    struct arg_info arg[OP_ARGS_MAX];
};

extern const struct op_info op_table[OP_COUNT];

/* Operation of that name, or -1. */
int op_from_name(const char *name, size_t len);
/* Position of an argument by name, or -1. */
int op_arg_index(enum op_code code, const char *name, size_t len);

/* The releases whose programs can have the operation: those with claim sets
 * only, or every one. */
uint32_t op_releases(enum op_code code);
/* So many operations does a program of that release know: the first ones. */
unsigned int op_count(enum release release);
/* The releases that know all operations of a program. */
uint32_t program_releases(const struct program *p);
/* Drop the operations that the program's release does not know. */
void program_settle(struct program *p);

/* An operation's domain, if it is for one, is its first operand. */
#define DOM_ARG 0

static inline bool op_has_slot(const struct op *op)
{
    const struct op_info *info = &op_table[op->code];

    return info->nr_args && info->arg[DOM_ARG].kind == ARG_DOM;
}

/* The slot of the domain that an operation is for (its DOM operand), or -1. */
static inline int op_slot(const struct op *op)
{
    return op_has_slot(op) ? (int)op->arg[DOM_ARG].v : -1;
}

/* Make it an operation for that domain; nothing if it is for none. */
static inline void op_set_slot(struct op *op, int slot)
{
    if ( op_has_slot(op) )
        op->arg[DOM_ARG].v = slot;
}

/* One thing that an operation needs: needs.def. */
struct op_need
{
    uint8_t op;      /* enum op_code                                         */
    const char *arg; /* the argument that needs it, "": the operation itself */
    uint32_t cap;    /* enum hv_cap                                          */
    const char
        *text; /* what is missing                                      */
};

/* Operations (1 << enum op_code) that need what these capabilities do not have:
 * op_needs() of all others is NULL. */
uint64_t ops_needing(uint32_t caps);
/* The first need of an operation that these capabilities do not meet, or
 * NULL. */
const struct op_need *op_needs(const struct op *op, uint32_t caps);

/* ---- bytes ---- */

/* What was wrong with a byte string; decoding goes on regardless. */
struct decode_note
{
    bool
        version; /* other format version: offset 0                           */
    bool header; /* a header byte out of range was reduced: header_offset    */
    size_t header_offset;
    size_t tail; /* bytes of a partial last record, dropped                  */
    size_t over; /* bytes beyond PROGRAM_OPS_MAX records, dropped            */
};

/* A program with no operations on the default host: 1 node of
 * HOST_PAGES_DEFAULT pages, RELEASE_DEFAULT. */
#define HOST_PAGES_DEFAULT 64
void program_init(struct program *p);

/* Every byte string is a program: too short a header is filled with zeros, bad
 * values are reduced to good ones, no bytes at all are the default host and no
 * operations. note may be NULL. */
void program_decode(struct program *p, const uint8_t *data, size_t size,
                    struct decode_note *note);
/* The kind of records that a header announces (of size 0: KIND_NARROW), and the
 * bytes of one. */
enum program_kind program_bytes_kind(const uint8_t *data, size_t size);
size_t program_record_bytes(enum program_kind kind);

/* Canonical bytes. Sets p->wide first if an argument has no narrow form.
 * out must hold PROGRAM_BYTES_MAX. Returns the size. */
size_t program_encode(struct program *p, uint8_t *out);

/* Can it be written as bytes? Not if its host has more pages than they can say. */
static inline bool program_has_bytes(const struct program *p)
{
    uint32_t pages = p->host.node_pages;

    return pages <= PROGRAM_SMALL_NODE || (pages <= PROGRAM_NODE_PAGES_MAX &&
                                           pages % PROGRAM_LARGE_UNIT == 0);
}

/* Does every argument have a narrow form? */
bool program_is_narrow(const struct program *p);

/* Same host, same kind of records, same operations and arguments. */
bool program_equal(const struct program *a, const struct program *b);

/* Resolve a page count: base of v plus offset, modulo 2^64, for a domain slot
 * of that view (slot < 0: no domain, its bases are 0); host is all pages. */
uint64_t pages_resolve(const struct value *v, const struct hv_view *view,
                       int slot, uint64_t host);

/* Who calls, of a CALLER argument; the slot of the calling domain. */
int caller_resolve(struct hv_caller *caller, int64_t v);

/* Slot of the domain that a memory_op names, or -1: none there can be. */
int domid_resolve(uint16_t domid, const struct hv_caller *caller);

/* mem_flags of a NODE argument. */
uint32_t node_resolve(const struct value *node);

/* max_mem takes kB. */
#define KB_PER_PAGE 4

#endif /* CLAIMCHECK_PROGRAM_H */
