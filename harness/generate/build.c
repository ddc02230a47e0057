/* SPDX-License-Identifier: MIT */
/* Operations under construction; see internal.h. */
#include "internal.h"

#include <string.h>

_Static_assert(OP_COUNT <= 64, "a bit for each operation");

/* The operation with every argument at its default, and 0 for those that it does
 * not have: nothing may depend on what was there before. Made once, because
 * asking each argument's kind is most of what beginning an operation costs. */
static const struct op *plain(enum op_code code)
{
    static struct op made[OP_COUNT];
    static uint64_t known;
    const struct op_info *info = &op_table[code];
    struct op *op = &made[code];

    if ( known >> code & 1 )
        return op;
    op->code = (uint8_t)code;
    for ( unsigned int i = 0; i < info->nr_args; i++ )
        kind_default(&op->arg[i], info->arg[i].kind);
    known |= UINT64_C(1) << code;

    return op;
}

struct op *op_begin(struct generator *g, enum op_code code, int dom)
{
    struct op *op = full(g) ? &g->spare : &g->op[g->nr];

    g->next = op;
    *op = *plain(code);
    op_set_slot(op, dom);

    return op;
}

struct value *op_pages(struct op *op)
{
    const struct op_info *info = &op_table[op->code];
    unsigned int i = 0;

    while ( i < info->nr_args && info->arg[i].kind != ARG_PAGES )
        i++;
    assert(i < info->nr_args);

    return &op->arg[i];
}

struct value *op_argument(struct op *op, const char *name)
{
    int i = op_arg_index((enum op_code)op->code, name, strlen(name));

    return i < 0 ? NULL : &op->arg[i];
}

void op_set(struct op *op, const char *name, uint8_t sel, int64_t v)
{
    struct value *arg = op_argument(op, name);

    assert(arg);
    *arg = (struct value){ .v = v, .sel = sel };
}

void op_done(struct generator *g)
{
    if ( full(g) || (g->caps != HV_CAPS_ALL &&
                     !offers_fit(g->next, g->caps, g->active[0])) )
        return;
    g->nr++;
    if ( g->blind || full(g) )
        return;
    if ( g->replay )
        replay_step(g->replay, g->next);
    else
        preview_follow(g->preview, g->next);
}
