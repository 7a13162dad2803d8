/* Finds the events that a text which is no article, such as a post, most probably belongs to. The
 * text is described, searched and scored like an article and then discarded: nothing of it stays in
 * the window, the rarity or the habits. */
#include "cluster/engine.h"
#include "cluster/engine_state.h"

#include "base/hash.h"
#include "cluster/describe.h"
#include "cluster/join.h"
#include "cluster/search.h"
#include "cluster/window.h"

#include <string.h>

size_t engine_nearest(struct engine *e, const struct engine_article *in, struct engine_near *out,
                      size_t most)
{
    uint64_t publisher = hash64(in->publisher, strlen(in->publisher), 0);
    struct article *a = describe_read_one(e, in, publisher, describe_read(e, in, publisher));
    struct news_event *one = window_begin_event(e, 0);
    struct sums_of_one room;
    engine_watch_fn *watch = e->watch; /* the watcher sees articles only */
    size_t n = 0;
    e->watch = NULL;
    news_event_add(&e->sums, one, a);
    one->sums = sums_of_vector(&a->vector, &room);
    search_events(e, one);
    for (; n < most && n < e->n_candidates; n++) {
        const struct candidate *c = &e->candidates[n];
        out[n] = (struct engine_near){
            c->event->number, c->score.probability,
            !join_guard(e, one, c->event, &c->score, e->params.join_threshold)};
    }
    one->sums = NULL;
    window_end_event(e, one);
    arena_put(&e->memory, a);
    e->watch = watch;
    return n;
}
