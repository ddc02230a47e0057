/* SPDX-License-Identifier: MIT */
/* How a run ended, for people and for programs. */
#include "report.h"

#include <inttypes.h>

#include "harness/program/quote.h"
#include "json.h"

static const char *outcome_name(enum outcome o)
{
    static const char *const names[] = { "held", "known weakness", "skipped",
                                         "violation" };

    return names[o];
}

void report_json(FILE *f, const char *path, const struct run_spec *spec,
                 const struct run_result *r, bool unchecked)
{
    const char *sep = "";

    fprintf(f, "{\"file\":");
    json_string(f, path);
    fprintf(f, ",\"release\":\"%s\",\"outcome\":\"%s\",\"signature\":",
            release_name(spec->release), outcome_name(r->outcome));
    json_string(f, r->signature);
    fprintf(f, ",\"detail\":");
    json_string(f, r->detail);
    fprintf(f,
            ",\"step\":%u,\"steps\":%u,\"hash\":\"%016" PRIx64
            "\",\"results_checked\":%s,\"weaknesses\":[",
            r->step + 1, r->steps, r->hash, unchecked ? "false" : "true");
    for ( unsigned int w = 0; w < WEAK_COUNT; w++ )
        if ( r->weaknesses >> w & 1 )
        {
            fprintf(f, "%s\"%s\"", sep, weakness_table[w].name);
            sep = ",";
        }
    fprintf(f, "]}\n");
}

void report_line(FILE *f, const char *path, const struct run_spec *spec,
                 const struct run_result *r, bool unchecked)
{
    quote_text(f, path);
    fprintf(f, ": %s: %s", release_name(spec->release),
            outcome_name(r->outcome));
    if ( r->outcome == RUN_SKIPPED )
        fprintf(f, ": %s", r->detail);
    else if ( unchecked )
        fprintf(f, " (its results are for other releases: not checked)");
    for ( unsigned int w = 0; w < WEAK_COUNT; w++ )
        if ( r->weaknesses >> w & 1 )
            fprintf(f, " [%s]", weakness_table[w].name);
    fprintf(f, "\n");
}
