/* SPDX-License-Identifier: MIT */
/* Whole files, or none; see file.h. */
#define _GNU_SOURCE /* fopencookie */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag.h"

/* A process that was killed may have left a name, and its number comes again. */
#define NAMES_MAX 1000
#define MODE 0666 /* less the umask */
/* Enough for most programs as text. */
#define TEXT_ROOM 4096

static bool write_all(int fd, const char *data, size_t size)
{
    while ( size )
    {
        ssize_t done = write(fd, data, size);

        if ( done < 0 && errno == EINTR )
            continue;
        if ( done < 0 )
            return false;
        data += done;
        size -= (size_t)done;
    }
    return true;
}

/* Close, and say whether all went well until there; errno is of the first
 * failure. */
static bool finish(int fd, bool ok)
{
    int saved = errno;

    if ( close(fd) && ok )
        return false;
    errno = saved;

    return ok;
}

/* A new file beside path, of its own name; -1: see errno. */
static int open_beside(char beside[PATH_MAX], const char *path)
{
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    int fd = -1;

    for ( unsigned int i = 0; i < NAMES_MAX && fd < 0; i++ )
    {
        if ( snprintf(beside, PATH_MAX, "%.*s.claimcheck-%ld-%u", folder, path,
                      (long)getpid(), i) >= PATH_MAX )
        {
            errno = ENAMETOOLONG;
            return -1;
        }
        fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
        if ( fd < 0 && errno != EEXIST )
            return -1;
    }
    return fd;
}

/* A file system that has no such thing for folders, and a folder that may be
 * written and not be read, are as good as done. */
static bool sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX] = ".";
    int fd;

    if ( slash )
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path) + 1,
                 path);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if ( fd < 0 )
        return errno == EACCES;

    return finish(fd, !fsync(fd) || errno == EINVAL || errno == EROFS);
}

/* was: of the file that is there already, or NULL. */
static bool replace(const char *path, const struct stat *was, const char *data,
                    size_t size)
{
    char beside[PATH_MAX];
    int fd = open_beside(beside, path), saved;
    bool ok;

    if ( fd < 0 )
        return false;
    ok = write_all(fd, data, size) &&
         (!was || !fchmod(fd, was->st_mode & 07777)) && !fsync(fd);
    ok = finish(fd, ok) && !rename(beside, path);
    if ( ok )
        return sync_folder(path);
    saved = errno;
    unlink(beside);
    errno = saved;

    return false;
}

static bool write_directly(const char *path, const char *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

    return fd >= 0 && finish(fd, write_all(fd, data, size));
}

static bool write_whole(const char *path, const char *data, size_t size)
{
    char at[PATH_MAX];
    struct stat st;
    bool there = !stat(path, &st);

    if ( there && !S_ISREG(st.st_mode) )
        return write_directly(path, data, size);
    if ( there )
        return realpath(path, at) && replace(at, &st, data, size);
    /* A link to nothing is not replaced: it is there for some reason. */
    if ( errno != ENOENT || !lstat(path, &st) )
        return false;

    return replace(path, NULL, data, size);
}

int file_write(const char *path, const void *data, size_t size)
{
    int error;

    errno = 0;
    if ( write_whole(path, data, size) )
        return EXIT_HELD;
    error = errno ? errno : ENOENT;
    diag_path(path, "cannot write: %s", strerror(error));

    return exit_of_errno(error);
}

/* open_memstream() would do, but glibc's forgets that there was no memory for
 * what was written. Room doubles; one byte more is for the end. */
static ssize_t append(void *cookie, const char *data, size_t size)
{
    struct file_text *t = cookie;

    if ( t->room - t->size <= size )
    {
        size_t room = 2 * (t->room + size);
        char *text = realloc(t->text, room);

        if ( !text )
            return 0;
        t->text = text;
        t->room = room;
    }
    memcpy(t->text + t->size, data, size);
    t->size += size;

    return (ssize_t)size;
}

FILE *file_text_begin(struct file_text *t)
{
    *t = (struct file_text){ .room = TEXT_ROOM, .text = malloc(TEXT_ROOM) };
    t->f = fopencookie(t, "w", (cookie_io_functions_t){ .write = append });
    if ( !t->text || !t->f )
        out_of_memory();

    return t->f;
}

void file_text_end(struct file_text *t)
{
    bool failed = ferror(t->f);

    if ( fclose(t->f) || failed )
        out_of_memory();
    t->text[t->size] = '\0';
}

int file_text_write(struct file_text *t, const char *path)
{
    int rc;

    file_text_end(t);
    rc = file_write(path, t->text, t->size);
    free(t->text);

    return rc;
}
