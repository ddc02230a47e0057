/* SPDX-License-Identifier: MIT */
/* claimcheck ops: the tables of the format, as text or Markdown. */
#include "harness/cases/diag.h"
#include "verbs.h"

#include <string.h>

#include "harness/program/kinds/kind.h"

static const char *const md_row[] = { "| ", " | ", " |\n" };
static const char *const plain_row[] = { "  ", "  ", "\n" };

struct style
{
    bool markdown;
    const char *const *row;
};

/* A row of cells: as wide as given, or of Markdown. */
static void row(const struct style *s, unsigned int nr, const int *width,
                const char *const *cell)
{
    for ( unsigned int i = 0; i < nr; i++ )
        printf("%s%-*s", s->row[i ? 1 : 0],
               s->markdown || i == nr - 1 ? 0 : width[i], cell[i]);
    printf("%s", s->row[2]);
}

static void heading(const struct style *s, const char *title, unsigned int nr,
                    const int *width, const char *const *cell)
{
    if ( !s->markdown )
    {
        printf("%s\n", title);
        return;
    }

    printf("%s:\n\n", title);
    row(s, nr, width, cell);
    for ( unsigned int i = 0; i < nr; i++ )
        printf("|---");
    printf("|\n");
}

static void print_ops(const struct style *s)
{
    static const char *const head[] = { "code", "operation", "what it does",
                                        "arguments and their kinds" };
    static const int width[] = { 4, 19, 61, 0 };

    heading(s, "Operations", 4, width, head);
    for ( int i = 0; i < OP_COUNT; i++ )
    {
        char code[12], args[256] = "";
        const struct op_info *info = &op_table[i];

        snprintf(code, sizeof(code), "%d", i);
        for ( int j = 0; j < info->nr_args; j++ )
            snprintf(args + strlen(args), sizeof(args) - strlen(args),
                     "%s%s %s", j ? ", " : "", info->arg[j].name,
                     kind_table[info->arg[j].kind]->name);
        row(s, 4, width,
            (const char *[]){ code, info->name, info->help, args });
    }
}

/* Narrow values of a kind that are written out, at most: one nibble. */
#define NARROW_SHOWN 16

static void narrow_values(char *out, size_t size, enum arg_kind kind)
{
    size_t len = 0;

    if ( kind_codes(kind) > NARROW_SHOWN )
    {
        snprintf(out, size, "computed");
        return;
    }
    for ( uint32_t i = 0; i < kind_codes(kind); i++ )
    {
        char text[KIND_TEXT_MAX];
        struct value v;

        kind_decode_narrow(&v, kind, i);
        kind_print(text, kind, &v);
        len += (size_t)snprintf(out + len, size - len, "%s%s", i ? ", " : "",
                                text);
    }
}

static void print_kinds(const struct style *s)
{
    static const char *const head[] = { "kind", "nibbles", "bytes", "text",
                                        "narrow values 0, 1, ..." };
    static const int width[] = { 7, 1, 1, 60, 0 };

    heading(s, "Kinds of arguments", 5, width, head);
    for ( int i = 0; i < ARG_KIND_COUNT; i++ )
    {
        const struct kind *k = kind_table[i];
        char nibbles[12], bytes[12], values[NARROW_SHOWN * KIND_TEXT_MAX];

        snprintf(nibbles, sizeof(nibbles), "%u", k->nibbles);
        snprintf(bytes, sizeof(bytes), "%u", k->bytes);
        narrow_values(values, sizeof(values), i);
        row(s, 5, width,
            (const char *[]){ k->name, nibbles, bytes, k->form, values });
    }
}

static void print_bases(const struct style *s)
{
    static const char *const head[] = { "code", "base", "meaning" };
    static const int width[] = { 4, 10, 0 };

    heading(s, "Bases of page counts", 3, width, head);
    for ( int i = 0; i < BASE_COUNT; i++ )
    {
        char code[12];

        snprintf(code, sizeof(code), "%d", i);
        row(s, 3, width,
            (const char *[]){ code,
                              i == BASE_LIT ? "(number)" : base_table[i].name,
                              base_table[i].meaning });
    }
}

static void print_names(const struct style *s)
{
    static const char *const head[] = { "number", "command of a memory_op" };
    static const char *const releases[] = { "number", "release" };
    static const int width[] = { 6, 0 };
    char number[12];

    heading(s, "Names of commands", 2, width, head);
    for ( unsigned int i = 0; i <= MEMOP_CMD_MASK; i++ )
    {
        const struct xen_command *c = command_of(ARG_CMD, i);

        snprintf(number, sizeof(number), "%u", i);
        if ( c )
            row(s, 2, width, (const char *[]){ number, c->name });
    }

    printf("\n");
    heading(s, "Releases", 2, width, releases);
    for ( int i = 0; i < RELEASE_COUNT; i++ )
    {
        snprintf(number, sizeof(number), "%d", i);
        row(s, 2, width, (const char *[]){ number, release_name(i) });
    }
}

/* ---- dictionary for fuzz_reservation ---- */

/* Does it depend on the state? And 2^64 is 0, whose steps come anyway. */
static bool no_number(const struct value *pages)
{
    return pages->sel != BASE_LIT &&
           (pages->sel < BASE_P2_26 || pages->sel == BASE_P2_64);
}

/* Boundary values of the fields of struct xen_memory_reservation and of the
 * command word, as they lie in a record; the padding belongs to the domid. */
static void print_dict(void)
{
    static const struct
    {
        const char *name;
        enum arg_kind kind;
        unsigned int bytes, shift;
        uint64_t low;
    } fields[] = {
        { "cmd", ARG_CMD, 8, 0, 0 },
        { "claim_start", ARG_START, 8, MEMOP_EXTENT_SHIFT,
          XENMEM_claim_pages },
        { "nr", ARG_PAGES, 8, 0, 0 },
        { "order", ARG_ORDER32, 4, 0, 0 },
        { "flags", ARG_FLAGS, 4, 0, 0 },
        { "domid", ARG_DOMID, 8, 0, 0 },
    };
    static const struct hv_view no_view;

    for ( size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++ )
        for ( uint32_t i = 0; i < kind_edges(fields[f].kind); i++ )
        {
            char text[KIND_TEXT_MAX];
            struct value v;

            kind_edge(&v, fields[f].kind, i);
            if ( fields[f].kind == ARG_PAGES )
            {
                if ( no_number(&v) )
                    continue;
                v = (struct value){ .v = (int64_t)pages_resolve(&v, &no_view,
                                                                -1, 0) };
                snprintf(text, sizeof(text), "0x%llx",
                         (unsigned long long)v.v);
            }
            else
                kind_print(text, fields[f].kind, &v);
            printf("%s_%s=\"", fields[f].name, text);
            for ( unsigned int b = 0; b < fields[f].bytes; b++ )
                printf("\\x%02X",
                       (unsigned int)(((uint64_t)v.v << fields[f].shift |
                                       fields[f].low) >>
                                          (8 * b) &
                                      0xff));
            printf("\"\n");
        }
}

int verb_ops(int argc, char **argv)
{
    static const struct option names[] = {
        { "markdown", no_argument, NULL, 'm' },
        { "dict", no_argument, NULL, 'd' },
        { 0 },
    };
    struct style s = { .row = plain_row };
    bool dict = false;
    int c;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( c == 'm' )
            s = (struct style){ .markdown = true, .row = md_row };
        else if ( c == 'd' )
            dict = true;
        else
            return EXIT_BAD_INPUT;
    if ( !options_only(argc, argv) )
        return EXIT_BAD_INPUT;
    if ( dict )
    {
        print_dict();
        return EXIT_HELD;
    }

    print_ops(&s);
    printf("\n");
    print_kinds(&s);
    printf("\n");
    print_bases(&s);
    printf("\n");
    print_names(&s);

    return EXIT_HELD;
}
