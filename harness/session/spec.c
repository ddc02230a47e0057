/* SPDX-License-Identifier: MIT */
/* Which runs a case is; see spec.h. */
#include "spec.h"

#include "harness/shrink/shrink.h"

uint32_t setup_releases(const struct setup *s, const struct case_file *c)
{
    if ( s->release != RELEASE_OF_CASE )
        return RELEASE_BIT(s->release);
    if ( c->is_text || s->releases == RELEASE_MASK_EVERY )
        return s->releases & c->litmus.releases;

    /* Bytes are a program for whatever release there is. */
    return RELEASE_BIT(open_release(
        s->releases, (enum release)c->litmus.program.host.release));
}

void setup_spec(const struct setup *s, const struct case_file *c,
                enum release release, struct run_spec *spec)
{
    bool expects = c->is_text && (c->litmus.releases & RELEASE_BIT(release));

    *spec = setup_spec_program(s, &c->litmus.program);
    spec->release = release;
    if ( !expects )
        return;
    spec->expects = &c->litmus;
    if ( !s->strict )
        spec->tolerance = PAST_WEAKNESS;
}

static bool has_results(const struct case_file *c)
{
    const struct litmus *l = &c->litmus;
    bool any = l->nr_expects;

    for ( unsigned int i = 0; i < l->program.nr_ops; i++ )
        any |= l->has_result[i];

    return c->is_text && any;
}

bool setup_unchecked(const struct case_file *c, enum release release)
{
    return has_results(c) && !(c->litmus.releases & RELEASE_BIT(release));
}

struct run_spec setup_spec_program(const struct setup *s,
                                   const struct program *p)
{
    struct run_spec spec = *RUN_PROGRAM(p);

    if ( s->strict )
        spec.tolerance = NO_WEAKNESS;

    return spec;
}

bool setup_run(struct setup *s, struct run_spec *spec, struct run_result *r)
{
    engine_run(s->engine, spec, r);
    if ( !s->h.ops->shape || !r->expectation )
        return false;
    spec->expects = NULL;
    if ( spec->tolerance == PAST_WEAKNESS )
        spec->tolerance = END_AT_WEAKNESS;
    engine_run(s->engine, spec, r);

    return true;
}

bool setup_newest(struct setup *s, const struct case_file *c,
                  struct run_spec *spec, struct run_result *r)
{
    uint32_t releases = setup_releases(s, c);
    bool any = false;

    *r = (struct run_result){ .outcome = RUN_SKIPPED,
                              .detail = "not a case for this release" };
    for ( unsigned int release = RELEASE_COUNT; release--; )
    {
        struct run_spec spec_of;
        struct run_result result;

        if ( !(releases & RELEASE_BIT(release)) )
            continue;
        setup_spec(s, c, (enum release)release, &spec_of);
        setup_run(s, &spec_of, &result);
        if ( !any || result.outcome == RUN_VIOLATION )
        {
            *spec = spec_of;
            *r = result;
        }
        if ( result.outcome == RUN_VIOLATION )
            return true;
        any |= result.outcome != RUN_SKIPPED;
    }

    return any;
}

bool setup_newest_failure(struct setup *s, const struct case_file *c,
                          struct run_spec *spec, struct run_result *r)
{
    enum release newest;

    if ( !setup_newest(s, c, spec, r) )
        return false;
    if ( r->outcome != RUN_VIOLATION || s->release != RELEASE_OF_CASE ||
         s->h.ops->shape || has_results(c) )
        return true;
    newest = shrink_newest(s->engine, spec, r);
    if ( newest != spec->release )
    {
        spec->release = newest;
        setup_run(s, spec, r);
    }

    return true;
}
