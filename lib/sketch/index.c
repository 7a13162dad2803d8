#include "sketch/index.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct head {
    uint32_t value, newest; /* article number, 0: an empty slot */
};

struct band {
    struct head *v; /* open addressing; values are hashes already */
    uint32_t n, slots;
};

struct index {
    struct band bands[SKETCH_BANDS];
    uint32_t (*before)[SKETCH_BANDS]; /* rows by article number modulo `rows`, a power of two */
    uint32_t rows, last;              /* newest article */
};

enum { FIRST_SLOTS = 1 << 8, FIRST_ROWS = 1 << 10 };

static struct head *head_of(struct head *v, uint32_t slots, uint32_t value)
{
    uint32_t i = value & (slots - 1);
    while (v[i].newest && v[i].value != value)
        i = (i + 1) & (slots - 1);
    return &v[i];
}

static void begin_tables(struct index *x, uint32_t slots, uint32_t rows)
{
    for (size_t band = 0; band < SKETCH_BANDS; band++) {
        x->bands[band].slots = slots;
        x->bands[band].v = mem_large(slots * sizeof(struct head));
    }
    x->rows = rows;
    x->before = mem_large(rows * sizeof *x->before);
}

static void free_tables(struct index *x)
{
    for (size_t band = 0; band < SKETCH_BANDS; band++)
        mem_large_free(x->bands[band].v, x->bands[band].slots * sizeof(struct head));
    mem_large_free(x->before, x->rows * sizeof *x->before);
}

struct index *index_new(void)
{
    struct index *x = mem_zero(sizeof *x);
    begin_tables(x, FIRST_SLOTS, FIRST_ROWS);
    return x;
}

void index_free(struct index *x)
{
    if (!x)
        return;
    free_tables(x);
    free(x);
}

/* Of the values of a band a third at least are different: as many slots are sure to be needed. */
void index_expect(struct index *x, size_t articles)
{
    uint32_t slots = FIRST_SLOTS, rows = FIRST_ROWS;
    while (rows < articles && rows < 1u << 31)
        rows *= 2;
    while (slots * 4ull <= articles)
        slots *= 2;
    free_tables(x);
    begin_tables(x, slots, rows);
}

/* Drops the values that old articles alone have, then grows if it is still more than five eighths
 * full. */
static void make_room(struct band *b, uint32_t oldest)
{
    uint32_t live = 0, slots = b->slots;
    for (uint32_t i = 0; i < b->slots; i++)
        live += b->v[i].newest && b->v[i].newest >= oldest;
    while (live * 8ull > slots * 5ull)
        slots *= 2;
    struct head *new = mem_large(slots * sizeof *new);
    for (uint32_t i = 0; i < b->slots; i++)
        if (b->v[i].newest && b->v[i].newest >= oldest)
            *head_of(new, slots, b->v[i].value) = b->v[i];
    mem_large_free(b->v, b->slots * sizeof *b->v);
    *b = (struct band){.v = new, .n = live, .slots = slots};
}

/* Room for the rows of all articles from `oldest` to this one. */
static void make_rows(struct index *x, uint32_t article, uint32_t oldest)
{
    uint32_t rows = x->rows;
    while (article - oldest >= rows)
        rows *= 2;
    if (rows == x->rows)
        return;
    uint32_t(*new)[SKETCH_BANDS] = mem_large(rows * sizeof *new);
    for (uint32_t i = oldest; i <= x->last; i++)
        memcpy(new[i & (rows - 1)], x->before[i & (x->rows - 1)], sizeof *new);
    mem_large_free(x->before, x->rows * sizeof *x->before);
    x->before = new;
    x->rows = rows;
}

/* Asks the memory for where the values stand. */
static void bands_ahead(const struct index *x, const uint32_t sketch[SKETCH_BANDS])
{
    for (size_t band = 0; band < SKETCH_BANDS; band++)
        __builtin_prefetch(&x->bands[band].v[sketch[band] & (x->bands[band].slots - 1)]);
}

void index_put(struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t article,
               uint32_t oldest)
{
    bands_ahead(x, sketch);
    make_rows(x, article, oldest);
    x->last = article;
    uint32_t *row = x->before[article & (x->rows - 1)];
    for (size_t band = 0; band < SKETCH_BANDS; band++) {
        struct band *b = &x->bands[band];
        row[band] = 0;
        if (!sketch[band])
            continue;
        struct head *h = head_of(b->v, b->slots, sketch[band]);
        if (!h->newest && (b->n + 1) * 4 > b->slots * 3) {
            make_room(b, oldest);
            h = head_of(b->v, b->slots, sketch[band]);
        }
        b->n += !h->newest;
        row[band] = h->newest;
        *h = (struct head){sketch[band], article};
    }
}

/* Goes through all bands at once, one article of each a step: what the next step needs is asked of
 * the memory a step ahead. */
size_t index_find(const struct index *x, const uint32_t sketch[SKETCH_BANDS], uint32_t oldest,
                  uint32_t out[INDEX_FOUND])
{
    oldest = oldest ? oldest : 1; /* 0 is no article */
    uint32_t next[SKETCH_BANDS], bands[SKETCH_BANDS];
    size_t n_bands = 0, n = 0;
    bands_ahead(x, sketch);
    for (uint32_t band = 0; band < SKETCH_BANDS; band++) {
        const struct band *b = &x->bands[band];
        bands[n_bands] = band;
        next[n_bands] = sketch[band] ? head_of(b->v, b->slots, sketch[band])->newest : 0;
        __builtin_prefetch(&x->before[next[n_bands] & (x->rows - 1)][band]);
        n_bands += next[n_bands] >= oldest;
    }
    for (size_t step = 0; n_bands; step++) {
        memcpy(out + n, next, n_bands * sizeof *out);
        n += n_bands;
        if (step + 1 == INDEX_NEWEST)
            break;
        size_t live = 0; /* no branch: which chains end cannot be foretold */
        for (size_t i = 0; i < n_bands; i++) {
            uint32_t band = bands[i], article = x->before[next[i] & (x->rows - 1)][band];
            __builtin_prefetch(&x->before[article & (x->rows - 1)][band]);
            bands[live] = band;
            next[live] = article;
            live += article >= oldest;
        }
        n_bands = live;
    }
    return n;
}
