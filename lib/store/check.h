/* Verifies what a store guarantees, in two steps. LMDB trusts the pages that it reads, so a page
 * that was damaged, by a disk or on purpose, may end the process by a signal in either step. Run
 * them in a process of their own, with `out` in memory shared with the parent. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "store/checked.h"

#include <stddef.h>
#include <stdint.h>

/* Seconds: an article is not archived if its date is that much before its arrival, or less. */
enum { STORE_SMALLEST_WINDOW = 360 };

/* Both call back with a line for each fault. They return 0 when the store could be opened, whatever
 * was found; else an error of store_strerror(). */

/* Reads every page of database number `first` and of the following ones; the first is 0. */
int store_check_pages(const char *dir, size_t first, void (*fault)(void *, const char *), void *arg,
                      struct store_check *out);

/* Checks every invariant, in one view of the store. Reads everything that storyd reads at its
 * start, in the same way: whenever storyd would refuse to start, a fault is reported. */
int store_check(const char *dir, void (*fault)(void *, const char *), void *arg,
                struct store_check *out);

#endif
