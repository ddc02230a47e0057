/* SPDX-License-Identifier: MIT */
/* Numbers as a person would write them in C. */
#include "words.h"

#include <inttypes.h>

#include "harness/program/kinds/kind.h"
#include "harness/program/text.h"

void emit_result(FILE *f, long rc)
{
    char text[24];

    result_print(text, sizeof(text), rc);
    fprintf(f, "%s%s", rc < 0 && text[0] == 'E' ? "-" : "", text);
}

/* An address of the windows, relative to where the program has them. */
void emit_address(FILE *f, uint64_t addr)
{
    if ( addr >= GUEST_ARG_START && addr <= GUEST_ARG_END )
        fprintf(f, "ARG(%" PRIu64 ")", GUEST_ARG_END - addr);
    else if ( addr >= GUEST_LIST_START && addr <= GUEST_LIST_END )
        fprintf(f, "LIST(%" PRIu64 ")", GUEST_LIST_END - addr);
    else if ( addr == GUEST_UNMAPPED )
        fprintf(f, "UNMAPPED");
    else
        fprintf(f, "UINT64_C(0x%" PRIx64 ")", addr);
}

void emit_command(FILE *f, uint64_t cmd)
{
    const struct xen_command *c = command_of(ARG_CMD, cmd & MEMOP_CMD_MASK);

    if ( c )
        fprintf(f, "%s", c->constant);
    else
        fprintf(f, "%" PRIu64, cmd & MEMOP_CMD_MASK);
}

const char *emit_domctl_name(uint32_t cmd)
{
    const struct xen_command *c = command_of(ARG_DOMCTL, cmd);

    return c && c->op != OP_domctl ? c->constant : NULL;
}
