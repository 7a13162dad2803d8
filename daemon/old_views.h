/* Views of readers that stay open while the store goes on: none of the pages that were freed since
 * can be used again. LMDB does not say how old a view is, so it is seen again and again. Pure. */
#ifndef OLD_VIEWS_H
#define OLD_VIEWS_H

#include "store/readers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OLD_VIEW = 60 }; /* seconds: no reader of the manual's advice is as slow */

struct old_view {
    struct readers_view view;
    int64_t since; /* when it was first seen to be behind, on the clock of old_views_take() */
    int64_t warn;  /* how old it is when it is told of next: a minute, two, four, ... */
    bool told;     /* it was told of */
};

struct old_views {
    struct old_view v[READERS_MOST];
    size_t n;
};

/* Takes the views that are open now, of which those that are behind are kept, and calls `old` for
 * each that has become old enough to be told of, `ended` for one that was told of and is over.
 * `now` is in seconds of a clock that nobody sets. */
void old_views_take(struct old_views *o, const struct readers_view *open, size_t n, int64_t now,
                    void (*old)(void *, const struct old_view *),
                    void (*ended)(void *, const struct old_view *), void *arg);

/* The one that is furthest behind, or NULL. Valid until the next call. */
const struct old_view *old_views_oldest(const struct old_views *o);

#endif
