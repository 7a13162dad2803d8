/* What goes into a digest, and the records that come out: their fields, for JSON, are in the
 * tables.
 */
#ifndef DIGEST_RECORDS_H
#define DIGEST_RECORDS_H

#include "base/codec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DIGEST_BULLETS = 5, /* of a summary, at most, and their words */
    DIGEST_BULLETS_WORDS = 110,
    DIGEST_DETAILS = 10,
    DIGEST_DETAILS_WORDS = 400,
    DIGEST_HEADING = 60, /* characters of a heading */
    DIGEST_MEANING = 3,
    DIGEST_DISPUTED = 5,
    DIGEST_SIMILAR = 8,
    DIGEST_DEVELOPMENTS = 8, /* chapters, and sentences that tell what each brought */
    DIGEST_NEW = 2,
    DIGEST_ARTICLES = 400, /* articles of an event that are looked at: its newest, and its first */
};

/* An article of the event, in order of coming. Texts are the caller's, plain valid UTF-8, "" where
 * there is none. */
struct digest_article {
    uint64_t number;
    const char *title, *text; /* the best text that it has */
    const char *lang;         /* code */
    const char *domain;       /* what its publisher is counted by */
    const char *source;       /* its publisher's name */
    const char *url;
    const char *const *categories; /* the item's own */
    size_t n_categories;
    int64_t published;
    uint64_t copy_of; /* 0: a report of its own */
    bool limited;     /* its publisher lets `show` characters of the text be shown at a stretch: */
    uint32_t show;    /* longer sentences of it are left out */
};

/* A sentence of a source that a generated statement rests on. */
struct digest_cite {
    char *text;
    uint64_t article;
    char *source, *url; /* of that article */
};

/* A sentence of a source. */
struct digest_statement {
    char *text;
    uint64_t article;
    char *source, *url;        /* of that article */
    int64_t time;              /* when that article was published */
    struct codec_list sources; /* of char *: names of all publishers whose own reports say it, that
                                  one first */
    char *type, *heading;      /* of a detail; NULL: none */
    char *by;                  /* who wrote it in place of an extracted one; NULL:
                                  it is a sentence of that source */
    char *kind;                /* "extracted", "written", or "generated" by a model */
    struct codec_list cites;   /* of struct digest_cite; of a generated one only */
};

struct digest_value {
    char *value;               /* as the source words it */
    struct codec_list sources; /* of char * */
    uint64_t article;
    int64_t time;
};

/* Sources differ on one thing at about one time. */
struct digest_dispute {
    char *what;               /* words that the sources share */
    struct codec_list values; /* of struct digest_value, two or more */
};

/* An event like this one. */
struct digest_similar {
    uint64_t event;
    char *title;
    int64_t updated;
    char *kind; /* "similar", or "earlier": it had ended before this one began */
    char *why;  /* what they share: names first */
};

/* What was new: a sentence of the report that told it first. */
struct digest_new {
    char *text;
    uint64_t article;
    char *source, *url; /* of that article */
    int64_t time;
    char *was; /* the number that the same source had told before; NULL: none is replaced */
};

/* A chapter of a large event. */
struct digest_development {
    char *title; /* of one of its articles */
    int64_t from, until;
    uint64_t article; /* whose title it is, and its publisher's name and address */
    char *source, *url;
    struct codec_list articles; /* of uint64_t: an article is in one chapter */
    struct codec_list sources;  /* of char *: names of publishers, in the order of their coming */
    struct codec_list news;     /* of struct digest_new */
};

struct digest {
    struct codec_list summary;      /* of struct digest_statement */
    struct codec_list details;      /* the same, ordered by type */
    struct codec_list meaning;      /* the same */
    struct codec_list disputed;     /* of struct digest_dispute */
    struct codec_list developments; /* of struct digest_development, the newest first; none of an
                                       event of few reports, or of one publisher */
    struct codec_list categories;   /* of char *: topics, the one that fits most first */
    struct codec_list keywords;     /* of char *: names first */
};

extern const struct codec_table digest_statement_table, digest_dispute_table, digest_similar_table,
    digest_development_table, digest_table;

#endif
