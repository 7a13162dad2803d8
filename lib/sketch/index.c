/* Hash tables per band for the LSH index; see index.h. Called by cluster/window.c, search.c and
 * similar.c. */
#include "sketch/index.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Most values belong to one article only; for the others a bucket holds the newest. */
struct head {
    uint32_t value, at; /* an article's number, or IS_BUCKET and a bucket; 0: empty slot */
};
#define IS_BUCKET (UINT32_C(1) << 31)

struct bucket {                      /* half a cache line */
    uint32_t articles[INDEX_NEWEST]; /* newest first, then 0 */
    uint32_t vacant;                 /* the next unused bucket */
};

struct band {
    struct head *v; /* open addressing; values are already hashes */
    uint32_t n, slots;
};

struct index {
    struct band bands[SKETCH_BANDS];
    struct bucket *buckets; /* the first is never used */
    uint32_t n_buckets, cap_buckets, vacant;
};

enum { FIRST_SLOTS = 1 << 8, FIRST_BUCKETS = 1 << 8 };

static struct head *head_of(struct head *v, uint32_t slots, uint32_t value)
{
    uint32_t i = value & (slots - 1);
    while (v[i].at && v[i].value != value)
        i = (i + 1) & (slots - 1);
    return &v[i];
}

static void begin_bands(struct index *x, uint32_t slots)
{
    for (size_t band = 0; band < SKETCH_BANDS; band++) {
        x->bands[band].slots = slots;
        x->bands[band].v = mem_large(slots * sizeof(struct head));
    }
}

static void free_bands(struct index *x)
{
    for (size_t band = 0; band < SKETCH_BANDS; band++)
        mem_large_free(x->bands[band].v, x->bands[band].slots * sizeof(struct head));
}

struct index *index_new(void)
{
    _Static_assert(sizeof(struct bucket) == 32, "none lies in two cache lines");
    struct index *x = mem_zero(sizeof *x);
    begin_bands(x, FIRST_SLOTS);
    x->cap_buckets = FIRST_BUCKETS;
    x->buckets = mem_large(x->cap_buckets * sizeof *x->buckets);
    x->n_buckets = 1;
    return x;
}

void index_free(struct index *x)
{
    if (!x)
        return;
    free_bands(x);
    mem_large_free(x->buckets, x->cap_buckets * sizeof *x->buckets);
    free(x);
}

/* At least a third of the values of a band are distinct, so that many slots are certainly needed.
 */
void index_expect(struct index *x, size_t articles)
{
    uint32_t slots = FIRST_SLOTS;
    while (slots * 4ull <= articles)
        slots *= 2;
    free_bands(x);
    begin_bands(x, slots);
}

static uint32_t new_bucket(struct index *x)
{
    uint32_t at = x->vacant;
    if (at) {
        x->vacant = x->buckets[at].vacant;
        return at;
    }
    if (x->n_buckets == x->cap_buckets) {
        struct bucket *new = mem_large(2 * (size_t)x->cap_buckets * sizeof *new);
        memcpy(new, x->buckets, x->n_buckets * sizeof *new);
        mem_large_free(x->buckets, x->cap_buckets * sizeof *new);
        x->buckets = new;
        x->cap_buckets *= 2;
    }
    return x->n_buckets++;
}

static void drop_bucket(struct index *x, uint32_t at)
{
    x->buckets[at] = (struct bucket){.vacant = x->vacant};
    x->vacant = at;
}

static uint32_t newest_of(const struct index *x, const struct head *h)
{
    return h->at & IS_BUCKET ? x->buckets[h->at & ~IS_BUCKET].articles[0] : h->at;
}

/* Drops the values that only old articles have, then grows while more than five eighths of the
 * slots are used. */
static void make_band_room(struct index *x, struct band *b, uint32_t oldest)
{
    uint32_t live = 0, slots = b->slots;
    for (uint32_t i = 0; i < b->slots; i++) {
        struct head *h = &b->v[i];
        if (newest_of(x, h) >= oldest) {
            live++;
            continue;
        }
        if (h->at & IS_BUCKET)
            drop_bucket(x, h->at & ~IS_BUCKET);
        h->at = 0;
    }
    while (live * 8ull > slots * 5ull)
        slots *= 2;
    struct head *new = mem_large(slots * sizeof *new);
    for (uint32_t i = 0; i < b->slots; i++)
        if (b->v[i].at)
            *head_of(new, slots, b->v[i].value) = b->v[i];
    mem_large_free(b->v, b->slots * sizeof *b->v);
    *b = (struct band){.v = new, .n = live, .slots = slots};
}

void index_ahead(const struct index *x, const uint32_t sketch[SKETCH_BANDS])
{
    for (size_t band = 0; band < SKETCH_BANDS; band++)
        __builtin_prefetch(&x->bands[band].v[sketch[band] & (x->bands[band].slots - 1)]);
}

static void put_article(struct index *x, struct head *h, uint32_t article, uint32_t oldest)
{
    if (h->at == article || (newest_of(x, h) < oldest && !(h->at & IS_BUCKET))) {
        h->at = article;
        return;
    }
    if (!(h->at & IS_BUCKET)) {
        uint32_t first = h->at, at = new_bucket(x);
        x->buckets[at] = (struct bucket){.articles = {first}};
        h->at = at | IS_BUCKET;
    }
    uint32_t *articles = x->buckets[h->at & ~IS_BUCKET].articles;
    size_t at = 0;
    while (at < INDEX_NEWEST && articles[at] > article)
        at++;
    if (at == INDEX_NEWEST || articles[at] == article)
        return;
    memmove(articles + at + 1, articles + at, (INDEX_NEWEST - 1 - at) * sizeof *articles);
    articles[at] = article;
}

void index_put(struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t article,
               uint32_t oldest)
{
    oldest = oldest ? oldest : 1; /* 0 is no article */
    if (article & IS_BUCKET)
        abort(); /* numbers must stay below 2^31 */
    for (size_t band = 0; band < SKETCH_BANDS; band++) {
        struct band *b = &x->bands[band];
        if (!sketch[band])
            continue;
        struct head *h = head_of(b->v, b->slots, sketch[band]);
        if (!h->at && (b->n + 1) * 4ull > b->slots * 3ull) {
            make_band_room(x, b, oldest);
            h = head_of(b->v, b->slots, sketch[band]);
        }
        b->n += !h->at;
        h->value = sketch[band];
        put_article(x, h, article, oldest);
    }
}

size_t index_find(const struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t oldest,
                  uint32_t out[INDEX_FOUND + 1])
{
    oldest = oldest ? oldest : 1; /* 0 is no article */
    uint32_t buckets[SKETCH_BANDS];
    size_t n_buckets = 0, n = 0;
    for (size_t band = 0; band < SKETCH_BANDS; band++) {
        const struct band *b = &x->bands[band];
        uint32_t at = sketch[band] ? head_of(b->v, b->slots, sketch[band])->at : 0;
        bool many = at & IS_BUCKET;
        buckets[n_buckets] = at & ~IS_BUCKET; /* no branch, which would be mispredicted */
        __builtin_prefetch(&x->buckets[many ? buckets[n_buckets] : 0]);
        n_buckets += many;
        out[n] = at;
        n += !many && at >= oldest;
    }
    for (size_t i = 0; i < n_buckets; i++)
        for (size_t k = 0; k < INDEX_NEWEST; k++) {
            uint32_t article = x->buckets[buckets[i]].articles[k];
            out[n] = article;
            n += article >= oldest;
        }
    return n;
}
