/* Weighted terms of an article, and sums of them over the articles of an event.
 *
 * Each article has three vectors over the same terms: all its terms, those of its title, and its
 * names and numbers. Each has unit length and eight bits per weight, which is as informative as
 * more would be and keeps a million articles in memory. Sums are integers and therefore exact:
 * adding and subtracting in any order gives the same sums, also after a restart. */
#ifndef CLUSTER_VECTOR_H
#define CLUSTER_VECTOR_H

#include "base/slabs.h"
#include "cluster/params.h"
#include "text/rarity.h"
#include "text/terms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    VECTOR_ONE = 255,               /* length 1 */
    WEIGHT_LEAST = VECTOR_ONE / 40, /* a lighter term counts as weightless */
    VECTOR_MOST = TERMS_TITLE_WORDS + TERMS_BODY_WORDS,
    SUM_BITS = 21,   /* of each view's sum */
    SUM_MOST = 8000, /* articles that can be summed: VECTOR_ONE * SUM_MOST fits in SUM_BITS */
    SUM_TOP_NAMES = 6,
    VECTOR_TOP_MOST = 15,
};
enum view { VIEW_ALL, VIEW_TITLE, VIEW_NAME, VIEWS };
enum { WEIGHT_CAPITAL = 1, WEIGHT_LOWER = 2, WEIGHT_NUMBER = 4 };

struct weight {
    uint32_t id;
    uint8_t w[VIEWS];
    uint8_t flags; /* how it is written */
};

struct vector {
    struct weight *v; /* sorted by id */
    size_t n;
};

struct sum {
    uint64_t w; /* the views' sums packed side by side; see sum_of() */
    uint32_t n; /* articles that contain the term */
};

/* The three arrays follow in the same allocation. They are separate because most lookups are for
 * ids that are not there. */
struct sums {
    uint64_t *w;   /* as in struct sum */
    uint32_t *ids; /* in ascending order */
    uint16_t *times;
    uint32_t n, cap;
    int64_t norm2[VIEWS]; /* squared length */
    int64_t total[VIEWS];
    uint32_t top_names[SUM_TOP_NAMES]; /* ids, heaviest first */
    uint8_t n_top_names;
    bool named; /* top_names is up to date */
} __attribute__((aligned(16)));

static inline struct sum sum_at(const struct sums *s, size_t i)
{
    return (struct sum){s->w[i], s->times[i]};
}

static inline int64_t sum_of(uint64_t w, enum view view)
{
    return (int64_t)(w >> (SUM_BITS * view) & ((1u << SUM_BITS) - 1));
}

/* Very common, or repeated by its publisher in every article. */
static inline bool sum_weighs_nothing(struct sum s)
{
    return sum_of(s.w, VIEW_ALL) < WEIGHT_LEAST * (int64_t)s.n;
}

/* `left`: the share of its weight that each term keeps, 0 to 1; NULL: all. `out->v` must have room
 * for as many weights as there are terms. */
void vector_make(const struct terms *terms, const struct rarity *rarity, const double *left,
                 const struct engine_params *params, struct vector *out);

/* Sums over one vector, in memory of the caller that needs no freeing. */
struct sums_of_one {
    struct sums sums;
    uint64_t w[VECTOR_MOST];
    uint32_t ids[VECTOR_MOST];
    uint16_t times[VECTOR_MOST];
};
struct sums *sums_of_vector(const struct vector *v, struct sums_of_one *out);

/* Sums may move as they grow: use the returned pointer instead of `s`. NULL is the sum of nothing.
 */
struct sums *sums_add(struct slabs *memory, struct sums *s, const struct vector *v)
    __attribute__((warn_unused_result));
struct sums *sums_merge(struct slabs *memory, struct sums *s, const struct sums *other)
    __attribute__((warn_unused_result));
void sums_remove(struct sums *s, const struct vector *v);
void sums_find_names(struct sums *s);  /* unless they are known */
void sums_ahead(const struct sums *s); /* prefetches them; NULL is allowed */
void sums_free(struct slabs *memory, struct sums *s);
/* The index of the id, or the one where it would be inserted. */
size_t sums_place(const struct sums *s, uint32_t id);
/* Zero when the id is not there. */
struct sum sums_find(const struct sums *s, uint32_t id);
/* Writes the `most` heaviest ids (at most VECTOR_TOP_MOST), heaviest first, of equal weights the
 * smaller id; returns how many. The first `known` ids are already in `ids`, such as the previous
 * result: the better they still fit, the faster the search. */
size_t sums_top(const struct sums *s, enum view view, uint32_t *ids, size_t known, size_t most);
size_t vector_top(const struct vector *v, uint32_t *ids, size_t most); /* of all terms */

/* Cosine of one view, 0 to 1; 0 when either is empty. */
double vector_cosine(const struct vector *a, const struct vector *b, enum view view);

#endif
