/* SPDX-License-Identifier: MIT */
/* Hints for statements, arguments, hosts and releases; see hints.h. Not here:
 * values (hints.c). */
#include "hints.h"

#include <stdio.h>
#include <string.h>

#include "hint.h"
#include "near.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static bool is_comment(const char *s)
{
    return !strncmp(s, "//", 2) || !strncmp(s, "/*", 2) || *s == ';' ||
           !strncmp(s, "--", 2);
}

/* ---- statements ---- */

/* What Xen, its tools or other people call it. */
static const struct hint_alias statements[] = {
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
                return hint_say(" (did you mean %s cmd=%s?)",
                                op_table[c->op].name, c->name);
            return hint_meant(op_table[c->op].name);
        }

    return hint_none();
}

struct hint hint_statement(const struct word *w)
{
    struct hint h = of_constant(w);
    struct near n;
    struct pair pair;
    char s[HINT_WORD_MAX], *bracket;
    const char *alias;

    if ( *h.text )
        return h;
    if ( w->len >= 3 && !memcmp(w->s, "\xef\xbb\xbf", 3) )
        return hint_say(" (the file begins with a byte order mark)");
    if ( !hint_copy(s, w, true) )
        return hint_none();
    if ( is_comment(s) )
        return hint_say(" (a comment begins with #)");
    word_split(&pair, w);
    if ( pair.has_value && *hint_host(&pair.name).text )
        return hint_say(" (did you mean host %s?)", s);
    bracket = strchr(s, '(');
    if ( bracket && bracket != s )
        *bracket = 0;
    alias = HINT_ALIAS(statements, s);
    if ( alias )
        return hint_meant(alias);
    near_start(&n, s, strlen(s));
    for ( int i = 0; i < OP_COUNT; i++ )
        near_try(&n, op_table[i].name);
    near_try(&n, "host");
    near_try(&n, "expect");

    return hint_meant(n.best);
}

/* ---- arguments ---- */

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

    return hint_meant(n.best);
}

struct hint hint_after_arguments(const struct word *before,
                                 const struct word *w)
{
    char s[HINT_WORD_MAX];
    long rc;

    if ( !hint_copy(s, w, false) )
        return hint_none();
    if ( (*s == '+' || *s == '-') && s[1] != '>' )
        return hint_say(" (no blanks: %.*s%s...)", QUOTE(*before), s);
    if ( !strcmp(s, "==") || !strcmp(s, "->") || !strcmp(s, "=>") ||
         !strcmp(s, ":") )
        return hint_say(" (a result is written = R)");
    if ( is_comment(s) )
        return hint_say(" (a comment begins with #)");

    return result_parse(&rc, s, strlen(s))
               ? hint_say(" (did you mean = %s?)", s)
               : hint_none();
}

/* ---- hosts ---- */

struct hint hint_host(const struct word *w)
{
    struct near n;

    if ( w->len && w->s[0] == '4' )
        return hint_say(" (no blanks between releases)");
    near_start(&n, w->s, w->len);
    for ( unsigned int i = 0; host_key(i); i++ )
        near_try(&n, host_key(i));

    return hint_meant(n.best);
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
    static const struct hint_alias releases[] = {
        { "any", "all" },
        { "every", "all" },
        { "*", "all" },
    };
    unsigned int a = 0, b = 0, c = 0;
    char s[HINT_WORD_MAX], *digits;

    if ( !w->len )
        return hint_say(" (no blanks between releases)");
    if ( !hint_copy(s, w, true) )
        return hint_none();
    if ( HINT_ALIAS(releases, s) )
        return hint_meant(HINT_ALIAS(releases, s));
    if ( !strcmp(s, "latest") || !strcmp(s, "newest") )
        return hint_meant(release_name(RELEASE_DEFAULT));
    digits = s + strcspn(s, "0123456789");
    if ( sscanf(digits, "%2u.%3u.%3u", &a, &b, &c) < 2 )
        return hint_none();

    return hint_meant(row_of(a, b, c));
}
