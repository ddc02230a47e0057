/* SPDX-License-Identifier: MIT */
/* Names of Xen releases, expanded from releases.def. */
#include "release.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[RELEASE_COUNT] = {
#define RELEASE(id, name) [RELEASE_##id] = name,
#include "releases.def"
#undef RELEASE
};

const char *release_name(enum release r)
{
    assert((unsigned int)r < RELEASE_COUNT);
    return names[r];
}

int release_from_name(const char *name)
{
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        if ( !strcmp(names[r], name) )
            return (int)r;

    return -1;
}

int release_of_version(int major, int minor, const char *extra)
{
    int point = extra[0] == '.' ? atoi(extra + 1) : 0, found = -1;

    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
    {
        int ma = 0, mi = 0, po = 0;

        sscanf(names[r], "%d.%d.%d", &ma, &mi, &po);
        if ( ma == major && mi == minor && po <= point )
            found = (int)r;
    }

    return found;
}
