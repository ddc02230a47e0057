/* SPDX-License-Identifier: MIT */
/*
 * Operations made to fit what a hypervisor offers, so that hardly any program
 * generated for it is skipped. needs.def says which operand needs which
 * capability; here is what is used instead where it is lacking.
 */
#include "internal.h"

#include <string.h>

/* Larger results do not fit the int in which a kernel returns them. */
#define START_PLAIN_MAX INT32_MAX

static bool moves_pages(uint64_t cmd)
{
    return cmd == XENMEM_populate_physmap ||
           cmd == XENMEM_increase_reservation ||
           cmd == XENMEM_decrease_reservation;
}

/* A command about reservations, or one that does not exist. */
static bool is_plain(uint64_t cmd)
{
    return moves_pages(cmd) || cmd == XENMEM_current_reservation ||
           cmd == XENMEM_maximum_reservation || cmd == XENMEM_claim_pages ||
           cmd >= HV_MEMORY_OPS_END;
}

/* Does a command have no operation, but a number that some release has given? */
static bool is_strange(enum arg_kind kind, uint64_t cmd, uint64_t end,
                       enum op_code other)
{
    const struct xen_command *c = command_of(kind, cmd);

    return cmd && cmd < end && (!c || c->op == (uint8_t)other);
}

/* Of a domctl or sysctl: a command that the rules describe, or one that does not
 * exist; and no new domain above those of programs. */
static void plain_control(struct op *op)
{
    struct value *domid = &op->domctl.domid;

    if ( op->code == OP_sysctl )
    {
        if ( is_strange(ARG_SYSCTL, (uint64_t)op->sysctl.cmd.v, HV_SYSCTLS_END,
                        OP_sysctl) )
            op->sysctl.cmd.v = XEN_SYSCTL_numainfo;
        return;
    }
    if ( is_strange(ARG_DOMCTL, (uint64_t)op->domctl.cmd.v, HV_DOMCTLS_END,
                    OP_domctl) )
        op->domctl.cmd.v = XEN_DOMCTL_getdomaininfo;
    if ( op->domctl.cmd.v == XEN_DOMCTL_createdomain &&
         domid->v >= HV_DOMS_MAX && domid->v < DOMID_FIRST_RESERVED )
        *domid = (struct value){ .v = domid->v % HV_DOMS_MAX, .sel = 1 };
}

/* Only pages that domains of the program had, and that are free, go out of use. */
static void plain_frames(struct op *op)
{
    struct value *of = op_argument(op, "of");

    if ( op->code == OP_offline ||
         (of && of->v != HOLDER_OFFLINE && of->v < HOLDER_DOM) )
        of->v = HOLDER_FREE;
    if ( op->code == OP_sysctl &&
         op->sysctl.cmd.v == XEN_SYSCTL_page_offline_op )
        op->sysctl.cmd.v = XEN_SYSCTL_numainfo;
}

static void plain_command(struct op *op)
{
    struct value *list = op_argument(op, "list");

    if ( list && list->sel == MEM_ADDRESS )
        *list = (struct value){ .sel = MEM_OK };
    if ( op->code == OP_domctl || op->code == OP_sysctl )
        plain_control(op);
    plain_frames(op);
    if ( op->code != OP_memory_op )
        return;
    if ( !is_plain((uint64_t)op->memory_op.cmd.v) )
        op->memory_op.cmd.v = XENMEM_claim_pages;
    if ( op->memory_op.start.v > START_PLAIN_MAX )
        op->memory_op.start.v = 0;
}

static void spare_dom0(struct op *op, int dom)
{
    struct value *domid, *of;

    switch ( op->code )
    {
    case OP_populate:
    case OP_increase:
    case OP_decrease:
    case OP_exchange:
    case OP_map:
        if ( !op_slot(op) )
            op_set_slot(op, dom);
        return;

    case OP_offline:
    case OP_online:
    case OP_offline_query:
        of = op_argument(op, "of");
        if ( of->v == HOLDER_DOM )
            of->v = HOLDER_DOM + dom;
        return;

    case OP_memory_exchange:
        domid = &op->memory_exchange.domid;
        if ( !domid->v || domid->v == DOMID_SELF )
            *domid = (struct value){ .v = dom, .sel = 1 };
        return;

    case OP_memory_op:
        domid = &op->memory_op.domid;
        if ( moves_pages((uint64_t)op->memory_op.cmd.v) &&
             (!domid->v || domid->v == DOMID_SELF) )
            *domid = (struct value){ .v = dom, .sel = 1 };
        return;

    default: return;
    }
}

bool offers_fit(struct op *op, uint32_t caps, int dom)
{
    const struct op_need *need;

    while ( (need = op_needs(op, caps)) )
    {
        int i = op_arg_index((enum op_code)op->code, need->arg,
                             strlen(need->arg));

        if ( i < 0 )
            return false;
        kind_default(&op->arg[i], op_table[op->code].arg[i].kind);
    }
    if ( op->code == OP_sysctl && !(caps & HV_CAP_OFFLINE) &&
         op->sysctl.cmd.v == XEN_SYSCTL_page_offline_op )
        op->sysctl.cmd.v = XEN_SYSCTL_numainfo;
    if ( !(caps & HV_CAP_COMMANDS) )
        plain_command(op);
    if ( !(caps & HV_CAP_DOM0_PAGES) )
        spare_dom0(op, dom);

    return true;
}
