/* SPDX-License-Identifier: MIT */
/* host statements: shape, releases, kind of records. Not here: their place in
 * the file (parse.c). */
#include "hints.h"
#include "scan.h"

#include <string.h>

static bool host_number(struct line *line, const struct pair *pair,
                        uint64_t min, uint64_t max, uint64_t *n)
{
    if ( number_parse(n, pair->value.s, pair->value.len, max) && *n >= min )
        return true;

    problem_add(line->problems, line->nr, pair->value.column,
                "invalid %.*s '%.*s': expected %u .. %u%s", QUOTE(pair->name),
                QUOTE(pair->value), (unsigned int)min, (unsigned int)max,
                hint_counter_value(false, &pair->value).text);
    return false;
}

static void unknown_release(const struct line *line, const struct word *w)
{
    char names[128] = "";
    size_t len = 0;

    for ( unsigned int r = 0; r < RELEASE_COUNT && len < sizeof(names); r++ )
        len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
                                r ? "," : "", release_name(r));
    problem_add(
        line->problems, line->nr, w->column,
        "unknown release '%.*s': expected all, drafts, or some of %s%s",
        QUOTE(*w), names, hint_release(w).text);
}

enum release litmus_release(uint32_t releases)
{
    if ( releases == RELEASE_MASK_ALL )
        return RELEASE_DEFAULT;
    if ( releases == RELEASE_MASK_DRAFTS )
        return RELEASE_DRAFT_NEWEST;

    return (enum release)__builtin_ctz(releases);
}

/* The releases that a word means; 0: none. */
static uint32_t releases_named(const struct word *w)
{
    if ( word_is(w, "all") )
        return RELEASE_MASK_ALL;
    if ( word_is(w, "drafts") )
        return RELEASE_MASK_DRAFTS;
    for ( int r = 0; r < RELEASE_COUNT; r++ )
        if ( word_is(w, release_name(r)) )
            return RELEASE_BIT(r);

    return 0;
}

static void host_releases(struct litmus *l, struct line *line,
                          const struct word *list)
{
    size_t at = 0;

    l->releases = 0;
    do
    {
        const char *comma = memchr(list->s + at, ',', list->len - at);
        size_t end = comma ? (size_t)(comma - list->s) : list->len;
        struct word w = { list->s + at, end - at,
                          list->column + (uint32_t)at };
        uint32_t mask = releases_named(&w);

        if ( !mask )
            unknown_release(line, &w);
        else if ( l->releases & mask )
            problem_add(line->problems, line->nr, w.column,
                        "duplicate release %.*s: expected it once", QUOTE(w));
        else
        {
            if ( !l->releases )
                l->program.host.release = (uint8_t)litmus_release(mask);
            l->releases |= mask;
        }
        at = end + 1;
    } while ( at <= list->len );
}

static void host_records(struct litmus *l, struct narrow_wish *narrow,
                         struct line *line, const struct pair *pair)
{
    if ( word_is(&pair->value, "wide") )
        l->program.wide = true;
    else if ( word_is(&pair->value, "narrow") )
    {
        narrow->line = line->nr;
        narrow->column = pair->value.column;
    }
    else
        problem_add(line->problems, line->nr, pair->value.column,
                    "invalid records '%.*s': expected narrow or wide",
                    QUOTE(pair->value));
}

static const char *const host_keys[] = { "nodes", "pages", "release", "llc",
                                         "records" };

#define NR_HOST_KEYS (sizeof(host_keys) / sizeof(host_keys[0]))

const char *host_key(unsigned int i)
{
    return i < NR_HOST_KEYS ? host_keys[i] : NULL;
}

static void host_pair(struct litmus *l, struct narrow_wish *narrow,
                      struct line *line, const struct pair *pair,
                      unsigned int *seen)
{
    struct host_shape *host = &l->program.host;
    unsigned int key;
    uint64_t n;

    for ( key = 0; key < NR_HOST_KEYS; key++ )
        if ( word_is(&pair->name, host_keys[key]) )
            break;

    if ( key == NR_HOST_KEYS || !pair->has_value )
    {
        problem_add(line->problems, line->nr, pair->name.column,
                    "%s host property '%.*s': expected nodes=, pages=, "
                    "release=, llc= or records=%s",
                    key == NR_HOST_KEYS ? "unknown" : "no value of",
                    QUOTE(pair->name),
                    key == NR_HOST_KEYS ? hint_host(&pair->name).text
                                        : " (without blanks)");
        return;
    }
    if ( *seen & (1U << key) )
        problem_add(line->problems, line->nr, pair->name.column,
                    "duplicate host property %s: expected it once",
                    host_keys[key]);
    *seen |= 1U << key;

    switch ( key )
    {
    case 0:
        if ( host_number(line, pair, 1, HV_NODES_MAX, &n) )
            host->nodes = (uint8_t)n;
        break;

    case 1:
        if ( host_number(line, pair, 1, HV_NODE_PAGES_MAX, &n) )
            host->node_pages = (uint32_t)n;
        break;

    case 2: host_releases(l, line, &pair->value); break;

    case 3:
        if ( host_number(line, pair, 0, 1, &n) )
            host->llc = n;
        break;

    default: host_records(l, narrow, line, pair); break;
    }
}

void host_parse(struct litmus *l, struct narrow_wish *narrow,
                struct line *line)
{
    unsigned int seen = 0;
    struct pair pair;
    struct word w;

    while ( line_next(line, &w) )
    {
        word_split(&pair, &w);
        host_pair(l, narrow, line, &pair, &seen);
    }
}
