/* SPDX-License-Identifier: MIT */
/* Hints for values, results and counters; see hints.h. Not here: the words of a
 * line that are none of these (hints_line.c). */
#include "hints.h"

#include <stdio.h>
#include <string.h>

#include "hint.h"
#include "near.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static bool starts(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

/* ---- values ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_number(const char *s)
{
    return *s && !s[strspn(s, "0123456789")];
}

/* Does this text mean something? Then it is what was meant. */
static bool is_value(enum arg_kind kind, const char *s)
{
    struct value v;

    return *s && kind_parse(&v, kind, s, strlen(s));
}

static const struct hint_alias values[] = {
    { "compat", "32" }, { "x86_32", "32" }, { "native", "64" },
    { "x86_64", "64" }, { "-1", "any" },    { "0", "null" },
    { "none", "null" }, { "good", "ok" },   { "d0", "dom0" },
};

/* How domains are called elsewhere: 1, dom1, domain1, domu1. */
static bool domain(char *out, enum arg_kind kind, const char *s)
{
    static const char *const prefixes[] = { "domain", "domu", "dom", "" };

    for ( size_t i = 0; i < NR(prefixes); i++ )
    {
        if ( !starts(s, prefixes[i]) || !is_number(s + strlen(prefixes[i])) )
            continue;
        snprintf(out, HINT_WORD_MAX, "d%.8s", s + strlen(prefixes[i]));
        return is_value(kind, out);
    }

    return false;
}

/* Xen's constants: XENMEM_claim_pages, DOMID_SELF. */
static bool constant(char *out, enum arg_kind kind, const struct word *w,
                     const char *s)
{
    const struct kind *k = kind_table[kind];

    for ( uint64_t n = 0; k->commands && n <= k->max; n++ )
    {
        const struct xen_command *c = command_of(kind, n);
        const char *part = c ? strchr(c->constant, '_') : NULL;

        /* The whole name, or without "XENMEM_". */
        if ( !c || !(word_is(w, c->constant) || word_is(w, part + 1)) )
            continue;
        snprintf(out, HINT_WORD_MAX, "%s", c->name);
        return true;
    }
    if ( !starts(s, "domid_") )
        return false;
    snprintf(out, HINT_WORD_MAX, "%s", s + strlen("domid_"));

    return is_value(kind, out);
}

/* Numbers as they are written elsewhere: 1,000, 1_000, ff, -1. */
static bool number(char *out, enum arg_kind kind, const char *s)
{
    size_t n = 0;

    for ( const char *c = s; *c; c++ )
        if ( *c != ',' && *c != '_' )
            out[n++] = *c;
    out[n] = 0;
    if ( is_value(kind, out) )
        return true;
    snprintf(out, HINT_WORD_MAX, "0x%.30s", s);
    if ( s[0] != '0' && is_value(kind, out) )
        return true;
    snprintf(out, HINT_WORD_MAX, "2^64%.30s", s);

    return s[0] == '-' && is_value(kind, out);
}

/* A base that is nearly one, with the offset as it was written; or 1+claim. */
static bool base(char *out, enum arg_kind kind, const char *s)
{
    size_t len = strcspn(s, "+-");
    struct near n;

    if ( kind != ARG_PAGES && kind != ARG_PART )
        return false;
    if ( s[len] == '+' )
    {
        snprintf(out, HINT_WORD_MAX, "%.16s+%.*s", s + len + 1,
                 (int)(len < 16 ? len : 16), s);
        if ( is_value(kind, out) )
            return true;
    }
    near_start(&n, s, len);
    for ( unsigned int i = 1; i < BASE_COUNT; i++ )
        near_try(&n, base_table[i].name);
    if ( !n.best )
        return false;
    snprintf(out, HINT_WORD_MAX, "%s%.20s", n.best, s + len);

    return is_value(kind, out);
}

static bool has_unit(const char *s)
{
    size_t digits = strspn(s, "0123456789");

    return digits && s[digits] && strchr("kmgbp", s[digits]) &&
           strlen(s + digits) <= 5;
}

struct hint hint_value(enum arg_kind kind, const struct word *w)
{
    const struct kind *k = kind_table[kind];
    char s[HINT_WORD_MAX], out[HINT_WORD_MAX];
    const char *alias, *name;
    struct near n;

    if ( !hint_copy(s, w, true) || !w->len )
        return hint_none();
    if ( kind == ARG_PAGES && has_unit(s) )
        return hint_say(" (a count of pages has no unit)");
    /* d1, and (d1 and claim; */
    while ( *s && strchr(",;)", s[strlen(s) - 1]) )
        s[strlen(s) - 1] = 0;
    memmove(s, s + strspn(s, "("), strlen(s + strspn(s, "(")) + 1);
    if ( is_value(kind, s) )
        return hint_meant(s);
    if ( domain(out, kind, s) || constant(out, kind, w, s) ||
         number(out, kind, s) || base(out, kind, s) )
        return hint_meant(out);
    if ( (kind == ARG_LIST || kind == ARG_MEMARG) && !strcmp(s, "short") )
        return hint_meant("short:K");
    alias = HINT_ALIAS(values, s);
    if ( alias && is_value(kind, alias) )
        return hint_meant(alias);
    near_start(&n, s, strlen(s));
    for ( unsigned int i = 0; k->word && (name = k->word(i)); i++ )
        near_try(&n, name);

    return hint_meant(n.best);
}

/* ---- expectations ---- */

struct hint hint_result(const struct word *w)
{
    static const struct hint_alias results[] = {
        { "ok", "0" },   { "success", "0" }, { "true", "0" },
        { "yes", "0" },  { "all", "0" },     { "continue", "ERESTART" },
        { "none", "0" },
    };
    char s[HINT_WORD_MAX], *p = s;
    const char *name;
    struct near n;

    if ( !hint_copy(s, w, true) )
        return hint_none();
    if ( !strcmp(s, "any") || !strcmp(s, "?") || !strcmp(s, "*") )
        return hint_say(" (any result: leave it out, and the =)");
    p += strspn(p, "-=");
    while ( *p && strchr(",;", p[strlen(p) - 1]) )
        p[strlen(p) - 1] = 0;
    name = HINT_ALIAS(results, p);
    if ( name )
        return hint_meant(name);
    if ( is_number(p) )
        return strlen(p) == w->len ? hint_none() : hint_meant(p);
    near_start(&n, p, strlen(p));
    for ( unsigned int i = 0; (name = result_name(i)); i++ )
    {
        near_try(&n, name);
        near_try(&n, name + 1); /* NOMEM */
        if ( n.best == name + 1 )
            n.best = name;
    }

    return hint_meant(n.best);
}

struct hint hint_counter(const struct word *w)
{
    static const struct hint_alias counters[] = {
        { "free", "host.free" },      { "claimed", "host.claimed" },
        { "claims", "host.claimed" }, { "host.claims", "host.claimed" },
        { "claim", "dN.claim" },      { "tot", "dN.tot" },
        { "max", "dN.max" },          { "extra", "dN.extra" },
        { "state", "dN.state" },      { "stash", "dN.stash" },
    };
    char s[HINT_WORD_MAX], name[EXPECT_NAME_MAX], best[EXPECT_NAME_MAX] = "";
    const char *alias;
    struct expect x;
    struct near n;

    if ( !hint_copy(s, w, true) )
        return hint_none();
    alias = HINT_ALIAS(counters, s);
    if ( alias )
        return hint_meant(alias);
    near_start(&n, s, strlen(s));
    for ( unsigned int i = 0; counter_at(i, &x); i++ )
    {
        unsigned int slips = n.slips;

        expect_print(name, sizeof(name), &x);
        near_try(&n, name);
        if ( n.slips < slips )
            memcpy(best, name, sizeof(best));
    }

    /* d8 is no slip. */
    for ( size_t i = 0; s[i] && s[i] == best[i]; i++ )
        if ( is_digit(s[i + 1]) && is_digit(best[i + 1]) &&
             s[i + 1] != best[i + 1] )
            return hint_none();

    return hint_meant(*best ? best : NULL);
}

struct hint hint_counter_value(bool state, const struct word *w)
{
    static const struct hint_alias states[] = {
        { "gone", "absent" },    { "none", "absent" },
        { "destroyed", "dead" }, { "running", "alive" },
        { "created", "alive" },  { "killed", "dead" },
    };
    char s[HINT_WORD_MAX], out[HINT_WORD_MAX];
    struct near n;

    if ( !hint_copy(s, w, true) || !w->len )
        return hint_none();
    if ( is_number(s) )
        return hint_none();
    if ( !state )
        return is_value(ARG_PAGES, s) ? hint_say(" (a number, not a base)")
               : number(out, ARG_PAGES, s) && *s != '-' ? hint_meant(out)
                                                        : hint_none();
    if ( HINT_ALIAS(states, s) )
        return hint_meant(HINT_ALIAS(states, s));
    near_start(&n, s, strlen(s));
    for ( unsigned int i = 0; state_name(i); i++ )
        near_try(&n, state_name(i));

    return hint_meant(n.best);
}
