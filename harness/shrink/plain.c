/* SPDX-License-Identifier: MIT */
/* From raw calls to plain operations; see plain.h. */
#include "plain.h"

#include <string.h>

#include "harness/program/kinds/kind.h"

/* The operand of that name, or NULL. */
static struct value *operand(struct op *op, const char *name)
{
    int i = op_arg_index((enum op_code)op->code, name, strlen(name));

    return i < 0 ? NULL : &op->arg[i];
}

/* Take over a value, if the plain operation has one and it can be that. */
static void take(struct op *plain, const char *name, const struct value *v)
{
    struct value *to = operand(plain, name);
    int i = op_arg_index((enum op_code)plain->code, name, strlen(name));

    if ( to && kind_valid(op_table[plain->code].arg[i].kind, v) )
        *to = *v;
}

/* The slot that a raw call's domid is for. */
static int slot_of(const struct value *domid, const struct value *caller)
{
    struct hv_caller by;

    caller_resolve(&by, caller->v);
    return domid_resolve((uint16_t)domid->v, &by);
}

static void start(struct op *plain, enum op_code code)
{
    memset(plain, 0, sizeof(*plain));
    plain->code = (uint8_t)code;
    for ( unsigned int i = 0; i < op_table[code].nr_args; i++ )
        kind_default(&plain->arg[i], op_table[code].arg[i].kind);
}

static bool plain_memory_op(struct op *plain, const struct op *raw)
{
    const struct xen_command *c = command_of(ARG_CMD,
                                             (uint64_t)raw->memory_op.cmd.v);
    int slot = slot_of(&raw->memory_op.domid, &raw->memory_op.caller);

    if ( !c || c->op == OP_memory_op || slot < 0 )
        return false;
    start(plain, (enum op_code)c->op);
    op_set_slot(plain, slot);
    take(plain, c->op == OP_claim ? "pages" : "nr", &raw->memory_op.nr);
    take(plain, "order", &raw->memory_op.order);
    take(plain, "flags", &raw->memory_op.flags);
    take(plain, "list", &raw->memory_op.list);

    return true;
}

static bool plain_domctl(struct op *plain, const struct op *raw)
{
    const struct xen_command *c = command_of(ARG_DOMCTL,
                                             (uint64_t)raw->domctl.cmd.v);
    int slot = slot_of(&raw->domctl.domid, &raw->domctl.caller);

    if ( !c || c->op == OP_domctl || slot < 0 )
        return false;
    start(plain, (enum op_code)c->op);
    op_set_slot(plain, slot);
    take(plain, "pages", &raw->domctl.value);
    take(plain, "mask", &(struct value){ .v = raw->domctl.value.v });

    return true;
}

bool op_plain(struct op *plain, const struct op *raw)
{
    const struct xen_command *c;

    switch ( raw->code )
    {
    case OP_memory_op: return plain_memory_op(plain, raw);
    case OP_domctl: return plain_domctl(plain, raw);
    case OP_sysctl:
        c = command_of(ARG_SYSCTL, (uint64_t)raw->sysctl.cmd.v);
        if ( !c || c->op == OP_sysctl )
            return false;
        start(plain, (enum op_code)c->op);
        take(plain, "caller", &raw->sysctl.caller);
        return true;
    default: return false;
    }
}
