/* What an event says, taken from its articles: summary, details, what is agreed and what disputed,
 * what it means, and how it went on. Extracted, never invented: every text is a sentence of a
 * source, with its article. Sentences in, records out: no store, no clock, no loop. The records'
 * fields, for JSON, are in the tables below; config/schema/event.schema.json and storyd-db(5) say
 * what they mean. */
#ifndef DIGEST_DIGEST_H
#define DIGEST_DIGEST_H

#include "digest/records.h"
#include "text/lang.h"
#include "text/rarity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What it needs to know of languages and of how rare terms are, and articles: each is given once,
 * is read into sentences, and is kept while there is room, so that an event that grows costs what
 * is new. `langs` and `rarity` must outlive it. */
struct digester;
struct digester *digester_new(struct langs *langs, const struct rarity *rarity);
void digester_free(struct digester *d);

/* What it has been given stays at least until the next digest_make(). It keeps copies. */
bool digester_has(const struct digester *d, uint64_t article);
void digester_take(struct digester *d, const struct digest_article *a);
void digester_forget(struct digester *d, uint64_t article); /* it has changed, say */

/* Of an event's articles, in order of number, leaves those that a digest is made of:
 * DIGEST_ARTICLES at most, the first few and the newest. How many. */
size_t digest_looked_at(uint64_t *articles, size_t n);

/* Of an event with that title and those articles, of digest_looked_at(), all of which it has.
 * `before`: what the event said when it had fewer articles, or NULL; what stands there stays unless
 * it is clearly beaten. `told` is set to how much of each article's title the other reports tell,
 * 0 to 1, 0 for copies; NULL: nobody asks. `out` is the caller's: codec_free() with digest_table.
 */
void digest_make(struct digester *d, const char *title, const uint64_t *articles, size_t n,
                 const struct digest *before, double *told, struct digest *out);

#endif
