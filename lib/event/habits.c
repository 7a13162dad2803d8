#include "event/habits.h"

#include "base/hash.h"

#include <math.h>

uint32_t habits_ending(const struct terms *t)
{
    enum { OF_TEXT = 5, OF_TITLE = 2 };
    size_t text = t->n_sequence - t->n_title_sequence;
    size_t n = text >= OF_TEXT ? OF_TEXT : t->n_title_sequence > OF_TITLE ? OF_TITLE : 0;
    size_t end = text >= OF_TEXT ? t->n_sequence : t->n_title_sequence;
    return (uint32_t)hash64(t->sequence + end - n, n * sizeof *t->sequence, 0);
}

uint64_t habits_mould(uint64_t publisher, uint32_t ending)
{
    return hash_pair(publisher, ending) | 1; /* 0 is no key */
}

uint64_t habits_newest(const struct habits *h, uint64_t mould)
{
    return (uintptr_t)map_get(&h->newest, mould);
}

void habits_ahead(const struct habits *h, uint64_t mould)
{
    map_ahead(&h->newest, mould);
}

void habits_note(struct habits *h, uint64_t mould, uint64_t article)
{
    map_put(&h->newest, mould, (void *)(uintptr_t)article);
}

void habits_forget(struct habits *h, uint64_t mould, uint64_t article)
{
    if (habits_newest(h, mould) == article)
        map_remove(&h->newest, mould);
}

void habits_free(struct habits *h)
{
    map_free(&h->newest);
}

double habits_left(unsigned times, unsigned recent)
{
    enum { ENOUGH = 3, NO_HABIT = 1 }; /* articles to judge by; times that are no habit */
    if (recent < ENOUGH || times <= NO_HABIT)
        return 1;
    double all = recent + 1.0;
    return log(all / (times + 0.5)) / log(all / (NO_HABIT + 0.5));
}
