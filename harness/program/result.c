/* SPDX-License-Identifier: MIT */
/*
 * Results as text. The names are Xen's own: its public header is a list that
 * expands to whatever the includer says, so there is no copy of it here.
 */
#include "fields.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

static const struct
{
    const char *name;
    int number;
} errnos[] = {
#define XEN_ERRNO(name, value) { #name, value },
#include <xen/errno.h>
    { "ERESTART", -HV_CONTINUE },
};

#define NR_ERRNOS (sizeof(errnos) / sizeof(errnos[0]))

void result_print(char *out, size_t size, long rc)
{
    for ( unsigned int i = 0; i < NR_ERRNOS; i++ )
        if ( rc == -errnos[i].number )
        {
            snprintf(out, size, "%s", errnos[i].name);
            return;
        }

    snprintf(out, size, "%ld", rc);
}

bool result_parse(long *rc, const char *s, size_t len)
{
    bool minus = len && s[0] == '-';
    uint64_t n;

    for ( unsigned int i = 0; i < NR_ERRNOS; i++ )
        if ( strlen(errnos[i].name) == len && !memcmp(errnos[i].name, s, len) )
        {
            *rc = -errnos[i].number;
            return true;
        }

    if ( !number_parse(&n, s + minus, len - minus,
                       (uint64_t)INT64_MAX + minus) )
        return false;

    *rc = (long)(minus ? -n : n);
    return true;
}
