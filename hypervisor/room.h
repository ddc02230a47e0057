/* SPDX-License-Identifier: MIT */
/*
 * Memory for what is sized for the largest host, of which most hosts touch
 * little. Not for the step path, and nothing that AddressSanitizer could watch
 * the ends of: malloc() would have it note each byte of the room, and
 * LeakSanitizer read it at the end of the process, which took most of the time
 * of a sanitized `claimcheck replay`.
 */
#ifndef CLAIMCHECK_ROOM_H
#define CLAIMCHECK_ROOM_H

#include <stddef.h>

/* So many bytes, zero; NULL: there is no memory. */
void *room_new(size_t bytes);

/* The same number of bytes. NULL is none. */
void room_free(void *room, size_t bytes);

#endif /* CLAIMCHECK_ROOM_H */
