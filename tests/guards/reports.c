/* SPDX-License-Identifier: MIT */
/*
 * A report and a shrunk case are of the run that failed. For each planted fault
 * and each litmus test that fails under it, on one of its releases, for each
 * fault another: the report marks one step, and names the rule if a call was
 * under way; once for each signature of a fault, the shrunk case, as it is
 * written, fails with the signature, and holds without the fault. The same where
 * a written result is wrong. A host that fails once only is called an error of
 * the harness.
 *
 *   reports EVERY FOLDER...     every so-many-th fault only
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cases/case.h"
#include "harness/cases/diag.h"
#include "harness/report/report.h"
#include "harness/shrink/shrink.h"
#include "stub/stub.h"

#define TESTS_MAX 1000
/* Signatures of one fault among the tests. */
#define SIGNATURES_MAX 64

static struct
{
    struct litmus *test[TESTS_MAX];
    char *path[TESTS_MAX];
    unsigned int nr;
    const char *fault;
    struct engine faulty, clean;
    char shrunk[SIGNATURES_MAX][SIGNATURE_MAX];
    unsigned int nr_shrunk;
    unsigned int reports, shrinks, expectations_kept, bad;
} all;

static int load(void *ctx, struct case_file *c)
{
    (void)ctx;
    assert(all.nr < TESTS_MAX);
    all.test[all.nr] = malloc(sizeof(c->litmus));
    assert(all.test[all.nr]);
    *all.test[all.nr] = c->litmus;
    all.path[all.nr++] = strdup(c->path);

    return EXIT_HELD;
}

static void bad(const char *path, const char *what, const char *text)
{
    fprintf(stderr, "FAILED: %s under %s: %s\n%s\n", path,
            all.fault ? all.fault : "no fault", what, text);
    all.bad++;
}

static struct run_spec spec_of(const struct litmus *l, enum release release)
{
    return (struct run_spec){ .program = &l->program,
                              .expects = l,
                              .release = release,
                              .tolerance = PAST_WEAKNESS };
}

/* ---- the report ---- */

/* The one marked line, or NULL if there is not exactly one. */
static const char *marked(const char *report)
{
    const char *line = strstr(report, "\n > ");

    return line && !strstr(line + 1, "\n > ") ? line + 1 : NULL;
}

/* If the violation is about a result ("..., got X"), the line shows it
 * ("... = X"). */
static bool shows_what_was_got(const char *line, size_t len,
                               const char *detail)
{
    const char *got = strstr(detail, ", got "), *shown;
    size_t digits;

    shown = memmem(line, len, " = ", 3);
    if ( !got || !shown )
        return true;
    got += strlen(", got ");
    shown += strlen(" = ");
    digits = strcspn(got, " ,;\n");

    return !strncmp(got, shown, digits) && shown + digits == line + len;
}

static void check_report(struct engine *e, const char *path,
                         const struct run_spec *spec,
                         const struct run_result *r)
{
    const struct report_hints hints = { .cli = "claimcheck", .path = path };
    char *text = NULL;
    const char *line;
    size_t size, len;
    FILE *f = open_memstream(&text, &size);
    bool same, call, rule;

    assert(f);
    same = report_violation(f, e, spec, r, &hints);
    fclose(f);
    all.reports++;
    line = marked(text);
    len = line ? strcspn(line, "\n") : 0;
    call = line && e->phase != CALL_NONE &&
           (memmem(line, len, " = ", 3) ||
            memmem(line, len, "(during the call)", 17));
    rule = strstr(text, "\nrule:    ");
    if ( !same )
        bad(path, "the report is of another run", text);
    else if ( !line )
        bad(path, "not one step is marked", text);
    else if ( !shows_what_was_got(line, len, r->detail) )
        bad(path, "the marked step has another result", text);
    else if ( call != rule )
        bad(path, call ? "no rule" : "a rule without a call", text);
    free(text);
}

/* ---- the shrunk case ---- */

/* What was shrunk, as it is when it was written and read again. */
static void reread(struct litmus *l)
{
    struct problems problems = { 0 };
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    assert(f);
    litmus_print(f, l);
    fclose(f);
    if ( !litmus_parse(l, text, size, &problems) )
        bad("a shrunk case", problems.problem[0].text, text);
    free(text);
}

static void check_shrunk(struct engine *e, const char *path,
                         const struct run_spec *spec,
                         const struct run_result *r, bool expectation)
{
    static struct litmus l;
    struct shrink_stats stats;
    struct run_spec again;
    struct run_result after;

    l = *spec->expects;
    shrink_violation(e, spec, r, &l, &stats);
    reread(&l);
    all.shrinks++;
    all.expectations_kept += l.nr_expects;
    for ( uint32_t i = 0; i < l.program.nr_ops; i++ )
        all.expectations_kept += l.has_result[i];
    again = spec_of(&l, spec->release);
    engine_run(e, &again, &after);
    if ( after.outcome != RUN_VIOLATION ||
         strcmp(after.signature, r->signature) )
        bad(path, "the shrunk case fails otherwise", after.detail);
    if ( expectation ) /* it is wrong everywhere */
        return;
    engine_run(&all.clean, &again, &after);
    if ( after.outcome == RUN_VIOLATION || after.outcome == RUN_SKIPPED )
        bad(path, "the shrunk case fails without the fault", after.detail);
}

static bool first_of_its_signature(const char *signature)
{
    for ( unsigned int i = 0; i < all.nr_shrunk; i++ )
        if ( !strcmp(all.shrunk[i], signature) )
            return false;
    assert(all.nr_shrunk < SIGNATURES_MAX);
    snprintf(all.shrunk[all.nr_shrunk++], SIGNATURE_MAX, "%s", signature);

    return true;
}

/* ---- what is run ---- */

static struct hypervisor open_stub(const char *fault)
{
    const struct stub_options options = { .fault = fault };
    const char *why = "out of memory";
    struct hypervisor h;

    if ( !stub_open(&h, &options, &why) )
    {
        fprintf(stderr, "reports: %s\n", why);
        exit(EXIT_INTERNAL);
    }

    return h;
}

static void with_fault(unsigned int number)
{
    const struct engine_options o = { 0 };
    struct hypervisor h;

    all.fault = stub_fault_id(number);
    all.nr_shrunk = 0;
    h = open_stub(all.fault);
    engine_init(&all.faulty, &h, &o);
    for ( unsigned int i = 0; i < all.nr; i++ )
    {
        const struct run_spec spec = spec_of(
            all.test[i], release_nth(all.test[i]->releases, number + i));
        struct run_result r;

        engine_run(&all.faulty, &spec, &r);
        if ( r.outcome != RUN_VIOLATION )
            continue;
        check_report(&all.faulty, all.path[i], &spec, &r);
        if ( first_of_its_signature(r.signature) )
            check_shrunk(&all.faulty, all.path[i], &spec, &r, false);
    }
    h.ops->close(h.hv);
}

/* Each written result is wrong once. */
static void with_a_wrong_result(unsigned int i)
{
    static struct litmus l;
    enum release release = all.test[i]->program.host.release;
    bool shrunk = false;

    all.fault = NULL;
    for ( uint32_t step = 0; step < all.test[i]->program.nr_ops; step++ )
    {
        struct run_spec spec = spec_of(&l, release);
        struct run_result r;

        l = *all.test[i];
        if ( !l.has_result[step] )
            continue;
        l.result[step] += 1000;
        engine_run(&all.clean, &spec, &r);
        if ( !r.expectation || r.step != step )
            bad(all.path[i], "a wrong result is not noticed", r.detail);
        check_report(&all.clean, all.path[i], &spec, &r);
        if ( !shrunk )
            check_shrunk(&all.clean, all.path[i], &spec, &r, true);
        shrunk = true;
    }
}

/* ---- must fail: a host that is broken the first time only ---- */

static unsigned int looks;
static void (*honest)(void *hv, struct hv_view *view);

static void lie_once(void *hv, struct hv_view *view)
{
    honest(hv, view);
    if ( ++looks == 3 )
        view->claimed++;
}

static void with_one_lie(void)
{
    const struct engine_options o = { 0 };
    struct hypervisor h = open_stub(NULL);
    struct hypervisor_ops ops = *h.ops;
    struct hypervisor liar = { &ops, h.hv };
    const struct report_hints hints = { .cli = "claimcheck" };
    static struct program p = {
        .nr_ops = 2, .op = { { .code = OP_physinfo }, { .code = OP_physinfo } }
    };
    struct run_result r;
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    assert(f);
    p.host = all.test[0]->program.host;
    honest = ops.observe;
    ops.observe = lie_once;
    engine_init(&all.faulty, &liar, &o);
    engine_run(&all.faulty, RUN_PROGRAM(&p), &r);
    assert(r.outcome == RUN_VIOLATION);
    if ( report_violation(f, &all.faulty, RUN_PROGRAM(&p), &r, &hints) ||
         fclose(f) || !strstr(text, "internal error") )
        bad("a lie", "nobody noticed that the second run held", text);
    free(text);
    h.ops->close(h.hv);
}

int main(int argc, char **argv)
{
    const struct engine_options o = { 0 };
    struct hypervisor h = open_stub(NULL);
    unsigned int every = argc > 2 ? (unsigned int)atoi(argv[1]) : 0;
    unsigned int faults = 0, nr = 0;

    if ( !every || cases_each(argv + 2, argc - 2, false, load, NULL) )
        return EXIT_BAD_INPUT;
    engine_init(&all.clean, &h, &o);
    for ( unsigned int f = stub_fault_next(0); f; f = stub_fault_next(f) )
        if ( !stub_fault_unseen(f) && !(nr++ % every) )
        {
            with_fault(f);
            faults++;
        }
    printf("%u tests, %u faults: %u reports, %u shrunk\n", all.nr, faults,
           all.reports, all.shrinks);
    /* Faults that no litmus test sees are many; but not most of them. */
    if ( all.reports < 10 * faults || all.shrinks < faults / 2 ||
         !all.expectations_kept )
        bad("all", "too few of them failed", "");
    for ( unsigned int i = 0; i < all.nr; i++ )
        with_a_wrong_result(i);
    printf("with wrong results: %u reports, %u shrunk, %u expectations kept\n",
           all.reports, all.shrinks, all.expectations_kept);
    with_one_lie();
    h.ops->close(h.hv);

    return all.bad ? EXIT_VIOLATION : EXIT_HELD;
}
