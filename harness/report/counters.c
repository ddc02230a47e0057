/* SPDX-License-Identifier: MIT */
/* The table of counters that reports and explanations share; counters.h. */
#include "counters.h"

#include <assert.h>

/* The value of a counter in a column, as a cell; what is not known is "?". */
static void cell(FILE *f, const struct expect *x, const struct hv_view *view)
{
    char text[EXPECT_VALUE_MAX] = "?";
    struct expect with = *x;

    if ( view )
    {
        with.value = counter_value(view, x);
        expect_value_print(text, sizeof(text), &with);
    }
    fprintf(f, " %12s", text);
}

static bool is_zero(const struct counter_table *t, const struct expect *x)
{
    for ( unsigned int i = 0; i < t->nr; i++ )
        if ( t->column[i].view && counter_value(t->column[i].view, x) )
            return false;

    return true;
}

static bool differs(const struct counter_table *t, const struct expect *x)
{
    const struct hv_view *a = t->column[t->nr - 2].view;
    const struct hv_view *b = t->column[t->nr - 1].view;

    return a && b && counter_value(a, x) != counter_value(b, x);
}

unsigned int counters_print(FILE *f, const struct counter_table *t)
{
    unsigned int marked = 0;
    bool header = false;
    struct expect x;

    assert(t->nr >= 2 && t->nr <= COUNTER_COLUMNS_MAX);
    for ( unsigned int i = 0; counter_at(i, &x); i++ )
    {
        bool mark = differs(t, &x);
        char name[EXPECT_NAME_MAX];

        if ( is_zero(t, &x) || (t->marked_only && !mark) )
            continue;
        if ( !header )
        {
            fprintf(f, "%s   %-16s", t->indent, "counter");
            for ( unsigned int c = 0; c < t->nr; c++ )
                fprintf(f, " %12s", t->column[c].title);
            fputc('\n', f);
            header = true;
        }
        marked += mark;
        expect_print(name, sizeof(name), &x);
        fprintf(f, "%s%c  %-16s", t->indent, mark ? t->mark : ' ', name);
        for ( unsigned int c = 0; c < t->nr; c++ )
            cell(f, &x, t->column[c].view);
        fputc('\n', f);
    }

    return marked;
}
