/* SPDX-License-Identifier: MIT */
/*
 * The faces of a program: any bytes as text, and the same bytes as bytes. What
 * parses must survive printing, encoding and a run; what does not must be told
 * with its place and what was expected; and C must come out, or a reason why
 * not.
 *
 * Each check is false if it found something that CLAIMCHECK_MASK names: then
 * nothing more is asked of the input.
 *
 * Not here: whether a program keeps the rules (fuzz_sequence.c). A run is made
 * for its hash alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/emit/emit.h"
#include "harness/program/text.h"
#include "target.h"

#define NAME "fuzz_text"
/* Operations, results and expectations, each on a line of its own. */
#define TEXT_MAX                                                              \
    ((PROGRAM_OPS_MAX + LITMUS_EXPECTS_MAX + 2) * (TEXT_LINE_MAX + 1))

const bool target_takes_text = true;

/* Too large for a stack; nothing of an input is read at the next. */
static struct litmus parsed, again;
static struct program given, decoded;
static char text[TEXT_MAX], text_again[TEXT_MAX];
static uint8_t bytes[PROGRAM_BYTES_MAX];

/* ---- the text of a program ---- */

/* Its length; 0 if it is not whole. */
static size_t print(char *out, const struct litmus *l, const struct program *p)
{
    FILE *f = fmemopen(out, TEXT_MAX, "w");
    long size;

    if ( !f )
        abort();
    if ( l )
        litmus_print(f, l);
    else
        program_print(f, p);
    size = ftell(f);
    if ( fclose(f) || size <= 0 || size >= TEXT_MAX )
        return target_violated("TEXT/print",
                               "printed %ld bytes, expected 1 .. %d", size,
                               TEXT_MAX - 1);

    return (size_t)size;
}

/* What was printed must parse; into `again`. */
static bool parse_printed(size_t size)
{
    struct problems problems = { 0 };

    if ( !litmus_parse(&again, text, size, &problems) )
        return target_violated(
            "TEXT/print", "printed text does not parse: %u:%u: %s",
            problems.problem[0].line, problems.problem[0].column,
            problems.problem[0].text);

    return true;
}

static bool check_text(const struct litmus *l, const struct program *p)
{
    size_t size = print(text, l, p), size_again;

    if ( !size || !parse_printed(size) )
        return false;
    if ( !program_equal(p, &again.program) )
        return target_violated("TEXT/print", "printed and parsed, it is "
                                             "another program");
    size_again = print(text_again, l ? &again : NULL, &again.program);
    if ( !size_again )
        return false;
    if ( size_again != size || memcmp(text, text_again, size) )
        return target_violated("TEXT/print", "printed and parsed, it is "
                                             "printed in another way");

    return true;
}

/* ---- the bytes of a program ---- */

/* Leaves in `decoded` what it is once encoded. */
static bool check_bytes(const struct program *p)
{
    struct program copy = *p;
    size_t size = program_encode(&copy, bytes);
    struct decode_note note;

    program_decode(&decoded, bytes, size, &note);
    if ( note.version || note.header || note.tail || note.over )
        return target_violated("TEXT/encode",
                               "bytes of our own that are not whole");
    if ( !program_equal(p, &decoded) )
        return target_violated("TEXT/encode", "encoded and decoded, it is "
                                              "another program");

    return true;
}

/* ---- any text ---- */

/* Length of a line, from 1; -1 if there is none. The last one need not have a
 * newline. */
static ptrdiff_t line_length(const char *s, size_t size, uint32_t nr)
{
    const char *end = s + size, *newline;

    for ( uint32_t i = 1; i < nr; i++ )
    {
        newline = memchr(s, '\n', (size_t)(end - s));
        if ( !newline )
            return -1;
        s = newline + 1;
    }
    newline = memchr(s, '\n', (size_t)(end - s));

    return (newline ? newline : end) - s;
}

/* Each problem has a place within the text, and says what was expected. */
static bool check_problems(const struct problems *problems, const char *s,
                           size_t size)
{
    if ( !problems->nr )
        return target_violated("TEXT/parse", "refused without a problem");
    for ( uint32_t i = 0; i < problems->nr && i < TEXT_PROBLEMS_MAX; i++ )
    {
        const struct problem *p = &problems->problem[i];
        ptrdiff_t length = p->line ? line_length(s, size, p->line) : -1;

        if ( length < 0 || !p->column || p->column > length + 1 )
            return target_violated("TEXT/parse",
                                   "a problem at %u:%u, which is not "
                                   "in the text: %s",
                                   p->line, p->column, p->text);
        if ( !strstr(p->text, "expected") )
            return target_violated("TEXT/parse",
                                   "a problem that does not say what "
                                   "was expected: %s",
                                   p->text);
    }

    return true;
}

static bool check_expectations(const struct litmus *a, const struct litmus *b)
{
    bool same = a->releases == b->releases && a->nr_expects == b->nr_expects;

    for ( unsigned int i = 0; same && i < a->program.nr_ops; i++ )
        same = a->has_result[i] == b->has_result[i] &&
               (!a->has_result[i] || a->result[i] == b->result[i]);
    for ( unsigned int i = 0; same && i < a->nr_expects; i++ )
        same = a->expect[i].after == b->expect[i].after &&
               a->expect[i].what == b->expect[i].what &&
               a->expect[i].index == b->expect[i].index &&
               a->expect[i].value == b->expect[i].value;
    if ( !same )
        return target_violated("TEXT/print", "printed and parsed, releases, "
                                             "results or expectations are "
                                             "others");

    return true;
}

static bool check_emit(const struct litmus *l)
{
    char *c = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&c, &size);
    enum emit_result result;
    char why[EMIT_WHY_MAX] = "";
    bool told;

    if ( !f )
        abort();
    result = emit_c(f, l, (enum release)l->program.host.release, "case.claim",
                    why);
    if ( fclose(f) )
        abort();
    told = result == EMIT_DONE ? strstr(c, "int main(") != NULL : *why != 0;
    free(c);

    return told ||
           target_violated("TEXT/emit", "neither a C program nor a reason");
}

static bool check_hash(const struct program *p)
{
    uint64_t first = target_hash(p), second = target_hash(&decoded);

    if ( first != second )
        return target_violated("TEXT/hash",
                               "as text it runs to %016" PRIx64
                               ", as bytes to %016" PRIx64,
                               first, second);

    return true;
}

/* ---- the target ---- */

/* The host is made ready for the run before anything is counted. */
static bool host_of(struct program *p, const uint8_t *data, size_t size)
{
    struct problems problems = { 0 };

    program_init(p);
    if ( litmus_parse(&parsed, (const char *)data, size, &problems) &&
         program_has_bytes(&parsed.program) )
        *p = parsed.program;

    return true;
}

/* What is a text, as the program that it is. */
static bool check_parsed(void)
{
    const struct program *p = &parsed.program;

    return check_text(&parsed, p) && check_expectations(&parsed, &again) &&
           check_emit(&parsed) &&
           /* else a host too large for bytes, and so for a fast run */
           (!program_has_bytes(p) || (check_bytes(p) && check_hash(p)));
}

static bool check_input(const uint8_t *data, size_t size)
{
    /* An engine may hand over no bytes at NULL. */
    const char *s = size ? (const char *)data : "";
    struct problems problems = { 0 };

    target_settle(NAME, host_of, (const uint8_t *)s, size);

    program_decode(&given, data, size, NULL);
    if ( !check_text(NULL, &given) || !check_bytes(&given) )
        return false;

    if ( !litmus_parse(&parsed, s, size, &problems) )
        return check_problems(&problems, s, size);
    if ( problems.nr )
        return target_violated("TEXT/parse", "taken, with a problem: %s",
                               problems.problem[0].text);

    return check_parsed();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* What is masked is not to be kept: it would fail wherever nothing is. */
    if ( !check_input(data, size) )
        target_forget();

    return 0;
}
