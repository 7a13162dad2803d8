/* An event as the engine holds it in memory: the articles of the window and sums over them. All of
 * it follows from those articles and from the event each is in, so that after a restart the events
 * are identical bit by bit. */
#ifndef CLUSTER_NEWS_EVENT_H
#define CLUSTER_NEWS_EVENT_H

#include "base/arena.h"
#include "cluster/habits.h"
#include "cluster/vector.h"
#include "sketch/shingles.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EVENT_RECENT = 12,     /* newest members that a new article is compared with one by one */
    EVENT_RECENT_FEW = 4,  /* the same for the smaller of two events */
    EVENT_MOST = SUM_MOST, /* articles of the window that an event can hold */
    EVENT_TOPS = VECTOR_TOP_MOST,
    EVENT_TOPS_FEW = 10, /* of these, how many are used to compare two events */
};

struct article {
    uint64_t number;
    struct news_event *event;
    struct vector vector;    /* stored behind the article in the same allocation */
    int64_t seen, published; /* published is never after seen */
    uint64_t publisher;      /* hash of the publisher's domain */
    uint64_t agency;         /* hash of the credited news agency, 0: none */
    uint64_t copy_of;        /* number of the article it copies, 0: none */
    uint32_t words;          /* without stop words */
    struct marks marks;      /* from habits_marks() */
    uint32_t before[MOULDS]; /* for each template, how many numbers back its previous article is, 0:
                                none */
    char lang[4];
    struct shingles shingles;
    uint8_t title_faults; /* bits from text/title_faults.h */
    uint8_t frame;        /* enum title_frame, of its title */
    uint8_t pages;        /* page texts under which the index also has it */
};

struct news_event { /* two cache lines */
    uint64_t number;
    struct article **members; /* sorted by number */
    struct article *only;     /* storage for the member of an event of one */
    struct sums *sums;        /* over two or more members; NULL until news_event_sum_up() */
    int64_t first, last;      /* of the members' published */
    uint32_t words;           /* over all members */
    uint16_t n;               /* members */
    uint16_t roundups;        /* members that are round-ups by their titles */
    char lang[4];
    uint32_t handle; /* index in the engine's pool */
    uint8_t n_tops;
    bool ready;
    uint32_t tops[EVENT_TOPS]; /* ids of its heaviest terms, heaviest first */
};

void news_event_begin(struct news_event *e, uint64_t number);
/* Frees what it owns, not itself. `memory` holds the sums of all events. */
void news_event_end(struct slabs *memory, struct news_event *e);

/* Sets the article's event; the article still belongs to the caller. Holding adds the article but
 * postpones the sums: after a restart most events never need them. */
void news_event_add(struct slabs *memory, struct news_event *e, struct article *a);
void news_event_hold(struct news_event *e, struct article *a);
void news_event_remove(struct slabs *memory, struct news_event *e, struct article *a);
/* `from` is empty afterwards. */
void news_event_merge(struct slabs *memory, struct news_event *into, struct news_event *from);

/* The index of an article among the members; `n` when it is none of them. */
size_t news_event_place(const struct news_event *e, uint64_t article);
bool news_event_holds(const struct news_event *e, uint64_t article);
/* Call once before reading the sums of an event whose members were added with news_event_hold(). */
void news_event_sum_up(struct slabs *memory, struct news_event *e);

/* The sums over the members; for one member they are built in `room` and live as long as it. The
 * names may not have been found yet. */
struct sums *news_event_sums(const struct news_event *e, struct sums_of_one *room);

/* Finds the heaviest terms unless they are known; cheapest while the sums are in the cache. */
void news_event_ready(struct news_event *e);

/* Mean cosine of two different members, 0 to 1; 1 for an event of one. mean_cosine() computes it
 * from the squared length of the sums. */
double news_event_mean_cosine(const struct news_event *e, enum view view);
double mean_cosine(int64_t norm2, size_t articles);
bool news_event_has_publisher(const struct news_event *e, uint64_t publisher);
/* The index of the first of the `most` newest members. */
static inline size_t news_event_newest(const struct news_event *e, size_t most)
{
    return e->n > most ? e->n - most : 0;
}

/* Number of different publishers among the EVENT_RECENT newest members. */
unsigned news_event_variety(const struct news_event *e);

/* With room for the weights of so many terms; arena_put() frees it. */
struct article *article_new(struct arena *arena, size_t terms);

#endif
