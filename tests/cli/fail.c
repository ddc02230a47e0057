/* SPDX-License-Identifier: MIT */
/*
 * A library to preload (LD_PRELOAD): the N-th call of some kinds fails, as on a
 * full disk, a bad disk, or without memory. So a test can go through all N and
 * look at what each failure leaves. For programs without sanitizers.
 *
 *   FAIL_CALLS=write,rename   kinds that count; rows of KINDS below. malloc: also
 *                             calloc and realloc; open: what is there already,
 *                             folders too; create: what need not be there
 *   FAIL_AT=N                 the N-th of them fails, from 1; 0: none
 *   FAIL_HOW=once             it alone, with FAIL_ERRNO or the kind's errno
 *           =on               it and all after it, as on a disk that stays full
 *           =short            a write writes half and says so; others succeed
 *           =kill             the process gets SIGKILL; a write writes half
 *           =NUMBER           the process gets that signal, the call succeeds
 *   FAIL_ERRNO=NUMBER
 *   FAIL_UNDER=FOLDER         calls on files below it count, and no others
 *   FAIL_PROGRAM=NAME         only in processes of that name, as python3
 *   FAIL_COUNTER=FILE         processes count together; empty or absent at first
 *   FAIL_LOG=FILE             a line is appended for what failed: N KIND FILE
 *
 * libc's streams write without write(), so stdout and stderr become streams
 * over it; not with FAIL_STDIO=0, for programs that ask for the descriptor of
 * stdout, as Python does.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* clang-format off */
#define KINDS(X)                                                              \
    X(write, ENOSPC)  X(open, EIO)    X(create, ENOSPC)  X(rename, EIO)       \
    X(link, EIO)      X(fsync, EIO)   X(close, EIO)      X(mkdir, ENOSPC)     \
    X(malloc, ENOMEM) X(clock, EIO)
/* clang-format on */

enum kind
{
#define X(name, error) KIND_##name,
    KINDS(X)
#undef X
        NR_KINDS
};

static const struct
{
    const char *name;
    int error;
} kinds[] = {
#define X(name, error) { #name, error },
    KINDS(X)
#undef X
};

enum how
{
    ONCE,
    ON,
    SHORT,
    KILL,
    SIGNAL,
};

static struct
{
    bool counts[NR_KINDS];
    uint64_t at, own, *counter;
    enum how how;
    int error, signal;
    const char *under, *log;
} fail = { .counter = &fail.own };

#define PATH_BYTES 8192

/* ---- what is wanted ---- */

static uint64_t number(const char *name)
{
    const char *value = getenv(name);

    return value ? strtoull(value, NULL, 10) : 0;
}

static bool in_list(const char *list, const char *name)
{
    size_t len = strlen(name);

    for ( ; list; list = strchr(list, ',') )
    {
        list += *list == ',';
        if ( !strncmp(list, name, len) && (!list[len] || list[len] == ',') )
            return true;
    }
    return false;
}

static enum how how_of(const char *text)
{
    static const char *const names[] = { "once", "on", "short", "kill" };

    for ( int i = 0; i < SIGNAL; i++ )
        if ( !text || !strcmp(text, names[i]) )
            return (enum how)i;
    fail.signal = (int)strtol(text, NULL, 10);

    return SIGNAL;
}

static void share_counter(const char *path)
{
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT, 0600);
    void *at;

    if ( fd < 0 || syscall(SYS_ftruncate, fd, sizeof(*fail.counter)) )
        _exit(99);
    at = mmap(NULL, sizeof(*fail.counter), PROT_READ | PROT_WRITE, MAP_SHARED,
              fd, 0);
    if ( at == MAP_FAILED )
        _exit(99);
    fail.counter = at;
    syscall(SYS_close, fd);
}

/* A short write is no error to a stream of libc's own. */
static ssize_t write_all(int fd, const char *data, size_t size)
{
    size_t done = 0;

    while ( done < size )
    {
        ssize_t rc = write(fd, data + done, size - done);

        if ( rc < 0 )
            return 0;
        done += (size_t)rc;
    }
    return (ssize_t)done;
}

static ssize_t write_1(void *cookie, const char *data, size_t size)
{
    (void)cookie;
    return write_all(STDOUT_FILENO, data, size);
}

static ssize_t write_2(void *cookie, const char *data, size_t size)
{
    (void)cookie;
    return write_all(STDERR_FILENO, data, size);
}

static __attribute__((constructor)) void start(void)
{
    const char *program = getenv("FAIL_PROGRAM");
    const char *calls = getenv("FAIL_CALLS");
    FILE *out = fopencookie(NULL, "w",
                            (cookie_io_functions_t){ .write = write_1 });
    FILE *err = fopencookie(NULL, "w",
                            (cookie_io_functions_t){ .write = write_2 });

    if ( !calls ||
         (program && strcmp(program, program_invocation_short_name)) )
        return;
    if ( !getenv("FAIL_STDIO") )
    {
        stdout = out;
        stderr = err;
        setvbuf(err, NULL, _IOLBF, 0);
    }
    fail.at = number("FAIL_AT");
    fail.error = (int)number("FAIL_ERRNO");
    fail.how = how_of(getenv("FAIL_HOW"));
    fail.under = getenv("FAIL_UNDER");
    fail.log = getenv("FAIL_LOG");
    if ( getenv("FAIL_COUNTER") )
        share_counter(getenv("FAIL_COUNTER"));
    /* Last: from here on calls count. */
    for ( int k = 0; k < NR_KINDS; k++ )
        fail.counts[k] = in_list(calls, kinds[k].name);
}

/* ---- counting ---- */

/* The file that a descriptor is open on, or a name is of, from the root. */
static void path_of(char path[PATH_BYTES], int fd, const char *name)
{
    char link[64];
    ssize_t len = 0;

    if ( !name || *name != '/' )
    {
        snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        len = readlink(fd == AT_FDCWD ? "/proc/self/cwd" : link, path,
                       PATH_BYTES - 1);
    }
    len = len < 0 ? 0 : len;
    snprintf(path + len, (size_t)(PATH_BYTES - len), "%s%s",
             name && len ? "/" : "", name ? name : "");
}

static void log_failure(uint64_t n, enum kind kind, const char *path)
{
    char line[PATH_BYTES + 64];
    int len, fd;

    if ( !fail.log )
        return;
    len = snprintf(line, sizeof(line), "%llu %s %s\n", (unsigned long long)n,
                   kinds[kind].name, path);
    fd = (int)syscall(SYS_openat, AT_FDCWD, fail.log,
                      O_WRONLY | O_CREAT | O_APPEND, 0600);
    syscall(SYS_write, fd, line, (size_t)len);
    syscall(SYS_close, fd);
}

/* This call fails in a way of its own: a short or a last write. */
#define HALF 2

/* 0: it goes on; 1: it fails, errno is set; HALF. fd, name: as for path_of(). */
static int fails(enum kind kind, int fd, const char *name)
{
    static __thread char path[PATH_BYTES];
    int saved = errno;
    uint64_t n;

    if ( !fail.counts[kind] )
        return 0;
    *path = '\0';
    if ( kind != KIND_malloc && kind != KIND_clock )
        path_of(path, fd, name);
    errno = saved;
    if ( fail.under && strncmp(path, fail.under, strlen(fail.under)) )
        return 0;
    n = __atomic_add_fetch(fail.counter, 1, __ATOMIC_RELAXED);
    if ( n != fail.at && !(fail.how == ON && fail.at && n > fail.at) )
        return 0;

    log_failure(n, kind, path);
    if ( fail.how == SIGNAL )
        kill(getpid(), fail.signal);
    errno = saved;
    if ( fail.how == SIGNAL || (fail.how == SHORT && kind != KIND_write) )
        return 0;
    if ( fail.how == SHORT || (fail.how == KILL && kind == KIND_write) )
        return HALF;
    if ( fail.how == KILL )
        kill(getpid(), SIGKILL);
    errno = fail.error ? fail.error : kinds[kind].error;

    return 1;
}

/* The call that this library stands before. */
#define NEXT(name)                                                            \
    static __typeof__(name) *next;                                            \
    if ( !next )                                                              \
    *(void **)&next = dlsym(RTLD_NEXT, #name)

/* ---- data ---- */

static ssize_t half(int fd, const void *data, size_t size)
{
    ssize_t rc = syscall(SYS_write, fd, data, size > 1 ? size / 2 : size);

    if ( fail.how == KILL )
        kill(getpid(), SIGKILL);
    return rc;
}

ssize_t write(int fd, const void *data, size_t size)
{
    int how = fails(KIND_write, fd, NULL);

    if ( how == HALF )
        return half(fd, data, size);
    return how ? -1 : syscall(SYS_write, fd, data, size);
}

/* A function that asks first. */
#define ASKS(rc, call, kind, fd, name, ...)                                   \
    rc call                                                                   \
    {                                                                         \
        return fails(KIND_##kind, fd, name) == 1 ? -1                         \
                                                 : (rc)syscall(__VA_ARGS__);  \
    }

ASKS(ssize_t, pwrite64(int fd, const void *data, size_t size, off_t at), write,
     fd, NULL, SYS_pwrite64, fd, data, size, at)
ASKS(ssize_t, sendfile64(int to, int from, off_t *at, size_t size), write, to,
     NULL, SYS_sendfile, to, from, at, size)
ASKS(int, fsync(int fd), fsync, fd, NULL, SYS_fsync, fd)
ASKS(int, fdatasync(int fd), fsync, fd, NULL, SYS_fdatasync, fd)

/* As Linux does it: closed, and it says that something was lost. */
int close(int fd)
{
    int how = fails(KIND_close, fd, NULL), saved = errno;
    int rc = (int)syscall(SYS_close, fd);

    if ( how != 1 )
        return rc;
    errno = saved;
    return -1;
}

/* ---- names ---- */

static int open_at(int dir, const char *name, int flags, va_list args)
{
    bool makes = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
    mode_t mode = makes ? va_arg(args, mode_t) : 0;

    if ( fails(makes ? KIND_create : KIND_open, dir, name) == 1 )
        return -1;
    return (int)syscall(SYS_openat, dir, name, flags, mode);
}

int open(const char *name, int flags, ...)
{
    va_list args;
    int fd;

    va_start(args, flags);
    fd = open_at(AT_FDCWD, name, flags, args);
    va_end(args);
    return fd;
}

int open64(const char *name, int flags, ...) __attribute__((alias("open")));

int openat(int dir, const char *name, int flags, ...)
{
    va_list args;
    int fd;

    va_start(args, flags);
    fd = open_at(dir, name, flags, args);
    va_end(args);
    return fd;
}

int openat64(int dir, const char *name, int flags, ...)
    __attribute__((alias("openat")));

FILE *fopen(const char *name, const char *mode)
{
    NEXT(fopen);

    return fails(*mode == 'r' ? KIND_open : KIND_create, AT_FDCWD, name) == 1
               ? NULL
               : next(name, mode);
}

FILE *fopen64(const char *name, const char *mode)
    __attribute__((alias("fopen")));

DIR *opendir(const char *name)
{
    NEXT(opendir);

    return fails(KIND_open, AT_FDCWD, name) == 1 ? NULL : next(name);
}

int scandir(const char *name, struct dirent ***list,
            int (*filter)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **))
{
    NEXT(scandir);

    return fails(KIND_open, AT_FDCWD, name) == 1
               ? -1
               : next(name, list, filter, compare);
}

ASKS(int, rename(const char *from, const char *to), rename, AT_FDCWD, to,
     SYS_rename, from, to)
ASKS(int, renameat(int from_dir, const char *from, int dir, const char *to),
     rename, dir, to, SYS_renameat, from_dir, from, dir, to)
ASKS(int, link(const char *from, const char *to), link, AT_FDCWD, to, SYS_link,
     from, to)
ASKS(int, mkdir(const char *name, mode_t mode), mkdir, AT_FDCWD, name,
     SYS_mkdir, name, mode)

/* ---- memory and time ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nr, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    return fails(KIND_malloc, 0, NULL) == 1 ? NULL : __libc_malloc(size);
}

void *calloc(size_t nr, size_t size)
{
    return fails(KIND_malloc, 0, NULL) == 1 ? NULL : __libc_calloc(nr, size);
}

void *realloc(void *old, size_t size)
{
    return fails(KIND_malloc, 0, NULL) == 1 ? NULL : __libc_realloc(old, size);
}

/* A moment within a loop that opens and writes nothing. It never fails. */
int clock_gettime(clockid_t clock, struct timespec *t)
{
    fails(KIND_clock, 0, NULL);
    return (int)syscall(SYS_clock_gettime, clock, t);
}

time_t time(time_t *t)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if ( t )
        *t = now.tv_sec;
    return now.tv_sec;
}
