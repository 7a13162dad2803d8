/* Opinions in posts about an event: the stances of their authors, judged by the words they use, and
 * the most telling posts. Posts in, a record out; nothing is kept. */
#ifndef DIGEST_SENTIMENT_H
#define DIGEST_SENTIMENT_H

#include "base/codec.h"
#include "digest/tone.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SENTIMENT_QUOTES = 3,    /* at most */
    SENTIMENT_FEW = 5,       /* with fewer authors there is no split */
    SENTIMENT_READ = 1000,   /* posts that are read, the newest */
    SENTIMENT_OF_AUTHOR = 3, /* of one author, the newest */
};

/* A post. Texts belong to the caller and are plain UTF-8; NULL or "" when there is none. */
struct digest_post {
    uint64_t number;
    const char *text;
    const char *author, *handle, *bio; /* of the author: name, "@name", self-description */
    const char *url;
    const char *lang; /* code; without one, it is read as English */
    int64_t published;
};

struct digest_quote {
    uint64_t post;
    char *text; /* whole sentences of the post */
    char *author, *handle, *bio;
    char *stance; /* "supportive", "skeptical", "concerned", "neutral" */
    char *url;
    int64_t time;
};

/* Authors by their stance; each counts once. */
struct digest_split {
    uint64_t supportive, skeptical, concerned, neutral;
};

struct digest_sentiment {
    char *overall;              /* one line of plain words and counts; NULL: there are no posts */
    uint64_t posts, authors;    /* posts with a text; authors of those that were read */
    struct digest_split *split; /* NULL: there are too few */
    bool few;
    struct codec_list quotes; /* of struct digest_quote */
};

extern const struct codec_table digest_sentiment_table;

/* The caller frees `out`: codec_free() with digest_sentiment_table. */
void sentiment_make(const struct tones *tones, const struct digest_post *posts, size_t n,
                    struct digest_sentiment *out);

#endif
