/* SPDX-License-Identifier: MIT */
/* claimcheck invariants, weaknesses, faults: print those tables. */
#include <stdio.h>
#include <string.h>

#include "stub/stub.h"
#include "harness/engine/engine.h"
#include "harness/cases/diag.h"
#include "harness/report/json.h"
#include "verbs.h"

int verb_invariants(int argc, char **argv)
{
    if ( !options_only(argc, argv) )
        return EXIT_BAD_INPUT;
    for ( unsigned int i = 0; i < INV_COUNT; i++ )
        printf("%-13s %s\n", invariant_table[i].name, invariant_table[i].text);

    return EXIT_HELD;
}

static void print_releases(uint32_t releases)
{
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        if ( releases & RELEASE_BIT(r) )
            printf(" %s", release_name((enum release)r));
}

static void print_weakness(const struct weakness_info *w)
{
    printf("%s: %s\n  releases:  ", w->name, w->title);
    print_releases(w->releases);
    printf("\n  breaks:    ");
    for ( unsigned int i = 0; i < INV_COUNT; i++ )
        if ( w->invariants & (UINT64_C(1) << i) )
            printf(" %s", invariant_table[i].name);
    printf("\n  fixed by:   %s\n  shortest:   %s\n  the run:    %s\n", w->fix,
           w->shortest, w->ends ? "ends there" : "goes on");
}

int verb_weaknesses(int argc, char **argv)
{
    if ( !options_only(argc, argv) )
        return EXIT_BAD_INPUT;
    for ( unsigned int i = 0; i < WEAK_COUNT; i++ )
        print_weakness(&weakness_table[i]);

    return EXIT_HELD;
}

static void json_signatures(const char *list)
{
    while ( *list )
    {
        size_t len = strcspn(list, ",");

        printf("\"%.*s\"%s", (int)len, list, list[len] ? "," : "");
        list += len + (list[len] == ',');
    }
}

static void json_fault(unsigned int fault)
{
    const char *sep = "", *unseen = stub_fault_unseen(fault);
    char text[FAULT_TEXT_MAX];

    stub_fault_text(fault, text, sizeof(text));
    printf("{\"fault\":\"%s\",\"text\":", stub_fault_id(fault));
    json_string(stdout, text);
    printf(",\"releases\":[");
    for ( unsigned int r = 0; r < RELEASE_COUNT; r++ )
        if ( stub_fault_releases(fault) & RELEASE_BIT(r) )
        {
            printf("%s\"%s\"", sep, release_name((enum release)r));
            sep = ",";
        }
    printf("],\"signatures\":[");
    json_signatures(stub_fault_signatures(fault));
    printf("],\"unseen\":");
    json_string(stdout, unseen ? unseen : "");
    printf("}\n");
}

static void print_fault(unsigned int fault)
{
    const char *unseen = stub_fault_unseen(fault);
    char text[FAULT_TEXT_MAX];

    stub_fault_text(fault, text, sizeof(text));
    printf("%-28s %s%s%s\n", stub_fault_id(fault), text,
           unseen ? "; cannot be seen: " : "", unseen ? unseen : "");
}

int verb_faults(int argc, char **argv)
{
    static const struct option names[] = { { "json", no_argument, NULL, 'j' },
                                           { 0 } };
    bool json = false;
    int c;

    while ( (c = option_next(argc, argv, ":", names)) != -1 )
    {
        if ( c != 'j' )
            return EXIT_BAD_INPUT;
        json = true;
    }
    if ( !options_only(argc, argv) )
        return EXIT_BAD_INPUT;
    for ( unsigned int f = stub_fault_next(0); f; f = stub_fault_next(f) )
        if ( json )
            json_fault(f);
        else
            print_fault(f);

    return EXIT_HELD;
}
