#include "event/habits.h"

#include "base/hash.h"

#include <math.h>

uint32_t habits_ending(const struct terms *t)
{
    enum { OF_TEXT = 5, OF_TITLE = 2, LONG = 150 };
    size_t text = t->n_sequence - t->n_title_sequence;
    size_t n = text >= OF_TEXT ? OF_TEXT : t->n_title_sequence > OF_TITLE ? OF_TITLE : 0;
    size_t end = text >= OF_TEXT ? t->n_sequence : t->n_title_sequence;
    uint32_t hash = (uint32_t)hash64(t->sequence + end - n, n * sizeof *t->sequence, 0);
    return (hash & ~1u) | (text >= LONG);
}

static size_t moulds_of(uint64_t publisher, uint32_t ending, uint64_t out[MOULDS])
{
    size_t n = 0;
    out[n++] = hash_pair(publisher, ending) | 1; /* 0 is no key */
    if (ending & 1)
        out[n++] = hash_pair(publisher, 0) | 1;
    return n;
}

static uint64_t newest(const struct habits *h, uint64_t mould)
{
    return (uintptr_t)map_get(&h->newest, mould);
}

void habits_newest(const struct habits *h, uint64_t publisher, uint32_t ending,
                   uint64_t out[MOULDS])
{
    uint64_t moulds[MOULDS];
    size_t n = moulds_of(publisher, ending, moulds);
    for (size_t i = 0; i < MOULDS; i++)
        out[i] = i < n ? newest(h, moulds[i]) : 0;
}

void habits_ahead(const struct habits *h, uint64_t publisher, uint32_t ending)
{
    uint64_t moulds[MOULDS];
    for (size_t i = moulds_of(publisher, ending, moulds); i-- > 0;)
        map_ahead(&h->newest, moulds[i]);
}

void habits_note(struct habits *h, uint64_t publisher, uint32_t ending, uint64_t article,
                 uint32_t before[MOULDS])
{
    uint64_t moulds[MOULDS];
    size_t n = moulds_of(publisher, ending, moulds);
    for (size_t i = 0; i < n; i++) {
        uint64_t last = newest(h, moulds[i]);
        before[i] = last ? (uint32_t)(article - last) : 0;
        map_put(&h->newest, moulds[i], (void *)(uintptr_t)article);
    }
}

void habits_forget(struct habits *h, uint64_t publisher, uint32_t ending, uint64_t article)
{
    uint64_t moulds[MOULDS];
    for (size_t i = moulds_of(publisher, ending, moulds); i-- > 0;)
        if (newest(h, moulds[i]) == article)
            map_remove(&h->newest, moulds[i]);
}

void habits_free(struct habits *h)
{
    map_free(&h->newest);
}

double habits_left(size_t mould, unsigned times, unsigned recent)
{
    enum { ENOUGH = 3, NO_HABIT = 1 }; /* articles to judge by; times that are no habit */
    if (recent < ENOUGH || times <= NO_HABIT || (mould == MOULD_LONG && times + 1 < recent))
        return 1;
    double all = recent + 1.0;
    return log(all / (times + 0.5)) / log(all / (NO_HABIT + 0.5));
}
