/* SPDX-License-Identifier: MIT */
/* Which files a verb's arguments are; inside of harness/cases. */
#ifndef CLAIMCHECK_CASE_LIST_H
#define CLAIMCHECK_CASE_LIST_H

#include <stddef.h>

struct case_entry
{
    char *path;       /* "-": stdin */
    const char *name; /* as case_file has it */
};

struct case_list
{
    struct case_entry *entry;
    size_t nr;
    int rc; /* of what was wrong, which has been said */
};

/* All files of these paths, in the order in which they are read. Nothing in a
 * folder is passed over in silence but hidden files and README*. */
void case_list_make(struct case_list *l, char *const *paths, int nr);
void case_list_free(struct case_list *l);

#endif /* CLAIMCHECK_CASE_LIST_H */
