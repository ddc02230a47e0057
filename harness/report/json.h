/* SPDX-License-Identifier: MIT */
/* Strings of JSON, for the verbs that print it. */
#ifndef CLAIMCHECK_JSON_H
#define CLAIMCHECK_JSON_H

#include <stdio.h>

/* s as a JSON string with its quotes. What is no UTF-8 (a file's name may be
 * any bytes) becomes U+FFFD, byte by byte. */
void json_string(FILE *f, const char *s);

#endif /* CLAIMCHECK_JSON_H */
