/* Recognises titles that a publisher makes from one template; see series.h. Called by join.c. */
#include "cluster/series.h"

enum {
    FRAME_LEAST = 3, /* words that all titles of a series contain */
    LOOKED_AT = 8,   /* candidate events */
};

static bool in_title(const struct weight *w)
{
    return w->w[VIEW_TITLE] > 0;
}

/* Bitmap of the words of a's title that b's title contains, in the order of a's words; `own` is set
 * when each has words of its own, no more than they share and names among them. */
static uint64_t shared_title(const struct vector *a, const struct vector *b, bool *own)
{
    uint64_t shared = 0;
    size_t n_a = 0, n_b = 0, n = 0;
    bool names_a = false, names_b = false;
    for (size_t i = 0, k = 0; i < a->n || k < b->n;) {
        const struct weight *x = i < a->n ? &a->v[i] : NULL, *y = k < b->n ? &b->v[k] : NULL;
        bool has_x = x && (!y || x->id <= y->id), has_y = y && (!x || y->id <= x->id);
        i += has_x;
        k += has_y;
        has_x = has_x && in_title(x);
        has_y = has_y && in_title(y);
        if (has_x && has_y) {
            shared |= UINT64_C(1) << n_a;
            n++;
        }
        n_a += has_x;
        n_b += has_y;
        names_a |= has_x && !has_y && !(x->flags & WEIGHT_LOWER);
        names_b |= has_y && !has_x && !(y->flags & WEIGHT_LOWER);
    }
    *own = n >= FRAME_LEAST && names_a && names_b && n_a - n <= n && n_b - n <= n;
    return shared;
}

static bool is_alike(const struct article *a, const struct article *b, uint64_t *frame)
{
    bool own = false;
    if (a != b && a->publisher == b->publisher)
        *frame = shared_title(&a->vector, &b->vector, &own);
    return own;
}

/* True when a third title shares the frame with both, and nothing more. */
static bool has_third(const struct engine *e, const struct article *a, const struct article *b,
                      uint64_t frame)
{
    for (size_t i = 0; i < e->n_candidates && i < LOOKED_AT; i++) {
        const struct news_event *event = e->candidates[i].event;
        for (size_t k = news_event_newest(event, EVENT_RECENT_FEW); k < event->n; k++) {
            uint64_t with_a, with_b;
            const struct article *c = event->members[k];
            if (c != b && is_alike(a, c, &with_a) && with_a == frame && is_alike(b, c, &with_b) &&
                __builtin_popcountll(with_b) == __builtin_popcountll(frame))
                return true;
        }
    }
    return false;
}

bool series_of_both(const struct engine *e, const struct news_event *a, const struct news_event *b)
{
    for (size_t i = news_event_newest(a, EVENT_RECENT_FEW); i < a->n; i++)
        for (size_t k = news_event_newest(b, EVENT_RECENT); k < b->n; k++) {
            uint64_t frame;
            const struct article *x = a->members[i], *y = b->members[k];
            if (is_alike(x, y, &frame) && has_third(e, x, y, frame))
                return true;
        }
    return false;
}
