/* SPDX-License-Identifier: MIT */
/* From facts that were tried to rows that they fit; see probe.h. */
#include "probe.h"

#include <stdio.h>
#include <string.h>

#include "model/model.h"
#include "try.h"

const struct probe_info probe_table[PROBE_COUNT] = {
#define FACT(name, text) [PROBE_##name] = { #name, text, false },
#define NUMBER(name, text) [PROBE_##name] = { #name, text, true },
#include "hypervisor/facts.def"
#undef FACT
#undef NUMBER
};

uint32_t probe_row(enum release r, enum probe_fact fact)
{
    const struct hv_facts *row = &model_releases[r];
    const uint32_t values[PROBE_COUNT] = {
#define FACT(name, text) row->name,
#define NUMBER(name, text) row->name,
#include "hypervisor/facts.def"
#undef FACT
#undef NUMBER
    };

    return values[fact];
}

static bool differs(const struct probe *p, enum release r, unsigned int fact)
{
    return p->fact[fact].known &&
           p->fact[fact].value != probe_row(r, (enum probe_fact)fact);
}

static unsigned int differences(const struct probe *p, enum release r)
{
    unsigned int nr = 0;

    for ( unsigned int f = 0; f < PROBE_COUNT; f++ )
        nr += differs(p, r, f);

    return nr;
}

void probe_run(const struct hypervisor *h, enum release asked, struct probe *p)
{
    unsigned int least;

    memset(p, 0, sizeof(*p));
    p->asked = asked;
    for ( unsigned int f = 0; f < PROBE_COUNT; f++ )
        try_fact(h, asked, (enum probe_fact)f, &p->fact[f]);

    p->nearest = asked;
    least = differences(p, asked);
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
    {
        unsigned int nr = differences(p, (enum release)r);

        if ( !nr )
            p->fits |= RELEASE_BIT(r);
        if ( nr < least )
        {
            least = nr;
            p->nearest = (enum release)r;
        }
    }
}

uint32_t probe_releases(const struct hypervisor *h, uint32_t mask,
                        struct probe *nearest)
{
    unsigned int least = UINT32_MAX;
    uint32_t follows = 0;
    struct probe p;

    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
    {
        unsigned int nr;

        if ( !(mask & RELEASE_BIT(r)) )
            continue;
        probe_run(h, (enum release)r, &p);
        nr = differences(&p, (enum release)r);
        if ( !nr )
            follows |= RELEASE_BIT(r);
        if ( nr < least )
        {
            least = nr;
            *nearest = p;
            nearest->nearest = (enum release)r;
        }
    }

    return follows;
}

static void print_value(char text[16], unsigned int fact, uint32_t value)
{
    if ( probe_table[fact].number )
        snprintf(text, 16, "%#x", value);
    else
        snprintf(text, 16, "%s", value ? "yes" : "no");
}

void probe_differences(const struct probe *p, enum release r, char *text,
                       size_t size)
{
    size_t len = 0;

    *text = '\0';
    for ( unsigned int f = 0; f < PROBE_COUNT && len < size; f++ )
    {
        char is[16], wanted[16];

        if ( !differs(p, r, f) )
            continue;
        print_value(is, f, p->fact[f].value);
        print_value(wanted, f, probe_row(r, (enum probe_fact)f));
        len += (size_t)snprintf(text + len, size - len,
                                "%s%s is %s, expected %s", len ? "; " : "",
                                probe_table[f].name, is, wanted);
    }
}
