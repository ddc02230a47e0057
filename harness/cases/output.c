/* SPDX-License-Identifier: MIT */
/* Writing test cases: stdout, one file, or a folder. */
#include "case.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "diag.h"

#define TEXT_SUFFIX ".claim"

static bool to_stdout(const struct case_output *o)
{
    return !o->out || !strcmp(o->out, "-");
}

/* OUT/NAME, where '/' in the name becomes '-'. False: too long. */
static bool path_in_folder(char *path, size_t size,
                           const struct case_output *o, const char *name)
{
    size_t len = strlen(name), suffix = strlen(TEXT_SUFFIX);
    size_t folder = strlen(o->out) + 1;

    if ( len > suffix && !strcmp(name + len - suffix, TEXT_SUFFIX) )
        len -= suffix;
    if ( snprintf(path, size, "%s/%.*s%s", o->out, (int)len, name,
                  o->suffix) >= (int)size )
        return false;

    for ( char *c = path + folder; *c; c++ )
        if ( *c == '/' )
            *c = '-';
    return true;
}

FILE *case_output_open(struct case_output *o, const struct case_file *c)
{
    char in_folder[4096];
    const char *path = o->out;
    struct stat st;
    FILE *f;

    o->nr++;
    if ( to_stdout(o) )
        return stdout;

    if ( !stat(path, &st) && S_ISDIR(st.st_mode) )
    {
        if ( !path_in_folder(in_folder, sizeof(in_folder), o, c->name) )
        {
            diag_path(c->path, "name too long");
            return NULL;
        }
        path = in_folder;
    }
    else if ( o->nr > 1 )
    {
        diag("%s: %s is one file, but there are several cases; expected a "
             "folder that exists",
             o->verb, path);
        return NULL;
    }

    f = fopen(path, "wb");
    if ( !f )
        diag_path(path, "cannot write: %s", strerror(errno));
    return f;
}

int case_output_close(const struct case_output *o, FILE *f)
{
    bool failed = ferror(f);

    if ( f != stdout )
        failed |= fclose(f) != 0;
    if ( !failed )
        return EXIT_HELD;

    diag("%s: cannot write %s", o->verb, to_stdout(o) ? "stdout" : o->out);
    return EXIT_BAD_INPUT;
}
