/* What a store promises, verified. Two steps, for LMDB trusts the pages that it reads: one that a
 * disk or a stranger damaged may end the process by a signal, in either step. Call them in a
 * process of their own, with `out` where its parent sees it. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "store/checked.h"

#include <stddef.h>
#include <stdint.h>

/* Both call back with a line for each fault found, and return 0 when the store could be opened,
 * whatever was found; else an error of store_strerror(). */

/* Reads every page of database number `first` and of those after it; the first one is 0. */
int store_check_pages(const char *dir, size_t first, void (*fault)(void *, const char *), void *arg,
                      struct store_check *out);

/* Every invariant, in one view of the store. What storyd reads when it starts is all looked at, as
 * storyd does: where it would refuse to start, a fault is found. */
int store_check(const char *dir, void (*fault)(void *, const char *), void *arg,
                struct store_check *out);

#endif
