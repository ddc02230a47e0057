/* SPDX-License-Identifier: MIT */
/*
 * What "fails in the same way" means for a run, and which expectations a shrunk
 * case may keep. The search itself: shrink.c.
 */
#include "shrink.h"

#include <assert.h>
#include <string.h>

struct failure
{
    struct engine *e;
    struct run_spec spec;
    const struct run_result *r;
    bool expects; /* expectations play a part in it */
    struct engine
        *rules; /* NULL, or where the case holds, as it must go on to */
};

/* An assertion of the implementation: the detail is which. */
static bool is_bug(const struct run_result *r)
{
    return !strncmp(r->signature, "BUG/", 4);
}

/* On the model, which does all by the rules. */
static bool holds_by_rules(struct engine *rules, struct run_spec spec,
                           const struct litmus *l)
{
    struct run_result r;

    spec.program = &l->program;
    spec.expects = l;
    engine_run(rules, &spec, &r);

    return r.outcome == RUN_HELD || r.outcome == RUN_WEAKNESS;
}

static bool same_failure(void *ctx, const struct litmus *l)
{
    const struct failure *f = ctx;
    struct run_spec spec = f->spec;
    struct run_result r;

    spec.program = &l->program;
    spec.expects = f->expects ? l : NULL;
    /* What crashed once leaves no trace in this process then. */
    if ( f->r->crash )
        engine_run_isolated(f->e, &spec, &r);
    else
        engine_run(f->e, &spec, &r);

    /* Of a broken expectation the words, too: another line, or another value,
     * says something else about the hypervisor. So does another place where it
     * stopped. */
    return r.outcome == RUN_VIOLATION &&
           !strcmp(r.signature, f->r->signature) &&
           ((!f->r->expectation && !f->r->crash && !is_bug(&r)) ||
            !strcmp(r.detail, f->r->detail)) &&
           (!f->rules || holds_by_rules(f->rules, f->spec, l));
}

/* ---- expectations ---- */

static void drop_all(struct litmus *l)
{
    memset(l->has_result, 0, sizeof(l->has_result));
    l->nr_expects = 0;
}

static void drop_broken(struct litmus *l, const struct run_result *r)
{
    size_t at;

    if ( !r->term )
    {
        l->has_result[r->step] = false;
        return;
    }
    at = (size_t)(r->term - l->expect);
    assert(at < l->nr_expects);
    l->nr_expects--;
    memmove(&l->expect[at], &l->expect[at + 1],
            (l->nr_expects - at) * sizeof(l->expect[0]));
}

/* Keep what holds on the model, which does all by the rules. */
static void keep_what_rules_say(const struct run_spec *of, struct litmus *l)
{
    struct run_spec spec = *of;
    struct engine *e = engine_on_model();
    struct run_result r;

    spec.program = &l->program;
    spec.expects = l;
    r.outcome = RUN_SKIPPED;
    if ( e )
    {
        engine_run(e, &spec, &r);
        for ( ; r.expectation; engine_run(e, &spec, &r) )
            drop_broken(l, &r);
    }
    if ( r.outcome == RUN_SKIPPED || r.outcome == RUN_VIOLATION )
        drop_all(l); /* the model cannot run it */
    engine_on_model_free(e);
}

/* A broken expectation that is right by the rules is not to become a wrong one,
 * which fails in the same words everywhere. */
static void shrink_expectation(struct failure *f, struct litmus *l,
                               struct shrink_stats *stats)
{
    struct engine *rules = engine_on_model();

    if ( rules && holds_by_rules(rules, f->spec, l) )
        f->rules = rules;
    shrink(l, same_failure, f, stats);
    f->rules = NULL;
    engine_on_model_free(rules);
}

void shrink_violation(struct engine *e, const struct run_spec *spec,
                      const struct run_result *r, struct litmus *l,
                      struct shrink_stats *stats)
{
    struct failure f = { .e = e, .spec = *spec, .r = r };

    assert(r->outcome == RUN_VIOLATION);
    if ( !spec->expects )
        drop_all(l);
    l->releases = RELEASE_BIT(spec->release);
    l->program.host.release = (uint8_t)spec->release;
    f.expects = !same_failure(&f, l);
    if ( f.expects && r->expectation )
        shrink_expectation(&f, l, stats);
    else
        shrink(l, same_failure, &f, stats);
    /* Wide records only where an argument needs them. */
    l->program.wide = !program_is_narrow(&l->program);
    if ( f.expects || !spec->expects )
        return;

    keep_what_rules_say(spec, l);
    f.expects = true;
    if ( !same_failure(&f, l) )
        drop_all(l);
}

enum release shrink_newest(struct engine *e, const struct run_spec *spec,
                           const struct run_result *r)
{
    /* A draft is newer than no release. */
    uint32_t kin = release_kin(spec->release) &
                   program_releases(spec->program);

    for ( unsigned int release = RELEASE_COUNT; --release > spec->release; )
    {
        struct run_spec other = *spec;
        struct run_result result;

        if ( !(RELEASE_BIT(release) & kin) )
            continue;
        other.release = (enum release)release;
        engine_run(e, &other, &result);
        if ( result.outcome == RUN_VIOLATION &&
             !strcmp(result.signature, r->signature) )
            return other.release;
    }

    return spec->release;
}
