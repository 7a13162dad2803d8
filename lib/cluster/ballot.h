/* Compares an older title of an event with its newest titles, one per publisher. A title is stale
 * when most of them have another number in its place, report as done what it announces, or agree on
 * a heavy word that it lacks. */
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
    struct title_term v[TERMS_TITLE_WORDS]; /* sorted by id */
    size_t n;
    int64_t norm2; /* squared length of the terms that are not numbers */
};

struct ballot {
    struct title titles[BALLOT_MOST];
    size_t n;
    const struct article *first[2]; /* the two oldest of different publishers; NULL: none */
};

/* Call for the newest article first. Ignores the article when the ballot is full or already has a
 * title of that publisher or of the same report. */
void ballot_add(struct ballot *b, const struct article *a);

/* Call for the oldest article first. A term that is in neither of the first two is new. */
void ballot_add_first(struct ballot *b, const struct article *a);

enum staleness {
    STALE_NUMBER = 1,    /* most titles have another number */
    STALE_COMING = 2,    /* it announces something; most titles report it as done */
    STALE_WORD = 4,      /* nearly all have a heavy word that is new to the event */
    STALE_UNNUMBERED = 8 /* most have a number and it has none: a fault only when the title would
                            replace one with another number */
};

/* What the titles of other publishers hold against this one, as bits of enum staleness. `by_newer`:
 * only titles newer than it count. */
unsigned ballot_against(const struct ballot *b, const struct article *a, bool by_newer);

/* Published later; at equal times, the one with the higher number. */
bool article_is_newer(const struct article *a, const struct article *b);

#endif
