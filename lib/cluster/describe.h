/* Texts -> an article: its terms, weights, sketch and shingles. */
#ifndef CLUSTER_DESCRIBE_H
#define CLUSTER_DESCRIBE_H

#include "cluster/engine_state.h"

/* Leaves the article's terms in e->terms; the language they were read in, NULL unknown. Where the
 * feed says none, what the publisher usually writes is taken for said. */
const struct lang *describe_read(struct engine *e, const struct engine_article *in,
                                 uint64_t publisher);

/* All that follows from the article's texts, which are read, but its sketch. Its number, its
 * publisher and its marks are set. */
void describe_article(struct engine *e, const struct engine_article *in, struct article *a);

void describe_sketch(struct engine *e, const struct article *a); /* leaves it in e->sketch */

/* An article of the terms that describe_read() left, with the next number, which it does not take:
 * it is not in the window, and is given back with arena_put(). */
struct article *describe_read_one(struct engine *e, const struct engine_article *in,
                                  uint64_t publisher, const struct lang *lang);
/* Its terms become the less rare, or do so no more. */
void describe_count(struct engine *e, const struct vector *v);
void describe_forget(struct engine *e, const struct vector *v);

#endif
