/* SPDX-License-Identifier: MIT */
/*
 * Argument checks as data. A check is a row: a condition on the call, the
 * errno that it gives, and the row of docs/rules.md that asks for it. Rows are
 * asked in order, and the first whose condition holds decides the call.
 *
 * From each row planted faults are made (enum check_fault), named
 * TABLE.ROW.FAULT, as in claim.order.drop. A fault that nothing can see says
 * why: such faults are listed, and nobody is expected to catch them.
 *
 * Not here: faults that are no matter of a check (faults.def).
 */
#ifndef CLAIMCHECK_STUB_CHECKS_H
#define CLAIMCHECK_STUB_CHECKS_H

#include <errno.h>
#include <stddef.h>

#include "faults.h"

/* What can be wrong with a check. */
enum check_fault
{
    CHECK_DROP,  /* never made                                              */
    CHECK_SWAP,  /* made after the next one                                 */
    CHECK_EARLY, /* made first, or directly after the row that it needs     */
    CHECK_ERRNO, /* gives another errno                                     */
    CHECK_FAULTS
};

/* In place of an errno: the call returns its start extent. */
#define START_EXTENT 0

struct check
{
    /* May leave in the call what later rows need. Where it holds it leaves
     * something that the call can go on with, because a planted fault lets
     * the call by. */
    bool (*holds)(void *call);
    int error;
    const char *name, *rule, *words;
    const char *id[CHECK_FAULTS];
    /* Optional: */
    const char *needs;     /* an earlier row: what it leaves is looked at  */
    unsigned int releases; /* on which it can decide; 0: all               */
    const char *caught;    /* signatures of a dropped one; NULL: as usual  */
    const char *unseen[CHECK_FAULTS]; /* why nothing can see that fault     */
};

struct check_table
{
    uint32_t nr;
    const struct check *check;
};

/* All tables, in the order in which `claimcheck faults` lists them. */
#define CHECK_TABLES(TABLE)                                                   \
    TABLE(memory_op)                                                          \
    TABLE(claim)                                                              \
    TABLE(claim_total)                                                        \
    TABLE(reservation)                                                        \
    TABLE(compat)                                                             \
    TABLE(query)                                                              \
    TABLE(exchange)                                                           \
    TABLE(exchange_target)                                                    \
    TABLE(domctl)                                                             \
    TABLE(create)                                                             \
    TABLE(domain_info)                                                        \
    TABLE(node_affinity)                                                      \
    TABLE(unpause)                                                            \
    TABLE(destroy)                                                            \
    TABLE(sysctl)                                                             \
    TABLE(page_offline)                                                       \
    TABLE(claim_memory)                                                       \
    TABLE(part)                                                               \
    TABLE(parts)                                                              \
    TABLE(get_set)                                                            \
    TABLE(set_claims)                                                         \
    TABLE(set_entry)                                                          \
    TABLE(set_limit)                                                          \
    TABLE(set_heap)                                                           \
    TABLE(get_claims)

enum
{
    CHECKS_none,
#define TABLE(name) CHECKS_##name,
    CHECK_TABLES(TABLE)
#undef TABLE
        CHECKS_COUNT
};

#define TABLE(name) extern const struct check_table name##_checks;
CHECK_TABLES(TABLE)
#undef TABLE

/* Rows of a table; a row's number is part of a fault's. */
#define CHECKS_MAX 16

/*
 * ROWS(CHECK) is a list of
 *   CHECK(TABLE, ROW, ERRNO, "rules ...", "condition in words",
 *         condition on *c, optional members of struct check)
 * with a comma in the end where no member is named. c points to a
 * CHECKED_CALL, which the file defines before.
 */
#define CHECK_HOLDS(table, row, error_, rule_, words_, condition, ...)        \
    static bool table##_##row##_holds(void *call)                             \
    {                                                                         \
        CHECKED_CALL *c = call;                                               \
                                                                              \
        return condition;                                                     \
    }
#define CHECK_ROW(table, row, error_, rule_, words_, condition, ...)          \
    { .holds = table##_##row##_holds,                                         \
      .error = error_,                                                        \
      .name = #row,                                                           \
      .rule = rule_,                                                          \
      .words = words_,                                                        \
      .id = { #table "." #row ".drop", #table "." #row ".swap",               \
              #table "." #row ".early", #table "." #row ".errno" },           \
      __VA_ARGS__ },
/* Errno and all are constants here: written out, the rows cost what as many
 * conditions by hand would. */
#define CHECK_ASK(table, row, error_, ...)                                    \
    if ( table##_##row##_holds(call) )                                        \
    {                                                                         \
        if ( (error_) != START_EXTENT )                                       \
            *rc = -(error_);                                                  \
        return true;                                                          \
    }
#define DEFINE_CHECKS(table, ROWS)                                            \
    ROWS(CHECK_HOLDS)                                                         \
    static const struct check table##_rows[] = { ROWS(CHECK_ROW) };           \
    _Static_assert(sizeof(table##_rows) <=                                    \
                       CHECKS_MAX * sizeof(table##_rows[0]),                  \
                   "CHECKS_MAX");                                             \
    const struct check_table table##_checks = {                               \
        .nr = sizeof(table##_rows) / sizeof(table##_rows[0]),                 \
        .check = table##_rows,                                                \
    };                                                                        \
    static bool table##_refused(CHECKED_CALL *call, uint32_t fault,           \
                                uint32_t *hits, long *rc)                     \
    {                                                                         \
        if ( CHECK_PLANTED(table, fault) )                                    \
            return checks_refuse_planted(&table##_checks, call, fault, hits,  \
                                         rc);                                 \
        ROWS(CHECK_ASK)                                                       \
                                                                              \
        return false;                                                         \
    }

#ifdef CLAIMCHECK_NO_PLANTED_FAULTS
#define CHECK_PLANTED(table, fault) ((void)(fault), false)
#else
#define CHECK_PLANTED(table, fault)                                           \
    __builtin_expect((fault) >> FAULT_TABLE_SHIFT == CHECKS_##table, 0)
#endif

/* The walk with one of the table's faults planted; hits: see fault_hit(). */
bool checks_refuse_planted(const struct check_table *t, void *call,
                           uint32_t fault, uint32_t *hits, long *rc);

/* Is the call refused? Then *rc is the result; START_EXTENT leaves it. holder
 * as for FAULT_ON. */
#define REFUSED(holder, table, call, rc)                                      \
    table##_refused(call, (holder)->fault, &(holder)->fault_hits, rc)

/* ---- their faults; numbers as in faults.h ---- */

/* The next number after this one that stands for a fault; 0: there is none. */
uint32_t check_fault_next(uint32_t fault);
const char *check_fault_id(uint32_t fault);
void check_fault_text(uint32_t fault, char *text, size_t size);
unsigned int check_fault_releases(uint32_t fault);
const char *check_fault_signatures(uint32_t fault);
/* Why nothing can see it, or NULL. */
const char *check_fault_unseen(uint32_t fault);

#endif /* CLAIMCHECK_STUB_CHECKS_H */
