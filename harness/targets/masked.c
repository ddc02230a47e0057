/* SPDX-License-Identifier: MIT */
/* Signatures that do not end a target; see masked.h. */
#include "masked.h"

#include <inttypes.h>
#include <string.h>

#include "harness/engine/engine.h"

/* About the process, as what a target keeps (target.c). */
static struct
{
    char signature[MASKED_MAX][SIGNATURE_MAX];
    uint64_t count[MASKED_MAX];
    unsigned int nr;
} known;

static bool add(const char *signature, size_t length)
{
    if ( !length || length >= SIGNATURE_MAX || known.nr == MASKED_MAX )
        return false;
    memcpy(known.signature[known.nr], signature, length);
    known.signature[known.nr++][length] = '\0';

    return true;
}

bool masked_read(const char *list)
{
    known.nr = 0;
    while ( list )
    {
        const char *comma = strchr(list, ',');

        if ( !add(list, comma ? (size_t)(comma - list) : strlen(list)) )
            return false;
        list = comma ? comma + 1 : NULL;
    }

    return true;
}

bool masked(const char *signature)
{
    for ( unsigned int i = 0; i < known.nr; i++ )
        if ( !strcmp(known.signature[i], signature) )
        {
            known.count[i]++;
            return true;
        }

    return false;
}

void masked_json(FILE *f)
{
    for ( unsigned int i = 0; i < known.nr; i++ )
        fprintf(f, "%s\"%s\":%" PRIu64, i ? "," : "", known.signature[i],
                known.count[i]);
}
