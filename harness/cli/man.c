/* SPDX-License-Identifier: MIT */
/*
 * What describes claimcheck to other programs: the man page, in the macros of
 * man(7), and the lists that the shell's completion asks for. Both are made from
 * the tables that the program itself works by.
 */
#include "man.h"

#include <stdio.h>
#include <string.h>

#include "harness/open/open.h"
#include "stub/stub.h"
#include "verbs.h"

/* Text as it is, whatever groff makes of a character at a line's start. */
static void literal(const char *text)
{
    bool start = true;

    for ( ; *text; text++ )
    {
        if ( start && (*text == '.' || *text == '\'') )
            fputs("\\&", stdout);
        if ( *text == '-' || *text == '\\' )
            fputs(*text == '-' ? "\\-" : "\\e", stdout);
        else
            putchar(*text);
        start = *text == '\n';
    }
}

static void section(const char *title, const char *text)
{
    printf(".SH %s\n", title);
    literal(text);
}

static void man_verb(const struct verb *verb)
{
    printf(".SS ");
    literal(verb_typed(verb));
    printf("\n.B claimcheck ");
    literal(verb_typed(verb));
    putchar('\n');
    if ( *verb->arguments )
    {
        literal(verb->arguments);
        putchar('\n');
    }
    printf(".PP\n");
    literal(verb->summary);
    putchar('\n');
    if ( *verb->options )
    {
        printf(".PP\n.nf\n");
        literal(verb->options);
        printf(".fi\n");
    }
}

void man_page(void)
{
    printf(".\\\" made by claimcheck --man\n"
           ".TH CLAIMCHECK 1 \"\" \"claimcheck %s\" \"User Commands\"\n",
           CLAIMCHECK_VERSION);
    section("NAME", "claimcheck - test the memory-claim hypercalls of Xen\n");
    printf(".SH SYNOPSIS\n.B claimcheck\n.I VERB\n[OPTION...] [FILE...]\n");
    section("DESCRIPTION", ABOUT_FILES);
    printf(".SH VERBS\n");
    for ( size_t i = 0; i < nr_verbs; i++ )
        man_verb(&verbs[i]);
    section("EXIT STATUS", ABOUT_EXIT_CODES);
    section("NOTES", ABOUT_LISTS);
}

/* ---- lists ---- */

static void list_verbs(void)
{
    for ( size_t i = 0; i < nr_verbs; i++ )
        puts(verb_typed(&verbs[i]));
}

static void list_implementations(void)
{
#define ROW(name, text) puts(#name);
    OPEN_IMPLEMENTATIONS(ROW)
#undef ROW
}

static void list_releases(void)
{
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        puts(release_name((enum release)r));
}

static void list_faults(void)
{
    for ( unsigned int f = stub_fault_next(0); f; f = stub_fault_next(f) )
        puts(stub_fault_id(f));
}

static const struct
{
    const char *name;
    void (*print)(void);
} lists[] = {
    { "verbs", list_verbs },
    { "implementations", list_implementations },
    { "releases", list_releases },
    { "faults", list_faults },
};

int list(const char *what)
{
    for ( size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++ )
        if ( what && !strcmp(lists[i].name, what) )
        {
            lists[i].print();
            return EXIT_HELD;
        }

    diag("--list '%s': expected verbs, implementations, releases or faults",
         what ? what : "");
    return EXIT_BAD_INPUT;
}
