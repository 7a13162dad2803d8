/* Members, sums and derived values of one event in memory; see news_event.h. Called by all of the
 * engine. Knows neither the window nor the index. */
#include "cluster/news_event.h"

#include "text/roundup.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void news_event_begin(struct news_event *e, uint64_t number)
{
    *e = (struct news_event){.number = number, .members = &e->only};
}

static void drop_sums(struct slabs *memory, struct news_event *e)
{
    sums_free(memory, e->sums);
    e->sums = NULL;
}

void news_event_end(struct slabs *memory, struct news_event *e)
{
    if (e->members != &e->only)
        free(e->members);
    drop_sums(memory, e);
}

struct sums *news_event_sums(const struct news_event *e, struct sums_of_one *room)
{
    return e->sums ? e->sums : sums_of_vector(&e->members[0]->vector, room);
}

void news_event_ready(struct news_event *e)
{
    if (!e->ready)
        e->n_tops = (uint8_t)(e->sums ? sums_top(e->sums, VIEW_ALL, e->tops, e->n_tops, EVENT_TOPS)
                                      : vector_top(&e->members[0]->vector, e->tops, EVENT_TOPS));
    e->ready = true;
}

static void keep_sums(struct slabs *memory, struct news_event *e)
{
    for (size_t i = 0, n = e->sums ? 0 : e->n; i < n; i++)
        e->sums = sums_add(memory, e->sums, &e->members[i]->vector);
}

void news_event_sum_up(struct slabs *memory, struct news_event *e)
{
    if (e->n > 1)
        keep_sums(memory, e);
}

/* The event has the language of its oldest member. */
static void set_lang(struct news_event *e)
{
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

/* Capacity is a power of two. */
static void make_member_room(struct news_event *e)
{
    if (!e->n || e->n & (e->n - 1))
        return;
    if (e->members == &e->only) {
        e->members = mem_alloc(2 * sizeof *e->members);
        e->members[0] = e->only;
    } else {
        e->members = mem_resize(e->members, 2u * e->n * sizeof *e->members);
    }
}

static void insert_member(struct news_event *e, struct article *a)
{
    make_member_room(e);
    size_t at = e->n++;
    for (; at > 0 && e->members[at - 1]->number > a->number; at--)
        e->members[at] = e->members[at - 1];
    e->members[at] = a;
    a->event = e;
}

void news_event_hold(struct news_event *e, struct article *a)
{
    insert_member(e, a);
    e->ready = false;
    e->words += a->words;
    e->roundups = (uint16_t)(e->roundups + (a->frame == FRAME_ROUNDUP));
    widen(e, a->published, e->n == 1);
    set_lang(e);
}

void news_event_add(struct slabs *memory, struct news_event *e, struct article *a)
{
    if (e->n > 0) {
        keep_sums(memory, e);
        e->sums = sums_add(memory, e->sums, &a->vector);
    }
    news_event_hold(e, a);
}

void news_event_remove(struct slabs *memory, struct news_event *e, struct article *a)
{
    if (e->n > 2)
        keep_sums(memory, e);
    size_t at = 0;
    while (e->members[at] != a)
        at++;
    memmove(e->members + at, e->members + at + 1, (e->n - at - 1) * sizeof *e->members);
    e->n--;
    a->event = NULL;
    e->ready = false;
    if (e->n > 1)
        sums_remove(e->sums, &a->vector);
    else
        drop_sums(memory, e);
    e->words -= a->words;
    e->roundups = (uint16_t)(e->roundups - (a->frame == FRAME_ROUNDUP));
    if (a->published == e->first || a->published == e->last)
        for (size_t i = 0; i < e->n; i++)
            widen(e, e->members[i]->published, i == 0);
    set_lang(e);
}

void news_event_merge(struct slabs *memory, struct news_event *into, struct news_event *from)
{
    keep_sums(memory, into);
    news_event_sum_up(memory, from);
    into->sums = from->sums ? sums_merge(memory, into->sums, from->sums)
                            : sums_add(memory, into->sums, &from->members[0]->vector);
    drop_sums(memory, from);
    for (size_t i = 0; i < from->n; i++)
        insert_member(into, from->members[i]);
    from->n = 0;
    into->ready = false;
    into->words += from->words;
    into->roundups = (uint16_t)(into->roundups + from->roundups);
    widen(into, from->first, false);
    widen(into, from->last, false);
    set_lang(into);
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

double mean_cosine(int64_t norm2, size_t articles)
{
    if (articles < 2)
        return 1;
    double n = (double)articles, one = (double)VECTOR_ONE * VECTOR_ONE;
    double mean = ((double)norm2 / one - n) / (n * (n - 1));
    return mean > 0 ? mean : 0;
}

double news_event_mean_cosine(const struct news_event *e, enum view view)
{
    return e->n < 2 ? 1 : mean_cosine(e->sums->norm2[view], e->n);
}

bool news_event_has_publisher(const struct news_event *e, uint64_t publisher)
{
    for (size_t i = 0; i < e->n; i++)
        if (e->members[i]->publisher == publisher)
            return true;
    return false;
}

unsigned news_event_variety(const struct news_event *e)
{
    size_t first = news_event_newest(e, EVENT_RECENT);
    unsigned different = 0;
    for (size_t i = first; i < e->n; i++) {
        size_t k = first;
        while (k < i && e->members[k]->publisher != e->members[i]->publisher)
            k++;
        different += k == i;
    }
    return different;
}

struct article *article_new(struct arena *arena, size_t terms)
{
    struct article *a = arena_get(arena, sizeof *a + terms * sizeof(struct weight));
    *a = (struct article){.vector = {(struct weight *)(a + 1), terms}};
    return a;
}
