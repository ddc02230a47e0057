/* SPDX-License-Identifier: MIT */
/*
 * Planted faults by name, those of faults.def and those made from tables of
 * checks (checks.c): what is known of each, and how often the place of the one that is on was reached.
 *
 * Not here: what a fault does; that stands where FAULT_ON is asked.
 */
#include "checks.h"
#include "world.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct
{
    const char *id, *text;
    unsigned int releases;
    const char *signatures;
} faults[FAULT_COUNT] = {
    [FAULT_none] = { "none", "nothing is wrong", 0, "" },
#define FAULT(id, what, why, ...) { #id, what "; " why, __VA_ARGS__ },
#include "faults.def"
#undef FAULT
};

static bool of_table(unsigned int fault)
{
    assert(fault < FAULT_COUNT || fault >> FAULT_TABLE_SHIFT);
    return fault >= FAULT_COUNT;
}

unsigned int stub_fault_next(unsigned int fault)
{
    if ( of_table(fault) )
        return check_fault_next(fault);

    return fault + 1 < FAULT_COUNT ? fault + 1 : check_fault_next(FAULT_none);
}

const char *stub_fault_id(unsigned int fault)
{
    return of_table(fault) ? check_fault_id(fault) : faults[fault].id;
}

void stub_fault_text(unsigned int fault, char *text, size_t size)
{
    if ( of_table(fault) )
        check_fault_text(fault, text, size);
    else
        snprintf(text, size, "%s", faults[fault].text);
}

unsigned int stub_fault_releases(unsigned int fault)
{
    return of_table(fault) ? check_fault_releases(fault)
                           : faults[fault].releases;
}

const char *stub_fault_signatures(unsigned int fault)
{
    return of_table(fault) ? check_fault_signatures(fault)
                           : faults[fault].signatures;
}

const char *stub_fault_unseen(unsigned int fault)
{
    return of_table(fault) ? check_fault_unseen(fault) : NULL;
}

unsigned int stub_fault_find(const char *id)
{
    unsigned int fault = FAULT_none;

    do
        fault = stub_fault_next(fault);
    while ( fault != FAULT_none && strcmp(id, stub_fault_id(fault)) );

    return fault;
}

unsigned int stub_fault_hits(void *hv)
{
    const struct stub *s = hv;

    return world_fault_hits(s) - s->boot_hits;
}

bool fault_number(const char *id, uint32_t *fault, const char **why)
{
    *fault = FAULT_none;
    if ( !id || !strcmp(id, faults[FAULT_none].id) )
        return true;
    *fault = stub_fault_find(id);
    if ( *fault == FAULT_none )
    {
        *why = "no such planted fault; `claimcheck faults` lists them";
        return false;
    }
#ifdef CLAIMCHECK_NO_PLANTED_FAULTS
    *why = "built without planted faults (CLAIMCHECK_PLANTED_FAULTS)";
    return false;
#else
    return true;
#endif
}
