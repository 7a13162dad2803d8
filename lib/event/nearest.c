/* Which events a text is likely of that is no article: a post. It is described, searched for and
 * scored as an article is, and then let go: nothing of it stays in the window, in the rarity or
 * among the habits. */
#include "event/state.h"

#include "base/hash.h"
#include "event/describe.h"
#include "event/join.h"
#include "event/search.h"
#include "event/window.h"

#include <string.h>

/* As describe_new() does it, for an article that never gets a number. */
static struct article *describe(struct engine *e, const struct engine_article *in)
{
    uint64_t publisher = hash64(in->publisher, strlen(in->publisher), 0);
    const struct lang *lang = describe_read(e, in, publisher);
    struct article *a = article_new(&e->memory, e->terms.n);
    a->number = e->next_article;
    a->publisher = publisher;
    habits_marks(&e->terms, &a->marks);
    describe_article(e, in, a);
    if (lang)
        memcpy(a->lang, lang_code(lang), strlen(lang_code(lang)) + 1);
    describe_sketch(e, a);
    a->seen = e->clock;
    a->published =
        in->published == INT64_MIN || in->published > e->clock ? e->clock : in->published;
    return a;
}

size_t engine_nearest(struct engine *e, const struct engine_article *in, struct engine_near *out,
                      size_t most)
{
    struct article *a = describe(e, in);
    struct news_event *one = window_begin_event(e, 0);
    struct sums_of_one room;
    engine_watch_fn *watch = e->watch; /* it is told of articles */
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
