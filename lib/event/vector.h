/* Weighted terms of an article, and sums of them over the articles of an event.
 *
 * Each article has three vectors over the same terms: all its terms, those of its title, and its
 * names and numbers; each of unit length in fixed point. Sums are integers, so that they are exact:
 * adding and taking away in any order gives the same sums, after a restart as before. */
#ifndef EVENT_VECTOR_H
#define EVENT_VECTOR_H

#include "event/params.h"
#include "text/rarity.h"
#include "text/terms.h"

#include <stddef.h>
#include <stdint.h>

enum { VECTOR_ONE = 16384 }; /* length 1 */
enum view { VIEW_ALL, VIEW_TITLE, VIEW_NAME, VIEWS };
enum { WEIGHT_CAPITAL = 1, WEIGHT_LOWER = 2 };

struct weight {
    uint32_t id;
    uint16_t w[VIEWS];
    uint16_t flags; /* what rarity_term() is told */
};

struct vector {
    struct weight *v; /* ordered by id */
    size_t n;
};

struct sum {
    uint32_t id;
    uint32_t n; /* articles that have the term */
    int32_t w[VIEWS];
};

struct sums {
    struct sum *v; /* ordered by id */
    size_t n, cap;
    int64_t norm2[VIEWS]; /* squared length */
};

void vector_make(const struct terms *terms, const struct rarity *rarity,
                 const struct engine_params *params, struct vector *out);
void vector_free(struct vector *v);

void sums_add(struct sums *s, const struct vector *v);
void sums_remove(struct sums *s, const struct vector *v);
void sums_merge(struct sums *s, const struct sums *other);
void sums_free(struct sums *s);
const struct sum *sums_find(const struct sums *s, uint32_t id);

/* Cosines of each view, 0 to 1; 0 where either is empty. */
void vector_cosines(const struct vector *a, const struct vector *b, double out[VIEWS]);

#endif
