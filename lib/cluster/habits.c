/* Hashes an article's beginning and ending into template keys and remembers the newest article of
 * each template. The weights are reduced in labels.c. Called by describe.c, expect.c, labels.c and
 * window.c. */
#include "cluster/habits.h"

#include "base/hash.h"
#include "base/mem.h"

#include <math.h>

enum { LONG = 1, OF_TEXT = 2, FLAGS = LONG | OF_TEXT }; /* flags in an ending */
enum { PLACES = 1 << 17 }; /* enough for the templates of the newest fifty thousand articles */

struct newest {
    uint32_t article; /* the low bits of its number */
    uint32_t tag;     /* of the template; 0: none */
};

void habits_init(struct habits *h)
{
    h->anyones = mem_large(PLACES * sizeof *h->anyones);
}

void habits_free(struct habits *h)
{
    map_free(&h->newest);
    mem_large_free(h->anyones, PLACES * sizeof *h->anyones);
}

/* A hash of two adjacent terms. Gathered terms are in text order, the title's first. */
static uint32_t pair_of(const struct terms *t, size_t at)
{
    return (uint32_t)hash_pair(t->gathered[at].id, t->gathered[at + 1].id) | 1;
}

void habits_marks(const struct terms *t, struct marks *out)
{
    enum {
        LAST_OF_TEXT = 5,
        LAST_OF_TITLE = 2,
        FIRST_OF_TEXT = 5,
        MANY = 150,
        LABEL = 2,
        LABELLED = 4
    };
    size_t text = t->n_sequence - t->n_title_sequence;
    bool ends = text >= LAST_OF_TEXT;
    size_t n = ends ? LAST_OF_TEXT : t->n_title_sequence > LAST_OF_TITLE ? LAST_OF_TITLE : 0;
    size_t end = ends ? t->n_sequence : t->n_title_sequence, title = 0;
    uint32_t hash = (uint32_t)hash64(t->sequence + end - n, n * sizeof *t->sequence, 0);
    while (title < t->n && t->gathered[title].in_title)
        title++;
    *out = (struct marks){.ending = (hash & ~(uint32_t)FLAGS) | (text >= MANY ? LONG : 0) |
                                    (ends ? OF_TEXT : 0)};
    if (ends)
        out->head = (uint32_t)hash64(t->sequence + t->n_title_sequence,
                                     FIRST_OF_TEXT * sizeof *t->sequence, 0) |
                    1;
    if (title >= LABELLED) {
        out->opening = pair_of(t, 0);
        out->closing = pair_of(t, title - LABEL);
    }
}

uint64_t habits_all(uint64_t publisher)
{
    return hash_pair(publisher, MOULD_ALL) | 1;
}

void habits_keys(uint64_t publisher, const struct marks *m, uint64_t out[MOULDS])
{
    out[MOULD_ENDING] = hash_pair(publisher, m->ending) | 1; /* 0 is no key */
    out[MOULD_ALL] = habits_all(publisher);
    out[MOULD_LONG] = m->ending & LONG ? hash_pair(publisher, 0) | 1 : 0;
    out[MOULD_OPENING] = m->opening ? hash_pair(m->opening, MOULD_OPENING) | 1 : 0;
    out[MOULD_CLOSING] = m->closing ? hash_pair(m->closing, MOULD_CLOSING) | 1 : 0;
    out[MOULD_HEAD] = m->head ? hash_pair(m->head, MOULD_HEAD) | 1 : 0;
    out[MOULD_TEXT] = m->ending & OF_TEXT ? hash_pair(m->ending, MOULD_TEXT) | 1 : 0;
}

static struct newest *place_of_key(const struct habits *h, uint64_t key)
{
    return &h->anyones[(key >> 32) % PLACES];
}

uint64_t habits_newest(const struct habits *h, size_t mould, uint64_t key, uint64_t now)
{
    if (!key)
        return 0;
    if (mould < MOULDS_OWN)
        return (uintptr_t)map_get(&h->newest, key);
    const struct newest *place = place_of_key(h, key);
    return place->tag == (uint32_t)key ? now - ((uint32_t)now - place->article) : 0;
}

void habits_ahead(const struct habits *h, const uint64_t keys[MOULDS])
{
    for (size_t i = 0; i < MOULDS; i++)
        if (i < MOULDS_OWN && keys[i])
            map_ahead(&h->newest, keys[i]);
        else if (keys[i])
            __builtin_prefetch(place_of_key(h, keys[i]));
}

void habits_note(struct habits *h, const uint64_t keys[MOULDS], uint64_t article,
                 uint32_t before[MOULDS])
{
    for (size_t i = 0; i < MOULDS; i++) {
        uint64_t last = habits_newest(h, i, keys[i], article);
        before[i] = last ? (uint32_t)(article - last) : 0;
        if (i < MOULDS_OWN && keys[i])
            map_put(&h->newest, keys[i], (void *)(uintptr_t)article);
        else if (keys[i])
            *place_of_key(h, keys[i]) = (struct newest){(uint32_t)article, (uint32_t)keys[i]};
    }
}

/* An entry in `anyones` stays until another one takes its slot: its article is not in the window,
 * so no lookup returns it. */
void habits_forget(struct habits *h, const uint64_t keys[MOULDS], uint64_t article)
{
    for (size_t i = 0; i < MOULDS_OWN; i++)
        if (keys[i] && habits_newest(h, i, keys[i], article) == article)
            map_remove(&h->newest, keys[i]);
}

double habits_left(size_t mould, unsigned times, unsigned recent)
{
    enum { ENOUGH = 3, NO_HABIT = 1 }; /* articles needed; occurrences that are no habit */
    if (recent < ENOUGH || times <= NO_HABIT || (mould == MOULD_LONG && times + 1 < recent))
        return 1;
    double all = recent + 1.0;
    return log(all / (times + 0.5)) / log(all / (NO_HABIT + 0.5));
}
