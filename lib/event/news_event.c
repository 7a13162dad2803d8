#include "event/news_event.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct news_event *news_event_new(uint64_t number)
{
    struct news_event *e = mem_zero(sizeof *e);
    e->number = number;
    return e;
}

void news_event_free(struct news_event *e)
{
    if (!e)
        return;
    free(e->members);
    sums_free(&e->sums);
    free(e);
}

/* Keeps the `max` weightiest ids of one view; of equal weights the smaller id comes first. */
static size_t top_of(const struct sums *s, enum view view, uint32_t *ids, size_t max)
{
    int32_t weights[EVENT_TOP_TERMS];
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        int32_t w = s->v[i].w[view];
        if (w <= 0 || (n == max && w <= weights[n - 1]))
            continue;
        size_t at = n < max ? n++ : n - 1;
        for (; at > 0 && weights[at - 1] < w; at--) {
            weights[at] = weights[at - 1];
            ids[at] = ids[at - 1];
        }
        weights[at] = w;
        ids[at] = s->v[i].id;
    }
    return n;
}

static size_t recent_publishers(const struct news_event *e)
{
    size_t first = e->n > EVENT_RECENT ? e->n - EVENT_RECENT : 0, different = 0;
    for (size_t i = first; i < e->n; i++) {
        size_t k = first;
        while (k < i && e->members[k]->publisher != e->members[i]->publisher)
            k++;
        different += k == i;
    }
    return different;
}

/* What follows from the sums and the newest members; the rest is kept up as members come and go. */
static void refresh(struct news_event *e)
{
    e->n_top_terms = top_of(&e->sums, VIEW_ALL, e->top_terms, EVENT_TOP_TERMS);
    e->n_top_names = top_of(&e->sums, VIEW_NAME, e->top_names, EVENT_TOP_NAMES);
    e->publishers = recent_publishers(e);
    if (e->n)
        memcpy(e->lang, e->members[0]->lang, sizeof e->lang);
}

static void widen(struct news_event *e, int64_t published, bool only)
{
    if (only || published < e->first)
        e->first = published;
    if (only || published > e->last)
        e->last = published;
}

static void insert_member(struct news_event *e, struct article *a)
{
    MEM_GROW(e->members, e->n, e->cap);
    size_t at = e->n++;
    for (; at > 0 && e->members[at - 1]->number > a->number; at--)
        e->members[at] = e->members[at - 1];
    e->members[at] = a;
    a->event = e;
}

void news_event_add(struct news_event *e, struct article *a)
{
    insert_member(e, a);
    sums_add(&e->sums, &a->vector);
    e->words += a->words;
    e->roundups += a->roundup;
    widen(e, a->published, e->n == 1);
    refresh(e);
}

void news_event_remove(struct news_event *e, struct article *a)
{
    size_t at = 0;
    while (e->members[at] != a)
        at++;
    memmove(e->members + at, e->members + at + 1, (e->n - at - 1) * sizeof *e->members);
    e->n--;
    a->event = NULL;
    sums_remove(&e->sums, &a->vector);
    e->words -= a->words;
    e->roundups -= a->roundup;
    if (a->published == e->first || a->published == e->last)
        for (size_t i = 0; i < e->n; i++)
            widen(e, e->members[i]->published, i == 0);
    refresh(e);
}

void news_event_merge(struct news_event *into, struct news_event *from)
{
    for (size_t i = 0; i < from->n; i++)
        insert_member(into, from->members[i]);
    from->n = 0;
    sums_merge(&into->sums, &from->sums);
    sums_free(&from->sums);
    into->words += from->words;
    into->roundups += from->roundups;
    widen(into, from->first, false);
    widen(into, from->last, false);
    refresh(into);
}

size_t news_event_place(const struct news_event *e, uint64_t article)
{
    size_t low = 0, high = e->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (e->members[middle]->number < article)
            low = middle + 1;
        else
            high = middle;
    }
    return low < e->n && e->members[low]->number == article ? low : e->n;
}

bool news_event_holds(const struct news_event *e, uint64_t article)
{
    return news_event_place(e, article) < e->n;
}

double news_event_coherence(const struct news_event *e)
{
    if (e->n < 2)
        return 1;
    double n = (double)e->n, one = (double)VECTOR_ONE * VECTOR_ONE;
    double mean = ((double)e->sums.norm2[VIEW_ALL] / one - n) / (n * (n - 1));
    return mean > 0 ? mean : 0;
}

bool news_event_has_publisher(const struct news_event *e, uint64_t publisher)
{
    for (size_t i = 0; i < e->n; i++)
        if (e->members[i]->publisher == publisher)
            return true;
    return false;
}

void article_free(struct article *a)
{
    if (!a)
        return;
    vector_free(&a->vector);
    free(a);
}
