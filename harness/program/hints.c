/* SPDX-License-Identifier: MIT */
/* Hints for values, arguments and results; see hints.h. */
#include "hints.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "near.h"

/* Longer words get no hint. */
#define WORD_MAX 40
#define NR(a) (sizeof(a) / sizeof((a)[0]))

__attribute__((format(printf, 1, 2))) static struct hint hint(const char *fmt,
                                                              ...)
{
    struct hint h;
    va_list args;

    va_start(args, fmt);
    vsnprintf(h.text, sizeof(h.text), fmt, args);
    va_end(args);

    return h;
}

static struct hint none(void)
{
    return (struct hint){ "" };
}

static struct hint meant(const char *text)
{
    return text ? hint(" (did you mean %s?)", text) : none();
}

/* ---- words ---- */

/* A word as a string, in lower case; false if it is too long. */
static bool copy(char *to, const struct word *w, bool lower_case)
{
    if ( w->len >= WORD_MAX )
        return false;
    for ( size_t i = 0; i < w->len; i++ )
    {
        to[i] = w->s[i];
        if ( lower_case )
            to[i] = near_lower(to[i]);
    }
    to[w->len] = 0;

    return true;
}

struct alias
{
    const char *wrong, *right;
};

static const char *alias_of(const struct alias *table, size_t nr,
                            const char *s)
{
    for ( size_t i = 0; i < nr; i++ )
        if ( !strcmp(table[i].wrong, s) )
            return table[i].right;

    return NULL;
}

#define ALIAS(table, s) alias_of(table, NR(table), s)

static bool starts(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

static bool is_comment(const char *s)
{
    return starts(s, "//") || starts(s, "/*") || starts(s, ";") ||
           starts(s, "--");
}

/* ---- statements ---- */

/* What Xen, its tools or other people call it. */
static const struct alias statements[] = {
    { "claim_pages", "claim" },
    { "unclaim", "claim dN 0" },
    { "release", "claim dN 0" },
    { "populate_physmap", "populate" },
    { "alloc", "populate" },
    { "increase_reservation", "increase" },
    { "decrease_reservation", "decrease" },
    { "free", "decrease" },
    { "createdomain", "create" },
    { "create_domain", "create" },
    { "destroydomain", "destroy" },
    { "destroy_domain", "destroy" },
    { "kill", "destroy" },
    { "maxmem", "max_mem" },
    { "setmaxmem", "max_mem" },
    { "max_pages", "max_mem" },
    { "getdomaininfo", "domain_info" },
    { "assert", "expect" },
    { "check", "expect" },
};

/* Xen's constant, as XENMEM_claim_pages. */
static struct hint of_constant(const struct word *w)
{
    static const enum arg_kind kinds[] = { ARG_CMD, ARG_DOMCTL, ARG_SYSCTL };

    for ( size_t k = 0; k < NR(kinds); k++ )
        for ( uint64_t n = 0; n <= kind_table[kinds[k]]->max; n++ )
        {
            const struct xen_command *c = command_of(kinds[k], n);

            if ( !c || !word_is(w, c->constant) )
                continue;
            if ( c->op == OP_memory_op || c->op == OP_domctl ||
                 c->op == OP_sysctl )
                return hint(" (did you mean %s cmd=%s?)", op_table[c->op].name,
                            c->name);
            return meant(op_table[c->op].name);
        }

    return none();
}

struct hint hint_statement(const struct word *w)
{
    struct hint h = of_constant(w);
    struct near n;
    struct pair pair;
    char s[WORD_MAX], *bracket;
    const char *alias;

    if ( *h.text )
        return h;
    if ( w->len >= 3 && !memcmp(w->s, "\xef\xbb\xbf", 3) )
        return hint(" (the file begins with a byte order mark)");
    if ( !copy(s, w, true) )
        return none();
    if ( is_comment(s) )
        return hint(" (a comment begins with #)");
    word_split(&pair, w);
    if ( pair.has_value && *hint_host(&pair.name).text )
        return hint(" (did you mean host %s?)", s);
    bracket = strchr(s, '(');
    if ( bracket && bracket != s )
        *bracket = 0;
    alias = ALIAS(statements, s);
    if ( alias )
        return meant(alias);
    near_start(&n, s, strlen(s));
    for ( int i = 0; i < OP_COUNT; i++ )
        near_try(&n, op_table[i].name);
    near_try(&n, "host");
    near_try(&n, "expect");

    return meant(n.best);
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

static const struct alias values[] = {
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
        snprintf(out, WORD_MAX, "d%.8s", s + strlen(prefixes[i]));
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
        snprintf(out, WORD_MAX, "%s", c->name);
        return true;
    }
    if ( !starts(s, "domid_") )
        return false;
    snprintf(out, WORD_MAX, "%s", s + strlen("domid_"));

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
    snprintf(out, WORD_MAX, "0x%.30s", s);
    if ( s[0] != '0' && is_value(kind, out) )
        return true;
    snprintf(out, WORD_MAX, "2^64%.30s", s);

    return s[0] == '-' && is_value(kind, out);
}

/* A base that is nearly one, with the offset as it was written; or 1+claim. */
static bool base(char *out, enum arg_kind kind, const char *s)
{
    size_t len = strcspn(s, "+-");
    struct near n;

    if ( kind != ARG_PAGES )
        return false;
    if ( s[len] == '+' )
    {
        snprintf(out, WORD_MAX, "%.16s+%.*s", s + len + 1,
                 (int)(len < 16 ? len : 16), s);
        if ( is_value(kind, out) )
            return true;
    }
    near_start(&n, s, len);
    for ( unsigned int i = 1; i < BASE_COUNT; i++ )
        near_try(&n, base_table[i].name);
    if ( !n.best )
        return false;
    snprintf(out, WORD_MAX, "%s%.20s", n.best, s + len);

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
    char s[WORD_MAX], out[WORD_MAX];
    const char *alias, *name;
    struct near n;

    if ( !copy(s, w, true) || !w->len )
        return none();
    if ( kind == ARG_PAGES && has_unit(s) )
        return hint(" (a count of pages has no unit)");
    /* d1, and (d1 and claim; */
    while ( *s && strchr(",;)", s[strlen(s) - 1]) )
        s[strlen(s) - 1] = 0;
    memmove(s, s + strspn(s, "("), strlen(s + strspn(s, "(")) + 1);
    if ( is_value(kind, s) )
        return meant(s);
    if ( domain(out, kind, s) || constant(out, kind, w, s) ||
         number(out, kind, s) || base(out, kind, s) )
        return meant(out);
    if ( (kind == ARG_LIST || kind == ARG_MEMARG) && !strcmp(s, "short") )
        return meant("short:K");
    alias = ALIAS(values, s);
    if ( alias && is_value(kind, alias) )
        return meant(alias);
    near_start(&n, s, strlen(s));
    for ( unsigned int i = 0; k->word && (name = k->word(i)); i++ )
        near_try(&n, name);

    return meant(n.best);
}

int hint_unnamed(const struct op_info *info, const struct word *w)
{
    for ( int i = 0; i < info->nr_args; i++ )
    {
        enum arg_kind kind = info->arg[i].kind;
        struct value v;

        if ( !kind_table[kind]->positional &&
             (kind_parse(&v, kind, w->s, w->len) ||
              (kind_table[kind]->commands && *hint_value(kind, w).text)) )
            return i;
    }

    return -1;
}

struct hint hint_argument(const struct op_info *info, const struct word *w)
{
    struct near n;

    near_start(&n, w->s, w->len);
    for ( unsigned int i = 0; i < info->nr_args; i++ )
        near_try(&n, info->arg[i].name);

    return meant(n.best);
}

struct hint hint_after_arguments(const struct word *before,
                                 const struct word *w)
{
    char s[WORD_MAX];
    long rc;

    if ( !copy(s, w, false) )
        return none();
    if ( (*s == '+' || *s == '-') && s[1] != '>' )
        return hint(" (no blanks: %.*s%s...)", QUOTE(*before), s);
    if ( !strcmp(s, "==") || !strcmp(s, "->") || !strcmp(s, "=>") ||
         !strcmp(s, ":") )
        return hint(" (a result is written = R)");
    if ( is_comment(s) )
        return hint(" (a comment begins with #)");

    return result_parse(&rc, s, strlen(s)) ? hint(" (did you mean = %s?)", s)
                                           : none();
}

/* ---- expectations ---- */

struct hint hint_result(const struct word *w)
{
    static const struct alias results[] = {
        { "ok", "0" },   { "success", "0" }, { "true", "0" },
        { "yes", "0" },  { "all", "0" },     { "continue", "ERESTART" },
        { "none", "0" },
    };
    char s[WORD_MAX], *p = s;
    const char *name;
    struct near n;

    if ( !copy(s, w, true) )
        return none();
    if ( !strcmp(s, "any") || !strcmp(s, "?") || !strcmp(s, "*") )
        return hint(" (any result: leave it out, and the =)");
    p += strspn(p, "-=");
    while ( *p && strchr(",;", p[strlen(p) - 1]) )
        p[strlen(p) - 1] = 0;
    name = ALIAS(results, p);
    if ( name )
        return meant(name);
    if ( is_number(p) )
        return strlen(p) == w->len ? none() : meant(p);
    near_start(&n, p, strlen(p));
    for ( unsigned int i = 0; (name = result_name(i)); i++ )
    {
        near_try(&n, name);
        near_try(&n, name + 1); /* NOMEM */
        if ( n.best == name + 1 )
            n.best = name;
    }

    return meant(n.best);
}

struct hint hint_counter(const struct word *w)
{
    static const struct alias counters[] = {
        { "free", "host.free" },      { "claimed", "host.claimed" },
        { "claims", "host.claimed" }, { "host.claims", "host.claimed" },
        { "claim", "dN.claim" },      { "tot", "dN.tot" },
        { "max", "dN.max" },          { "extra", "dN.extra" },
        { "state", "dN.state" },
    };
    char s[WORD_MAX], name[EXPECT_NAME_MAX], best[EXPECT_NAME_MAX] = "";
    const char *alias;
    struct expect x;
    struct near n;

    if ( !copy(s, w, true) )
        return none();
    alias = ALIAS(counters, s);
    if ( alias )
        return meant(alias);
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
            return none();

    return meant(*best ? best : NULL);
}

struct hint hint_counter_value(bool state, const struct word *w)
{
    static const struct alias states[] = {
        { "gone", "absent" },    { "none", "absent" },
        { "destroyed", "dead" }, { "running", "alive" },
        { "created", "alive" },  { "killed", "dead" },
    };
    char s[WORD_MAX], out[WORD_MAX];
    struct near n;

    if ( !copy(s, w, true) || !w->len )
        return none();
    if ( is_number(s) )
        return none();
    if ( !state )
        return is_value(ARG_PAGES, s) ? hint(" (a number, not a base)")
               : number(out, ARG_PAGES, s) && *s != '-' ? meant(out)
                                                        : none();
    if ( ALIAS(states, s) )
        return meant(ALIAS(states, s));
    near_start(&n, s, strlen(s));
    for ( unsigned int i = 0; state_name(i); i++ )
        near_try(&n, state_name(i));

    return meant(n.best);
}

/* ---- hosts ---- */

struct hint hint_host(const struct word *w)
{
    struct near n;

    if ( w->len && w->s[0] == '4' )
        return hint(" (no blanks between releases)");
    near_start(&n, w->s, w->len);
    for ( unsigned int i = 0; host_key(i); i++ )
        near_try(&n, host_key(i));

    return meant(n.best);
}

/* A name stands for point releases that have none: 4.19.4 is 4.19. */
static const char *row_of(unsigned int major, unsigned int minor,
                          unsigned int point)
{
    const char *found = NULL;

    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
    {
        unsigned int a = 0, b = 0, c = 0;

        if ( sscanf(release_name(r), "%u.%u.%u", &a, &b, &c) >= 2 &&
             a == major && b == minor && c <= point )
            found = release_name(r);
    }

    return found;
}

struct hint hint_release(const struct word *w)
{
    static const struct alias releases[] = {
        { "any", "all" },
        { "every", "all" },
        { "*", "all" },
    };
    unsigned int a = 0, b = 0, c = 0;
    char s[WORD_MAX], *digits;

    if ( !w->len )
        return hint(" (no blanks between releases)");
    if ( !copy(s, w, true) )
        return none();
    if ( ALIAS(releases, s) )
        return meant(ALIAS(releases, s));
    if ( !strcmp(s, "latest") || !strcmp(s, "newest") )
        return meant(release_name(RELEASE_COUNT - 1));
    digits = s + strcspn(s, "0123456789");
    if ( sscanf(digits, "%2u.%3u.%3u", &a, &b, &c) < 2 )
        return none();

    return meant(row_of(a, b, c));
}
