/* SPDX-License-Identifier: MIT */
/*
 * A signal asks to end: it is only noted, and every loop that may take longer
 * than a moment asks whether one came. Then the program says what it has done
 * until there, keeps the best that it has, and exits.
 *
 * Not here: signals of a crash (harness/report/crash.h).
 */
#ifndef CLAIMCHECK_STOP_H
#define CLAIMCHECK_STOP_H

#include <stdbool.h>

/*
 * From now on SIGINT, SIGTERM, SIGHUP and SIGPIPE are noted, but for those that
 * whoever started the program has ignored (nohup, a shell's background). The
 * second of the first three ends the program at once, in the way it would have
 * ended without us. Once in a process; again does nothing.
 */
void stop_watch(void);

/* Asked by a loop: true, it must end now. The exit code then says so. */
bool stop_requested(void);

/* Has a loop been told to end? Otherwise all was done, whatever came. */
bool stop_heeded(void);

/* 128 + the signal's number if a loop has been told to end, else 0. */
int stop_code(void);

/* "SIGINT", of the signal that came. */
const char *stop_name(void);

/* For the end of a line about what was done: ", stopped by SIGINT", or "". */
const char *stop_clause(void);

/* Let the handler that was there before deal with that signal, or end by it. */
void stop_hand_over(void);

#endif /* CLAIMCHECK_STOP_H */
