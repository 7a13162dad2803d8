/* Decaying document frequencies of terms and their share of capitals; see rarity.h. It keeps state
 * in memory only; lib/ingest stores it. Used by lib/cluster and lib/digest. */
#include "text/rarity.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    uint32_t id;                /* 0: empty */
    float past, capital, lower; /* decayed counts of the days before today */
    float background;           /* share of articles */
    uint32_t today, capital_today, lower_today;
};

struct rarity {
    struct entry *v;
    size_t n, slots; /* slots is a power of two */
    double decay, background, past_articles;
    uint32_t articles_today;
    int64_t day;
};

enum { FIRST_SLOTS = 1 << 14, MOST_DAYS = 10 };
/* a term with a lower decayed count is forgotten */
static const float forget_below = 0.1f;
/* maximum idf of a bare count: numbers are frequent even while few articles have been seen */
static const double most_of_count = 2.5;
/* prior share of capitals: of an unknown word, of a word of the background, and the number of
 * occurrences that the prior counts as */
static const double name_prior = 0.35, known_name_prior = 0.1, name_prior_weight = 1.0;

static struct entry *slot_of(struct entry *v, size_t slots, uint32_t id)
{
    size_t i = (id * 2654435769u) & (slots - 1);
    while (v[i].id && v[i].id != id)
        i = (i + 1) & (slots - 1);
    return &v[i];
}

static void rebuild(struct rarity *r, size_t slots)
{
    struct entry *new = mem_large(slots * sizeof *new);
    size_t n = 0;
    for (size_t i = 0; i < r->slots; i++) {
        const struct entry *e = &r->v[i];
        if (!e->id || (e->past < forget_below && !e->today && e->background <= 0))
            continue;
        *slot_of(new, slots, e->id) = *e;
        n++;
    }
    mem_large_free(r->v, r->slots * sizeof *r->v);
    r->v = new;
    r->slots = slots;
    r->n = n;
}

static struct entry *entry_of(struct rarity *r, uint32_t id)
{
    if (!id)
        id = 1;
    struct entry *e = slot_of(r->v, r->slots, id);
    if (e->id)
        return e;
    if (r->n * 2 > r->slots) {
        rebuild(r, r->slots * 2);
        e = slot_of(r->v, r->slots, id);
    }
    e->id = id;
    r->n++;
    return e;
}

static void add_background(void *arg, uint32_t term, double share)
{
    struct entry *e = entry_of(arg, term);
    /* several forms of one stem: an article has the stem if it has any of them */
    e->background = (float)(e->background + share - e->background * share);
}

void rarity_tune(struct rarity *r, double half_life, double background)
{
    r->decay = exp2(-1 / half_life);
    r->background = background;
}

struct rarity *rarity_new(struct langs *langs, double half_life, double background)
{
    struct rarity *r = mem_zero(sizeof *r);
    r->slots = FIRST_SLOTS;
    r->v = mem_large(r->slots * sizeof *r->v);
    rarity_tune(r, half_life, background);
    langs_background(langs, add_background, r);
    return r;
}

void rarity_free(struct rarity *r)
{
    if (!r)
        return;
    mem_large_free(r->v, r->slots * sizeof *r->v);
    free(r);
}

bool rarity_day(struct rarity *r, int64_t day)
{
    if (day == r->day)
        return false;
    int64_t passed = day > r->day ? day - r->day : 0;
    double factor = r->day ? pow(r->decay, (double)(passed < MOST_DAYS ? passed : MOST_DAYS)) : 1;
    r->day = day;
    r->past_articles = (r->past_articles + r->articles_today) * factor;
    r->articles_today = 0;
    for (size_t i = 0; i < r->slots; i++) {
        struct entry *e = &r->v[i];
        e->past = (float)(((double)e->past + e->today) * factor);
        e->capital = (float)(((double)e->capital + e->capital_today) * factor);
        e->lower = (float)(((double)e->lower + e->lower_today) * factor);
        e->today = e->capital_today = e->lower_today = 0;
    }
    rebuild(r, r->slots);
    return true;
}

int64_t rarity_today(const struct rarity *r)
{
    return r->day;
}

void rarity_article(struct rarity *r)
{
    r->articles_today++;
}

void rarity_term(struct rarity *r, uint32_t id, bool capital, bool lower)
{
    struct entry *e = entry_of(r, id);
    e->today++;
    e->capital_today += capital;
    e->lower_today += lower;
}

void rarity_forget_article(struct rarity *r)
{
    r->articles_today--;
}

void rarity_forget_term(struct rarity *r, uint32_t id, bool capital, bool lower)
{
    struct entry *e = entry_of(r, id);
    e->today--;
    e->capital_today -= capital;
    e->lower_today -= lower;
}

void rarity_ahead(const struct rarity *r, uint32_t id)
{
    __builtin_prefetch(&r->v[(id * 2654435769u) & (r->slots - 1)]);
}

double rarity_articles(const struct rarity *r)
{
    return r->past_articles + r->articles_today;
}

double rarity_times(const struct rarity *r, uint32_t id)
{
    const struct entry *e = slot_of(r->v, r->slots, id ? id : 1);
    return (double)e->past + e->today;
}

double rarity_idf(const struct rarity *r, uint32_t id)
{
    const struct entry *e = slot_of(r->v, r->slots, id ? id : 1);
    double articles = rarity_articles(r) + r->background;
    double with = (double)e->past + e->today + (double)e->background * r->background;
    double idf = log((articles + 1) / (with + 0.5));
    if (term_is_count(id) && idf > most_of_count)
        return most_of_count;
    return idf > 0 ? idf : 0;
}

double rarity_name(const struct rarity *r, uint32_t id)
{
    const struct entry *e = slot_of(r->v, r->slots, id ? id : 1);
    double capital = (double)e->capital + e->capital_today;
    double lower = (double)e->lower + e->lower_today;
    double prior = e->background > 0 ? known_name_prior : name_prior;
    return (capital + prior * name_prior_weight) / (capital + lower + name_prior_weight);
}

/* Saved form, in native byte order (like LMDB itself, the store is not portable between byte
 * orders): the head, then `n` entries in order of id. */
struct saved_head {
    char magic[8];
    int64_t day;
    double past_articles;
    uint64_t n;
};
struct saved_entry {
    uint32_t id;
    float past, capital, lower;
};
static const char magic[8] = "rarity1";

/* Radix sort by id, 16 bits at a time; `room` has space for `n` entries. */
static void order_saved(struct saved_entry *v, struct saved_entry *room, size_t n)
{
    enum { BITS = 16, VALUES = 1 << BITS };
    size_t *begins = mem_alloc(VALUES * sizeof *begins);
    for (int shift = 0; shift < 32; shift += BITS) {
        memset(begins, 0, VALUES * sizeof *begins);
        for (size_t i = 0; i < n; i++)
            begins[v[i].id >> shift & (VALUES - 1)]++;
        for (size_t value = 0, at = 0; value < VALUES; value++) {
            size_t have = begins[value];
            begins[value] = at;
            at += have;
        }
        for (size_t i = 0; i < n; i++)
            room[begins[v[i].id >> shift & (VALUES - 1)]++] = v[i];
        struct saved_entry *other = v;
        v = room;
        room = other;
    }
    free(begins);
}

void rarity_save(const struct rarity *r, struct buf *out)
{
    struct saved_entry *all = mem_alloc(2 * r->n * sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < r->slots; i++) {
        const struct entry *e = &r->v[i];
        if (e->id && e->past > 0)
            all[n++] = (struct saved_entry){e->id, e->past, e->capital, e->lower};
    }
    order_saved(all, all + r->n, n);
    struct saved_head head = {.day = r->day, .past_articles = r->past_articles, .n = n};
    memcpy(head.magic, magic, sizeof magic);
    buf_add(out, &head, sizeof head);
    buf_add(out, all, n * sizeof *all);
    free(all);
}

bool rarity_load(struct rarity *r, const void *bytes, size_t n)
{
    struct saved_head head;
    if (n < sizeof head)
        return false;
    memcpy(&head, bytes, sizeof head);
    if (memcmp(head.magic, magic, sizeof magic) ||
        (n - sizeof head) / sizeof(struct saved_entry) != head.n)
        return false;
    r->day = head.day;
    r->past_articles = head.past_articles;
    const char *p = (const char *)bytes + sizeof head;
    for (uint64_t i = 0; i < head.n; i++, p += sizeof(struct saved_entry)) {
        struct saved_entry s;
        memcpy(&s, p, sizeof s);
        struct entry *e = entry_of(r, s.id);
        e->past = s.past;
        e->capital = s.capital;
        e->lower = s.lower;
    }
    return true;
}
