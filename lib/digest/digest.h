/* The digest of an event, extracted from its articles: summary, details, agreed and disputed facts,
 * meaning and developments. Nothing is invented: every text is a sentence of a source, with its
 * article. Sentences in, records out: no store, no clock, no event loop. The tables below contain
 * the records' JSON fields; config/schema/event.schema.json and storyd-db(5) document them. */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include "digest/records.h"
#include "text/lang.h"
#include "text/rarity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Holds articles, each divided into sentences once and kept while there is room, so that a growing
 * event costs only what is new. `langs` and `rarity` must outlive it. */
struct digester;
struct digester *digester_new(struct langs *langs, const struct rarity *rarity);
void digester_free(struct digester *d);

/* An article stays at least until the next digest_make(). It is copied. */
bool digester_has(const struct digester *d, uint64_t article);
void digester_take(struct digester *d, const struct digest_article *a);
void digester_forget(struct digester *d, uint64_t article); /* for example because it has changed */

/* Reduces an event's articles, in order of number, to those used for a digest: at most
 * DIGEST_ARTICLES, the first eight and the newest. Returns how many. */
size_t digest_looked_at(uint64_t *articles, size_t n);

/* Makes the digest of an event with that title and those articles, from digest_looked_at(), all of
 * which must be held. `before`: the previous digest, or NULL; its content stays unless something is
 * clearly better. `told` receives for each article the share of its title that the other reports
 * also state, 0 to 1, 0 for copies; may be NULL. The caller frees `out`: codec_free() with
 * digest_table. */
void digest_make(struct digester *d, const char *title, const uint64_t *articles, size_t n,
                 const struct digest *before, double *told, struct digest *out);

#endif
