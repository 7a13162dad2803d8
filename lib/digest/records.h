/* Input of a digest and the records that come out; the tables list their JSON fields. */
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
    DIGEST_DEVELOPMENTS = 8, /* chapters, and sentences about what each added */
    DIGEST_NEW = 2,
    DIGEST_ARTICLES = 400, /* most articles of an event that are used: its newest and its first */
};

/* An article of the event, in order of arrival. Texts belong to the caller and are plain valid
 * UTF-8, "" when there is none. */
struct digest_article {
    uint64_t number;
    const char *title, *text; /* the best text available */
    const char *lang;         /* code */
    const char *domain;       /* identifies its publisher when publishers are counted */
    const char *source;       /* its publisher's name */
    const char *url;
    const char *const *categories; /* the item's own */
    size_t n_categories;
    int64_t published;
    uint64_t copy_of; /* 0: a report of its own */
    bool limited;  /* its publisher allows at most `show` consecutive characters of the text to be
                      shown: */
    uint32_t show; /* longer sentences of it are left out */
};

/* A sentence of a source that supports a generated statement. */
struct digest_cite {
    char *text;
    uint64_t article;
    char *source, *url; /* of that article */
};

/* A statement: a sentence of a source, or one that was written or generated. */
struct digest_statement {
    char *text;
    uint64_t article;
    char *source, *url;        /* of that article */
    int64_t time;              /* when that article was published */
    struct codec_list sources; /* of char *: all publishers that state it, that one first */
    char *type, *heading;      /* of a detail; NULL: none */
    char *by;                /* the author, when it is not a sentence of that source; NULL: it is */
    char *kind;              /* "extracted", "written", or "generated" by a model */
    struct codec_list cites; /* of struct digest_cite; only for a generated one */
};

struct digest_value {
    char *value;               /* in the source's words */
    struct codec_list sources; /* of char * */
    uint64_t article;
    int64_t time;
};

/* Sources differ about one thing at about one time. */
struct digest_dispute {
    char *what;               /* words that the sources share */
    struct codec_list values; /* of struct digest_value, two or more */
};

/* An event similar to this one. */
struct digest_similar {
    uint64_t event;
    char *title;
    int64_t updated;
    char *kind; /* "similar", or "earlier": it had ended before this one began */
    char *why;  /* what they share: names first */
};

/* New information: a sentence of the report that first contained it. */
struct digest_new {
    char *text;
    uint64_t article;
    char *source, *url; /* of that article */
    int64_t time;
    char *was; /* the number that the same source reported before; NULL: none is replaced */
};

/* A chapter of a large event. */
struct digest_development {
    char *title; /* of one of its articles */
    int64_t from, until;
    uint64_t article; /* the article with that title, its publisher's name and its address */
    char *source, *url;
    struct codec_list articles; /* of uint64_t; each article is in one chapter */
    struct codec_list sources;  /* of char *: names of publishers, in the order of their articles */
    struct codec_list news;     /* of struct digest_new */
};

struct digest {
    struct codec_list summary;      /* of struct digest_statement */
    struct codec_list details;      /* the same, ordered by type */
    struct codec_list meaning;      /* the same */
    struct codec_list disputed;     /* of struct digest_dispute */
    struct codec_list developments; /* of struct digest_development, the newest first; empty for an
                                       event with few reports or one publisher */
    struct codec_list categories;   /* of char *: topics, the best match first */
    struct codec_list keywords;     /* of char *: names first */
};

extern const struct codec_table digest_statement_table, digest_dispute_table, digest_similar_table,
    digest_development_table, digest_table;

#endif
