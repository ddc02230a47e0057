/* SPDX-License-Identifier: MIT */
/*
 * Writing files, for every verb: a file is there completely, or as it was
 * before. What it will hold is collected in memory, then written beside its
 * place, flushed to the disk and renamed.
 */
#ifndef CLAIMCHECK_FILE_H
#define CLAIMCHECK_FILE_H

#include <stddef.h>
#include <stdio.h>

/*
 * Write a whole file. What exists and is no regular file (a device, a pipe) is
 * written to directly; of a link, what it points to. Returns EXIT_HELD, or after
 * a message EXIT_BAD_INPUT (no such folder, ...) or EXIT_INTERNAL (no space, ...).
 */
int file_write(const char *path, const void *data, size_t size);

/* A stream whose text becomes the file. It stays where it is until it ends. */
struct file_text
{
    FILE *f;
    char *text; /* not 0-terminated before file_text_end() */
    size_t size, room;
};

/* The stream. Without memory the program ends, see out_of_memory(). */
FILE *file_text_begin(struct file_text *t);
/* Text and size are complete; released with free(t->text). */
void file_text_end(struct file_text *t);
/* Write it as file_write() does; all is released. */
int file_text_write(struct file_text *t, const char *path);

#endif /* CLAIMCHECK_FILE_H */
