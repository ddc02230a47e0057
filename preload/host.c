/* SPDX-License-Identifier: MIT */
/* The stubbed host of libclaimcheck-xen.so: opening and checking it. Not here:
 * the symbols that the library exports. */
#include "host.h"
#include "real.h"

#include <inttypes.h>
#include <pthread.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/cases/diag.h"
#include "harness/open/open.h"

/* Enough for a small program, and quickly filled. */
#define DEFAULT_NODES 1
#define DEFAULT_PAGES 64
#define BAD_INPUT 2 /* exit codes */
#define CANNOT_RUN 77

static __attribute__((noreturn)) void bad(const char *name, const char *value,
                                          const char *what)
{
    fprintf(stderr, "claimcheck: %s=\"%s\": %s\n", name, value, what);
    exit(BAD_INPUT);
}

/* "name=NUMBER" of 1..max. */
static bool number(const char *word, const char *name, unsigned long max,
                   unsigned long *value)
{
    size_t len = strlen(name);
    char *end;

    if ( strncmp(word, name, len) || word[len] != '=' || word[len + 1] < '0' ||
         word[len + 1] > '9' )
        return false;
    *value = strtoul(word + len + 1, &end, 10);

    return !*end && *value >= 1 && *value <= max;
}

static void parse_host(const char *text, struct host_shape *shape)
{
    static const char name[] = "CLAIMCHECK_HOST";
    static const char expected[] =
        "expected nodes=1..4 and pages=1..262144 (pages of each node)";
    char copy[64], *word, *rest = NULL;
    unsigned long value;

    _Static_assert(HV_NODES_MAX == 4 && HV_NODE_PAGES_MAX == 262144,
                   "the message says so");
    if ( strlen(text) >= sizeof(copy) )
        bad(name, text, expected);
    memcpy(copy, text, strlen(text) + 1);
    for ( word = strtok_r(copy, " ", &rest); word;
          word = strtok_r(NULL, " ", &rest) )
    {
        if ( number(word, "nodes", HV_NODES_MAX, &value) )
            shape->nodes = (uint8_t)value;
        else if ( number(word, "pages", HV_NODE_PAGES_MAX, &value) )
            shape->node_pages = (uint32_t)value;
        else
            bad(name, text, expected);
    }
}

static enum release parse_release(const char *text)
{
    char expected[128] = "expected one of";
    unsigned int r;
    int found = release_from_name(text);

    for ( r = 0; r < RELEASE_COUNT; r++ )
    {
        size_t len = strlen(expected);

        snprintf(expected + len, sizeof(expected) - len, " %s",
                 release_name((enum release)r));
    }
    if ( found < 0 )
        bad("CLAIMCHECK_RELEASE", text, expected);

    return (enum release)found;
}

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value && *value ? value : otherwise;
}

/* All memory of the program is read and written so. */
static void probe_memory(void)
{
    char was = 1, now = 0;

    if ( preload_read(&now, (uintptr_t)&was, 1) && now == was )
        return;
    fprintf(stderr, "claimcheck: process_vm_readv() is not allowed here, as "
                    "in some containers (seccomp)\n");
    exit(CANNOT_RUN);
}

/* In front of a real Xen, to record. */
static void open_real(struct preload_host *p, struct host_shape *shape)
{
    static const char *const fixed[] = { "CLAIMCHECK_HOST",
                                         "CLAIMCHECK_RELEASE",
                                         "CLAIMCHECK_FAULT" };
    unsigned int i;

    for ( i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++ )
        if ( setting(fixed[i], NULL) )
            bad(fixed[i], setting(fixed[i], NULL),
                "with CLAIMCHECK_ON=live the host is what it is");
    if ( !setting("CLAIMCHECK_RECORD", NULL) )
        bad("CLAIMCHECK_ON", "live",
            "expected CLAIMCHECK_RECORD=FILE as well: nothing is judged");
    preload_real_open(p, shape);
    preload_record_start(setting("CLAIMCHECK_RECORD", NULL), shape);
}

static void open_host(struct preload_host *p)
{
    struct open_options options = { .flat_memory = true };
    struct host_shape shape = { .nodes = DEFAULT_NODES,
                                .node_pages = DEFAULT_PAGES };
    const struct engine_options none = { 0 };
    char why[OPEN_WHY_MAX];

    probe_memory();
    if ( !strcmp(setting("CLAIMCHECK_ON", ""), "live") )
    {
        open_real(p, &shape);
        return;
    }
    parse_host(setting("CLAIMCHECK_HOST", ""), &shape);
    p->release = parse_release(setting("CLAIMCHECK_RELEASE", "4.17"));
    shape.release = (uint8_t)p->release;
    options.fault = setting("CLAIMCHECK_FAULT", NULL);
    options.on = setting("CLAIMCHECK_ON", NULL);
    errno = 0;
    if ( !open_hypervisor(&p->h, &options, why) )
    {
        if ( errno == ENOMEM )
            out_of_memory();
        if ( options.on && options.fault )
            fprintf(stderr, "claimcheck: with CLAIMCHECK_ON=%s:\n",
                    options.on);
        bad(options.fault ? "CLAIMCHECK_FAULT" : "CLAIMCHECK_ON",
            options.fault ? options.fault : options.on, why);
    }
    if ( p->h.ops->node_pages_max &&
         shape.node_pages > p->h.ops->node_pages_max )
    {
        snprintf(why, sizeof(why), "with CLAIMCHECK_ON, expected pages=1..%u",
                 p->h.ops->node_pages_max);
        bad("CLAIMCHECK_HOST", setting("CLAIMCHECK_HOST", ""), why);
    }
    p->h.ops->reset(p->h.hv, &shape, NULL);
    p->engine = engine_new(&p->h, &none);
    if ( !p->engine )
        out_of_memory();
    engine_judge_start(p->engine, &shape);
    if ( setting("CLAIMCHECK_RECORD", NULL) )
        preload_record_start(setting("CLAIMCHECK_RECORD", NULL), &shape);
}

/* A library that stands in for the kernel has one host per process. */
static struct
{
    pthread_mutex_t lock;
    bool open;
    struct preload_host host;
} world = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct preload_host *preload_enter(void)
{
    pthread_mutex_lock(&world.lock);
    if ( !world.open )
        open_host(&world.host);
    world.open = true;

    return &world.host;
}

void preload_leave(void)
{
    pthread_mutex_unlock(&world.lock);
}

/* ---- invariants ---- */

static __attribute__((noreturn)) void report(const struct hv_view *view,
                                             const struct run_result *r,
                                             const char *call,
                                             unsigned int cmd)
{
    static const char *const state[] = { "absent", "alive", "dying", "dead" };
    unsigned int d;

    fflush(NULL); /* keep the order of the program's own output */
    fprintf(stderr,
            "claimcheck: violation: %s\n"
            "  %s\n"
            "  after %s %u: host free %" PRIu64 ", claimed %" PRIu64 "\n",
            r->signature, r->detail, call, cmd, view->free, view->claimed);
    for ( d = 0; d < HV_DOMS_MAX; d++ )
        if ( view->dom[d].state != HV_DOM_ABSENT )
            fprintf(stderr, "  d%u %s: pages %u, max %u, claim %u\n", d,
                    state[view->dom[d].state], view->dom[d].tot,
                    view->dom[d].max, view->dom[d].claim);
    preload_record_end();
    abort();
}

static void say_weaknesses(struct preload_host *p, uint32_t met)
{
    unsigned int w;

    met &= ~p->weaknesses;
    p->weaknesses |= met;
    for ( w = 0; w < WEAK_COUNT; w++ )
        if ( met & (1U << w) )
            fprintf(stderr, "claimcheck: known weakness %s of %s: %s%s\n",
                    weakness_table[w].name, release_name(p->release),
                    weakness_table[w].title,
                    weakness_table[w].ends ? "; nothing more is checked" : "");
}

/* When the program ends: with its exit code, unless the file cannot be written. */
static void __attribute__((destructor)) end(void)
{
    int code = preload_record_end();

    if ( !code )
        return;
    fflush(NULL);
    _exit(code);
}

void preload_judge(struct preload_host *p, const struct hv_result *result,
                   const char *call, unsigned int cmd)
{
    struct run_result r;

    preload_record(&p->engine->call, result);
    engine_judge_after(p->engine, result, &r);
    say_weaknesses(p, r.weaknesses);
    if ( r.outcome == RUN_VIOLATION )
        report(&p->engine->seen, &r, call, cmd);
}
