/* SPDX-License-Identifier: MIT */
/*
 * CMD, DOMCTL, SYSCTL: command numbers, of which some have names. SETCMD: those
 * of claim sets, by name only.
 */
#include "internal.h"

#include "claims.h"

/* clang-format off */
#define COMMAND(constant, text, operation) \
    [constant] = { #text, #constant, OP_##operation },

static const struct xen_command memory_ops[MEMOP_CMD_MASK + 1] = {
#define CMD COMMAND
#include "commands.def"
};

static const struct xen_command domctls[UINT8_MAX + 1] = {
#define DOMCTL COMMAND
#include "commands.def"
};

static const struct xen_command sysctls[UINT8_MAX + 1] = {
#define SYSCTL COMMAND
#include "commands.def"
};
/* clang-format on */

static const struct xen_command set_commands[] = {
    { "claim_memory", "XEN_DOMCTL_claim_memory", OP_claim_set },
    { "get_memory_claims", "XEN_DOMCTL_get_memory_claims", OP_claim_get },
};

const struct xen_command *command_of(enum arg_kind kind, uint64_t number)
{
    const struct kind *k = kind_table[kind];

    assert(k->commands);
    return number <= k->max && k->commands[number].name ? &k->commands[number]
                                                        : NULL;
}

static bool parse_name(struct value *v, const struct kind *k, const char *s,
                       size_t len)
{
    for ( unsigned int i = 0; i <= k->max; i++ )
        if ( text_is(k->commands[i].name, s, len) )
        {
            v->v = i;
            return true;
        }

    return false;
}

static bool parse(struct value *v, const struct kind *k, const char *s,
                  size_t len)
{
    return parse_name(v, k, s, len) || number_value(v, k, s, len);
}

static int print(char *out, const struct kind *k, const struct value *v)
{
    const char *name = k->commands[v->v].name;

    return name ? text_out(out, name) : number_print(out, (uint64_t)v->v);
}

static const char *word_of(const struct xen_command *commands, unsigned int nr,
                           unsigned int i)
{
    return i >= nr ? NULL : commands[i].name ? commands[i].name : "";
}

static const char *memory_ops_word(unsigned int i)
{
    return word_of(memory_ops, NR_OF(memory_ops), i);
}

static const char *domctls_word(unsigned int i)
{
    return word_of(domctls, NR_OF(domctls), i);
}

static const char *sysctls_word(unsigned int i)
{
    return word_of(sysctls, NR_OF(sysctls), i);
}

static const char *set_commands_word(unsigned int i)
{
    return word_of(set_commands, NR_OF(set_commands), i);
}

/* Those about reservations, and one that there is not, which is the last. */
static const struct value edges[] = {
    V(XENMEM_claim_pages),
    V(XENMEM_populate_physmap),
    V(XENMEM_increase_reservation),
    V(XENMEM_decrease_reservation),
    V(XENMEM_current_reservation),
    V(XENMEM_maximum_reservation),
    V(MEMOP_CMD_MASK),
};

const struct kind kind_CMD = {
    .name = NAME_WIDTHS(CMD),
    .form = "0 .. 63, or a name: claim, populate, increase, ...",
    .max = MEMOP_CMD_MASK,
    .parse = parse,
    .print = print,
    .edges = edges,
    .nr_edges = NR_OF(edges),
    .commands = memory_ops,
    .word = memory_ops_word,
};

/* Nothing, the commands in use, two that are not, and those in use again. */
NARROW(narrow_domctls) = {
    V4(0, XEN_DOMCTL_getdomaininfo, XEN_DOMCTL_createdomain,
       XEN_DOMCTL_destroydomain),
    V4(XEN_DOMCTL_unpausedomain, XEN_DOMCTL_max_mem,
       XEN_DOMCTL_setnodeaffinity, XEN_DOMCTL_pausedomain),
    V4(UINT8_MAX, XEN_DOMCTL_getdomaininfo, XEN_DOMCTL_createdomain,
       XEN_DOMCTL_destroydomain),
    V4(XEN_DOMCTL_unpausedomain, XEN_DOMCTL_max_mem,
       XEN_DOMCTL_setnodeaffinity, XEN_DOMCTL_destroydomain),
};

const struct kind kind_DOMCTL = {
    .name = NAME_WIDTHS(DOMCTL),
    .form = "0 .. 255, or a name: getdomaininfo, createdomain, ...",
    .max = UINT8_MAX,
    .narrow = narrow_domctls,
    .parse = parse,
    .print = print,
    .commands = domctls,
    .word = domctls_word,
};

NARROW(narrow_sysctls) = {
    V4(0, XEN_SYSCTL_physinfo, XEN_SYSCTL_numainfo, XEN_SYSCTL_readconsole),
    V4(UINT8_MAX, XEN_SYSCTL_physinfo, XEN_SYSCTL_numainfo,
       XEN_SYSCTL_page_offline_op),
    V4(XEN_SYSCTL_physinfo, XEN_SYSCTL_numainfo, XEN_SYSCTL_page_offline_op,
       XEN_SYSCTL_page_offline_op),
    V4(XEN_SYSCTL_physinfo, XEN_SYSCTL_numainfo, XEN_SYSCTL_page_offline_op,
       0),
};

const struct kind kind_SYSCTL = {
    .name = NAME_WIDTHS(SYSCTL),
    .form = "0 .. 255, or a name: physinfo, numainfo, page_offline, ...",
    .max = UINT8_MAX,
    .narrow = narrow_sysctls,
    .parse = parse,
    .print = print,
    .commands = sysctls,
    .word = sysctls_word,
};

const struct kind kind_SETCMD = {
    .name = NAME_WIDTHS(SETCMD),
    .form = "claim_memory (draft-v8: set_memory_claims) or get_memory_claims",
    .max = NR_OF(set_commands) - 1,
    .parse = parse_name,
    .print = print,
    .commands = set_commands,
    .word = set_commands_word,
};

uint32_t set_command(const struct value *v)
{
    return v->v ? XEN_DOMCTL_get_memory_claims : XEN_DOMCTL_claim_memory;
}
