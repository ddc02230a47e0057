/* SPDX-License-Identifier: MIT */
/* A function for each signature; see frames.h. */
#include "frames.h"

#include <stdlib.h>
#include <string.h>

/*
 * What each function does before it aborts: it has to differ in something, or
 * compilers and linkers that fold equal functions leave only one of them.
 */
static const char *volatile ended_by;

#define FRAME(name, signature)                                                \
    static _Noreturn __attribute__((noinline)) void violation_##name(void)    \
    {                                                                         \
        ended_by = signature;                                                 \
        abort();                                                              \
    }
#include "frames.def"
#undef FRAME

static const struct
{
    const char *signature;
    void (*end)(void);
} frames[] = {
#define FRAME(name, signature) { signature, violation_##name },
#include "frames.def"
#undef FRAME
};

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static _Noreturn __attribute__((noinline)) void violation_other(void)
{
    ended_by = "";
    abort();
}

_Noreturn void frames_abort(const char *signature)
{
    for ( size_t i = 0; i < NR(frames); i++ )
        if ( !strcmp(frames[i].signature, signature) )
            frames[i].end();
    violation_other();
}
