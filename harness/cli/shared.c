/* SPDX-License-Identifier: MIT */
/* What verbs share; see verbs.h. */
#include "verbs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/program/text.h"

int option_next(int argc, char **argv, const char *letters,
                const struct option *names)
{
    int c;

    opterr = 0;
    c = getopt_long(argc, argv, letters, names, NULL);
    if ( c != '?' && c != ':' )
        return c;

    if ( c == ':' )
        diag("%s: %s needs a value; claimcheck %s --help", argv[0],
             argv[optind - 1], argv[0]);
    else if ( optopt && optopt < 256 && !strchr(letters, optopt) )
        diag("%s: unknown option -%c; claimcheck %s --help", argv[0], optopt,
             argv[0]);
    else
        diag("%s: unknown option %s; claimcheck %s --help", argv[0],
             argv[optind - 1], argv[0]);

    return OPTION_BAD;
}

bool option_number(char **argv, const char *name, uint64_t min, uint64_t max,
                   uint64_t *n)
{
    if ( number_parse(n, optarg, strlen(optarg), max) && *n >= min )
        return true;

    diag("%s: invalid %s '%s': expected %llu .. %llu", argv[0], name, optarg,
         (unsigned long long)min, (unsigned long long)max);
    return false;
}

/* From the folder of this program: build/PRESET of a source tree, and bin of
 * what cmake --install makes (cmake/Install.cmake). */
static const char *const corpus_places[] = {
    "../../corpus",
    "../share/claimcheck/corpus",
};
#define CORPUS_PLACES (sizeof(corpus_places) / sizeof(corpus_places[0]))

static bool is_folder(const char *path)
{
    struct stat st;

    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* What base/up/../name is without the "..": as people write it. */
static void join(char *out, size_t size, const char *base, const char *name)
{
    int len = (int)strlen(base);

    for ( ; !strncmp(name, "../", 3); name += 3 )
        while ( len && base[--len] != '/' )
            ;
    snprintf(out, size, "%.*s/%s", len, base, name);
}

char *corpus_usual(const char *verb)
{
    static char path[CORPUS_PLACES][PATH_MAX], here[] = "corpus";
    char program[PATH_MAX];
    ssize_t len;

    if ( is_folder(here) )
        return here;
    len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[len > 0 ? len : 0] = '\0';
    *(strrchr(program, '/') ? strrchr(program, '/') : program) = '\0';
    for ( size_t i = 0; i < CORPUS_PLACES; i++ )
    {
        join(path[i], sizeof(path[i]), program, corpus_places[i]);
        if ( is_folder(path[i]) )
            return path[i];
    }
    diag("%s: no corpus here: looked for corpus, %s and %s; name its files or "
         "folders",
         verb, path[0], path[1]);

    return NULL;
}

bool options_only(int argc, char **argv)
{
    if ( optind >= argc )
        return true;

    diag("%s: unexpected argument '%s'; claimcheck %s --help", argv[0],
         argv[optind], argv[0]);
    return false;
}

bool files_given(int argc, char **argv)
{
    if ( optind < argc )
        return true;

    diag("%s: no FILE, expected one or more; claimcheck %s --help", argv[0],
         argv[0]);
    return false;
}

int verb_cases(int argc, char **argv, struct setup *s, case_fn *fn, void *ctx,
               const struct case_output *out)
{
    const struct engine_options o = { 0 };
    int rc = setup_open_for(s, &o, argv + optind, argc - optind);

    if ( rc )
        return rc;
    rc = cases_convert(argv + optind, argc - optind, s->hints.any_bytes, fn,
                       ctx, out);
    setup_close(s);

    return rc;
}

int verb_report(struct setup *s, const struct run_spec *spec,
                const struct run_result *r)
{
    bool same;

    fflush(stdout);
    same = report_violation(stderr, s->engine, spec, r, &s->hints);
    fflush(stderr);

    return same ? EXIT_VIOLATION : EXIT_INTERNAL;
}
