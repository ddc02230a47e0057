/* SPDX-License-Identifier: MIT */
/* The table of counters that reports and explanations share; counters.h. */
#include "counters.h"

#include <assert.h>

const char *counter_cell(char text[EXPECT_VALUE_MAX], const struct expect *x,
                         const struct hv_view *view)
{
    struct expect with = *x;

    if ( !view )
        return "?";
    with.value = counter_value(view, x);
    expect_value_print(text, EXPECT_VALUE_MAX, &with);

    return text;
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

bool counter_shown(const struct counter_table *t, const struct expect *x,
                   bool *mark)
{
    assert(t->nr >= 2 && t->nr <= COUNTER_COLUMNS_MAX);
    *mark = differs(t, x);

    return !is_zero(t, x) && (*mark || !t->marked_only);
}

unsigned int counters_print(FILE *f, const struct counter_table *t)
{
    unsigned int marked = 0;
    bool header = false;
    struct expect x;

    for ( unsigned int i = 0; counter_at(i, &x); i++ )
    {
        char name[EXPECT_NAME_MAX], value[EXPECT_VALUE_MAX];
        bool mark;

        if ( !counter_shown(t, &x, &mark) )
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
            fprintf(f, " %12s", counter_cell(value, &x, t->column[c].view));
        fputc('\n', f);
    }

    return marked;
}
