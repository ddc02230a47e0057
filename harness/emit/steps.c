/* SPDX-License-Identifier: MIT */
/* What a program in dom0 can do of a case; see steps.h. */
#include "steps.h"

#include <stdio.h>

void emit_because(char why[EMIT_WHY_MAX], const struct litmus *l,
                  uint32_t step, const char *reason)
{
    char text[TEXT_LINE_MAX + 1], line[24] = "";

    op_print(text, sizeof(text), &l->program.op[step]);
    if ( l->line[step] )
        snprintf(line, sizeof(line), " (line %u)", l->line[step]);
    snprintf(why, EMIT_WHY_MAX, "step %u%s: %s: %s", step + 1, line, text,
             reason);
}

bool emit_needs_nothing(const struct litmus *l, char why[EMIT_WHY_MAX])
{
    /* Destroying in steps is looked at later. */
    const struct hypervisor_ops dom0 = { .caps = HV_CAP_STEPWISE |
                                                 HV_CAP_SETS };
    const struct hypervisor plain = { .ops = &dom0 };
    const char *missing;

    for ( uint32_t i = 0; i < l->program.nr_ops; i++ )
    {
        const struct op_need *need = op_needs(&l->program.op[i], dom0.caps);

        if ( need )
        {
            emit_because(why, l, i, need->text);
            return false;
        }
    }
    missing = engine_missing(&plain, &l->program);
    if ( missing )
        snprintf(why, EMIT_WHY_MAX, "%s", missing);

    return !missing;
}

/* A step leaves its domain half destroyed: does the next one go on with it? */
static bool goes_on(const struct litmus *l, uint32_t step,
                    char why[EMIT_WHY_MAX])
{
    const struct op *op = &l->program.op[step], *next = op + 1;
    char reason[2 * TEXT_LINE_MAX], text[TEXT_LINE_MAX + 1];

    if ( next->code == OP_destroy && op_slot(next) == op_slot(op) )
        return true;
    op_print(text, sizeof(text), next);
    snprintf(reason, sizeof(reason),
             "for a toolstack XEN_DOMCTL_destroydomain does not stop "
             "half-way, and step %u follows: %s",
             step + 2, text);
    emit_because(why, l, step, reason);

    return false;
}

bool emit_steps(struct emit_steps *to, const struct litmus *l,
                const bool left[PROGRAM_OPS_MAX], char why[EMIT_WHY_MAX])
{
    const struct program *p = &l->program;

    to->program = *p;
    to->program.nr_ops = 0;
    for ( uint32_t i = 0; i < p->nr_ops; i++ )
    {
        struct op op = p->op[i];

        if ( left[i] && i + 1 < p->nr_ops )
        {
            if ( !goes_on(l, i, why) )
                return false;
            continue;
        }
        if ( op.code == OP_destroy )
            op.destroy.steps.v = 0;
        to->last[to->program.nr_ops] = (uint8_t)i;
        to->program.op[to->program.nr_ops++] = op;
    }

    return true;
}

const char *emit_harm(const struct hv_call *c)
{
    uint64_t op = c->cmd & MEMOP_CMD_MASK;
    bool dom0 = c->resv.domid == 0 || c->resv.domid == DOMID_SELF;

    if ( c->kind == HV_CALL_DOMCTL )
        return c->domctl.cmd == XEN_DOMCTL_setnodeaffinity && !c->domctl.domid
                   ? "it changes dom0's nodes"
                   : NULL;
    if ( c->kind != HV_CALL_MEMORY_OP )
        return NULL;
    switch ( op )
    {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return dom0 && c->resv.nr_extents
                   ? "it takes pages from dom0, or gives it some"
                   : NULL;
    case XENMEM_claim_pages:
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation: return NULL;
    /* One that exists may take another structure. */
    default:
        return op < HV_MEMORY_OPS_END
                   ? "a memory_op command that is not about reservations"
                   : NULL;
    }
}
