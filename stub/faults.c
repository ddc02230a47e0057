/* SPDX-License-Identifier: MIT */
/*
 * Planted faults by name: what stub/faults.def says of each, and how often the
 * place of the one that is on was reached.
 *
 * Not here: what a fault does; that stands where FAULT_ON is asked.
 */
#include "world.h"

#include <assert.h>
#include <string.h>

static const char *const fault_ids[FAULT_COUNT] = {
    [FAULT_none] = "none",
#define FAULT(id, ...) [FAULT_##id] = #id,
#include "faults.def"
#undef FAULT
};

static const char *const fault_texts[FAULT_COUNT] = {
    [FAULT_none] = "nothing is wrong",
#define FAULT(id, what, why, ...) [FAULT_##id] = what "; " why,
#include "faults.def"
#undef FAULT
};

static const struct
{
    unsigned int releases;
    const char *signatures;
} fault_catches[FAULT_COUNT] = {
    [FAULT_none] = { 0, "" },
#define FAULT(id, what, why, ...) [FAULT_##id] = { __VA_ARGS__ },
#include "faults.def"
#undef FAULT
};

unsigned int stub_fault_count(void)
{
    return FAULT_COUNT;
}

const char *stub_fault_id(unsigned int fault)
{
    assert(fault < FAULT_COUNT);
    return fault_ids[fault];
}

const char *stub_fault_text(unsigned int fault)
{
    assert(fault < FAULT_COUNT);
    return fault_texts[fault];
}

unsigned int stub_fault_releases(unsigned int fault)
{
    assert(fault < FAULT_COUNT);
    return fault_catches[fault].releases;
}

const char *stub_fault_signatures(unsigned int fault)
{
    assert(fault < FAULT_COUNT);
    return fault_catches[fault].signatures;
}

unsigned int stub_fault_hits(void *hv)
{
    const struct stub *s = hv;

    return world_fault_hits(s) - s->boot_hits;
}

bool fault_number(const char *id, uint32_t *fault, const char **why)
{
    *fault = FAULT_none;
    if ( !id )
        return true;
    while ( *fault < FAULT_COUNT && strcmp(id, fault_ids[*fault]) )
        ++*fault;
    if ( *fault == FAULT_COUNT )
    {
        *why = "no such planted fault; stub/faults.def lists them";
        return false;
    }
#ifdef CLAIMCHECK_NO_PLANTED_FAULTS
    if ( *fault != FAULT_none )
    {
        *why = "built without planted faults (CLAIMCHECK_PLANTED_FAULTS)";
        return false;
    }
#endif
    return true;
}
