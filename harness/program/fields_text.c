/* SPDX-License-Identifier: MIT */
/*
 * Text of arguments. Each kind has one way to print a value, and reads that
 * and a few more. Not here: lines and statements (parse.c).
 */
#include "fields.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* From here on numbers are easier to read in hexadecimal. */
#define HEX_FROM 1000

static const char *const mem_names[MEM_SEL_COUNT] = {
    [MEM_OK] = "ok",
    [MEM_NULL] = "null",
    [MEM_UNMAPPED] = "unmapped",
    [MEM_NONCANONICAL] = "noncanonical",
    [MEM_SHORT] = "short:",
    [MEM_MISALIGNED] = "misaligned",
};

static const struct
{
    const char *name, *meaning;
} bases[BASE_COUNT] = {
#define BASE(id, text, mean) [BASE_##id] = { (text), (mean) },
#include "pages.def"
#undef BASE
};

static const char *const cmd_names[MEMOP_CMD_MASK + 1] = {
    [XENMEM_increase_reservation] = "increase",
    [XENMEM_decrease_reservation] = "decrease",
    [XENMEM_maximum_ram_page] = "maximum_ram_page",
    [XENMEM_current_reservation] = "current_reservation",
    [XENMEM_maximum_reservation] = "maximum_reservation",
    [XENMEM_machphys_mfn_list] = "machphys_mfn_list",
    [XENMEM_populate_physmap] = "populate",
    [XENMEM_add_to_physmap] = "add_to_physmap",
    [XENMEM_memory_map] = "memory_map",
    [XENMEM_machine_memory_map] = "machine_memory_map",
    [XENMEM_exchange] = "exchange",
    [XENMEM_machphys_mapping] = "machphys_mapping",
    [XENMEM_set_memory_map] = "set_memory_map",
    [XENMEM_maximum_gpfn] = "maximum_gpfn",
    [XENMEM_remove_from_physmap] = "remove_from_physmap",
    [XENMEM_set_pod_target] = "set_pod_target",
    [XENMEM_get_pod_target] = "get_pod_target",
    [XENMEM_get_sharing_freed_pages] = "get_sharing_freed_pages",
    [XENMEM_get_sharing_shared_pages] = "get_sharing_shared_pages",
    [XENMEM_paging_op] = "paging_op",
    [XENMEM_access_op] = "access_op",
    [XENMEM_sharing_op] = "sharing_op",
    [XENMEM_add_to_physmap_batch] = "add_to_physmap_batch",
    [XENMEM_claim_pages] = "claim",
    [XENMEM_machphys_compat_mfn_list] = "machphys_compat_mfn_list",
    [XENMEM_get_vnumainfo] = "get_vnumainfo",
    [XENMEM_reserved_device_memory_map] = "reserved_device_memory_map",
    [XENMEM_acquire_resource] = "acquire_resource",
};

static const struct
{
    const char *name;
    uint16_t domid;
} system_domids[] = {
    { "self", DOMID_SELF }, { "io", DOMID_IO }, { "xen", DOMID_XEN },
    { "cow", DOMID_COW }, { "invalid", DOMID_INVALID }, { "any", DOMID_ANY },
    { "idle", DOMID_IDLE },
};

#define NR_SYSTEM_DOMIDS (sizeof(system_domids) / sizeof(system_domids[0]))

const char *cmd_name(unsigned int cmd)
{
    return cmd <= MEMOP_CMD_MASK ? cmd_names[cmd] : NULL;
}

const char *base_name(enum pages_base base)
{
    return bases[base].name;
}

const char *base_meaning(enum pages_base base)
{
    return bases[base].meaning;
}

/* ---- parse ---- */

static bool same(const char *name, const char *s, size_t len)
{
    return name && strlen(name) == len && !memcmp(name, s, len);
}

static bool starts(const char *prefix, const char *s, size_t len)
{
    size_t n = strlen(prefix);

    return len >= n && !memcmp(prefix, s, n);
}

bool number_parse(uint64_t *n, const char *s, size_t len, uint64_t max)
{
    bool hex = len > 2 && starts("0x", s, len);
    unsigned int radix = hex ? 16 : 10;
    uint64_t v = 0;

    if ( !len )
        return false;

    for ( size_t i = hex ? 2 : 0; i < len; i++ )
    {
        unsigned int digit;

        if ( s[i] >= '0' && s[i] <= '9' )
            digit = s[i] - '0';
        else if ( hex && s[i] >= 'a' && s[i] <= 'f' )
            digit = s[i] - 'a' + 10;
        else if ( hex && s[i] >= 'A' && s[i] <= 'F' )
            digit = s[i] - 'A' + 10;
        else
            return false;

        if ( v > (UINT64_MAX - digit) / radix )
            return false;
        v = v * radix + digit;
    }

    *n = v;
    return v <= max;
}

/* "dN" with N at least min. */
static bool slot_parse(int64_t *slot, const char *s, size_t len, char min)
{
    if ( len != 2 || s[0] != 'd' || s[1] < min || s[1] >= '0' + HV_DOMS_MAX )
        return false;

    *slot = s[1] - '0';
    return true;
}

static bool pages_parse(struct value *v, const char *s, size_t len)
{
    uint64_t n;

    for ( unsigned int b = BASE_LIT + 1; b < BASE_COUNT; b++ )
    {
        size_t base_len = strlen(bases[b].name);

        if ( !starts(bases[b].name, s, len) )
            continue;

        v->sel = (uint8_t)b;
        v->v = 0;
        if ( len == base_len )
            return true;
        /* "claim" begins "claimable" and "claimed". */
        if ( s[base_len] != '+' && s[base_len] != '-' )
            continue;

        bool minus = s[base_len] == '-';

        if ( !number_parse(&n, s + base_len + 1, len - base_len - 1,
                           (uint64_t)INT64_MAX + minus) )
            return false;
        v->v = (int64_t)(minus ? -n : n);
        return true;
    }

    if ( !number_parse(&n, s, len, UINT64_MAX) )
        return false;

    *v = (struct value){ .v = (int64_t)n, .sel = BASE_LIT };
    return true;
}

static bool node_parse(struct value *v, const char *s, size_t len)
{
    if ( same("any", s, len) )
    {
        field_default(v, ARG_NODE);
        return true;
    }

    if ( !len || len > 2 || s[0] < '0' || s[0] > '7' ||
         (len == 2 && s[1] != '!') )
        return false;

    *v = (struct value){ .v = s[0] - '0', .sel = len == 2 };
    return true;
}

static bool caller_parse(struct value *v, const char *s, size_t len)
{
    bool user = len == 7 && !memcmp(s + 2, ".user", 5);

    v->sel = 0;
    if ( same("dom0", s, len) )
        v->v = CALLER_DOM0;
    else if ( same("ctl", s, len) )
        v->v = CALLER_CTL;
    else if ( !slot_parse(&v->v, s, user ? 2 : len, '1') )
        return false;
    else if ( user )
        v->v += CALLER_USER;

    return true;
}

static bool domid_parse(struct value *v, const char *s, size_t len)
{
    uint64_t n;

    *v = (struct value){ 0 };
    for ( size_t i = 0; i < NR_SYSTEM_DOMIDS; i++ )
        if ( same(system_domids[i].name, s, len) )
        {
            v->v = system_domids[i].domid;
            return true;
        }

    if ( !slot_parse(&v->v, s, len, '0') )
    {
        if ( !number_parse(&n, s, len, UINT16_MAX) )
            return false;
        v->v = (int64_t)n;
    }
    v->sel = v->v < HV_DOMS_MAX;

    return true;
}

static bool mem_parse(struct value *v, enum arg_kind kind, const char *s,
                      size_t len)
{
    size_t prefix = strlen(mem_names[MEM_SHORT]);
    uint64_t n = 0;

    *v = (struct value){ 0 };
    for ( unsigned int i = 0; i < MEM_SEL_COUNT; i++ )
        if ( i != MEM_SHORT && same(mem_names[i], s, len) )
        {
            v->sel = (uint8_t)i;
            return true;
        }

    if ( starts(mem_names[MEM_SHORT], s, len) )
    {
        v->sel = MEM_SHORT;
        if ( !number_parse(&n, s + prefix, len - prefix,
                           field_table[kind].max) )
            return false;
    }
    else if ( kind == ARG_LIST && starts("0x", s, len) )
    {
        v->sel = MEM_ADDRESS;
        if ( !number_parse(&n, s, len, UINT64_MAX) )
            return false;
    }
    else
        return false;

    v->v = (int64_t)n;
    return true;
}

static bool cmd_parse(struct value *v, const char *s, size_t len)
{
    for ( unsigned int i = 0; i <= MEMOP_CMD_MASK; i++ )
        if ( same(cmd_names[i], s, len) )
        {
            *v = (struct value){ .v = i };
            return true;
        }

    return false;
}

bool field_parse(struct value *v, enum arg_kind kind, const char *s,
                 size_t len)
{
    uint64_t n;

    switch ( kind )
    {
    case ARG_PAGES:
        return pages_parse(v, s, len);

    case ARG_NODE:
        return node_parse(v, s, len);

    case ARG_CALLER:
        return caller_parse(v, s, len);

    case ARG_DOMID:
        return domid_parse(v, s, len);

    case ARG_LIST:
    case ARG_MEMARG:
        return mem_parse(v, kind, s, len);

    case ARG_DOM:
        v->sel = 0;
        return slot_parse(&v->v, s, len, '0');

    case ARG_ABI:
        *v = (struct value){ .v = same("32", s, len) ? ABI_32 : ABI_64 };
        return v->v == ABI_32 || same("64", s, len);

    case ARG_CMD:
        if ( cmd_parse(v, s, len) )
            return true;
        break;

    default:
        break;
    }

    if ( !number_parse(&n, s, len, field_table[kind].max) )
        return false;

    *v = (struct value){ .v = (int64_t)n };
    return true;
}

/* ---- print ---- */

static int print_number(char *out, uint64_t n)
{
    return snprintf(out, FIELD_TEXT_MAX,
                    n < HEX_FROM ? "%" PRIu64 : "0x%" PRIx64, n);
}

static int print_pages(char *out, const struct value *v)
{
    if ( v->sel == BASE_LIT )
        return snprintf(out, FIELD_TEXT_MAX, "%" PRIu64, (uint64_t)v->v);

    if ( !v->v )
        return snprintf(out, FIELD_TEXT_MAX, "%s", bases[v->sel].name);

    return snprintf(out, FIELD_TEXT_MAX, "%s%+" PRId64, bases[v->sel].name,
                    v->v);
}

static int print_caller(char *out, const struct value *v)
{
    if ( v->v == CALLER_DOM0 || v->v == CALLER_CTL )
        return snprintf(out, FIELD_TEXT_MAX, "%s", v->v ? "ctl" : "dom0");

    return snprintf(out, FIELD_TEXT_MAX, "d%d%s", (int)v->v % CALLER_USER,
                    v->v > CALLER_USER ? ".user" : "");
}

static int print_domid(char *out, const struct value *v)
{
    for ( size_t i = 0; i < NR_SYSTEM_DOMIDS; i++ )
        if ( v->v == system_domids[i].domid )
            return snprintf(out, FIELD_TEXT_MAX, "%s", system_domids[i].name);

    if ( v->sel )
        return snprintf(out, FIELD_TEXT_MAX, "d%d", (int)v->v);

    return print_number(out, (uint64_t)v->v);
}

static int print_mem(char *out, const struct value *v)
{
    if ( v->sel == MEM_ADDRESS )
        return snprintf(out, FIELD_TEXT_MAX, "0x%" PRIx64, (uint64_t)v->v);
    if ( v->sel == MEM_SHORT )
        return snprintf(out, FIELD_TEXT_MAX, "%s%d", mem_names[MEM_SHORT],
                        (int)v->v);

    return snprintf(out, FIELD_TEXT_MAX, "%s", mem_names[v->sel]);
}

static int print_node(char *out, const struct value *v)
{
    if ( v->v < 0 )
        return snprintf(out, FIELD_TEXT_MAX, "any");

    return snprintf(out, FIELD_TEXT_MAX, "%d%s", (int)v->v, v->sel ? "!" : "");
}

int field_print(char *out, enum arg_kind kind, const struct value *v)
{
    assert(field_valid(kind, v));

    switch ( kind )
    {
    case ARG_PAGES:
        return print_pages(out, v);

    case ARG_NODE:
        return print_node(out, v);

    case ARG_CALLER:
        return print_caller(out, v);

    case ARG_DOMID:
        return print_domid(out, v);

    case ARG_LIST:
    case ARG_MEMARG:
        return print_mem(out, v);

    case ARG_DOM:
        return snprintf(out, FIELD_TEXT_MAX, "d%d", (int)v->v);

    case ARG_ABI:
        return snprintf(out, FIELD_TEXT_MAX, "%d", v->v == ABI_32 ? 32 : 64);

    case ARG_CMD:
        if ( cmd_names[v->v] )
            return snprintf(out, FIELD_TEXT_MAX, "%s", cmd_names[v->v]);
        break;

    default:
        break;
    }

    return print_number(out, (uint64_t)v->v);
}
