/* SPDX-License-Identifier: MIT */
/* claimcheck promote: from a failing file to a test of the corpus. */
#include "verbs.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "harness/program/quote.h"
#include "harness/promote/promote.h"
#include "harness/session/spec.h"

#define FOLDER "corpus/regress"
#define PATH_CHARS 4096

struct promoter
{
    struct setup setup;
    const char *folder, *date, *found_by, *commit;
    struct promotion p;
    char duplicate[PATH_CHARS]; /* "" if there is none */
};

/* ---- what is there already ---- */

static int compare(void *ctx, struct case_file *c)
{
    struct promoter *x = ctx;

    if ( !*x->duplicate &&
         promote_is_same(&x->p, &c->litmus, (const char *)c->data, c->size) )
        snprintf(x->duplicate, sizeof(x->duplicate), "%s", c->path);

    return EXIT_HELD;
}

/* An exit code: what else may be wrong with the folder is no reason not to add
 * to it. An empty one is a good place for the first test. */
static int find_duplicate(struct promoter *x)
{
    char *folder[] = { (char *)(uintptr_t)x->folder };
    DIR *dir = opendir(x->folder);
    const struct dirent *d;

    *x->duplicate = 0;
    if ( !dir )
    {
        int error = errno;

        diag_path(x->folder, "%s", strerror(error));
        return exit_of_errno(error);
    }
    while ( (d = readdir(dir)) && d->d_name[0] == '.' )
        continue;
    closedir(dir);
    if ( d && cases_each(folder, 1, false, compare, x) == EXIT_INTERNAL )
        return EXIT_INTERNAL;

    return EXIT_HELD;
}

/* A name that is free: NAME, or NAME-2 .. NAME-9. False: there is none. */
static bool free_path(struct promoter *x, char *path, char *name)
{
    struct stat st;

    for ( unsigned int n = 1; n < 10; n++ )
    {
        char suffix[4] = "";

        if ( n > 1 )
            snprintf(suffix, sizeof(suffix), "-%u", n);
        snprintf(name, PROMOTE_NAME_MAX + 4, "%s%s", x->p.name, suffix);
        if ( snprintf(path, PATH_CHARS, "%s/%s.claim", x->folder, name) >=
             PATH_CHARS )
            return false;
        if ( stat(path, &st) )
            return true;
    }

    return false;
}

/* ---- the test ---- */

/* The commit that is checked out here: what failed, if no fault was planted.
 * "" outside of git. */
static void commit_here(char *commit, size_t size)
{
    FILE *git = popen("git rev-parse --short=12 HEAD 2>/dev/null", "r");

    commit[0] = 0;
    if ( git && !fgets(commit, (int)size, git) )
        commit[0] = 0;
    if ( git )
        pclose(git);
    commit[strcspn(commit, "\n")] = 0;
}

static void about(const struct promoter *x, const struct case_file *c,
                  const struct run_spec *spec, char *text, size_t size)
{
    const char *build = x->setup.h.ops->build;
    char today[16] = "", commit[64] = "";
    time_t now = time(NULL);

    if ( !x->date )
        strftime(today, sizeof(today), "%Y-%m-%d", gmtime(&now));
    if ( !x->setup.fault && !x->commit )
        commit_here(commit, sizeof(commit));
    else if ( x->commit )
        snprintf(commit, sizeof(commit), "%s", x->commit);
    snprintf(text, size, "Found by %s on %s%s%s%s, %s, %s%s%s%s%s%s.",
             x->found_by ? x->found_by : c->name, x->setup.h.ops->name,
             build ? " (" : "", build ? build : "", build ? ")" : "",
             release_name(spec->release), x->date ? x->date : today,
             x->setup.fault ? ", with fault " : "",
             x->setup.fault ? x->setup.fault : "",
             x->setup.strict ? ", with --strict" : "",
             *commit ? ", at commit " : "", commit);
    /* One line, whatever the file is called. */
    for ( char *s = text; *s; s++ )
        if ( *s < ' ' || *s > '~' )
            *s = '?';
}

static int write_test(struct promoter *x, const struct case_file *c,
                      const struct run_spec *spec)
{
    char path[PATH_CHARS], name[PROMOTE_NAME_MAX + 4], line[512];
    struct case_output out = { .verb = "promote", .out = path };
    int rc;

    if ( !free_path(x, path, name) )
    {
        diag_path(c->path, "%s/%s.claim to -9 are taken", x->folder,
                  x->p.name);
        return EXIT_BAD_INPUT;
    }
    about(x, c, spec, line, sizeof(line));
    promote_print(case_output_begin(&out), &x->p, line);
    rc = case_output_end(&out, c);
    if ( rc )
        return rc;
    quote_text(stdout, path);
    printf(": %s: %u operations after %u trials%s\n", x->p.r.signature,
           x->p.l.program.nr_ops, x->p.stats.trials,
           x->p.has_results ? ""
                            : "; without results: the rules leave them open");
    x->setup.hints.path = path;
    x->setup.hints.any_bytes = false;
    report_command(stdout, &x->setup.hints, "fails:", "replay", true, NULL);
    printf("commit:  git add ");
    quote_shell_path(stdout, path);
    printf(" && git commit -m 'corpus: %s: %s'\n", name, x->p.r.signature);

    return EXIT_HELD;
}

static int one(void *ctx, struct case_file *c)
{
    struct promoter *x = ctx;
    struct run_spec spec;
    struct run_result r;
    const char *why;
    int rc;

    if ( !setup_newest_failure(&x->setup, c, &spec, &r) )
    {
        diag_path(c->path, "cannot run on %s: %s", x->setup.on, r.detail);
        return EXIT_CANNOT_RUN;
    }
    if ( r.outcome != RUN_VIOLATION )
    {
        diag_path(c->path, "nothing to promote: the case passes");
        return EXIT_BAD_INPUT;
    }
    x->p.l = c->litmus;
    errno = 0;
    why = promote(x->setup.engine, &spec, &r, &x->p);
    if ( why && errno == ENOMEM )
        out_of_memory();
    if ( why )
    {
        diag_path(c->path, "%s: %s", why, r.detail);
        return EXIT_BAD_INPUT;
    }
    rc = find_duplicate(x);
    if ( rc )
        return rc;
    if ( *x->duplicate )
    {
        diag_path(c->path, "%s is the same test already: %s", x->duplicate,
                  x->p.r.signature);
        return EXIT_BAD_INPUT;
    }

    return write_test(x, c, &spec);
}

static bool option(struct promoter *x, int c)
{
    switch ( c )
    {
    case 'o': x->folder = optarg; return true;
    case 'd': x->date = optarg; return true;
    case 'c': x->commit = optarg; return true;
    case 'b': x->found_by = optarg; return true;
    case 'r': x->setup.hints.any_bytes = true; return true;
    default: return setup_option(&x->setup, c) > 0;
    }
}

static bool is_folder(const char *path)
{
    struct stat st;

    if ( !stat(path, &st) && S_ISDIR(st.st_mode) )
        return true;
    diag(
        "promote: %s: expected a folder that exists (-o DIR), or to be called "
        "where claimcheck's source is",
        path);
    return false;
}

int verb_promote(int argc, char **argv)
{
    static const struct option names[] = {
        SETUP_OPTIONS,
        { "output", required_argument, NULL, 'o' },
        { "date", required_argument, NULL, 'd' },
        { "commit", required_argument, NULL, 'c' },
        { "found-by", required_argument, NULL, 'b' },
        { "raw", no_argument, NULL, 'r' },
        { 0 }
    };
    static struct promoter x = { .setup = { .release = RELEASE_OF_CASE },
                                 .folder = FOLDER };
    int c;

    while ( (c = option_next(argc, argv, ":o:", names)) != -1 )
        if ( c == OPTION_BAD || !option(&x, c) )
            return EXIT_BAD_INPUT;
    if ( !files_given(argc, argv) )
        return EXIT_BAD_INPUT;
    if ( !is_folder(x.folder) )
        return EXIT_BAD_INPUT;

    return verb_cases(argc, argv, &x.setup, one, &x, NULL);
}
