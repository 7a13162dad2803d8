/* Handles changed texts: describes the article anew in place, and after its page was read decides
 * anew which event it belongs to. The part of engine.h behind engine_edit() and engine_renew(),
 * called by ingest. */
#include "cluster/engine.h"
#include "cluster/bound.h"
#include "cluster/changes.h"
#include "cluster/copies.h"
#include "cluster/describe.h"
#include "cluster/join.h"
#include "cluster/regroup.h"
#include "cluster/search.h"
#include "cluster/window.h"

#include <string.h>

/* Leaves the terms in e->terms and returns the language used, NULL: unknown. A known language
 * stays, except that a page shows it better than a title. */
static const struct lang *read_again(struct engine *e, const struct article *old,
                                     const struct engine_article *in, bool page)
{
    const struct lang *was = langs_get(e->langs, old->lang);
    const struct lang *lang = was && !page ? NULL : describe_read(e, in, old->publisher);
    if (lang || !was)
        return lang;
    terms_extract(was, in->title, in->body, &e->terms);
    return was;
}

/* Replaces the article by one described from the new texts, which may be its page's; NULL when it
 * is not in the window. */
static struct article *edited(struct engine *e, uint64_t number, const struct engine_article *in,
                              bool page)
{
    struct article *old = window_article(e, number);
    if (!old)
        return NULL;
    struct news_event *event = old->event;
    const struct lang *lang = read_again(e, old, in, page);
    struct article *a = article_new(&e->memory, e->terms.n);
    a->number = number;
    a->publisher = old->publisher;
    a->marks = old->marks; /* its place among the articles of its templates stays */
    a->pages = (uint8_t)(old->pages + (page && old->pages < PAGES_MOST));
    memcpy(a->before, old->before, sizeof a->before);
    describe_article(e, in, a);
    if (lang)
        memcpy(a->lang, lang_code(lang), strlen(lang_code(lang)) + 1);
    a->seen = old->seen;
    a->published = old->published;
    a->copy_of = old->copy_of;
    /* as after a restart: today's articles count with their present words */
    if (old->seen / SECONDS_A_DAY == rarity_today(e->rarity)) {
        describe_forget(e, &old->vector);
        describe_count(e, &a->vector);
    }
    news_event_remove(&e->sums, event, old);
    news_event_add(&e->sums, event, a);
    e->articles[number - e->first] = a;
    arena_put(&e->memory, old);
    copies_edited(event, a, &e->params, changes_copied, e);
    return a;
}

bool engine_edit(struct engine *e, uint64_t number, const struct engine_article *in)
{
    changes_begin(e);
    return edited(e, number, in, false) != NULL;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void move_into_event(struct engine *e, struct article *a, struct news_event *into)
{
    news_event_remove(&e->sums, a->event, a);
    news_event_add(&e->sums, into, a);
    window_moved(e, a);
}

/* The candidates of the article, which is alone in `one`; its home is always among them. */
static void find_candidates(struct engine *e, struct news_event *one, struct news_event *home)
{
    search_events(e, one);
    if (home == one)
        return;
    news_event_sum_up(&e->sums, home);
    search_ask(e, one, home);
    search_order(e);
}

/* The event to which a link ties the article; NULL when there is none. */
static struct news_event *bound_to(const struct engine *e, const struct news_event *one,
                                   struct news_event *home)
{
    uint64_t number = one->members[0]->number;
    if (home != one && bound_held(e, home, number))
        return home;
    struct news_event *wanted = bound_wanted(e, number);
    if (!wanted || wanted == one || bound_apart(e, one, wanted) || wanted->n >= EVENT_MOST)
        return NULL;
    return wanted;
}

/* The probability needed to stay is lower than that to join another event: while the pages of an
 * event are read one by one, texts of very different lengths are compared. */
static double threshold(const struct engine *e, bool stays)
{
    return stays ? e->params.leave_threshold : e->params.join_threshold;
}

static double least(const struct engine *e, const struct news_event *event, bool stays)
{
    return join_least(e, 1 + event->n, threshold(e, stays));
}

/* Index of the chosen candidate; n_candidates: none, and `refused` is the objection to the most
 * probable one. */
static size_t choose_candidate(struct engine *e, struct news_event *one, struct news_event *home,
                               const char **refused)
{
    struct news_event *bound = bound_to(e, one, home);
    *refused = NULL;
    if (bound) {
        search_ask(e, one, bound);
        return 0;
    }
    for (size_t i = 0; i < e->n_candidates; i++) {
        const struct candidate *c = &e->candidates[i];
        const char *against =
            join_guard(e, one, c->event, &c->score, threshold(e, c->event == home));
        if (!against)
            return i;
        if (i == 0)
            *refused = against;
    }
    return e->n_candidates;
}

static double likelihood_of(const struct engine *e, const struct news_event *event)
{
    for (size_t i = 0; i < e->n_candidates; i++)
        if (e->candidates[i].event == event)
            return e->candidates[i].score.probability;
    return 0;
}

/* Moves the article into the chosen event (NULL: none) and returns the event that needs further
 * comparison. */
static struct news_event *settle_article(struct engine *e, struct news_event *one,
                                         struct news_event *home, struct news_event *chosen)
{
    struct article *a = one->members[0];
    if (one != home && chosen == home) {
        move_into_event(e, a, home);
        window_end_event(e, one);
        return home;
    }
    if (one != home)
        regroup_part(e, home, one, likelihood_of(e, home), least(e, home, true));
    if (!chosen)
        return NULL;
    return regroup_join(e, one, chosen, likelihood_of(e, chosen), least(e, chosen, false));
}

/* Decides to which event an article with changed words belongs. */
static void place_again(struct engine *e, struct article *a, struct engine_reason *reason)
{
    struct news_event *home = a->event, *one = home;
    struct sums_of_one room;
    const char *refused;
    if (home->n > 1)
        move_into_event(e, a, one = window_begin_event(e, e->next_event));
    one->sums = sums_of_vector(&a->vector, &room); /* computed once for all comparisons */
    find_candidates(e, one, home);
    size_t at = choose_candidate(e, one, home, &refused);
    struct news_event *chosen = at < e->n_candidates ? e->candidates[at].event : NULL;
    join_explain(e, a, chosen ? at : 0, refused, reason);
    if (chosen && chosen == home)
        reason->threshold = least(e, home, true);
    one->sums = NULL;
    struct news_event *event = settle_article(e, one, home, chosen);
    if (event)
        regroup_split(e, regroup_merge(e, event), true);
    news_event_ready(a->event);
}

bool engine_renew(struct engine *e, uint64_t number, const struct engine_article *in,
                  struct engine_reason *reason)
{
    struct engine_reason unasked;
    changes_begin(e);
    const struct article *old = window_article(e, number);
    unsigned pages = old ? old->pages : 0;
    struct article *a = edited(e, number, in, true);
    if (!a)
        return false;
    describe_sketch(e, a);
    if (a->pages > pages)
        window_index(e, a);
    place_again(e, a, reason ? reason : &unasked);
    return true;
}
