/* How rare each term is among the articles of the last days, and how often it is a name.
 *
 * Document frequencies decay: at the end of each UTC day the counts are multiplied by a constant,
 * so that a subject that fills the news loses its weight within days and regains it after. A
 * built-in background (text/lang.h) counts as a number of articles seen before the first, so that
 * the first hour is not blind. State is exact: saved at a day's end and fed the articles since, it
 * is the same to the bit. */
#ifndef TEXT_RARITY_H
#define TEXT_RARITY_H

#include "base/buf.h"
#include "text/lang.h"
#include "text/terms.h"

struct rarity;

/* `half_life` in days; `background` in articles. */
struct rarity *rarity_new(struct langs *langs, double half_life, double background);
void rarity_free(struct rarity *r);
void rarity_tune(struct rarity *r, double half_life, double background); /* from now on */

/* Ends days: `day` is days since 1970. True when it is another than before: counts decayed by the
 * days between, at most so many that a clock that leaps does not make all forgotten; not at all
 * when it went back. */
bool rarity_day(struct rarity *r, int64_t day);
int64_t rarity_today(const struct rarity *r); /* 0 before the first rarity_day() */

void rarity_article(struct rarity *r);                                     /* one more article */
void rarity_term(struct rarity *r, uint32_t id, bool capital, bool lower); /* that has this term */

/* Takes back what was counted today. */
void rarity_forget_article(struct rarity *r);
void rarity_forget_term(struct rarity *r, uint32_t id, bool capital, bool lower);

/* Articles counted in the last days, decayed, and those of them that have the term. */
double rarity_articles(const struct rarity *r);
double rarity_times(const struct rarity *r, uint32_t id);
void rarity_ahead(const struct rarity *r, uint32_t id);  /* asks the memory for what tells of it */
double rarity_idf(const struct rarity *r, uint32_t id);  /* ln(articles / articles with it), >= 0 */
double rarity_name(const struct rarity *r, uint32_t id); /* share of its capitals, 0 to 1 */

/* The state as it was at the end of the last whole day, and back. False when the bytes are no
 * such state. */
void rarity_save(const struct rarity *r, struct buf *out);
bool rarity_load(struct rarity *r, const void *bytes, size_t n);

#endif
