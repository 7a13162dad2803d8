/* Chooses the article whose title becomes the event's headline; see lead.h. Called by ingest. Does
 * not edit titles. */
#include "cluster/lead.h"

#include "cluster/ballot.h"
#include "text/title_faults.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { NEWEST = EVENT_RECENT * 2 };
/* subtracted from the score for a minor fault */
static const double small_fault = 0.2;
/* the same for a stale title: more than the margin, so that another replaces it, but not one that
 * is far less central */
static const double stale_fault = 0.3;
/* share of the best score that a title needs to enter the ballot */
static const double central = 0.6;

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

/* True when the title contains one of the event's main names. */
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

/* A question that names nobody is bait; one that names somebody is only a weaker headline. */
static bool is_bad(const struct article *a)
{
    unsigned bad = HEADLINE_BAIT | HEADLINE_SHOUTS;
    return (a->title_faults & bad) || ((a->title_faults & HEADLINE_TEASES) && !names_any(a));
}

struct lead_choice {
    const struct article *article;
    bool bad;
    double value;
};

static double told_of(const struct headline_told *told, uint64_t article)
{
    size_t low = 0, high = told->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (told->articles[mid] < article)
            low = mid + 1;
        else
            high = mid;
    }
    return low < told->n && told->articles[low] == article ? told->told[low] : 0;
}

static bool is_any_told(const struct headline_told *told)
{
    for (size_t i = 0; told && i < told->n; i++)
        if (told->told[i] > 0)
            return true;
    return false;
}

static struct lead_choice judge(const struct article *a, const struct headline_told *told)
{
    bool small = a->frame || (a->title_faults & (HEADLINE_TEASES | HEADLINE_LABELLED));
    double value = told ? told_of(told, a->number) : headline_centrality(a);
    return (struct lead_choice){a, is_bad(a), value - (small ? small_fault : 0)};
}

static bool is_better(const struct lead_choice *a, const struct lead_choice *b, double margin)
{
    return a->bad != b->bad ? b->bad : a->value > b->value + margin;
}

static struct ballot take_ballot(struct lead_choice *c, size_t n, const char *lang)
{
    struct ballot b = {.n = 0};
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, c[i].value);
        struct lead_choice one = c[i];
        size_t at = i;
        for (; at > 0 && article_is_newer(one.article, c[at - 1].article); at--)
            c[at] = c[at - 1];
        c[at] = one;
    }
    for (size_t i = 0; i < n; i++)
        if (!c[i].bad && c[i].value >= central * most && !strcmp(c[i].article->lang, lang))
            ballot_add(&b, c[i].article);
    for (size_t i = n; i-- > 0;)
        ballot_add_first(&b, c[i].article);
    return b;
}

uint64_t headline_choose(const struct news_event *event, uint64_t lead, double margin,
                         const struct headline_told *told)
{
    struct lead_choice now = {.article = NULL}, best = {.article = NULL}, newest[NEWEST];
    size_t n = 0, at = news_event_place(event, lead);
    told = is_any_told(told) ? told : NULL;
    if (at < event->n)
        now = judge(event->members[at], told);
    for (size_t i = news_event_newest(event, NEWEST); i < event->n; i++)
        newest[n++] = judge(event->members[i], told);
    if (!n)
        return lead;
    struct ballot b = take_ballot(newest, n, now.article ? now.article->lang : event->lang);
    unsigned stale =
        now.article ? ballot_against(&b, now.article, true) & ~(unsigned)STALE_UNNUMBERED : 0;
    unsigned matter = stale & STALE_NUMBER ? ~0u : ~(unsigned)STALE_UNNUMBERED;
    now.value -= stale ? stale_fault : 0;
    for (size_t i = n; i-- > 0;) { /* of equals the oldest wins */
        newest[i].value -= ballot_against(&b, newest[i].article, false) & matter ? stale_fault : 0;
        if (!best.article || is_better(&newest[i], &best, 0))
            best = newest[i];
    }
    return now.article && !is_better(&best, &now, margin) ? lead : best.article->number;
}
