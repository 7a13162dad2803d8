/* Weighted terms of an article, and sums of them over the articles of an event.
 *
 * Each article has three vectors over the same terms: all its terms, those of its title, and its
 * names and numbers; each of unit length in eight bits a weight, which tell as much as more would
 * and let a million articles stay in memory. Sums are integers, so that they are exact: adding and
 * taking away in any order gives the same sums, after a restart as before. */
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
    WEIGHT_LEAST = VECTOR_ONE / 40, /* what weighs less weighs nothing */
    VECTOR_MOST = TERMS_TITLE_WORDS + TERMS_BODY_WORDS,
    SUM_BITS = 21,   /* of each view's sum */
    SUM_MOST = 8000, /* articles that can be summed: VECTOR_ONE * SUM_MOST has SUM_BITS */
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
    struct weight *v; /* ordered by id */
    size_t n;
};

struct sum {
    uint64_t w; /* the views' sums side by side; sum_of() */
    uint32_t n; /* articles that have the term */
};

/* The three arrays stand behind this in the same piece of memory, apart because most look for ids
 * that are not there. */
struct sums {
    uint64_t *w;   /* as in struct sum */
    uint32_t *ids; /* in ascending order */
    uint16_t *times;
    uint32_t n, cap;
    int64_t norm2[VIEWS]; /* squared length */
    int64_t total[VIEWS];
    uint32_t top_names[SUM_TOP_NAMES]; /* ids, weightiest first */
    uint8_t n_top_names;
    bool named; /* the names are of the sums as they are now */
} __attribute__((aligned(16)));

static inline struct sum sum_at(const struct sums *s, size_t i)
{
    return (struct sum){s->w[i], s->times[i]};
}

static inline int64_t sum_of(uint64_t w, enum view view)
{
    return (int64_t)(w >> (SUM_BITS * view) & ((1u << SUM_BITS) - 1));
}

/* Very common, or what its publisher always writes. */
static inline bool sum_weighs_nothing(struct sum s)
{
    return sum_of(s.w, VIEW_ALL) < WEIGHT_LEAST * (int64_t)s.n;
}

/* `left`: how much of its weight each term keeps, 0 to 1; NULL: all. `out->v` has room for as many
 * weights as there are terms. */
void vector_make(const struct terms *terms, const struct rarity *rarity, const double *left,
                 const struct engine_params *params, struct vector *out);

/* Sums over one vector, in memory of the caller's that needs no freeing. */
struct sums_of_one {
    struct sums sums;
    uint64_t w[VECTOR_MOST];
    uint32_t ids[VECTOR_MOST];
    uint16_t times[VECTOR_MOST];
};
struct sums *sums_of_vector(const struct vector *v, struct sums_of_one *out);

/* Sums may move as they grow: what is given back stands for `s`. NULL is the sums of nothing. */
struct sums *sums_add(struct slabs *memory, struct sums *s, const struct vector *v)
    __attribute__((warn_unused_result));
struct sums *sums_merge(struct slabs *memory, struct sums *s, const struct sums *other)
    __attribute__((warn_unused_result));
void sums_remove(struct sums *s, const struct vector *v);
void sums_find_names(struct sums *s);  /* unless they are known */
void sums_ahead(const struct sums *s); /* asks the memory for all of them; NULL is none */
void sums_free(struct slabs *memory, struct sums *s);
/* Where the id stands, or would. */
size_t sums_place(const struct sums *s, uint32_t id);
/* Of no weight and no article when there is none. */
struct sum sums_find(const struct sums *s, uint32_t id);
/* The `most` weightiest ids, at most VECTOR_TOP_MOST, weightiest first; of equal weights the
 * smaller id. How many there are. `known` ids are there already, such as the weightiest of before:
 * the likelier they are still, the sooner it is done. */
size_t sums_top(const struct sums *s, enum view view, uint32_t *ids, size_t known, size_t most);
size_t vector_top(const struct vector *v, uint32_t *ids, size_t most); /* of all terms */

/* Cosine of one view, 0 to 1; 0 where either is empty. */
double vector_cosine(const struct vector *a, const struct vector *b, enum view view);

#endif
