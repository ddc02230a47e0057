/* SPDX-License-Identifier: MIT */
/* From a failure to a test; see promote.h. */
#include "promote.h"

#include <stdlib.h>
#include <string.h>

/* ---- the results that the rules want ---- */

/* The model as a hypervisor does all by the rules; where they leave a choice,
 * another implementation may choose otherwise, and no result is written. */
struct rules
{
    struct engine *e;
    struct litmus *l;
    bool open_choice;   /* so far: what follows depends on it */
    bool counters_open; /* after the last call: what the next one does, too */
    bool told_open;     /* a step has a result that the rules leave open */
    uint32_t failing;   /* the step, of which *after is the state */
    bool after_is_sure;
    struct hv_view after;
};

/* Does a page go out of use that has no known owner? Whether it is free, and is
 * taken out of the counters, is the allocator's choice. */
static bool takes_unnamed(const struct engine *e)
{
    const struct model *m = &e->model;
    const struct hv_call *c = &e->call;
    bool breaks = c->kind == HV_CALL_BREAK;
    uint64_t frame = breaks ? c->frame : c->offline.start;
    uint64_t end = breaks ? c->frame : c->offline.end;

    if ( !breaks && (c->kind != HV_CALL_OFFLINE ||
                     c->offline.action != sysctl_page_offline) )
        return false;
    for ( ; frame <= end; frame++ )
    {
        int id = m->page_id(m->hv, frame);

        if ( id == HV_FRAME_UNNUMBERED )
            return true;
        if ( id < 0 || (uint32_t)id >= m->page_ids )
            break; /* none of the host: the call ends here */
        if ( m->page[id].owner == MODEL_NOBODY && !m->page[id].offline )
            return true;
    }

    return false;
}

static void on_call(void *ctx, const struct engine *e)
{
    struct rules *m = ctx;

    m->open_choice |= m->counters_open ||
                      e->prediction.lo != e->prediction.hi ||
                      e->prediction.nr_also;
    m->counters_open = m->open_choice || takes_unnamed(e);
}

static void on_step(void *ctx, const struct step_info *info)
{
    struct rules *m = ctx;

    if ( !info->drain && !info->failed && !info->not_run && !m->open_choice &&
         !m->l->has_result[info->step] )
    {
        m->l->has_result[info->step] = true;
        m->l->result[info->step] = info->rc;
    }
    if ( !info->drain && info->step == m->failing )
    {
        m->after = *info->view;
        m->after_is_sure = !m->counters_open;
    }
}

/* Under another release: a result that is written must be the only one. */
static void on_other_step(void *ctx, const struct step_info *info)
{
    struct rules *m = ctx;

    m->told_open |= !info->drain &&
                    ((m->open_choice && m->l->has_result[info->step]) ||
                     (m->counters_open && m->l->nr_expects));
}

static void run_rules(struct rules *m, const struct run_spec *of,
                      enum release release, struct run_result *r)
{
    struct run_spec spec = *of;

    spec.program = &m->l->program;
    spec.expects = m->l;
    spec.release = release;
    spec.tolerance = PAST_WEAKNESS;
    engine_run(m->e, &spec, r);
}

static bool holds(const struct run_result *r)
{
    return r->outcome == RUN_HELD || r->outcome == RUN_WEAKNESS;
}

/* The counters that were wrong, as they must be after the step. Where pages lie
 * is the allocator's choice. */
static void expect_counters(struct rules *m, const struct hv_view *seen)
{
    struct expect x;

    for ( unsigned int i = 0;
          counter_at(i, &x) && m->l->nr_expects < LITMUS_EXPECTS_MAX; i++ )
    {
        x.value = counter_value(&m->after, &x);
        x.after = (uint8_t)(m->failing + 1);
        if ( x.what != EXPECT_NODE_FREE && x.value != counter_value(seen, &x) )
            m->l->expect[m->l->nr_expects++] = x;
    }
}

static void drop_results(struct litmus *l)
{
    memset(l->has_result, 0, sizeof(l->has_result));
    l->nr_expects = 0;
}

/* Fill in results and releases; false if the rules and the case disagree. */
static bool fill(struct rules *m, const struct run_spec *spec,
                 struct promotion *p, const struct hv_view *seen)
{
    struct litmus given = *m->l;
    struct run_result r;

    m->failing = p->r.step;
    m->e->o = (struct engine_options){
        .on_step = on_step, .ctx = m, .on_call = on_call, .call_ctx = m
    };
    run_rules(m, spec, spec->release, &r);
    m->e->o.on_step = on_other_step;
    p->has_results = holds(&r);
    if ( !p->has_results )
    {
        m->e->o = (struct engine_options){ 0 };
        *m->l = given;
        return !r.expectation;
    }
    if ( m->after_is_sure && !m->l->nr_expects )
        expect_counters(m, seen);
    m->l->releases = 0;
    for ( unsigned int release = 0; release < RELEASE_COUNT; release++ )
    {
        if ( !(RELEASE_BIT(release) & release_kin(spec->release)) )
            continue;
        m->open_choice = m->counters_open = m->told_open = false;
        run_rules(m, spec, (enum release)release, &r);
        if ( holds(&r) &&
             (release == (unsigned int)spec->release || !m->told_open) )
            m->l->releases |= RELEASE_BIT(release);
    }
    m->e->o = (struct engine_options){ 0 };
    if ( m->l->releases )
        m->l->program.host.release = (uint8_t)litmus_release(m->l->releases);

    return true;
}

/* ---- its name ---- */

/* Append in lower case, what is no letter or digit as '-', without doubles. */
static void append(char *name, const char *s)
{
    size_t len = strlen(name);

    for ( ; *s && *s != '/' && len < PROMOTE_NAME_MAX - 10; s++ )
    {
        char c = *s;

        if ( c >= 'A' && c <= 'Z' )
            c = "abcdefghijklmnopqrstuvwxyz"[c - 'A'];
        else if ( !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) )
            c = '-';
        if ( c != '-' || (len && name[len - 1] != '-') )
            name[len++] = c;
    }
    while ( len && name[len - 1] == '-' )
        len--;
    name[len] = 0;
}

static void name_it(struct promotion *p)
{
    const char *call = strchr(p->r.signature, '/');
    size_t len;

    p->name[0] = 0;
    append(p->name, p->r.signature);
    len = strlen(p->name);
    p->name[len++] = '-';
    p->name[len] = 0;
    append(p->name, p->has_rule ? rule_table[p->rule].id
                    : call      ? call + 1
                                : "end");
}

/* ---- all of it ---- */

/* Run the shrunk case as it will be run; false if it fails in another way. */
static bool fails(struct engine *e, const struct run_spec *of,
                  struct promotion *p, struct run_result *r)
{
    struct run_spec spec = *of;

    spec.program = &p->l.program;
    spec.expects = &p->l;
    if ( spec.tolerance == END_AT_WEAKNESS )
        spec.tolerance = PAST_WEAKNESS;
    engine_run(e, &spec, r);

    return r->outcome == RUN_VIOLATION &&
           !strcmp(r->signature, p->r.signature);
}

const char *promote(struct engine *e, const struct run_spec *spec,
                    const struct run_result *r, struct promotion *p)
{
    struct rules *m = calloc(1, sizeof(*m));
    struct run_result again;
    struct hv_view seen;
    bool agree;

    if ( m )
        m->e = engine_on_model();
    if ( !m || !m->e )
    {
        free(m);
        return "out of memory";
    }
    m->l = &p->l;
    shrink_violation(e, spec, r, &p->l, &p->stats);
    p->r = *r;
    if ( fails(e, spec, p, &again) )
        p->r = again;
    p->r.term = NULL;
    p->has_rule = e->op && e->phase != CALL_NONE;
    p->rule = (uint8_t)e->prediction.rule;
    seen = e->seen;
    name_it(p);
    agree = fill(m, spec, p, &seen);
    engine_on_model_free(m->e);
    free(m);
    if ( !agree )
        return "the rules do not bear out what the case expects";
    if ( p->has_results && !fails(e, spec, p, &again) )
    {
        p->has_results = false;
        drop_results(&p->l);
        p->l.releases = RELEASE_BIT(spec->release);
        p->l.program.host.release = (uint8_t)spec->release;
    }

    return NULL;
}

void promote_print(FILE *f, const struct promotion *p, const char *about)
{
    fprintf(f, "# %s: %s\n", p->r.signature, p->r.detail);
    if ( p->has_rule )
        fprintf(f, "# Rules %s: %s.\n", rule_table[p->rule].row,
                rule_table[p->rule].text);
    fprintf(f, "# %s\n", about);
    litmus_print(f, &p->l);
}

static bool same_calls(const struct program *a, const struct program *b)
{
    if ( a->nr_ops != b->nr_ops )
        return false;
    for ( unsigned int i = 0; i < a->nr_ops; i++ )
        if ( a->op[i].code != b->op[i].code )
            return false;

    return true;
}

bool promote_is_same(const struct promotion *p, const struct litmus *l,
                     const char *text, size_t size)
{
    struct program other = l->program;
    size_t len = strlen(p->r.signature);

    other.host.release = p->l.program.host.release;
    other.wide = p->l.program.wide;
    if ( program_equal(&other, &p->l.program) )
        return true;

    return size > len + 2 && !memcmp(text, "# ", 2) &&
           !memcmp(text + 2, p->r.signature, len) && text[len + 2] == ':' &&
           same_calls(&other, &p->l.program);
}
