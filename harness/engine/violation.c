/* SPDX-License-Identifier: MIT */
/*
 * What is said of a violation: signature, words, and what must have been seen
 * instead. Nothing here runs as long as all checks hold.
 */
#include "impl.h"

#include <stdio.h>
#include <string.h>

const struct invariant_info invariant_table[INV_COUNT] = {
#define INVARIANT(id, name, text) [INV_##id] = { name, text },
#include "invariants.def"
#undef INVARIANT
};

enum invariant invariant_of(const char *id)
{
    for ( int i = 0; i < INV_COUNT; i++ )
        if ( !strcmp(invariant_table[i].name, id) )
            return (enum invariant)i;

    return INV_BUG;
}

static const char *where_name(const struct engine *e)
{
    const struct program *p = e->spec.program;

    if ( e->phase != CALL_NONE && e->phase != CALL_DONE )
        return op_table[e->call_op].name;
    if ( e->draining )
        return "drain";

    return e->step < p->nr_ops ? op_table[p->op[e->step].code].name : "end";
}

_Noreturn void engine_vfail(struct engine *e, enum invariant inv,
                            const char *fmt, va_list ap)
{
    snprintf(e->r->signature, SIGNATURE_MAX, "%s/%s",
             invariant_table[inv].name, where_name(e));
    vsnprintf(e->r->detail, DETAIL_MAX, fmt, ap);
    engine_stop(e, RUN_VIOLATION);
}

_Noreturn void engine_fail(struct engine *e, enum invariant inv,
                           const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    engine_vfail(e, inv, fmt, ap);
}

_Noreturn void engine_crashed(struct engine *e, const char *id,
                              const char *detail)
{
    e->r->crash = true;
    snprintf(e->r->signature, SIGNATURE_MAX, "%s/%s", id, where_name(e));
    snprintf(e->r->detail, DETAIL_MAX, "%s", detail);
    engine_stop(e, RUN_VIOLATION);
}

/* Fail with the first counter in which model and observation differ. */
_Noreturn void state_differs(struct engine *e)
{
    const struct hv_view *m = model_view(&e->model);
    struct expect want, seen;
    char name[EXPECT_NAME_MAX], wanted[EXPECT_VALUE_MAX], is[EXPECT_VALUE_MAX];

    for ( unsigned int i = 0; counter_at(i, &want); i++ )
    {
        seen = want;
        want.value = counter_value(m, &want);
        seen.value = counter_value(&e->seen, &seen);
        if ( want.value == seen.value )
            continue;
        expect_print(name, sizeof(name), &want);
        expect_value_print(wanted, sizeof(wanted), &want);
        expect_value_print(is, sizeof(is), &seen);
        engine_fail(e, INV_STATE, "%s: expected %s, seen %s", name, wanted,
                    is);
    }
    engine_fail(e, INV_STATE, "views differ in no counter");
}

_Noreturn void result_differs(struct engine *e)
{
    const struct prediction *p = &e->prediction;
    bool extents = e->call.kind == HV_CALL_MEMORY_OP && p->lo < p->hi;
    char text[3][RESULT_NAME_MAX], also[64] = "";

    result_print(text[0], sizeof(text[0]), e->result.rc);
    result_print(text[1], sizeof(text[1]), p->lo);
    result_print(text[2], sizeof(text[2]), p->hi);
    for ( unsigned int i = 0; i < p->nr_also; i++ )
    {
        size_t len = strlen(also);
        char one[RESULT_NAME_MAX];

        result_print(one, sizeof(one), p->also[i]);
        snprintf(also + len, sizeof(also) - len, " or %s", one);
    }
    engine_fail(e, INV_RESULT, "got %s, expected %s%s%s%s%s (rules %s, %s)",
                text[0], text[1], p->lo < p->hi ? " to " : "",
                p->lo < p->hi ? text[2] : "", extents ? " extents" : "", also,
                rule_table[p->rule].row, rule_table[p->rule].text);
}

/* ---- what the rules want ---- */

/* Would the model need frames that only the right call would have named? */
static bool names_frames(const struct hv_call *c)
{
    return c->kind != HV_CALL_DOMCTL &&
           !(c->kind == HV_CALL_MEMORY_OP &&
             call_op_code(c, RELEASE_DEFAULT) == OP_claim);
}

/* An error that leaves behind what it does not tell. */
static bool fails_half_done(enum rule rule)
{
    return rule == RULE_CREATE_UNWRITTEN || rule == RULE_UNPAUSE_STASH ||
           rule == RULE_OFFLINE_FAULT || rule == RULE_OFFLINE_FRAME ||
           rule == RULE_OFFLINE_BROKEN;
}

bool engine_expected(struct engine *e, struct hv_view *expected)
{
    const struct prediction *p = &e->prediction;
    struct hv_result result = e->result;

    if ( e->op == NULL && e->draining )
    {
        *expected = e->end;
        return true;
    }
    if ( e->phase == CALL_IMPOSSIBLE )
        return false;
    *expected = *model_view(&e->model);
    /* After the call: what the model says, but for what the case says. */
    if ( e->phase != CALL_MADE )
    {
        const struct litmus *l = e->spec.expects;

        for ( uint32_t i = 0; l && i < l->nr_expects; i++ )
            if ( l->expect[i].after == e->step + (e->op != NULL) )
                counter_set(expected, &l->expect[i]);
        return true;
    }

    /* During or after the call, which the model has not followed yet. */
    if ( e->cut || !model_allows(p, e->result.rc) )
    {
        if ( p->nr_also || fails_half_done(p->rule) )
            return false;
        result.rc = p->lo;
        result.domid = e->call.domctl.domid;
        /* One that may be left unfinished may also be carried out. */
        if ( result.rc < 0 )
            return true; /* an error changes nothing */
        if ( names_frames(&e->call) )
            return false;
    }
    model_copy(&e->spare, &e->model);
    if ( model_commit(&e->spare, &e->call, p, &result, &e->seen) )
        return false;
    *expected = *model_view(&e->spare);

    return true;
}
