/* SPDX-License-Identifier: MIT */
/* claimcheck probe: which release's rules an implementation follows. */
#include "verbs.h"

#include "harness/probe/probe.h"

/* The releases of a mask: " 4.17 4.18". */
static void print_releases(uint32_t mask)
{
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        if ( mask & RELEASE_BIT(r) )
            printf(" %s", release_name((enum release)r));
}

static void print_facts(const struct probe *p)
{
    for ( unsigned int f = 0; f < PROBE_COUNT; f++ )
    {
        const struct probe_found *found = &p->fact[f];
        char value[16] = "?";

        if ( found->known && probe_table[f].number )
            snprintf(value, sizeof(value), "%#x", found->value);
        else if ( found->known )
            snprintf(value, sizeof(value), "%s", found->value ? "yes" : "no");
        printf("  %-17s %-5s %s\n", probe_table[f].name, value,
               probe_table[f].text);
        printf("  %-17s       %s\n", "", found->evidence);
    }
}

static void print_misfit(const struct probe *p)
{
    char text[512];

    probe_differences(p, p->nearest, text, sizeof(text));
    printf("fits no release; nearest is %s: %s\n", release_name(p->nearest),
           text);
}

/* Asked for one release. */
static bool one(const struct setup *s, enum release asked)
{
    struct probe p;

    probe_run(&s->h, asked, &p);
    print_facts(&p);
    if ( !p.fits )
    {
        print_misfit(&p);
        return false;
    }
    printf("fits:");
    print_releases(p.fits);
    printf("\n");

    return true;
}

/* Asked for each in turn: it follows those that it fits then. */
static bool each(const struct setup *s)
{
    struct probe nearest;
    const uint32_t mask = s->releases ? s->releases : RELEASE_MASK_ALL;
    uint32_t follows = probe_releases(&s->h, mask, &nearest);

    print_facts(&nearest);
    if ( !follows )
    {
        print_misfit(&nearest);
        return false;
    }
    printf("(tried as %s) follows:", release_name(nearest.asked));
    print_releases(follows);
    printf("\n");

    return true;
}

int verb_probe(int argc, char **argv)
{
    static const struct option names[] = { SETUP_OPTIONS, { 0 } };
    static struct setup s = { .release = RELEASE_OF_CASE, .probing = true };
    const struct engine_options o = { 0 };
    bool fits;
    int c, rc;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
        if ( c == OPTION_BAD || setup_option(&s, c) <= 0 )
            return EXIT_BAD_INPUT;
    if ( !options_only(argc, argv) )
        return EXIT_BAD_INPUT;
    rc = setup_open(&s, &o);
    if ( rc )
        return rc;
    report_on(stdout, &s.h);
    putchar('\n');
    if ( s.release == RELEASE_OF_CASE && s.h.ops->shape )
        s.release = s.h.ops->shape(s.h.hv).release;
    fits = s.release == RELEASE_OF_CASE ? each(&s)
                                        : one(&s, (enum release)s.release);
    setup_close(&s);

    return fits ? EXIT_HELD : EXIT_VIOLATION;
}
