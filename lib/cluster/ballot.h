/* What the newest titles of an event say, one of each publisher, and whether an older one still
 * says it: it is stale where most have another number in its place, tell as done what it announces,
 * or agree on a weighty word that it lacks. */
#ifndef CLUSTER_BALLOT_H
#define CLUSTER_BALLOT_H

#include "cluster/news_event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BALLOT_MOST = 7 };

struct title_term {
    uint32_t id;
    uint8_t w;
    bool number, name;
};

struct title {
    const struct article *article;
    struct title_term v[TERMS_TITLE_WORDS]; /* ordered by id */
    size_t n;
    int64_t norm2; /* of the terms that are no numbers */
};

struct ballot {
    struct title titles[BALLOT_MOST];
    size_t n;
    const struct article *first[2]; /* the oldest two of different publishers; NULL none */
};

/* To be called for the newest first. Passed over when the ballot is full, or has a title of that
 * publisher or of the same report. */
void ballot_add(struct ballot *b, const struct article *a);

/* The same, for the oldest first: what stands in neither of the first two is new. */
void ballot_add_first(struct ballot *b, const struct article *a);

enum staleness {
    STALE_NUMBER = 1,    /* most have another number */
    STALE_COMING = 2,    /* it tells of what is to come, and most do not */
    STALE_WORD = 4,      /* nearly all have a weighty word that is new to the event */
    STALE_UNNUMBERED = 8 /* most have a number, and it has none: no fault but in the stead of one
                            with another number */
};

/* What the titles of others than its publisher have against it, bits of enum staleness; `by_newer`:
 * only those newer than it. */
unsigned ballot_against(const struct ballot *b, const struct article *a, bool by_newer);

/* Published later; of two at one time, the one that came later. */
bool article_is_newer(const struct article *a, const struct article *b);

#endif
