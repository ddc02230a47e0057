/* SPDX-License-Identifier: MIT */
/* claimcheck generate: random programs as text, or run at once. */
#include "verbs.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <time.h>

#include "harness/engine/stats.h"
#include "harness/generate/generate.h"
#include "harness/program/quote.h"
#include "harness/session/spec.h"
#include "harness/stop/stop.h"
#include "live/live.h"

struct generate
{
    struct generate_options o;
    uint64_t seed, count, steps;
    const char *folder;
    bool run, as_live;
    struct setup setup; /* of --run and --on */
    struct host_shape shape;
    struct stats stats;
    struct
    {
        uint64_t programs, seed; /* that met it; of the shortest of them */
        uint32_t steps;
    } met[WEAK_COUNT];
};

/* Enough for days of running them. */
#define COUNT_MAX UINT64_C(1000000000000)
/* A line of progress so often, in seconds; the clock is asked after so many
 * steps, which a live host takes half a second for. */
#define PROGRESS_S 10
#define CLOCK_STEPS 512

static int one(const struct generate *g, uint64_t seed)
{
    struct file_text text = { .f = stdout };
    struct program p;
    char path[PATH_MAX];

    program_generate(&p, seed, &g->o);
    if ( g->folder )
        file_text_begin(&text);
    fprintf(text.f, "# seed %" PRIu64 "\n", seed);
    program_print(text.f, &p);
    if ( !g->folder )
        return EXIT_HELD;
    snprintf(path, sizeof(path), "%s/%" PRIu64 ".claim", g->folder, seed);

    return file_text_write(&text, path);
}

/* Open the hypervisor, and generate what it offers. */
static int open_for(struct generate *g, const struct engine_options *o)
{
    int rc = setup_open(&g->setup, o);

    if ( rc )
        return rc;
    g->o.lacks |= generate_lacks(&g->setup.h);
    g->o.node_pages_max = g->setup.h.ops->node_pages_max;
    if ( g->setup.h.ops->shape )
    {
        g->shape = g->setup.h.ops->shape(g->setup.h.hv);
        g->o.shape = &g->shape;
    }

    return EXIT_HELD;
}

/* Until one cannot be written. */
static int print_all(struct generate *g)
{
    const struct engine_options o = { .stats = NULL };
    bool opened = g->setup.on;
    int rc = opened ? open_for(g, &o) : EXIT_HELD;
    uint64_t i = 0;

    if ( rc )
        return rc;
    for ( ; i < g->count && rc == EXIT_HELD && !stop_requested(); i++ )
        rc = one(g, g->seed + i);
    if ( stop_heeded() )
        diag("generate: stopped by %s after %" PRIu64 " of %" PRIu64
             " programs",
             stop_name(), i, g->count);
    if ( opened )
        setup_close(&g->setup);

    return rc;
}

static void progress(const struct generate *g, uint64_t done, time_t start)
{
    long seconds = (long)(time(NULL) - start);

    uint64_t nr = g->steps < COUNT_MAX ? g->stats.steps : done;
    uint64_t of = g->steps < COUNT_MAX ? g->steps : g->count;

    assert(of);

    fprintf(stderr,
            "generate: %" PRIu64 " %%: %" PRIu64 " programs, %" PRIu64
            " steps, %" PRIu64 " steps/s, %" PRIu64 " violations\n",
            nr * 100 / of, done, g->stats.steps,
            g->stats.steps / (uint64_t)(seconds ? seconds : 1),
            g->stats.outcome[RUN_VIOLATION]);
}

static void note_weaknesses(struct generate *g, uint64_t seed,
                            const struct run_result *r)
{
    for ( unsigned int w = 0; w < WEAK_COUNT; w++ )
    {
        if ( !(r->weaknesses >> w & 1) )
            continue;
        if ( !g->met[w].programs++ || r->steps < g->met[w].steps )
        {
            g->met[w].seed = seed;
            g->met[w].steps = r->steps;
        }
    }
}

static void print_weaknesses(const struct generate *g)
{
    for ( unsigned int w = 0; w < WEAK_COUNT; w++ )
        if ( g->met[w].programs )
            printf("weakness %s: %" PRIu64 " programs, the shortest has %u "
                   "steps: --seed %" PRIu64 "\n",
                   weakness_table[w].name, g->met[w].programs, g->met[w].steps,
                   g->met[w].seed);
}

/* The command that makes this program again; with --run, runs it. */
static void print_command(const struct generate *g, const char *what,
                          uint64_t seed, const char *run)
{
    fprintf(stderr, "%-8s ", what);
    quote_shell_path(stderr, setup_cli());
    fprintf(stderr, " generate --seed %" PRIu64 " --count 1", seed);
    if ( g->o.ops )
        fprintf(stderr, " --ops %u", g->o.ops);
    if ( g->setup.release != RELEASE_OF_CASE )
        fprintf(stderr, " --release %s",
                release_name((enum release)g->setup.release));
    fprintf(stderr, "%s%s%s", g->o.wide ? " --wide" : "",
            g->as_live ? " --as-live" : "", run);
    if ( *run )
        report_options(stderr, &g->setup.hints);
    else if ( g->setup.hints.on )
    {
        fputs(" --on ", stderr);
        quote_shell_path(stderr, g->setup.hints.on);
    }
    fputc('\n', stderr);
}

/* Run them instead of printing them; the first violation ends it. */
static int run_all(struct generate *g)
{
    const struct engine_options o = { .stats = &g->stats };
    static struct program p;
    struct run_result r = { 0 };
    struct run_spec spec;
    int rc = open_for(g, &o);
    time_t start = time(NULL), last = start;
    uint64_t i, asked = 0;

    if ( rc )
        return rc;
    for ( i = 0; i < g->count && g->stats.steps < g->steps &&
                 r.outcome != RUN_VIOLATION && !stop_requested();
          i++ )
    {
        program_generate(&p, g->seed + i, &g->o);
        if ( g->o.release < 0 )
            p.host.release = (uint8_t)open_release(
                g->setup.releases, (enum release)p.host.release);
        spec = setup_spec_program(&g->setup, &p);
        engine_run(g->setup.engine, &spec, &r);
        note_weaknesses(g, g->seed + i, &r);
        if ( g->stats.steps < asked + CLOCK_STEPS )
            continue;
        asked = g->stats.steps;
        if ( time(NULL) >= last + PROGRESS_S )
        {
            last = time(NULL);
            progress(g, i + 1, start);
        }
    }
    progress(g, i, start);
    stats_table(stdout, &g->stats);
    printf("%" PRIu64 " programs, %" PRIu64 " steps on %s: %" PRIu64
           " held, %" PRIu64 " ended at a known weakness, %" PRIu64
           " skipped, %" PRIu64 " violations%s\n",
           g->stats.runs, g->stats.steps, g->setup.on,
           g->stats.outcome[RUN_HELD], g->stats.outcome[RUN_WEAKNESS],
           g->stats.outcome[RUN_SKIPPED], g->stats.outcome[RUN_VIOLATION],
           stop_clause());
    print_weaknesses(g);
    if ( r.outcome == RUN_VIOLATION )
    {
        rc = verb_report(&g->setup, &spec, &r);
        print_command(g, "run:", g->seed + i - 1, " --run");
        print_command(g, "program:", g->seed + i - 1, "");
    }
    setup_close(&g->setup);

    return rc;
}

/* One option; false if it is bad. */
static bool option(struct generate *g, int c, char **argv)
{
    uint64_t ops;

    switch ( c )
    {
    case 's': return option_number(argv, "--seed", 0, UINT64_MAX, &g->seed);
    case 'c': return option_number(argv, "--count", 1, COUNT_MAX, &g->count);
    case 'o': g->folder = optarg; return true;
    case 't': return option_number(argv, "--steps", 1, COUNT_MAX, &g->steps);
    case 'n':
        if ( !option_number(argv, "--ops", 1, PROGRAM_OPS_MAX, &ops) )
            return false;
        g->o.ops = (unsigned int)ops;
        return true;
    case 'w': g->o.wide = true; return true;
    case 'x': g->run = true; return true;
    case 'l':
        g->as_live = true;
        g->o.lacks = HV_CAPS_ALL & ~LIVE_CAPS;
        return true;
    default:
        if ( setup_option(&g->setup, c) <= 0 )
            return false;
        g->o.release = g->setup.release;
        return true;
    }
}

int verb_generate(int argc, char **argv)
{
    static const struct option names[] = {
        { "seed", required_argument, NULL, 's' },
        { "count", required_argument, NULL, 'c' },
        { "steps", required_argument, NULL, 't' },
        { "output", required_argument, NULL, 'o' },
        { "run", no_argument, NULL, 'x' },
        SETUP_OPTIONS,
        { "ops", required_argument, NULL, 'n' },
        { "wide", no_argument, NULL, 'w' },
        { "as-live", no_argument, NULL, 'l' },
        { 0 }
    };
    static struct generate g = { .o = { .release = -1 },
                                 .setup = { .release = RELEASE_OF_CASE } };
    int c;

    while ( (c = option_next(argc, argv, ":o:", names)) != -1 )
        if ( !option(&g, c, argv) )
            return EXIT_BAD_INPUT;
    if ( !options_only(argc, argv) )
        return EXIT_BAD_INPUT;

    if ( g.run && g.folder )
    {
        diag("generate: -o DIR and --run exclude each other");
        return EXIT_BAD_INPUT;
    }
    if ( g.steps && !g.run )
    {
        diag("generate: --steps N goes with --run");
        return EXIT_BAD_INPUT;
    }
    if ( !g.count )
        g.count = g.steps ? COUNT_MAX : 1;
    if ( !g.steps )
        g.steps = COUNT_MAX;
    if ( g.run )
        return run_all(&g);

    return print_all(&g);
}
