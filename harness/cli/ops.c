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

static void narrow_values(char *out, size_t size, enum arg_kind kind)
{
    const struct value *narrow = kind_table[kind]->narrow;
    size_t len = 0;

    *out = 0;
    if ( !narrow )
        len = (size_t)snprintf(out, size, "computed");
    for ( uint32_t i = 0; narrow && i < kind_codes(kind); i++ )
    {
        char text[KIND_TEXT_MAX];

        kind_print(text, kind, &narrow[i]);
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
        char nibbles[12], bytes[12], values[16 * KIND_TEXT_MAX];

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
            (const char *[]){ code, i == BASE_LIT ? "(number)" : base_name(i),
                              base_meaning(i) });
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

int verb_ops(int argc, char **argv)
{
    static const struct option names[] = {
        { "markdown", no_argument, NULL, 'm' }, { 0 }
    };
    struct style s = { .row = plain_row };
    int c;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( c == 'm' )
            s = (struct style){ .markdown = true, .row = md_row };
        else
            return EXIT_BAD_INPUT;
    if ( !options_only(argc, argv) )
        return EXIT_BAD_INPUT;

    print_ops(&s);
    printf("\n");
    print_kinds(&s);
    printf("\n");
    print_bases(&s);
    printf("\n");
    print_names(&s);

    return EXIT_HELD;
}
