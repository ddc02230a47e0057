/* SPDX-License-Identifier: MIT */
/* Planted faults of the live host: faults.def. */
#include "internal.h"
#include "live.h"

#include <string.h>

#define LIVE_FAULT(name, wrong)                                               \
    static void name(struct hv_view *v)                                       \
    {                                                                         \
        wrong;                                                                \
    }
#include "faults.def"
#undef LIVE_FAULT

static const struct live_fault table[] = {
#define LIVE_FAULT(name, wrong) { #name, name },
#include "faults.def"
#undef LIVE_FAULT
};

const struct live_fault *live_fault_find(const char *name)
{
    unsigned int i;

    for ( i = 0; i < sizeof(table) / sizeof(table[0]); i++ )
        if ( !strcmp(table[i].name, name) )
            return &table[i];

    return NULL;
}

bool live_fault_is_known(const char *name)
{
    return live_fault_find(name) != NULL;
}
