/* SPDX-License-Identifier: MIT */
/*
 * Lies for fuzz_text: linked between it and the parser, the printer and the
 * rest (ld --wrap), each chosen by TEXT_FAULT; none is chosen without it.
 * tests/guards/text_oracle.py expects each to be found.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/emit/emit.h"
#include "harness/program/text.h"

#define WRAPPED(type, name, args)                                             \
    type __real_##name args;                                                  \
    type __wrap_##name args;                                                  \
    type __wrap_##name args

static bool lies(const char *name)
{
    const char *chosen = getenv("TEXT_FAULT");

    return chosen && !strcmp(chosen, name);
}

WRAPPED(void, program_print, (FILE * f, const struct program *p))
{
    struct program less = *p;

    if ( lies("bytes_print") && less.nr_ops )
        less.nr_ops--;
    __real_program_print(f, &less);
}

WRAPPED(void, litmus_print, (FILE * f, const struct litmus *l))
{
    static unsigned int calls;
    static struct litmus less;

    less = *l;
    calls++;
    if ( lies("print_operation") && less.program.nr_ops )
        less.program.nr_ops--;
    if ( lies("print_result") )
        memset(less.has_result, 0, sizeof(less.has_result));
    if ( lies("print_expect") && less.nr_expects )
        less.nr_expects--;
    if ( lies("print_release") )
        less.releases = RELEASE_BIT(less.program.host.release);
    if ( lies("print_nonsense") )
        fprintf(f, "claim d9\n");
    if ( lies("print_varies") && calls & 1 )
        fprintf(f, "\n");
    __real_litmus_print(f, &less);
}

WRAPPED(bool, litmus_parse,
        (struct litmus * l, const char *text, size_t size,
         struct problems *problems))
{
    bool taken = __real_litmus_parse(l, text, size, problems);

    if ( lies("parse_crash") )
        abort();
    if ( lies("parse_line") )
        problems->problem[0].line = 0;
    if ( lies("parse_far") )
        problems->problem[0].line += (uint32_t)size + 1;
    if ( lies("parse_column") )
        problems->problem[0].column += TEXT_LINE_MAX * 4;
    if ( lies("parse_words") )
        strcpy(problems->problem[0].text, "bad");
    if ( lies("parse_silent") )
        problems->nr = 0;

    return taken || lies("parse_takes");
}

WRAPPED(size_t, program_encode, (struct program * p, uint8_t *out))
{
    return __real_program_encode(p, out) - lies("encode_cut");
}

WRAPPED(void, program_decode,
        (struct program * p, const uint8_t *data, size_t size,
         struct decode_note *note))
{
    __real_program_decode(p, data, size, note);
    /* Only what was encoded is decoded with a note. */
    if ( lies("decode_other") && note )
        p->host.llc = !p->host.llc;
}

WRAPPED(enum emit_result, emit_c,
        (FILE * f, const struct litmus *l, enum release release,
         const char *name, char why[EMIT_WHY_MAX]))
{
    enum emit_result result;

    if ( lies("emit_nothing") )
        return EMIT_DONE;
    result = __real_emit_c(f, l, release, name, why);
    if ( result != EMIT_DONE && lies("emit_reason") )
        why[0] = '\0';

    return result;
}

WRAPPED(void, engine_run,
        (struct engine * e, const struct run_spec *spec,
         struct run_result *result))
{
    static unsigned int calls;

    __real_engine_run(e, spec, result);
    if ( lies("run_varies") )
        result->hash += ++calls;
}
