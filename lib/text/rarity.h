/* Tracks how rare each term is among the articles of the last days, and how often it is a name.
 *
 * Document frequencies decay: at the end of each UTC day all counts are multiplied by a constant,
 * so that the terms of a dominant subject lose their weight within days and regain it afterwards. A
 * compiled-in background (text/lang.h) counts as a number of articles seen before the first one, so
 * that the first hour already has meaningful values. The state is exact: restored from the end of a
 * day and given the same articles since then, it is identical bit for bit. */
#ifndef TEXT_RARITY_H
#define TEXT_RARITY_H

#include "base/buf.h"
#include "text/lang.h"
#include "text/terms.h"

struct rarity;

/* `half_life` in days; `background` in articles. */
struct rarity *rarity_new(struct langs *langs, double half_life, double background);
void rarity_free(struct rarity *r);
void rarity_tune(struct rarity *r, double half_life, double background); /* applies from now on */

/* Sets the current day, in days since 1970. Returns true if it has changed: counts have decayed by
 * the days in between, limited so that a leap of the clock does not erase everything, or not at all
 * if the day went back. */
bool rarity_day(struct rarity *r, int64_t day);
int64_t rarity_today(const struct rarity *r); /* 0 before the first rarity_day() */

void rarity_article(struct rarity *r);                                     /* counts an article */
void rarity_term(struct rarity *r, uint32_t id, bool capital, bool lower); /* counts a term of it */

/* Undo counts of today. */
void rarity_forget_article(struct rarity *r);
void rarity_forget_term(struct rarity *r, uint32_t id, bool capital, bool lower);

/* Articles counted in the last days, decayed, and the number of them with the term. */
double rarity_articles(const struct rarity *r);
double rarity_times(const struct rarity *r, uint32_t id);
void rarity_ahead(const struct rarity *r, uint32_t id);  /* prefetches its entry */
double rarity_idf(const struct rarity *r, uint32_t id);  /* ln(articles / articles with it), >= 0 */
double rarity_name(const struct rarity *r, uint32_t id); /* share of its capitals, 0 to 1 */

/* Saves and loads the state as of the end of the last whole day. rarity_load() returns false if the
 * bytes are not such a state. */
void rarity_save(const struct rarity *r, struct buf *out);
bool rarity_load(struct rarity *r, const void *bytes, size_t n);

#endif
