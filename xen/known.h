/* SPDX-License-Identifier: MIT */
/* xen/known.list as it is in the tree that is compiled: lines in place of
 * functions. The table is made by the build. */
#ifndef CLAIMCHECK_XEN_KNOWN_H
#define CLAIMCHECK_XEN_KNOWN_H

#include <stdint.h>

struct known
{
    const char *file; /* NULL: the end */
    uint32_t first, last;
    const char *kind;
};

extern const struct known xen_known[];

#endif /* CLAIMCHECK_XEN_KNOWN_H */
