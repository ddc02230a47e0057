/* SPDX-License-Identifier: MIT */
/* Where the input that is under way lies, or will. */
#ifndef CLAIMCHECK_SAVED_H
#define CLAIMCHECK_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The file among the program's arguments that has these bytes; else the file
 * that libFuzzer writes when the target aborts, -artifact_prefix and "crash-"
 * with the SHA-1 of the input. False if the engine is another: it does not tell
 * its targets.
 */
bool saved_path(char *path, size_t size, const uint8_t *input, size_t length);

/* SHA-1 as 40 hexadecimal digits and a 0. */
#define SHA1_TEXT 41
void sha1_text(char text[SHA1_TEXT], const uint8_t *data, size_t length);

#endif /* CLAIMCHECK_SAVED_H */
