/* SPDX-License-Identifier: MIT */
/*
 * The operation table, expanded from ops.def, and what follows from it: names,
 * comparison of programs, what operations need of a hypervisor (needs.def).
 */
#include "harness/program/kinds/kind.h"

#include <assert.h>
#include <string.h>

const struct op_info op_table[OP_COUNT] = {
#define ARG(arg, kind) { #arg, ARG_##kind },
#define OP(op, text, args)                                                    \
    [OP_##op] = { .name = #op,                                                \
                  .help = (text),                                             \
                  .arg = { args },                                            \
                  .nr_args = sizeof((const struct arg_info[]){ args }) /      \
                             sizeof(struct arg_info) },
#include "ops.def"
#undef OP
#undef ARG
};

/* Every operation fits both records: the opcode's byte and its arguments. */
#define ARG(arg, kind) +NIBBLES_##kind
#define OP(op, text, args)                                                    \
    _Static_assert(2 args <= 2 * NARROW_BYTES, #op ": narrow record full");
#include "ops.def"
#undef OP
#undef ARG

#define ARG(arg, kind) +BYTES_##kind
#define OP(op, text, args)                                                    \
    _Static_assert(1 args <= WIDE_BYTES, #op ": wide record full");
#include "ops.def"
#undef OP
#undef ARG

/* Named operands lie where the table counts them. */
#define ARG(arg, kind) +1
#define OP(op_name, text, args)                                               \
    _Static_assert(sizeof(((struct op *)0)->op_name) ==                       \
                       (0 args) * sizeof(struct value),                       \
                   #op_name ": operands are not an array of values");
#include "ops.def"
#undef OP
#undef ARG

_Static_assert(OP_COUNT <= 256, "an opcode is one byte");

int op_from_name(const char *name, size_t len)
{
    for ( int i = 0; i < OP_COUNT; i++ )
        if ( strlen(op_table[i].name) == len &&
             !memcmp(op_table[i].name, name, len) )
            return i;

    return -1;
}

int op_arg_index(enum op_code code, const char *name, size_t len)
{
    const struct op_info *info = &op_table[code];

    for ( int i = 0; len && i < info->nr_args; i++ )
        if ( info->arg[i].name[0] == name[0] &&
             strlen(info->arg[i].name) == len &&
             !memcmp(info->arg[i].name, name, len) )
            return i;

    return -1;
}

/* ---- operations of drafts: the last ones ---- */

#define RELEASED_OPS OP_claim_set
_Static_assert(OP_COUNT == RELEASED_OPS + 3, "three are of the drafts");

uint32_t op_releases(enum op_code code)
{
    return code < RELEASED_OPS ? RELEASE_MASK_EVERY : RELEASE_MASK_DRAFTS;
}

unsigned int op_count(enum release release)
{
    return RELEASE_BIT(release) & RELEASE_MASK_DRAFTS ? OP_COUNT
                                                      : RELEASED_OPS;
}

uint32_t program_releases(const struct program *p)
{
    uint32_t releases = RELEASE_MASK_EVERY;

    for ( unsigned int i = 0; i < p->nr_ops; i++ )
        releases &= op_releases((enum op_code)p->op[i].code);

    return releases;
}

void program_settle(struct program *p)
{
    unsigned int known = op_count((enum release)p->host.release), kept = 0;

    for ( unsigned int i = 0; i < p->nr_ops; i++ )
        if ( p->op[i].code < known )
            p->op[kept++] = p->op[i];
    p->nr_ops = (uint8_t)kept;
}

void program_init(struct program *p)
{
    p->host = (struct host_shape){ .release = RELEASE_DEFAULT,
                                   .nodes = 1,
                                   .node_pages = HOST_PAGES_DEFAULT };
    p->wide = false;
    p->nr_ops = 0;
}

bool program_equal(const struct program *a, const struct program *b)
{
    if ( a->host.release != b->host.release ||
         a->host.nodes != b->host.nodes ||
         a->host.node_pages != b->host.node_pages ||
         a->host.llc != b->host.llc || a->wide != b->wide ||
         a->nr_ops != b->nr_ops )
        return false;

    for ( unsigned int i = 0; i < a->nr_ops; i++ )
    {
        if ( a->op[i].code != b->op[i].code )
            return false;
        for ( int j = 0; j < op_table[a->op[i].code].nr_args; j++ )
            if ( !value_equal(&a->op[i].arg[j], &b->op[i].arg[j]) )
                return false;
    }

    return true;
}

/* ---- needs ---- */

static const struct op_need need_table[] = {
#define NEED(op, arg, cap, text) { OP_##op, arg, HV_CAP_##cap, text },
#include "needs.def"
#undef NEED
};

static bool is_default(const struct op *op, const char *name)
{
    int i = op_arg_index((enum op_code)op->code, name, strlen(name));
    struct value v;

    assert(i >= 0);
    kind_default(&v, op_table[op->code].arg[i].kind);
    return value_equal(&v, &op->arg[i]);
}

static bool is_readonly(const struct op *op, const char *name)
{
    return op->arg[op_arg_index((enum op_code)op->code, name, strlen(name))]
               .sel == MEM_READONLY;
}

/* Does an operation do what is needed for? */
static bool is_needed(const struct op *op, const struct op_need *n)
{
    if ( !*n->arg )
        return true;

    return n->cap == HV_CAP_READONLY ? is_readonly(op, n->arg)
                                     : !is_default(op, n->arg);
}

uint64_t ops_needing(uint32_t caps)
{
    uint64_t ops = 0;

    for ( size_t i = 0; i < sizeof(need_table) / sizeof(need_table[0]); i++ )
        if ( !(need_table[i].cap & caps) )
            ops |= UINT64_C(1) << need_table[i].op;

    return ops;
}

const struct op_need *op_needs(const struct op *op, uint32_t caps)
{
    for ( size_t i = 0; i < sizeof(need_table) / sizeof(need_table[0]); i++ )
    {
        const struct op_need *n = &need_table[i];

        if ( n->op == op->code && !(n->cap & caps) && is_needed(op, n) )
            return n;
    }

    return NULL;
}
