/* The topic of an event: one or two of the 17 top levels of IPTC's Media Topics. Evidence is the
 * publishers' classification of their articles (items' categories, sections in addresses, as listed
 * in config/topics.conf) and a linear model over words (config/topics, fitted by
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
/* Its number among IPTC's Media Topics, eight digits; NULL for an unknown topic. */
const char *topic_code(const char *name);

/* The topic named by a category or by the path of an address: of its parts between slashes the last
 * known one. `domain`: of its publisher, whose sections may have a meaning of their own. TOPICS:
 * none. */
size_t topic_of_section(const char *text, const char *domain);

/* The words of all languages, loaded for each on first use. */
struct topics;
struct topics *topics_new(struct langs *langs);
void topics_free(struct topics *t);

/* The evidence for each topic; the sum is the total evidence, 0 to 1. */
struct topic_shares {
    float of[TOPICS];
};

struct topic_article {
    const char *lang, *url, *domain;
    const char *const *categories; /* of the item */
    size_t n_categories;
    const struct sentences *sentences;
};
void topic_of_article(struct topics *t, const struct topic_article *a, struct topic_shares *out);

/* The topics for the summed shares of an event's reports: none when the evidence is too weak, two
 * when the second is close. Returns how many. */
size_t topics_choose(const struct topic_shares *sum, size_t out[TOPICS_OF_EVENT]);

#endif
