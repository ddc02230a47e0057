/* SPDX-License-Identifier: MIT */
/* Operations under construction; see internal.h. */
#include "internal.h"

#include <string.h>

struct op *op_begin(struct generator *g, enum op_code code, int dom)
{
    const struct op_info *info = &op_table[code];
    struct op *op = full(g) ? &g->spare : &g->op[g->nr];

    g->next = op;
    op->code = (uint8_t)code;
    for ( unsigned int i = 0; i < info->nr_args; i++ )
        kind_default(&op->arg[i], info->arg[i].kind);
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
    /* Arguments that the operation does not have: nothing may depend on what
     * was there before. */
    memset(&g->next->arg[op_table[g->next->code].nr_args], 0,
           (OP_ARGS_MAX - op_table[g->next->code].nr_args) *
               sizeof(struct value));
    g->nr++;
    if ( g->blind || full(g) )
        return;
    if ( g->replay )
        replay_step(g->replay, g->next);
    else
        preview_follow(g->preview, g->next);
}
