/* An event as the parts of a digest see it: its articles and their sentences. */
#ifndef DIGEST_VIEW_H
#define DIGEST_VIEW_H

#include "digest/claims.h"
#include "digest/records.h"
#include "digest/sentence.h"
#include "digest/topic.h"

struct digest_view {
    const struct rarity *rarity;
    const char *title; /* of the event */
    const struct digest_article *articles;
    const struct sentences *const *texts; /* of each article */
    const struct claims *const *claims;   /* of each article */
    const struct topic_shares *topics;    /* of each article */
    size_t n;
    const struct digest *before; /* the previous digest; NULL: none */
    double *told;                /* for each article, set by say_make(); may be NULL */
};

/* Each fills its own fields of `out` from the view alone. Copies (`copy_of`), and several articles
 * of one publisher, count as one report. */
void say_make(const struct digest_view *v, struct digest *out);     /* summary, details, meaning */
void dispute_find(const struct digest_view *v, struct digest *out); /* disputed */
void develop_make(const struct digest_view *v, struct digest *out); /* developments */
void topics_say(const struct digest_view *v, struct digest *out);   /* categories */
void keywords_say(const struct digest_view *v, struct digest *out); /* keywords */

#endif
