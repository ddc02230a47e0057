/* SPDX-License-Identifier: MIT */
/* What an operation needs of a hypervisor; the table is needs.def. */
#include "program.h"

#include <assert.h>
#include <string.h>

#include "fields.h"

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
    field_default(&v, op_table[op->code].arg[i].kind);
    return value_equal(&v, &op->arg[i]);
}

const struct op_need *op_needs(const struct op *op, uint32_t caps)
{
    for ( size_t i = 0; i < sizeof(need_table) / sizeof(need_table[0]); i++ )
    {
        const struct op_need *n = &need_table[i];

        if ( n->op == op->code && !(n->cap & caps) &&
             (!*n->arg || !is_default(op, n->arg)) )
            return n;
    }

    return NULL;
}
