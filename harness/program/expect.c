/* SPDX-License-Identifier: MIT */
/*
 * What a litmus test expects: results of operations, and counters by expect
 * statements. Not here: comparing them with a run (harness/engine/expects.c).
 */
#include "hints.h"
#include "scan.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* ---- results. The names are Xen's own: its public header is a list that expands
 * to whatever the includer says, so there is no copy of it here. ---- */

static const struct
{
    const char *name;
    int number;
} errnos[] = {
#define XEN_ERRNO(name, value) { #name, value },
#include <xen/errno.h>
    { "ERESTART", -HV_CONTINUE },
};

#define NR_ERRNOS (sizeof(errnos) / sizeof(errnos[0]))

/* No count of pages or extents is so large: such a result is a command word's
 * start extent, which operations spell in hexadecimal. */
#define RESULT_HEX_FROM (1L << 32)

const char *result_name(unsigned int i)
{
    return i < NR_ERRNOS ? errnos[i].name : NULL;
}

void result_print(char *out, size_t size, long rc)
{
    for ( unsigned int i = 0; i < NR_ERRNOS; i++ )
        if ( rc == -errnos[i].number )
        {
            snprintf(out, size, "%s", errnos[i].name);
            return;
        }

    if ( rc >= RESULT_HEX_FROM )
        snprintf(out, size, "0x%lx", (unsigned long)rc);
    else
        snprintf(out, size, "%ld", rc);
}

bool result_parse(long *rc, const char *s, size_t len)
{
    bool minus = len && s[0] == '-';
    uint64_t n;

    for ( unsigned int i = 0; i < NR_ERRNOS; i++ )
        if ( strlen(errnos[i].name) == len && !memcmp(errnos[i].name, s, len) )
        {
            *rc = -errnos[i].number;
            return true;
        }

    if ( !number_parse(&n, s + minus, len - minus,
                       (uint64_t)INT64_MAX + minus) )
        return false;

    *rc = (long)(minus ? -n : n);
    return true;
}

/* ---- expect statements ---- */

static const char *const state_names[] = {
    [HV_DOM_ABSENT] = "absent",
    [HV_DOM_ALIVE] = "alive",
    [HV_DOM_DYING] = "dying",
    [HV_DOM_DEAD] = "dead",
};

#define NR_STATES (sizeof(state_names) / sizeof(state_names[0]))

const char *state_name(unsigned int i)
{
    return i < NR_STATES ? state_names[i] : NULL;
}

/* With a count, the index follows the prefix and is below it. */
static const struct
{
    const char *prefix, *counter;
    uint8_t count;
} counters[] = {
    [EXPECT_HOST_FREE] = { "host", "free", 0 },
    [EXPECT_HOST_CLAIMED] = { "host", "claimed", 0 },
    [EXPECT_NODE_FREE] = { "node", "free", HV_NODES_MAX },
    [EXPECT_NODE_CLAIMED] = { "node", "claimed", HV_NODES_MAX },
    [EXPECT_DOM_TOT] = { "d", "tot", HV_DOMS_MAX },
    [EXPECT_DOM_EXTRA] = { "d", "extra", HV_DOMS_MAX },
    [EXPECT_DOM_MAX] = { "d", "max", HV_DOMS_MAX },
    [EXPECT_DOM_CLAIM] = { "d", "claim", HV_DOMS_MAX },
    [EXPECT_DOM_CLAIM0] = { "d", "claim0", HV_DOMS_MAX },
    [EXPECT_DOM_CLAIM1] = { "d", "claim1", HV_DOMS_MAX },
    [EXPECT_DOM_CLAIM2] = { "d", "claim2", HV_DOMS_MAX },
    [EXPECT_DOM_CLAIM3] = { "d", "claim3", HV_DOMS_MAX },
    [EXPECT_DOM_STATE] = { "d", "state", HV_DOMS_MAX },
    [EXPECT_DOM_STASH] = { "d", "stash", HV_DOMS_MAX },
    [EXPECT_DOM_STASH_NODE] = { "d", "stash_node", HV_DOMS_MAX },
};

#define NR_COUNTERS (sizeof(counters) / sizeof(counters[0]))

static bool counter_parse(struct expect *x, const struct word *w)
{
    for ( unsigned int i = 0; i < NR_COUNTERS; i++ )
    {
        size_t prefix = strlen(counters[i].prefix);
        size_t at = prefix + !!counters[i].count;
        size_t counter = strlen(counters[i].counter);

        if ( w->len != at + 1 + counter || w->s[at] != '.' ||
             memcmp(w->s, counters[i].prefix, prefix) ||
             memcmp(w->s + at + 1, counters[i].counter, counter) )
            continue;

        x->what = (uint8_t)i;
        x->index = 0;
        if ( !counters[i].count )
            return true;
        if ( w->s[prefix] < '0' || w->s[prefix] >= '0' + counters[i].count )
            return false;
        x->index = (uint8_t)(w->s[prefix] - '0');
        return true;
    }

    return false;
}

static bool value_parse(struct expect *x, const struct word *w)
{
    if ( x->what != EXPECT_DOM_STATE )
        return number_parse(&x->value, w->s, w->len, UINT64_MAX);

    for ( unsigned int i = 0; i < NR_STATES; i++ )
        if ( word_is(w, state_names[i]) )
        {
            x->value = i;
            return true;
        }

    return false;
}

static bool named_before(const struct litmus *l, const struct expect *x)
{
    for ( unsigned int i = 0; i < l->nr_expects; i++ )
        if ( l->expect[i].after == x->after && l->expect[i].what == x->what &&
             l->expect[i].index == x->index )
            return true;

    return false;
}

static void term_parse(struct litmus *l, struct line *line,
                       const struct word *w, uint8_t after)
{
    struct expect x = { .after = after, .line = line->nr };
    struct pair pair;

    word_split(&pair, w);
    if ( !counter_parse(&x, &pair.name) )
        problem_add(
            line->problems, line->nr, w->column,
            "unknown counter '%.*s': expected host.free, host.claimed, "
            "nodeN.free, nodeN.claimed, or dN.tot, .extra, .max, .claim, .claim0 "
            ".. .claim3, .state, .stash, .stash_node%s",
            QUOTE(pair.name), hint_counter(&pair.name).text);
    else if ( !pair.has_value )
    {
        line->at = line->len;
        problem_add(line->problems, line->nr, w->column + (uint32_t)w->len,
                    "missing value of '%.*s': expected %.*s=VALUE without "
                    "blanks",
                    QUOTE(pair.name), QUOTE(pair.name));
    }
    else if ( !value_parse(&x, &pair.value) )
        problem_add(
            line->problems, line->nr, pair.value.column,
            "invalid %.*s '%.*s': expected %s%s", QUOTE(pair.name),
            QUOTE(pair.value),
            x.what == EXPECT_DOM_STATE ? "alive, dying, dead or absent"
                                       : "a number of pages",
            hint_counter_value(x.what == EXPECT_DOM_STATE, &pair.value).text);
    else if ( named_before(l, &x) )
        problem_add(
            line->problems, line->nr, w->column,
            "duplicate counter '%.*s' after the same step: expected it "
            "once",
            QUOTE(pair.name));
    else if ( l->nr_expects == LITMUS_EXPECTS_MAX )
        problem_add(line->problems, line->nr, w->column,
                    "too many expect terms: expected at most %d in a file",
                    LITMUS_EXPECTS_MAX);
    else
        l->expect[l->nr_expects++] = x;
}

void expect_parse(struct litmus *l, struct line *line, uint8_t after)
{
    struct word w;
    bool any = false;

    for ( ; line_next(line, &w); any = true )
        term_parse(l, line, &w, after);
    if ( !any )
        problem_add(line->problems, line->nr, w.column,
                    "missing counter after expect: expected a term such as "
                    "d1.claim=0");
}

void expect_print(char *out, size_t size, const struct expect *x)
{
    assert(x->what < NR_COUNTERS);
    if ( counters[x->what].count )
        snprintf(out, size, "%s%d.%s", counters[x->what].prefix, x->index,
                 counters[x->what].counter);
    else
        snprintf(out, size, "%s.%s", counters[x->what].prefix,
                 counters[x->what].counter);
}

void expect_value_print(char *out, size_t size, const struct expect *x)
{
    if ( x->what == EXPECT_DOM_STATE && x->value < NR_STATES )
        snprintf(out, size, "%s", state_names[x->value]);
    else
        snprintf(out, size, "%" PRIu64, x->value);
}

bool counter_at(unsigned int i, struct expect *x)
{
    static const uint8_t host[] = { EXPECT_HOST_FREE, EXPECT_HOST_CLAIMED };
    static const uint8_t node[] = { EXPECT_NODE_FREE, EXPECT_NODE_CLAIMED };
    static const uint8_t dom[] = { EXPECT_DOM_STATE,     EXPECT_DOM_TOT,
                                   EXPECT_DOM_EXTRA,     EXPECT_DOM_MAX,
                                   EXPECT_DOM_CLAIM,     EXPECT_DOM_CLAIM0,
                                   EXPECT_DOM_CLAIM1,    EXPECT_DOM_CLAIM2,
                                   EXPECT_DOM_CLAIM3,    EXPECT_DOM_STASH,
                                   EXPECT_DOM_STASH_NODE };

    memset(x, 0, sizeof(*x));
    if ( i < sizeof(host) )
    {
        x->what = host[i];
        return true;
    }
    i -= sizeof(host);
    if ( i < sizeof(node) * HV_NODES_MAX )
    {
        x->what = node[i / HV_NODES_MAX];
        x->index = (uint8_t)(i % HV_NODES_MAX);
        return true;
    }
    i -= sizeof(node) * HV_NODES_MAX;
    x->what = dom[i % sizeof(dom)];
    x->index = (uint8_t)(i / sizeof(dom));

    return x->index < HV_DOMS_MAX;
}
