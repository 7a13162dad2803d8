/* An article: the record of the database articles, and changes to it. storyd-db(5) and
 * config/schema/article.schema.json document the fields. */
#ifndef STORE_ARTICLE_RECORD_H
#define STORE_ARTICLE_RECORD_H

#include "article/article.h"
#include "base/codec.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    ARTICLE_MAX_VERSIONS = 20,
    ARTICLE_MAX_CATEGORIES = 12,
    ARTICLE_MAX_SIGHTINGS = 50,
};

struct article_source {
    char *name, *domain; /* never NULL in a record that codec_read() made */
    char *formerly;      /* its first domain, if its site has moved; else NULL */
};

struct article_sighting {
    uint64_t feed;
    char *guid; /* NULL: none */
};

/* An earlier text. */
struct article_version {
    int64_t since;
    char *title;
    char *summary; /* NULL: none */
};

/* The outcome of its page: see store/page_outcome.h. */
struct article_visit {
    char *state;
    char *why; /* NULL: none */
    int64_t time;
    char *claims; /* another site's address that the page gave as its canonical one, or NULL */
};

/* Why it is in its event: made by ingest/reason.c. */
struct article_reason {
    uint64_t compared_with; /* the most probable event at its arrival, 0: none */
    double probability, threshold;
    char *refused; /* what kept it out of that event, or NULL */
    char *shared;  /* words */
    json_t *features;
    uint64_t runner_up; /* 0: none */
    double runner_up_probability;
};

/* `title` and `url` are never NULL in a record that codec_read() made; the other texts are NULL
 * when unknown. */
struct article_record {
    uint64_t number, event;
    char *title, *url, *link, *guid;
    uint64_t feed;
    struct article_source source, *claimed; /* another publisher that the item names, or NULL */
    char *author, *agency, *lang;
    int64_t published, seen, updated; /* updated 0: never */
    char *summary, *text, *image;
    struct codec_list categories; /* of char *, at most ARTICLE_MAX_CATEGORIES */
    uint64_t copy_of;             /* 0: a report of its own */
    struct codec_list also_in;    /* of struct article_sighting */
    struct codec_list versions;   /* of struct article_version, the first text first */
    uint64_t standing;            /* bytes at the end of its body: the publisher's standing text */
    char *section, *canonical, *kind;
    json_t *paywalled; /* true or false; NULL or null: unknown */
    int64_t words;     /* of its page, -1: unknown */
    struct article_visit *page;
    struct article_reason *why; /* NULL in a record of an older version */
    int64_t forgotten;          /* when its text was removed on request; 0: it was not */
    json_t *rest;
};

extern const struct codec_table article_table, article_source_table, article_reason_table;

/* The result of an article's arrival. */
struct article_arrival {
    uint64_t article, event, copy_of, feed;
    int64_t seen, published;
    const char *lang; /* "": unknown */
};

/* A new record, freed by codec_free(). */
struct article_record article_record_new(const struct feed_article *a,
                                         const struct article_arrival *arrival);

/* Adds a feed (or guid) that carries it; false when it was known, or there are too many. */
bool article_record_seen_in(struct article_record *r, uint64_t feed, const char *guid);

/* Its feed gives it another guid; the previous one is kept as a further key. */
void article_record_renamed(struct article_record *r, const char *guid);

/* The effect of a later sighting in the article's feed: a new address, or new texts, in which case
 * the old ones become a version. A forgotten article gets none. */
enum article_edit { ARTICLE_SAME, ARTICLE_MOVED, ARTICLE_EDITED };
enum article_edit article_record_update(struct article_record *r, const struct feed_article *a,
                                        int64_t seen);

/* The article now belongs to that feed, which has a better right to it, and counts for the feed's
 * publisher; the previous feed is listed as carrying it. The texts do not change. */
void article_record_take_over(struct article_record *r, const struct feed_article *a,
                              uint64_t feed);

/* Removes what it says but its title, and everything else of its publisher's that is not needed to
 * count and to find it. */
void article_record_forget(struct article_record *r, int64_t now);

/* The domain by which its source is counted: its domain, or its first one if its site has moved. */
const char *article_first_domain(const struct article_source *source);

/* The longer one of an article's text and summary; "" when it has neither. */
const char *article_body(const struct article_record *r);

/* Its reason, never NULL. */
const struct article_reason *article_why(const struct article_record *r);

#endif
