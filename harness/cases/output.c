/* SPDX-License-Identifier: MIT */
/* Writing test cases: stdout, one file, or a folder. */
#include "case.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diag.h"
#include "list.h"

#define TEXT_SUFFIX ".claim"

bool case_output_is_stdout(const struct case_output *o)
{
    return !o->out || !strcmp(o->out, "-");
}

bool case_output_to_folder(const struct case_output *o)
{
    struct stat st;

    return !case_output_is_stdout(o) && !stat(o->out, &st) &&
           S_ISDIR(st.st_mode);
}

/* OUT/NAME, where '/' in the name becomes '-'. To be freed. */
static char *path_in_folder(const struct case_output *o, const char *name)
{
    size_t len = strlen(name), suffix = strlen(TEXT_SUFFIX);
    size_t folder = strlen(o->out) + 1;
    char *path = malloc(folder + len + strlen(o->suffix) + 1);

    if ( !path )
        out_of_memory();
    if ( len > suffix && !strcmp(name + len - suffix, TEXT_SUFFIX) )
        len -= suffix;
    sprintf(path, "%s/%.*s%s", o->out, (int)len, name, o->suffix);
    for ( char *c = path + folder; *c; c++ )
        if ( *c == '/' )
            *c = '-';

    return path;
}

/* ---- names ---- */

struct place
{
    char *path;       /* of the output */
    const char *from; /* of the case */
};

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->path,
                  ((const struct place *)b)->path);
}

static bool all_differ(struct place *place, size_t nr)
{
    bool differ = true;

    qsort(place, nr, sizeof(*place), by_path);
    for ( size_t i = 1; i < nr; i++ )
        if ( !by_path(&place[i - 1], &place[i]) )
        {
            diag_path(place[i].path,
                      "both %s and %s would be written there, expected cases "
                      "whose names differ",
                      place[i - 1].from, place[i].from);
            differ = false;
        }

    return differ;
}

bool case_output_names(const struct case_output *o, const struct case_list *l)
{
    struct place *place;
    bool differ;

    if ( case_output_is_stdout(o) || l->nr < 2 )
        return true;
    if ( !case_output_to_folder(o) )
    {
        diag("%s: %s is one file, but there are several cases; expected a "
             "folder that exists",
             o->verb, o->out);
        return false;
    }
    place = calloc(l->nr, sizeof(*place));
    if ( !place )
        out_of_memory();
    for ( size_t i = 0; i < l->nr; i++ )
        place[i] = (struct place){ path_in_folder(o, l->entry[i].name),
                                   l->entry[i].path };
    differ = all_differ(place, l->nr);
    for ( size_t i = 0; i < l->nr; i++ )
        free(place[i].path);
    free(place);

    return differ;
}

/* ---- one case ---- */

FILE *case_output_begin(struct case_output *o)
{
    o->nr++;
    return file_text_begin(&o->text);
}

void case_output_drop(struct case_output *o)
{
    o->nr--;
    file_text_end(&o->text);
    free(o->text.text);
}

int case_output_end(struct case_output *o, const struct case_file *c)
{
    char *path;
    int rc;

    if ( case_output_is_stdout(o) )
    {
        file_text_end(&o->text);
        /* main() says if it cannot be written. */
        fwrite(o->text.text, 1, o->text.size, stdout);
        free(o->text.text);
        return EXIT_HELD;
    }
    if ( !case_output_to_folder(o) )
        return file_text_write(&o->text, o->out);
    path = path_in_folder(o, c->name);
    rc = file_text_write(&o->text, path);
    free(path);

    return rc;
}
