/* SPDX-License-Identifier: MIT */
/* Between fields_names.c, fields_parse.c and fields_print.c. */
#ifndef CLAIMCHECK_FIELDS_NAMES_H
#define CLAIMCHECK_FIELDS_NAMES_H

#include "fields.h"

/* Values of the kinds of which single numbers have names, at most. */
#define NUMBERS 256
#define NR_SYSTEM_DOMIDS 7

struct base_text
{
    const char *name, *meaning;
};

struct domid_text
{
    const char *name;
    uint16_t domid;
};

extern const char *const mem_names[MEM_SEL_COUNT]; /* NULL: no word for it */
extern const struct base_text bases[BASE_COUNT];
extern const struct domid_text system_domids[NR_SYSTEM_DOMIDS];

/* Names by number, NUMBERS of them, NULL where there is none; or NULL. */
const char *const *number_names(enum arg_kind kind);

#endif /* CLAIMCHECK_FIELDS_NAMES_H */
