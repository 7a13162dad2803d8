/* Texts -> an article: its terms, weights, sketch and shingles. */
#ifndef CLUSTER_DESCRIBE_H
#define CLUSTER_DESCRIBE_H

#include "cluster/engine_state.h"

/* Leaves the article's terms in e->terms and returns the language used to read them, NULL: unknown.
 * When the feed states no language, the publisher's usual language is used as the claim. */
const struct lang *describe_read(struct engine *e, const struct engine_article *in,
                                 uint64_t publisher);

/* Sets everything that follows from the texts (already read), except the sketch. Number, publisher
 * and marks must be set. */
void describe_article(struct engine *e, const struct engine_article *in, struct article *a);

void describe_sketch(struct engine *e, const struct article *a); /* leaves it in e->sketch */

/* Makes an article of the terms left by describe_read(). It gets the next number without consuming
 * it and is not in the window; free it with arena_put(). */
struct article *describe_read_one(struct engine *e, const struct engine_article *in,
                                  uint64_t publisher, const struct lang *lang);
/* Counts the article's terms in the rarity, or removes them from it. */
void describe_count(struct engine *e, const struct vector *v);
void describe_forget(struct engine *e, const struct vector *v);

#endif
