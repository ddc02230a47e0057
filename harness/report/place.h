/* SPDX-License-Identifier: MIT */
/*
 * Where in an implementation's source it crashed, from the stack of a signal
 * handler. Nothing here allocates: whatever allocates may be what crashed.
 */
#ifndef CLAIMCHECK_PLACE_H
#define CLAIMCHECK_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/engine/engine.h"

/* Before the first signal: unwinding loads a library when first asked. */
void place_prepare(void);

/*
 * The innermost place of the stack that lies in the program or shared object
 * which h's operations come from: "alloc_heap_pages (common/page_alloc.c:950)",
 * or, if that cannot be known, "claimcheck-xen.so+0x1234". context: the third
 * argument of the handler. False: the stack does not go through a plug-in (of
 * an implementation that is a part of this program that cannot be told); text
 * is then the innermost place of all.
 */
bool place_find(const struct hypervisor *h, const void *context, char *text,
                size_t size);

#endif /* CLAIMCHECK_PLACE_H */
