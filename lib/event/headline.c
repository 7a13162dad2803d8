#include "event/headline.h"

#include "text/headline.h"

#include <math.h>
#include <stdbool.h>

enum { NEWEST = EVENT_RECENT * 2 };
/* what a small fault takes from the centrality */
static const double small_fault = 0.2;

double headline_centrality(const struct article *a)
{
    double all = 0, title = 0;
    struct sums_of_one room;
    const struct sums *s = news_event_sums(a->event, &room);
    for (size_t i = 0; i < a->vector.n; i++) {
        uint64_t w = sums_find(s, a->vector.v[i].id).w;
        all += (double)a->vector.v[i].w[VIEW_ALL] * (double)sum_of(w, VIEW_ALL);
        title += (double)a->vector.v[i].w[VIEW_TITLE] * (double)sum_of(w, VIEW_TITLE);
    }
    double norm_all = sqrt((double)s->norm2[VIEW_ALL]) * VECTOR_ONE;
    double norm_title = sqrt((double)s->norm2[VIEW_TITLE]) * VECTOR_ONE;
    return (norm_all > 0 ? all / norm_all : 0) / 2 + (norm_title > 0 ? title / norm_title : 0) / 2;
}

/* Whether the title names one of those that the event is about. */
static bool names_any(const struct article *a)
{
    struct sums_of_one room;
    struct sums *s = news_event_sums(a->event, &room);
    sums_find_names(s);
    for (size_t i = 0; i < a->vector.n; i++)
        for (size_t k = 0; a->vector.v[i].w[VIEW_TITLE] && k < s->n_top_names; k++)
            if (a->vector.v[i].id == s->top_names[k])
                return true;
    return false;
}

/* A question that names nobody is bait; one that does is a lesser headline. */
static bool is_bad(const struct article *a)
{
    unsigned bad = HEADLINE_BAIT | HEADLINE_SHOUTS;
    return (a->title_faults & bad) || ((a->title_faults & HEADLINE_TEASES) && !names_any(a));
}

struct choice {
    const struct article *article;
    bool bad;
    double value;
};

static struct choice judge(const struct article *a)
{
    bool small = a->roundup || (a->title_faults & (HEADLINE_TEASES | HEADLINE_LABELLED));
    return (struct choice){a, is_bad(a), headline_centrality(a) - (small ? small_fault : 0)};
}

static bool is_better(const struct choice *a, const struct choice *b, double margin)
{
    return a->bad != b->bad ? b->bad : a->value > b->value + margin;
}

uint64_t headline_choose(const struct news_event *event, uint64_t lead, double margin)
{
    struct choice now = {.article = NULL}, best = {.article = NULL};
    for (size_t i = event->n; i-- > 0 && !now.article;)
        if (event->members[i]->number == lead)
            now = judge(event->members[i]);
    for (size_t i = news_event_newest(event, NEWEST); i < event->n; i++) {
        struct choice c = judge(event->members[i]);
        if (!best.article || is_better(&c, &best, 0))
            best = c;
    }
    if (!best.article || (now.article && !is_better(&best, &now, margin)))
        return lead;
    return best.article->number;
}
