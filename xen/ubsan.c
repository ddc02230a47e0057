/* SPDX-License-Identifier: MIT */
/*
 * What code compiled with -fsanitize=undefined calls: a place in Xen's source
 * that does what C does not define, which ends the run like any BUG there.
 *
 * The data that the compiler hands over begins with the place, but for the few
 * kinds told apart below; the runtime library of the sanitizer is not used.
 */
#include "machine.h"
#include "known.h"

#include <stdlib.h>
#include <string.h>

struct place
{
    const char *file;
    uint32_t line, column;
};

/* Is it one of xen/known.list? The run goes on with what the processor does. */
static bool is_known(const char *kind, const struct place *place)
{
    const char *strict = getenv("CLAIMCHECK_XEN_STRICT");
    size_t length = strlen(place->file);

    if ( strict && !strcmp(strict, "1") )
        return false;
    for ( const struct known *k = xen_known; k->file; k++ )
    {
        size_t n = strlen(k->file);

        if ( !strcmp(k->kind, kind) && length >= n &&
             !strcmp(place->file + length - n, k->file) &&
             place->line >= k->first && place->line <= k->last )
            return true;
    }

    return false;
}

static void undefined(const char *kind, const char *what,
                      const struct place *place)
{
    if ( !is_known(kind, place) )
        machine_fail("BUG", what, place->file, (int)place->line);
}

#define KIND(name, text)                                                      \
    void __ubsan_handle_##name(const struct place *place);                    \
    void __ubsan_handle_##name(const struct place *place)                     \
    {                                                                         \
        undefined(#name, "UBSan: " text, place);                              \
    }
/* The compiler takes it that these do not return. */
#define LAST(name, text)                                                      \
    _Noreturn void __ubsan_handle_##name(const struct place *place);          \
    _Noreturn void __ubsan_handle_##name(const struct place *place)           \
    {                                                                         \
        machine_fail("BUG", "UBSan: " text, place->file, (int)place->line);   \
    }

KIND(add_overflow, "addition overflows")
KIND(sub_overflow, "subtraction overflows")
KIND(mul_overflow, "multiplication overflows")
KIND(negate_overflow, "negation overflows")
KIND(divrem_overflow, "division overflows or is by 0")
KIND(shift_out_of_bounds, "shift out of bounds")
KIND(out_of_bounds, "index out of bounds")
KIND(pointer_overflow, "pointer arithmetic overflows")
KIND(type_mismatch_v1, "null or misaligned pointer")
KIND(load_invalid_value, "a value that the type does not have")
KIND(vla_bound_not_positive, "array of no positive length")
LAST(builtin_unreachable, "what cannot be reached is")
LAST(missing_return, "a function ends without its result")
KIND(nonnull_arg, "NULL for an argument that must not be")
KIND(invalid_builtin, "a builtin with a bad argument")
KIND(float_cast_overflow, "conversion overflows")
KIND(function_type_mismatch_v1, "a function of another type is called")
