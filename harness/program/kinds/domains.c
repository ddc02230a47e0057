/* SPDX-License-Identifier: MIT */
/*
 * Domains: DOM, the one that an operation is for; DOMID, whatever a raw call
 * names; CALLER, who makes it, and ABI, how.
 */
#include "internal.h"

/* "dN" with N at least min. */
static bool parse_slot(struct value *v, const char *s, size_t len, char min)
{
    if ( len != 2 || s[0] != 'd' || s[1] < min || s[1] >= '0' + HV_DOMS_MAX )
        return false;

    v->v = s[1] - '0';
    return true;
}

/* ---- DOM ---- */

static bool parse_dom(struct value *v, const struct kind *k, const char *s,
                      size_t len)
{
    (void)k;
    return parse_slot(v, s, len, '0');
}

static int print_dom(char *out, const struct kind *k, const struct value *v)
{
    (void)k;
    return snprintf(out, KIND_TEXT_MAX, "d%d", (int)v->v);
}

const struct kind kind_DOM = {
    .name = NAME_WIDTHS(DOM),
    .form = "d0 .. d7",
    .positional = true,
    .max = HV_DOMS_MAX - 1,
    .parse = parse_dom,
    .print = print_dom,
};

/* ---- POOL ---- */

static void decode_pool(struct value *v, uint8_t sel, uint64_t n)
{
    (void)sel;
    v->v = (int64_t)(n % (HV_DOMS_MAX + 1));
}

static bool parse_pool(struct value *v, const struct kind *k, const char *s,
                       size_t len)
{
    (void)k;
    v->v = 0;
    if ( text_is("none", s, len) )
        return true;
    if ( !parse_slot(v, s, len, '0') )
        return false;
    v->v++;

    return true;
}

static int print_pool(char *out, const struct kind *k, const struct value *v)
{
    (void)k;
    return v->v ? snprintf(out, KIND_TEXT_MAX, "d%d", (int)v->v - 1)
                : text_out(out, "none");
}

static const char *pool_word(unsigned int i)
{
    return i ? NULL : "none";
}

/* Twice as often nobody's as any domain's. */
NARROW(pools) = {
    V4(0, 1, 2, 3),
    V4(4, 5, 6, 7),
    V4(8, 0, 0, 0),
    V4(0, 0, 0, 0),
};

const struct kind kind_POOL = {
    .name = NAME_WIDTHS(POOL),
    .form = "none, or d0 .. d7",
    .max = HV_DOMS_MAX,
    .narrow = pools,
    .decode = decode_pool,
    .parse = parse_pool,
    .print = print_pool,
    .word = pool_word,
};

/* ---- DOMID ---- */

static const struct
{
    const char *name;
    uint16_t domid;
} system_domids[] = {
    { "self", DOMID_SELF }, { "io", DOMID_IO },           { "xen", DOMID_XEN },
    { "cow", DOMID_COW },   { "invalid", DOMID_INVALID }, { "any", DOMID_ANY },
    { "idle", DOMID_IDLE },
};

static void decode_domid(struct value *v, uint8_t sel, uint64_t n)
{
    (void)sel;
    *v = (struct value){ .v = (int64_t)n, .sel = n < HV_DOMS_MAX };
}

static bool parse_domid(struct value *v, const struct kind *k, const char *s,
                        size_t len)
{
    for ( size_t i = 0; i < NR_OF(system_domids); i++ )
        if ( text_is(system_domids[i].name, s, len) )
        {
            v->v = system_domids[i].domid;
            return true;
        }

    if ( !parse_slot(v, s, len, '0') && !number_value(v, k, s, len) )
        return false;
    v->sel = v->v < HV_DOMS_MAX;

    return true;
}

static int print_domid(char *out, const struct kind *k, const struct value *v)
{
    for ( size_t i = 0; i < NR_OF(system_domids); i++ )
        if ( v->v == system_domids[i].domid )
            return text_out(out, system_domids[i].name);

    return v->sel ? print_dom(out, k, v) : number_print(out, (uint64_t)v->v);
}

static const char *domid_word(unsigned int i)
{
    return i < NR_OF(system_domids) ? system_domids[i].name : NULL;
}

NARROW(domids) = {
    S4(1, 0, 1, 2, 3),
    S4(1, 4, 5, 6, 7),
    V4(DOMID_SELF, DOMID_IO, DOMID_XEN, DOMID_COW),
    V4(DOMID_INVALID, DOMID_ANY, DOMID_IDLE, 0x8000),
};

/* The first that is none of this host's, the last one that a domain can have
 * (the next is "self"), and the last there is. */
static const struct value more_domids[] = { V(HV_DOMS_MAX), V(0x7fef),
                                            V(UINT16_MAX) };

const struct kind kind_DOMID = {
    .name = NAME_WIDTHS(DOMID),
    .form = "d0 .. d7, self, io, xen, cow, invalid, any, idle, or 0 .. 0xffff",
    .max = UINT16_MAX,
    .narrow = domids,
    .decode = decode_domid,
    .parse = parse_domid,
    .print = print_domid,
    .word = domid_word,
    .edges = more_domids,
    .nr_edges = NR_OF(more_domids),
};

int domid_resolve(uint16_t domid, const struct hv_caller *caller)
{
    if ( domid == DOMID_SELF )
        domid = caller->domid;

    return domid < HV_DOMS_MAX ? domid : -1;
}

/* ---- CALLER ---- */

static bool parse_caller(struct value *v, const struct kind *k, const char *s,
                         size_t len)
{
    bool user = len == 7 && !memcmp(s + 2, ".user", 5);

    (void)k;
    if ( text_is("dom0", s, len) )
        v->v = CALLER_DOM0;
    else if ( text_is("ctl", s, len) )
        v->v = CALLER_CTL;
    else if ( !parse_slot(v, s, user ? 2 : len, '1') )
        return false;
    else if ( user )
        v->v += CALLER_USER;

    return true;
}

static int print_caller(char *out, const struct kind *k, const struct value *v)
{
    (void)k;
    if ( v->v == CALLER_DOM0 || v->v == CALLER_CTL )
        return text_out(out, v->v ? "ctl" : "dom0");

    return snprintf(out, KIND_TEXT_MAX, "d%d%s", (int)v->v % CALLER_USER,
                    v->v > CALLER_USER ? ".user" : "");
}

static const char *caller_word(unsigned int i)
{
    static const char *const words[] = { "dom0", "ctl" };

    return i < NR_OF(words) ? words[i] : NULL;
}

const struct kind kind_CALLER = {
    .name = NAME_WIDTHS(CALLER),
    .form = "dom0, ctl (control, not hardware), d1 .. d7, d1.user .. d7.user",
    .max = CALLER_COUNT - 1,
    .parse = parse_caller,
    .print = print_caller,
    .word = caller_word,
};

int caller_resolve(struct hv_caller *caller, int64_t v)
{
    unsigned int slot = v == CALLER_CTL ? 0 : v % CALLER_USER;

    *caller = hv_caller_dom0();
    if ( v == CALLER_CTL )
        caller->flags = HV_CALLER_CONTROL;
    else if ( v != CALLER_DOM0 )
    {
        caller->domid = (uint16_t)slot;
        caller->flags = v > CALLER_USER ? HV_CALLER_USER : 0;
    }

    return (int)slot;
}

/* ---- ABI ---- */

static bool parse_abi(struct value *v, const struct kind *k, const char *s,
                      size_t len)
{
    (void)k;
    v->v = text_is("32", s, len) ? ABI_32 : ABI_64;
    return v->v == ABI_32 || text_is("64", s, len);
}

static int print_abi(char *out, const struct kind *k, const struct value *v)
{
    (void)k;
    return text_out(out, v->v == ABI_32 ? "32" : "64");
}

const struct kind kind_ABI = {
    .name = NAME_WIDTHS(ABI),
    .form = "64 or 32",
    .max = 1,
    .parse = parse_abi,
    .print = print_abi,
};
