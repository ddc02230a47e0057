/* SPDX-License-Identifier: MIT */
/* Counters of what was reached, and their two printed forms. */
#include "stats.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const struct
{
    int nr;
    const char *name;
} errnos[CLASS_COUNT - CLASS_ERRNO] = {
    { EPERM, "EPERM" },           { ENOENT, "ENOENT" },
    { ESRCH, "ESRCH" },           { EFAULT, "EFAULT" },
    { EEXIST, "EEXIST" },         { EINVAL, "EINVAL" },
    { ENOMEM, "ENOMEM" },         { ENOSYS, "ENOSYS" },
    { EOPNOTSUPP, "EOPNOTSUPP" }, { EACCES, "EACCES" },
    { E2BIG, "E2BIG" },           { EBUSY, "EBUSY" },
    { ERESTART, "ERESTART" },     { ERANGE, "ERANGE" },
    { ENOBUFS, "ENOBUFS" },       { 0, "other" },
};

const char *stats_class_name(enum result_class c)
{
    static const char *const counts[] = { "all", "short", "none" };

    return c < CLASS_ERRNO ? counts[c] : errnos[c - CLASS_ERRNO].name;
}

static bool returns_count(enum op_code op)
{
    return op == OP_populate || op == OP_increase || op == OP_decrease;
}

static enum result_class classify(enum op_code op, const struct hv_call *call,
                                  long rc)
{
    unsigned int i;

    if ( rc < 0 )
    {
        for ( i = 0; errnos[i].nr && errnos[i].nr != -rc; i++ )
            ;
        return CLASS_ERRNO + i;
    }
    if ( !returns_count(op) || (uint64_t)rc >= call->resv.nr_extents )
        return CLASS_ALL;

    return (uint64_t)rc > call->cmd >> MEMOP_EXTENT_SHIFT ? CLASS_SHORT
                                                          : CLASS_NONE;
}

void stats_call(struct stats *s, enum op_code op, const struct hv_call *call,
                long rc, enum rule rule)
{
    s->calls++;
    s->reached[op][classify(op, call, rc)]++;
    s->rules[rule]++;
}

void stats_run(struct stats *s, const struct program *p,
               const struct run_result *r)
{
    s->runs++;
    s->steps += r->steps;
    s->outcome[r->outcome]++;
    s->length[p->nr_ops]++;
    s->releases[p->host.release]++;
    for ( uint32_t w = r->weaknesses; w; w &= w - 1 )
        s->weaknesses[__builtin_ctz(w)]++;
}

static void json_ops(FILE *f, const struct stats *s)
{
    const char *sep = "";

    for ( unsigned int op = 0; op < OP_COUNT; op++ )
    {
        const char *inner = "";

        fprintf(f, "%s\"%s\":{", sep, op_table[op].name);
        sep = ",";
        for ( unsigned int c = 0; c < CLASS_COUNT; c++ )
        {
            if ( !s->reached[op][c] )
                continue;
            fprintf(f, "%s\"%s\":%" PRIu64, inner, stats_class_name(c),
                    s->reached[op][c]);
            inner = ",";
        }
        fputc('}', f);
    }
}

void stats_json(FILE *f, const struct stats *s, const char *target, long pid,
                void (*masked)(FILE *f))
{
    fprintf(f,
            "{\"target\":\"%s\",\"pid\":%ld,\"runs\":%" PRIu64
            ",\"steps\":%" PRIu64 ",\"calls\":%" PRIu64 ",\"held\":%" PRIu64
            ",\"ended_at_weakness\":%" PRIu64 ",\"skipped\":%" PRIu64
            ",\"violations\":%" PRIu64 ",\"fault\":{\"reached\":%" PRIu64
            "},\"ops\":{",
            target, pid, s->runs, s->steps, s->calls, s->outcome[RUN_HELD],
            s->outcome[RUN_WEAKNESS], s->outcome[RUN_SKIPPED],
            s->outcome[RUN_VIOLATION], s->fault_runs);
    json_ops(f, s);
    fputs("},\"weaknesses\":{", f);
    for ( unsigned int i = 0; i < WEAK_COUNT; i++ )
        fprintf(f, "%s\"%s\":%" PRIu64, i ? "," : "", weakness_table[i].name,
                s->weaknesses[i]);
    fputs("},\"rules\":{", f);
    for ( unsigned int i = RULE_NONE + 1; i < RULE_COUNT; i++ )
        fprintf(f, "%s\"%s\":%" PRIu64, i > RULE_NONE + 1 ? "," : "",
                rule_table[i].id, s->rules[i]);
    fputs("},\"releases\":{", f);
    for ( unsigned int i = 0; i < RELEASE_COUNT; i++ )
        fprintf(f, "%s\"%s\":%" PRIu64, i ? "," : "", release_name(i),
                s->releases[i]);
    fputs("},\"masked\":{", f);
    masked(f);
    fputs("}}\n", f);
}

void stats_table(FILE *f, const struct stats *s)
{
    for ( unsigned int op = 0; op < OP_COUNT; op++ )
    {
        fprintf(f, "  %-20s", op_table[op].name);
        for ( unsigned int c = 0; c < CLASS_COUNT; c++ )
            if ( s->reached[op][c] )
                fprintf(f, " %s %" PRIu64, stats_class_name(c),
                        s->reached[op][c]);
        fputc('\n', f);
    }
}
