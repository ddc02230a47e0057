/* SPDX-License-Identifier: MIT */
/*
 * The timeline of a story: from the bottom, what each domain owns, what the
 * hypervisor keeps, what each domain claims, and what is free and unclaimed.
 * Together that is all there is, unless more is promised: then it rises above
 * the line of all pages, which is the bound of all claims: what is free.
 *
 * If the run failed because a domain may not own and claim so much, a second
 * drawing has that domain alone, below the line of its limit.
 */
#include "html.h"

#include <inttypes.h>
#include <string.h>

/* Measures of the drawing, in its own units. */
#define WIDTH 900
#define HEIGHT 300
#define LEFT 48
#define RIGHT 8
#define TOP 12
#define BOTTOM 28
/* Numbers under steps stand this far apart at least. */
#define LABEL_WIDTH 26

/* What is stacked, from the bottom: owned by a domain, other, claims, those that
 * no domain has any more, free. */
#define LAYER_OTHER HV_DOMS_MAX
#define LAYER_CLAIM (HV_DOMS_MAX + 1)
#define LAYER_LOST (LAYER_CLAIM + HV_DOMS_MAX)
#define LAYER_FREE (LAYER_LOST + 1)
#define LAYERS (LAYER_FREE + 1)

struct drawing
{
    const struct story *s;
    int dom;          /* of this domain alone, or ALL_DOMAINS */
    uint32_t moments; /* the start, and after each step */
    uint64_t top;     /* pages at the upper end */
};

#define ALL_DOMAINS (-1)

static const struct hv_view *view_at(const struct drawing *d, uint32_t moment)
{
    return moment ? &d->s->step[moment - 1].after : &d->s->start;
}

/* Pages of a layer at a moment. */
static uint64_t layer(const struct drawing *d, uint32_t moment, unsigned int l)
{
    const struct hv_view *v = view_at(d, moment);
    uint64_t owned = v->free;

    if ( d->dom != ALL_DOMAINS && l != (unsigned int)d->dom &&
         l != LAYER_CLAIM + (unsigned int)d->dom )
        return 0;
    if ( l < HV_DOMS_MAX )
        return v->dom[l].tot + v->dom[l].extra;
    if ( l >= LAYER_CLAIM && l < LAYER_LOST )
        return v->dom[l - LAYER_CLAIM].claim;
    if ( l == LAYER_LOST )
    {
        uint64_t claims = 0;

        for ( unsigned int i = 0; i < HV_DOMS_MAX; i++ )
            claims += v->dom[i].claim;
        return v->claimed > claims ? v->claimed - claims : 0;
    }
    if ( l == LAYER_FREE )
    {
        for ( unsigned int i = LAYER_CLAIM; i < LAYER_FREE; i++ )
            owned -= owned < layer(d, moment, i) ? owned : layer(d, moment, i);
        return owned;
    }
    for ( unsigned int i = 0; i < HV_DOMS_MAX; i++ )
        owned += layer(d, moment, i);

    return d->s->pages > owned ? d->s->pages - owned : 0;
}

/* Pages up to the upper edge of a layer. */
static uint64_t stacked(const struct drawing *d, uint32_t moment,
                        unsigned int up_to)
{
    uint64_t pages = 0;

    for ( unsigned int l = 0; l <= up_to; l++ )
        pages += layer(d, moment, l);

    return pages;
}

/* Pages that must not be exceeded at a moment. */
static uint64_t bound(const struct drawing *d, uint32_t moment)
{
    return d->dom == ALL_DOMAINS ? d->s->pages
                                 : view_at(d, moment)->dom[d->dom].max;
}

static unsigned int x_of(const struct drawing *d, uint32_t moment)
{
    return LEFT + moment * (WIDTH - LEFT - RIGHT) / d->moments;
}

static unsigned int y_of(const struct drawing *d, uint64_t pages)
{
    uint64_t height = HEIGHT - TOP - BOTTOM;

    if ( pages > d->top )
        pages = d->top;

    return (unsigned int)(HEIGHT - BOTTOM - pages * height / d->top);
}

static const char *layer_class(unsigned int l, char *name, size_t size)
{
    if ( l == LAYER_FREE )
        return "free";
    if ( l == LAYER_OTHER )
        return "other";
    if ( l == LAYER_LOST )
        return "lost";
    snprintf(name, size, "d%u%s", l < HV_DOMS_MAX ? l : l - LAYER_CLAIM,
             l < HV_DOMS_MAX ? "" : " claim");

    return name;
}

static bool layer_is_empty(const struct drawing *d, unsigned int l)
{
    for ( uint32_t m = 0; m < d->moments; m++ )
        if ( layer(d, m, l) )
            return false;

    return true;
}

/* One area: along its upper edge and back along its lower. */
static void area(FILE *f, const struct drawing *d, unsigned int l)
{
    char name[16];

    fprintf(f, "<path class=\"%s\" d=\"M", layer_class(l, name, sizeof(name)));
    for ( uint32_t m = 0; m < d->moments; m++ )
    {
        unsigned int y = y_of(d, stacked(d, m, l));

        fprintf(f, "%u %u %u %u ", x_of(d, m), y, x_of(d, m + 1), y);
    }
    for ( uint32_t m = d->moments; m--; )
    {
        unsigned int y = y_of(d, l ? stacked(d, m, l - 1) : 0);

        fprintf(f, "%u %u %u %u ", x_of(d, m + 1), y, x_of(d, m), y);
    }
    fprintf(f, "Z\"/>\n");
}

/* What is shown of a moment when the pointer or the focus is there. */
static void tip(FILE *f, const struct drawing *d, uint32_t m)
{
    const struct hv_view *v = view_at(d, m);
    char line[TEXT_LINE_MAX + 1], rc[RESULT_NAME_MAX];

    fprintf(f, "<title>");
    if ( !m )
        fprintf(f, "at the start");
    else
    {
        const struct story_step *st = &d->s->step[m - 1];

        op_print(line, sizeof(line), &st->op);
        result_print(rc, sizeof(rc), st->rc);
        if ( st->drain )
            fprintf(f, "end: ");
        else
            fprintf(f, "%u: ", st->step + 1);
        html_text(f, line);
        if ( st->in_call || st->not_run )
            fprintf(f, st->in_call ? " (failed)" : " (not run)");
        else
            fprintf(f, " = %s", rc);
    }
    fprintf(f, "\nfree %" PRIu64 ", claimed %" PRIu64, v->free, v->claimed);
    for ( unsigned int i = 0; i < HV_DOMS_MAX; i++ )
        if ( v->dom[i].state != HV_DOM_ABSENT )
            fprintf(f, "\nd%u: %u pages, claim %u, limit %u", i, v->dom[i].tot,
                    v->dom[i].claim, v->dom[i].max);
    fprintf(f, "</title>");
}

static void moments(FILE *f, const struct drawing *d)
{
    unsigned int labelled = 0;

    for ( uint32_t m = 0; m < d->moments; m++ )
    {
        unsigned int x = x_of(d, m), width = x_of(d, m + 1) - x;
        bool failed = m && d->s->step[m - 1].failed;

        if ( failed )
            fprintf(f, "<rect class=fail x=%u y=%u width=%u height=%u />\n", x,
                    TOP, width, HEIGHT - TOP - BOTTOM);
        fprintf(f,
                "<a href=\"#%s%.0u\"><rect class=hit x=%u y=%u width=%u "
                "height=%u />",
                m ? "step" : "steps", m, x, TOP, width, HEIGHT - TOP - BOTTOM);
        tip(f, d, m);
        fprintf(f, "</a>\n");
        if ( m && !d->s->step[m - 1].drain && x >= labelled )
        {
            fprintf(f, "<text x=%u y=%u>%u</text>\n", x + width / 2 - 4,
                    HEIGHT - 10, d->s->step[m - 1].step + 1);
            labelled = x + LABEL_WIDTH;
        }
    }
}

static void key(FILE *f, const struct drawing *d)
{
    char name[16];

    fprintf(f, "<ul class=key>\n");
    for ( unsigned int l = 0; l < LAYERS; l++ )
        if ( !layer_is_empty(d, l) )
            fprintf(f, "<li><i class=\"%s\"></i>%s%s</li>\n",
                    layer_class(l, name, sizeof(name)),
                    l == LAYER_FREE    ? "free and unclaimed"
                    : l == LAYER_OTHER ? d->s->spec.program->host.llc
                                             ? "the hypervisor's own, and "
                                               "coloured"
                                             : "the hypervisor's own"
                    : l == LAYER_LOST  ? "claimed by nobody"
                                       : name,
                    l < HV_DOMS_MAX                      ? " owns"
                    : l >= LAYER_CLAIM && l < LAYER_LOST ? "s"
                                                         : "");
    fprintf(f, "<li><i class=bound></i>");
    if ( d->dom == ALL_DOMAINS )
        fprintf(f, "all pages: claims that rise above are more than is free");
    else
        fprintf(f, "limit of d%d: what it owns and claims must stay below",
                d->dom);
    fprintf(f, "</li></ul>\n");
}

/* The line of the bound, with its steps. */
static void bound_line(FILE *f, const struct drawing *d)
{
    fprintf(f, "<path class=\"bound%s\" fill=none d=\"M",
            d->dom == ALL_DOMAINS ? "" : " limit");
    for ( uint32_t m = 0; m < d->moments; m++ )
    {
        unsigned int y = y_of(d, bound(d, m));

        fprintf(f, "%u %u %u %u ", x_of(d, m), y, x_of(d, m + 1), y);
    }
    fprintf(f, "\"/>\n");
}

/* The moment that the numbers at the side are of: where it failed, or the
 * end. */
static uint32_t last_moment(const struct drawing *d)
{
    for ( uint32_t m = 1; m < d->moments; m++ )
        if ( d->s->step[m - 1].failed )
            return m;

    return d->moments - 1;
}

/* The upper end: room above the bound, and a counter that has wrapped is not to
 * scale. */
static uint64_t top_of(const struct drawing *d)
{
    uint64_t most = bound(d, last_moment(d)), top = most;

    for ( uint32_t m = 0; m < d->moments; m++ )
        if ( stacked(d, m, LAYER_FREE) > top )
            top = stacked(d, m, LAYER_FREE);
    if ( most && top > 2 * most )
        top = 2 * most;
    if ( top > 2 * d->s->pages )
        top = 2 * d->s->pages;

    return top + top / 12 + !top;
}

static void draw(FILE *f, const struct story *s, int dom)
{
    struct drawing d = { s, dom, s->nr + 1, 0 };
    unsigned int y;

    d.top = top_of(&d);
    y = y_of(&d, bound(&d, last_moment(&d)));
    fprintf(f, "<figure><svg viewBox=\"0 0 %u %u\" role=img aria-label=\"",
            WIDTH, HEIGHT);
    if ( dom != ALL_DOMAINS )
        fprintf(f, "d%d: ", dom);
    fprintf(f, "pages after each step\">\n");
    for ( unsigned int l = 0; l < LAYERS; l++ )
        if ( !layer_is_empty(&d, l) )
            area(f, &d, l);
    fprintf(f, "<path class=axis d=\"M%u %u V%u H%u\" fill=none />\n", LEFT,
            TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
    bound_line(f, &d);
    fprintf(f,
            "<text x=4 y=%u>%" PRIu64 "</text><text x=4 y=%u>0</text>\n"
            "<text x=4 y=%u>step</text>\n",
            y + 4, bound(&d, last_moment(&d)), HEIGHT - BOTTOM, HEIGHT - 10);
    moments(f, &d);
    fprintf(f, "</svg><figcaption>\n");
    key(f, &d);
    fprintf(f, "</figcaption></figure>\n");
}

void timeline_svg(FILE *f, const struct story *s)
{
    const char cap[] = "CAP/";

    draw(f, s, ALL_DOMAINS);
    if ( s->r.outcome != RUN_VIOLATION ||
         strncmp(s->r.signature, cap, strlen(cap)) )
        return;
    for ( int i = 0; i < HV_DOMS_MAX; i++ )
        if ( (uint64_t)s->seen.dom[i].tot + s->seen.dom[i].claim >
             s->seen.dom[i].max )
            draw(f, s, i);
}
