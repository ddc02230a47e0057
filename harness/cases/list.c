/* SPDX-License-Identifier: MIT */
/* From a verb's arguments to files; see list.h. Not here: reading them. */
#include "list.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diag.h"

/* Folders within folders: deeper is taken for a loop. */
#define DEPTH_MAX 16

static void bad(struct case_list *l, const char *path, const char *what,
                int rc)
{
    diag_path(path, "%s", what);
    l->rc = exit_worse(l->rc, rc);
}

/* The room doubles. */
static void add(struct case_list *l, const char *path, size_t name)
{
    struct case_entry *e;

    if ( !(l->nr & (l->nr - 1)) )
    {
        size_t room = l->nr ? 2 * l->nr : 1;

        e = realloc(l->entry, room * sizeof(*e));
        if ( !e )
            out_of_memory();
        l->entry = e;
    }
    e = &l->entry[l->nr];
    e->path = strdup(path);
    if ( !e->path )
        out_of_memory();
    e->name = strcmp(path, "-") ? e->path + name : "stdin";
    l->nr++;
}

/* ---- folders ---- */

static int wanted(const struct dirent *d)
{
    return d->d_name[0] != '.' && strncmp(d->d_name, "README", 6);
}

/* By bytes: the same order in every locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_folder(struct case_list *l, const char *path, size_t skip,
                       unsigned int depth);

/* skip: characters of path that name the folder the user gave. */
static void add_below(struct case_list *l, const char *path, size_t skip,
                      unsigned int depth)
{
    struct stat st;

    if ( lstat(path, &st) )
        bad(l, path, strerror(errno), exit_of_errno(errno));
    else if ( S_ISDIR(st.st_mode) )
        add_folder(l, path, skip, depth + 1);
    /* A link to a file is one; a link to a folder may be a loop. */
    else if ( S_ISLNK(st.st_mode) && stat(path, &st) )
        bad(l, path, "a link to nothing, expected a test case",
            EXIT_BAD_INPUT);
    else if ( S_ISDIR(st.st_mode) )
        bad(l, path, "a link to a folder, expected the folder itself",
            EXIT_BAD_INPUT);
    else if ( !S_ISREG(st.st_mode) )
        bad(l, path, "no regular file, expected a test case", EXIT_BAD_INPUT);
    else
        add(l, path, skip);
}

static void add_folder(struct case_list *l, const char *path, size_t skip,
                       unsigned int depth)
{
    struct dirent **entry;
    int nr;

    if ( depth > DEPTH_MAX )
    {
        bad(l, path, "too many folders within folders", EXIT_BAD_INPUT);
        return;
    }
    nr = scandir(path, &entry, wanted, by_name);
    if ( nr < 0 )
    {
        bad(l, path, strerror(errno), exit_of_errno(errno));
        return;
    }
    for ( int i = 0; i < nr; i++ )
    {
        char below[PATH_MAX];
        int len = snprintf(below, sizeof(below), "%s/%s", path,
                           entry[i]->d_name);

        free(entry[i]);
        if ( len >= (int)sizeof(below) )
            bad(l, below, "name too long", EXIT_BAD_INPUT);
        else
            add_below(l, below, skip, depth);
    }
    free(entry);
}

/* ---- arguments ---- */

static void add_path(struct case_list *l, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t before = l->nr;
    int rc = l->rc;
    struct stat st;

    if ( !strcmp(path, "-") || stat(path, &st) || !S_ISDIR(st.st_mode) )
    {
        add(l, path, slash ? (size_t)(slash + 1 - path) : 0);
        return;
    }
    l->rc = EXIT_HELD;
    add_folder(l, path, strlen(path) + 1, 0);
    if ( l->nr == before && l->rc == EXIT_HELD )
        bad(l, path, "no test cases in this folder, expected some",
            EXIT_BAD_INPUT);
    l->rc = exit_worse(l->rc, rc);
}

void case_list_make(struct case_list *l, char *const *paths, int nr)
{
    memset(l, 0, sizeof(*l));
    for ( int i = 0; i < nr; i++ )
        add_path(l, paths[i]);
}

void case_list_free(struct case_list *l)
{
    for ( size_t i = 0; i < l->nr; i++ )
        free(l->entry[i].path);
    free(l->entry);
}
