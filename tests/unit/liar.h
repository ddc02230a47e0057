/* SPDX-License-Identifier: MIT */
/*
 * A hypervisor that is another one but for one lie, and the engine on it: for the
 * tests that each oracle of the engine can fail. Each row of a table of lies is
 * a program, which must hold without the lie, and the signature that the lie
 * must be reported with.
 *
 * Not here: the tables (engine_oracles.c: on the stub; engine_sets.c: on the
 * model, of claim sets).
 */
#ifndef CLAIMCHECK_TESTS_LIAR_H
#define CLAIMCHECK_TESTS_LIAR_H

#include "engine_case.h"

/* What a lying hypervisor does, from the call number `from` on. */
struct lie
{
    const char *program, *signature;
    unsigned int from; /* calls made before the lie, 0: none */
    /* Instead of, or after, the call. */
    bool skip_call;
    void (*result)(struct hv_result *r);
    void (*view)(struct hv_view *v);
    void (*inside)(struct hv_view *v); /* what is seen inside the call     */
    bool twice_inside;                 /* ... at two moments               */
    const char *fail;                  /* id for the fail hook, inside it  */
    const char *audit; /* what the audit claims to have found              */
    /* 1 + the offset of a byte of the argument that was fetched twice; 0: none.
     * From the start of what the caller placed there. */
    unsigned int twice;
    bool window; /* the heap looks over-claimed at unlock            */
    bool blocks; /* one free block less                                   */
    const char *says; /* what the report must contain; NULL: whatever     */
    void (*page)(struct hv_page *page);
    bool scrub; /* one page more is counted as dirty                       */
};

/* Lie in front of h, which the caller opened; until liar_close(), which closes
 * it. */
void liar_open(const struct hypervisor *h);
/* For cmocka: before all tests, on a stub; and after all. */
int liar_open_stub(void **state);
int liar_close(void **state);

/* Each program holds without its lie, and is reported with it. */
void liar_check(const struct lie *lies, unsigned int nr);

/* Each program holds. */
void liar_holds(const char *const *programs, size_t nr);

/* Has each invariant from one to another a lie? */
void liar_covers(const struct lie *lies, unsigned int nr, enum invariant first,
                 enum invariant last);

#endif /* CLAIMCHECK_TESTS_LIAR_H */
