/* Read transactions (views) that stay open while the store is written: LMDB cannot reuse any page
 * freed since the oldest of them began. LMDB does not record the age of a view, so it is derived
 * from repeated observation. Pure. */
#ifndef OLD_VIEWS_H
#define OLD_VIEWS_H

#include "store/readers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OLD_VIEW = 60 }; /* seconds; a reader that follows the manual is faster */

struct old_view {
    struct readers_view view;
    int64_t since; /* when it was first seen behind, on the clock of old_views_take() */
    int64_t warn;  /* age of the next warning: 1, 2, 4, ... minutes */
    bool told;     /* at least one warning was reported */
};

struct old_views {
    struct old_view v[READERS_MOST];
    size_t n;
};

/* Updates `o` from the `n` views that are open now, keeping those that are behind. Calls `old` for
 * each view that has reached its next warning age, and `ended` for each reported view that is gone.
 * `now` is in seconds of a monotonic clock. */
void old_views_take(struct old_views *o, const struct readers_view *open, size_t n, int64_t now,
                    void (*old)(void *, const struct old_view *),
                    void (*ended)(void *, const struct old_view *), void *arg);

/* The view that is furthest behind, or NULL. Valid until the next old_views_take(). */
const struct old_view *old_views_oldest(const struct old_views *o);

#endif
