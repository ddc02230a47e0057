/* SPDX-License-Identifier: MIT */
/*
 * Text that others chose (a file's name above all, which may hold any byte but
 * 0), for where it is printed: a terminal, a shell's command, a C comment. What
 * prints a path prints it here, or as JSON (harness/report/json.h).
 */
#ifndef CLAIMCHECK_QUOTE_H
#define CLAIMCHECK_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Bytes of the UTF-8 character at s, and its code point; 0 if there is none. */
size_t utf8_character(const char *s, uint32_t *code);

/* Is it seen as what it is? Not so control characters, and those that change the
 * direction of text. */
bool utf8_is_shown(uint32_t code);

/* For people to read: control characters, those that change the direction of
 * text, and what is no UTF-8 become \xNN, byte by byte. */
void quote_text(FILE *f, const char *s);

/* The same of one character, or one byte; how many bytes it was. */
size_t quote_character(FILE *f, const char *s);

/* As one word of a shell (POSIX), which can be pasted; on one line, but for
 * newlines at the end of a name. Control characters are printf's. */
void quote_shell(FILE *f, const char *s);

/* The same for a file's name: never an option. */
void quote_shell_path(FILE *f, const char *path);

/* For the middle of a C comment: as quote_text(), and nothing in it ends the
 * comment, begins one or is a trigraph. */
void quote_comment(FILE *f, const char *s);

#endif /* CLAIMCHECK_QUOTE_H */
