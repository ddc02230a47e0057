/* SPDX-License-Identifier: MIT */
/* The man page and the lists of the program itself; see man.c. */
#ifndef CLAIMCHECK_MAN_H
#define CLAIMCHECK_MAN_H

/* claimcheck.1, on stdout. */
void man_page(void);

/* One name a line; what may be NULL. An exit code. */
int list(const char *what);

#endif /* CLAIMCHECK_MAN_H */
