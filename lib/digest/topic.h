/* What an event is about: one or two of the 17 top levels of IPTC's Media Topics. By what
 * publishers say of their articles (items' categories, sections in addresses: config/topics.conf
 * names those that say it), and by a linear model over words (config/topics, fitted by
 * tests/eval/topics.py). */
#ifndef DIGEST_TOPIC_H
#define DIGEST_TOPIC_H

#include "base/codec.h"
#include "digest/sentence.h"
#include "text/lang.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOPICS = 17, TOPICS_OF_EVENT = 2 };

const char *topic_name(size_t i); /* NULL after the last */
/* Its number among IPTC's Media Topics, eight digits; NULL for what is none of them. */
const char *topic_code(const char *name);

/* The topic that a category or the path of an address names: of its parts between slashes the last
 * that is known. `domain`: of its publisher, whose sections may mean something of their own.
 * TOPICS: none. */
size_t topic_of_section(const char *text, const char *domain);

/* The words of languages, each language's read when it is first asked for. */
struct topics;
struct topics *topics_new(struct langs *langs);
void topics_free(struct topics *t);

/* How much speaks for each topic; the sum says how much there is to go by, 0 to 1. */
struct topic_shares {
    float of[TOPICS];
};

struct topic_article {
    const char *lang, *url, *domain;
    const char *const *categories; /* as the item has them */
    size_t n_categories;
    const struct sentences *sentences;
};
void topic_of_article(struct topics *t, const struct topic_article *a, struct topic_shares *out);

/* The topics of what the shares of its reports add up to: none where too little speaks for any, a
 * second where it is near. How many. */
size_t topics_choose(const struct topic_shares *sum, size_t out[TOPICS_OF_EVENT]);

#endif
