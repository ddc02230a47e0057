/* SPDX-License-Identifier: MIT */
/* XEN_SYSCTL_physinfo and XEN_SYSCTL_numainfo: rules 3.11. */
#include "internal.h"

void sysctl_predict(const struct hv_call *call, struct prediction *p)
{
    if ( decides(p, RULE_CALLER_USER, call->caller.flags & HV_CALLER_USER) )
        answer(p, -EPERM);
    else if ( decides(p, RULE_SYSCTL_FAULT,
                      call->arg_bytes < sizeof(struct xen_sysctl)) )
        answer(p, -EFAULT);
    else if ( decides(p, RULE_SYSCTL_VERSION, call->sysctl_skew) )
        answer(p, -EACCES);
    else if ( decides(p, RULE_SYSCTL_XSM,
                      !(call->caller.flags & HV_CALLER_CONTROL)) )
        answer(p, -EPERM);
    else if ( decides(p, RULE_SYSCTL_COMMAND, call->kind == HV_CALL_SYSCTL) )
        answer(p, -ENOSYS);
    else if ( !p->conditions )
    {
        decides(p,
                call->kind == HV_CALL_PHYSINFO ? RULE_PHYSINFO_OK
                                               : RULE_NUMAINFO_OK,
                true);
        answer(p, 0);
    }
}
