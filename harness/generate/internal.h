/* SPDX-License-Identifier: MIT */
/* What the sources of harness/generate share; private to it. */
#ifndef CLAIMCHECK_GENERATE_INTERNAL_H
#define CLAIMCHECK_GENERATE_INTERNAL_H

#include "harness/program/kinds/kind.h"
#include "choice.h"
#include "generate.h"
#include "preview.h"

/* Domains that a program works on. With all eight, operations would seldom
 * meet on the same one. */
#define ACTIVE_MAX 4

struct generator
{
    struct choice *c;
    struct preview *preview;
    struct replay *replay; /* that of the preview, if there is one          */
    bool blind; /* ignores the state                                 */
    bool wide;
    uint32_t caps; /* what the hypervisor offers                        */
    /* Where operations are put. */
    struct op *op;
    uint32_t nr, max;
    struct op *next; /* under construction: the one behind those, or, if they
                      * are full, spare                                     */
    struct op spare;
    /* Swarm */
    uint8_t active[ACTIVE_MAX], nr_active; /* the first ones more often      */
    uint8_t weight[OP_COUNT];
    uint32_t weights; /* sum                                               */
    uint8_t scenes;   /* so many of 8 draws are scenes                     */
};

static inline uint32_t below(struct generator *g, uint32_t n)
{
    return choice_below(g->c, n);
}

static inline bool one_in(struct generator *g, uint32_t n)
{
    return choice_one_in(g->c, n);
}

static inline bool full(const struct generator *g)
{
    return g->nr >= g->max;
}

static inline const struct hv_domain_view *dom_view(const struct generator *g,
                                                    int dom)
{
    return &preview_view(g->preview)->dom[dom];
}

/* Has the host blocks that a guest may not have? */
static inline bool is_large(const struct generator *g)
{
    return g->preview->hv.shape.node_pages > PROGRAM_SMALL_NODE;
}

/* ---- build.c: operations under construction ---- */

/* g->next with every argument at its default but the domain. */
struct op *op_begin(struct generator *g, enum op_code code, int dom);
/* An argument by name, for operations of several codes that have it. */
void op_set(struct op *op, const char *name, uint8_t sel, int64_t v);
struct value *op_argument(struct op *op, const char *name);
/* Its page count; it has one. */
struct value *op_pages(struct op *op);
/* Append it if there is room, and carry it out in the preview. */
void op_done(struct generator *g);

/* ---- operands.c ---- */

/* What an operation wants of its domain. */
enum want
{
    WANT_ANY,
    WANT_ABSENT,
    WANT_ALIVE,
    WANT_CLAIMANT, /* alive, holds a claim                                  */
    WANT_OWNER,    /* alive, owns pages                                     */
    WANT_ENDED,    /* dying or lingering                                    */
    WANT_MAPPED,   /* in whatever state, dom0 maps pages of it              */
    WANT_EXTRA,    /* alive, has extra pages                                */
};

/* One of the active domains, the first ones more often; seldom any other. */
int any_dom(struct generator *g);
/* An active one in that state, or -1. */
int find_dom(struct generator *g, enum want want);
/* The same; any if there is none, or if the program ignores the state. */
int want_dom(struct generator *g, enum want want);

/* On a large host: an order around the limit of a guest, which is 9. */
int64_t large_order(struct generator *g);
/* Any value of a kind, whatever the state. */
void random_value(struct generator *g, enum arg_kind kind, struct value *v);
/* Page counts that mostly succeed, more often than not at a limit. */
void claim_pages(struct generator *g, int dom, struct value *v);
void reserve_pages(struct generator *g, int dom, struct value *v);
void decrease_pages(struct generator *g, int dom, struct value *v);
void limit_pages(struct generator *g, int dom, struct value *v);

/* ---- operations.c, raw.c, scenes.c ---- */
void random_op(struct generator *g);
/* How many fields of a raw call are to be wrong: 0, 1 or 2. */
uint32_t wrong_fields(struct generator *g);
/* g->next is a raw call; or the claim call, for that domain. */
void exchange_call(struct generator *g, struct op *op);
void raw_call(struct generator *g);
void raw_claim(struct generator *g, int dom);
/* Likewise a domctl or a sysctl: what g->next is already. */
void control_call(struct generator *g, struct op *op);
void random_scene(struct generator *g);
void scene_build(struct generator *g, int dom);

/* ---- sets.c: claim sets, on hosts of drafts ---- */
void set_arguments(struct generator *g, struct op *op);
void get_arguments(struct generator *g, struct op *op);
/* g->next, which op is, becomes a raw call. */
void set_call(struct generator *g, struct op *op);
void scene_set(struct generator *g);

/* ---- offers.c ---- */

/* Change an operation so that it needs nothing that the hypervisor lacks;
 * where dom0's pages must not be touched, it uses dom's. False: that is
 * impossible. */
bool offers_fit(struct op *op, uint32_t caps, int dom);

#endif /* CLAIMCHECK_GENERATE_INTERNAL_H */
