/* SPDX-License-Identifier: MIT */
/* A program to text: the one canonical form. Driven by the tables. */
#include "harness/program/kinds/kind.h"
#include "scan.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* Results begin here if the operation is shorter. */
#define RESULT_COLUMN 40
/* expect lines are broken after this many characters. */
#define EXPECT_COLUMN 72

_Static_assert(TEXT_LINE_MAX > 8 * KIND_TEXT_MAX, "a memory_op fits a line");

/* A raw call is about its fields: it spells them all but those of terse kinds. */
static bool spells_all(const struct op_info *info)
{
    for ( unsigned int i = 0; i < info->nr_args; i++ )
        if ( kind_table[info->arg[i].kind]->commands )
            return true;

    return false;
}

int op_print(char *out, size_t size, const struct op *op)
{
    const struct op_info *info = &op_table[op->code];
    bool all = spells_all(info);
    bool positional = true;
    char text[TEXT_LINE_MAX + 1], arg[KIND_TEXT_MAX];
    int n = snprintf(text, sizeof(text), "%s", info->name);

    for ( unsigned int i = 0; i < info->nr_args; i++ )
    {
        enum arg_kind kind = info->arg[i].kind;
        struct value none;

        kind_default(&none, kind);
        positional = positional && kind_table[kind]->positional;
        if ( !positional && value_equal(&op->arg[i], &none) &&
             (!all || kind_table[kind]->terse) )
            continue;

        kind_print(arg, kind, &op->arg[i]);
        n += snprintf(text + n, sizeof(text) - n, " %s%s%s",
                      positional ? "" : info->arg[i].name,
                      positional ? "" : "=", arg);
        assert(n <= TEXT_LINE_MAX);
    }

    return snprintf(out, size, "%s", text);
}

static void print_releases(FILE *f, uint32_t releases, unsigned int first)
{
    uint32_t left = releases & ~RELEASE_BIT(first);

    if ( (releases & RELEASE_MASK_ALL) == RELEASE_MASK_ALL &&
         first == RELEASE_DEFAULT )
    {
        fprintf(f, "all");
        left &= ~RELEASE_MASK_ALL;
    }
    else if ( (releases & RELEASE_MASK_DRAFTS) == RELEASE_MASK_DRAFTS &&
              first == RELEASE_DRAFT_NEWEST )
    {
        fprintf(f, "drafts");
        left &= ~RELEASE_MASK_DRAFTS;
    }
    else
        fprintf(f, "%s", release_name(first));
    if ( left == RELEASE_MASK_DRAFTS )
    {
        fprintf(f, ",drafts");
        return;
    }
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        if ( left & RELEASE_BIT(r) )
            fprintf(f, ",%s", release_name(r));
}

void host_print(FILE *f, const struct program *p, uint32_t releases,
                enum release first)
{
    fprintf(f, "host nodes=%u pages=%u release=", p->host.nodes,
            p->host.node_pages);
    print_releases(f, releases, first);
    if ( p->host.llc )
        fprintf(f, " llc=1");
    /* Wide records for no reason that the operations show. */
    if ( p->wide && program_is_narrow(p) )
        fprintf(f, " records=wide");
    fprintf(f, "\n");
}

static void print_expects(FILE *f, const struct litmus *l, unsigned int after)
{
    char name[EXPECT_NAME_MAX], value[24];
    size_t column = 0;

    for ( unsigned int i = 0; i < l->nr_expects; i++ )
    {
        size_t len;

        if ( l->expect[i].after != after )
            continue;

        expect_print(name, sizeof(name), &l->expect[i]);
        expect_value_print(value, sizeof(value), &l->expect[i]);
        len = strlen(name) + strlen(value) + 2;
        if ( !column || column + len > EXPECT_COLUMN )
        {
            fprintf(f, "%sexpect", column ? "\n" : "");
            column = strlen("expect");
        }
        fprintf(f, " %s=%s", name, value);
        column += len;
    }
    if ( column )
        fprintf(f, "\n");
}

void litmus_print(FILE *f, const struct litmus *l)
{
    char line[TEXT_LINE_MAX + 1], result[24];

    host_print(f, &l->program, l->releases,
               (enum release)l->program.host.release);
    print_expects(f, l, 0);
    for ( unsigned int i = 0; i < l->program.nr_ops; i++ )
    {
        op_print(line, sizeof(line), &l->program.op[i]);
        if ( l->has_result[i] )
        {
            result_print(result, sizeof(result), l->result[i]);
            fprintf(f, "%-*s = %s\n", RESULT_COLUMN, line, result);
        }
        else
            fprintf(f, "%s\n", line);
        print_expects(f, l, i + 1);
    }
}

void program_print(FILE *f, const struct program *p)
{
    char line[TEXT_LINE_MAX + 1];

    host_print(f, p, RELEASE_BIT(p->host.release),
               (enum release)p->host.release);
    for ( unsigned int i = 0; i < p->nr_ops; i++ )
    {
        op_print(line, sizeof(line), &p->op[i]);
        fprintf(f, "%s\n", line);
    }
}
