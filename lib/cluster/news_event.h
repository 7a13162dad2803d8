/* An event as the engine holds it in memory: the articles of the window and sums over them.
 * All of it follows from those articles and from which event each is in, so that a restart that
 * reads them back has the same events to the bit. */
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
    EVENT_RECENT = 12,     /* newest articles that a newcomer is compared with, one by one */
    EVENT_RECENT_FEW = 4,  /* the same, of the smaller of two events */
    EVENT_MOST = SUM_MOST, /* articles of the window that an event holds */
    EVENT_TOPS = VECTOR_TOP_MOST,
    EVENT_TOPS_FEW = 10, /* of these, those that two events are compared by */
};

struct article {
    uint64_t number;
    struct news_event *event;
    struct vector vector;    /* behind the article, in the same piece of memory */
    int64_t seen, published; /* published is never after seen */
    uint64_t publisher;      /* hash of the publisher's domain */
    uint64_t agency;         /* hash of the news agency it credits, 0 none */
    uint64_t copy_of;        /* number of the article it copies, 0 none */
    uint32_t words;          /* that are no stop words */
    struct marks marks;      /* habits_marks() */
    uint32_t before[MOULDS]; /* how many numbers before it the one before it of its mould is, 0
                                none */
    char lang[4];
    struct shingles shingles;
    uint8_t title_faults; /* text/title_faults.h's */
    uint8_t frame;        /* enum title_frame, of its title */
    uint8_t pages; /* texts of its page that the index has it by, besides what it came with */
};

struct news_event { /* of the size of two cache lines */
    uint64_t number;
    struct article **members; /* ordered by number */
    struct article *only;     /* room for the members of an event of one */
    struct sums *sums;        /* over the members, two or more; NULL until news_event_sum_up() */
    int64_t first, last;      /* of the members' published */
    uint32_t words;           /* over all members */
    uint16_t n;               /* members */
    uint16_t roundups;        /* members that are, by their titles */
    char lang[4];
    uint32_t handle; /* where among the engine's it lies */
    uint8_t n_tops;
    bool ready;
    uint32_t tops[EVENT_TOPS]; /* ids of its weightiest terms, weightiest first */
};

void news_event_begin(struct news_event *e, uint64_t number);
/* Frees what it holds, not itself. `memory` is that of the sums, one for all events. */
void news_event_end(struct slabs *memory, struct news_event *e);

/* The article's event is set; it still belongs to the caller. To hold is to add and leave the
 * summing up for later, when it is needed: in a window that is read back most events never are. */
void news_event_add(struct slabs *memory, struct news_event *e, struct article *a);
void news_event_hold(struct news_event *e, struct article *a);
void news_event_remove(struct slabs *memory, struct news_event *e, struct article *a);
/* `from` is empty after. */
void news_event_merge(struct slabs *memory, struct news_event *into, struct news_event *from);

/* Where among the members an article stands; `n` when it is none of them. */
size_t news_event_place(const struct news_event *e, uint64_t article);
bool news_event_holds(const struct news_event *e, uint64_t article);
/* To be called once before the sums of an event that held articles are asked for. */
void news_event_sum_up(struct slabs *memory, struct news_event *e);

/* The sums over the members; over one, they are made in `room` and hold as long as it does. The
 * names among them may not be found yet. */
struct sums *news_event_sums(const struct news_event *e, struct sums_of_one *room);

/* Finds the tops, unless they are known: best while its sums are near the processor. */
void news_event_ready(struct news_event *e);

/* Mean cosine between two different members, 0 to 1; 1 for an event of one. The same, of so many
 * articles whose sums have that squared length. */
double news_event_mean_cosine(const struct news_event *e, enum view view);
double mean_cosine(int64_t norm2, size_t articles);
bool news_event_has_publisher(const struct news_event *e, uint64_t publisher);
/* Where the `most` newest members begin. */
static inline size_t news_event_newest(const struct news_event *e, size_t most)
{
    return e->n > most ? e->n - most : 0;
}

/* Different publishers among the EVENT_RECENT newest members. */
unsigned news_event_variety(const struct news_event *e);

/* With room for the weights of so many terms; arena_put() frees it. */
struct article *article_new(struct arena *arena, size_t terms);

#endif
