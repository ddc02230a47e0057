/* SPDX-License-Identifier: MIT */
/* Domains and values, by the state or regardless of it; see internal.h. */
#include "internal.h"

/* More pages at a time cost time and show nothing new. */
#define PAGES_AT_ONCE 48

/* ---- domains ---- */

int any_dom(struct generator *g)
{
    uint32_t i, j;

    if ( one_in(g, 24) )
        return (int)below(g, HV_DOMS_MAX);
    i = below(g, g->nr_active);
    j = below(g, g->nr_active);

    return g->active[i < j ? i : j];
}

static bool is_as_wanted(const struct generator *g, int dom, enum want want)
{
    const struct hv_domain_view *d = dom_view(g, dom);

    switch ( want )
    {
    case WANT_ANY: return true;
    case WANT_ABSENT: return d->state == HV_DOM_ABSENT;
    case WANT_ALIVE: return d->state == HV_DOM_ALIVE;
    case WANT_CLAIMANT: return d->state == HV_DOM_ALIVE && d->claim;
    case WANT_OWNER: return d->state == HV_DOM_ALIVE && d->tot;
    case WANT_ENDED:
        return d->state == HV_DOM_DYING || d->state == HV_DOM_DEAD;
    case WANT_MAPPED:
        return d->tot && model_any_mapped(&g->preview->hv.m, dom);
    case WANT_EXTRA: return d->state == HV_DOM_ALIVE && d->extra;
    }

    return false;
}

int find_dom(struct generator *g, enum want want)
{
    uint32_t first = below(g, g->nr_active);

    for ( uint32_t i = 0; i < g->nr_active; i++ )
    {
        int dom = g->active[(first + i) % g->nr_active];

        if ( is_as_wanted(g, dom, want) )
            return dom;
    }

    return -1;
}

int want_dom(struct generator *g, enum want want)
{
    int dom = g->blind || want == WANT_ANY || one_in(g, 24)
                  ? -1
                  : find_dom(g, want);

    return dom < 0 ? any_dom(g) : dom;
}

/* ---- values regardless of the state ---- */

static void random_pages(struct generator *g, struct value *v)
{
    uint32_t step;

    switch ( below(g, 4) )
    {
    case 0: *v = (struct value){ .v = below(g, 17), .sel = BASE_LIT }; break;

    case 1:
        *v = (struct value){ .sel = BASE_LIT,
                             .v = (int64_t)below(
                                 g, g->preview->hv.shape.node_pages + 2U) };
        break;

    default:
        /* The base itself three times as often. */
        step = below(g, PAGES_STEPS + 2);
        v->v = pages_steps[step < 2 ? 0 : step - 2];
        v->sel = (uint8_t)below(g, BASE_COUNT);
        /* 0 as a literal's offset: a negative one has no narrow form. */
        if ( v->sel == BASE_LIT && v->v < 0 )
            v->v = -v->v;
        break;
    }
}

static void random_wide(struct generator *g, enum arg_kind kind,
                        struct value *v)
{
    uint8_t bytes[16];
    uint64_t n = choice_bits(g->c), m = choice_bits(g->c);

    /* Small numbers as often as large ones, by number of bits. */
    le_put(bytes, 8, m);
    le_put(bytes + 1, 8, n >> below(g, 64));
    if ( kind_table[kind]->bytes <= 8 )
        le_put(bytes, 8, n >> below(g, 64));
    kind_decode(v, kind, bytes);
}

void random_value(struct generator *g, enum arg_kind kind, struct value *v)
{
    if ( kind == ARG_DOM )
        v->v = any_dom(g);
    else if ( g->wide && one_in(g, 8) )
        random_wide(g, kind, v);
    else if ( kind == ARG_PAGES )
        random_pages(g, v);
    else if ( kind == ARG_ORDER && !one_in(g, 4) )
        v->v = below(g, 4);
    else
        kind_decode_narrow(v, kind, below(g, kind_codes(kind)));
}

int64_t large_order(struct generator *g)
{
    return 8 + below(g, 3);
}

/* ---- page counts by the state ---- */

/* At a limit: the base, one less or one more. */
static void edge(struct generator *g, struct value *v, enum pages_base base)
{
    v->sel = (uint8_t)base;
    v->v = (int64_t)below(g, 3) - 1;
    if ( base == BASE_LIT && v->v < 0 )
        v->v = 1;
}

/* base + 1 .. base + most */
static void above(struct generator *g, struct value *v, enum pages_base base,
                  uint32_t most)
{
    v->sel = (uint8_t)base;
    v->v = 1 + (int64_t)below(g, most ? most : 1);
}

static uint32_t at_most(uint64_t n, uint32_t most)
{
    return n < most ? (uint32_t)n : most;
}

void claim_pages(struct generator *g, int dom, struct value *v)
{
    const struct hv_view *view = preview_view(g->preview);
    const struct hv_domain_view *d = dom_view(g, dom);
    uint64_t unclaimed = view->free > view->claimed
                             ? view->free - view->claimed
                             : 0;
    uint64_t room = d->max > d->tot ? d->max - d->tot : 0;
    uint64_t most = unclaimed < room ? unclaimed : room;
    uint32_t kind = below(g, 16);

    /* A domain with a claim, or one that cannot claim, can only release. */
    if ( (d->claim || !most) && kind < 12 )
        *v = (struct value){ .sel = BASE_LIT };
    else if ( kind < 3 )
        edge(g, v, BASE_CLAIMABLE);
    else if ( kind == 3 )
        edge(g, v, BASE_TOT);
    else if ( kind == 4 )
        edge(g, v, BASE_MAX);
    else if ( kind == 5 )
        random_pages(g, v);
    else if ( is_large(g) && one_in(g, 2) )
    {
        /* For a large block, or one page short of it. */
        *v = (struct value){ .sel = BASE_TOT };
        v->v = (INT64_C(1) << large_order(g)) + below(g, 3) - 1;
    }
    else
        above(g, v, BASE_TOT, at_most(most, 24));
}

void reserve_pages(struct generator *g, int dom, struct value *v)
{
    static const uint8_t bases[] = { BASE_CLAIM, BASE_CLAIM, BASE_UNCLAIMED,
                                     BASE_ROOM, BASE_FREE };
    uint32_t kind = below(g, 16);

    if ( kind < 6 )
    {
        edge(g, v, (enum pages_base)bases[below(g, sizeof(bases))]);
        if ( preview_pages(g->preview, v, dom) - 1 < PAGES_AT_ONCE )
            return;
    }
    else if ( kind == 6 )
    {
        if ( one_in(g, 3) )
            edge(g, v, BASE_P2_26); /* the most that a call may ask for */
        else
            random_pages(g, v);
        return;
    }
    above(g, v, BASE_LIT, 8);
}

void decrease_pages(struct generator *g, int dom, struct value *v)
{
    switch ( below(g, 8) )
    {
    case 0: edge(g, v, BASE_TOT); break;

    case 1: random_pages(g, v); break;

    default: above(g, v, BASE_LIT, at_most(dom_view(g, dom)->tot, 8)); break;
    }
}

void limit_pages(struct generator *g, int dom, struct value *v)
{
    (void)dom;
    switch ( below(g, 8) )
    {
    case 0: edge(g, v, BASE_TOT); break;

    case 1: edge(g, v, BASE_GOAL); break;

    case 2: above(g, v, BASE_TOT, 8); break;

    case 3: random_pages(g, v); break;

    default: *v = (struct value){ .sel = BASE_HOST }; break;
    }
}
