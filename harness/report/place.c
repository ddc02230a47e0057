/* SPDX-License-Identifier: MIT */
/* Places in source files; see place.h. */
#define _GNU_SOURCE /* dladdr, REG_RIP */
#include "place.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* Deeper than any call of a hypercall goes. */
#define FRAMES_MAX 64
/* What addr2line says of an address: two lines. */
#define SAID_MAX 512

void place_prepare(void)
{
    void *frame[1];

    backtrace(frame, 1);
}

/* Where it crashed; NULL: not known on this machine. */
static void *program_counter(const void *context)
{
#if defined(__x86_64__)
    const ucontext_t *u = context;
    void *pc;

    if ( !u )
        return NULL;
    memcpy(&pc, &u->uc_mcontext.gregs[REG_RIP], sizeof(pc));
    return pc;
#else
    (void)context;
    return NULL;
#endif
}

/* The object that the operations are in, and whether it is a plug-in's. */
static bool object_of(const struct hypervisor *h, Dl_info *object)
{
    void (*const reset)(void *, const struct host_shape *,
                        const struct hv_hooks *) = h->ops->reset;
    void *address;
    Dl_info own;

    memcpy(&address, &reset, sizeof(address));
    memset(object, 0, sizeof(*object));
    if ( !dladdr(address, object) || !dladdr((const void *)place_find, &own) )
        return false;

    return object->dli_fbase != own.dli_fbase;
}

/* Who asks may crash, too, in memory that is broken: that must not come to the
 * handler that asks. */
static void forget_handlers(void)
{
    for ( int sig = 1; sig < NSIG; sig++ )
        signal(sig, SIG_DFL);
}

/* What addr2line prints of an address of a file. Only what may be called in a
 * signal handler is called. */
static bool ask(const char *file, const char *offset, char said[SAID_MAX])
{
    size_t length = 0;
    ssize_t got;
    int fd[2], status;
    pid_t child;

    if ( pipe(fd) )
        return false;
    child = fork();
    if ( !child )
    {
        forget_handlers();
        dup2(fd[1], STDOUT_FILENO);
        close(fd[0]);
        close(STDERR_FILENO);
        execlp("addr2line", "addr2line", "-f", "-e", file, offset,
               (char *)NULL);
        _exit(127);
    }
    close(fd[1]);
    while ( child > 0 && length < SAID_MAX - 1 &&
            (got = read(fd[0], said + length, SAID_MAX - 1 - length)) > 0 )
        length += (size_t)got;
    said[length] = '\0';
    close(fd[0]);

    return child > 0 && waitpid(child, &status, 0) == child && !status;
}

/* From "FUNCTION\nFILE:LINE\n" to "FUNCTION (FILE:LINE)". */
static bool both(char *said, char *text, size_t size)
{
    char *line = strchr(said, '\n'), *end;

    if ( !line || said[0] == '?' || line[1] == '?' )
        return false;
    *line++ = '\0';
    end = line + strcspn(line, " \n");
    *end = '\0';
    snprintf(text, size, "%s (%s)", said, line);

    return true;
}

static void describe(const char *address, char *text, size_t size)
{
    const char *slash;
    char offset[32], said[SAID_MAX];
    Dl_info in;

    if ( !dladdr(address, &in) || !in.dli_fname )
    {
        snprintf(text, size, "an address of no file");
        return;
    }
    slash = strrchr(in.dli_fname, '/');
    snprintf(offset, sizeof(offset), "%#tx",
             address - (const char *)in.dli_fbase);
    if ( !ask(in.dli_fname, offset, said) || !both(said, text, size) )
        snprintf(text, size, "%s+%s", slash ? slash + 1 : in.dli_fname,
                 offset);
}

bool place_find(const struct hypervisor *h, const void *context, char *text,
                size_t size)
{
    char *frame[FRAMES_MAX], *pc = program_counter(context);
    Dl_info object, in;
    bool plugin = object_of(h, &object);
    int nr, i, first = 0;

    nr = backtrace((void **)frame, FRAMES_MAX);
    for ( i = 0; i < nr; i++ )
        if ( frame[i] == pc )
            first = i;
    for ( i = first; plugin && i < nr; i++ )
    {
        /* A return address may be the first of the next line. */
        frame[i] -= i > first || frame[i] != pc;
        if ( dladdr(frame[i], &in) && in.dli_fbase == object.dli_fbase )
        {
            describe(frame[i], text, size);
            return true;
        }
    }
    describe(pc ? pc : frame[first], text, size);

    return false;
}
