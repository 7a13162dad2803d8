/* State shared by ingest.c, batch.c, apply.c, commit.c, opening.c, held.c and retention.c only. */
#ifndef INGEST_INGEST_STATE_H
#define INGEST_INGEST_STATE_H

#include "base/map.h"
#include "cluster/engine.h"
#include "digest/digest.h"
#include "digest/tone.h"
#include "ingest/claimants.h"
#include "ingest/news.h"
#include "ingest/taste.h"
#include "article/publisher.h"
#include "store/store.h"

#include <jansson.h>

struct ingest {
    struct store *store;
    struct engine *engine;
    struct publishers *publishers;
    struct claimants *claims; /* which feed represents which publisher */
    struct digester *digester;
    struct taste *taste; /* editors' preferences */
    struct tones *tones; /* tones of words in posts */
    struct map events;   /* number -> struct event_record, those of the batch */
    uint64_t seq;        /* of the last change */
    uint64_t articles, events_made, packed_from, texts_from;
    int64_t keep_texts;
    int64_t keep_articles;       /* seconds; 0: forever */
    struct retention *retention; /* retention.h */
    struct map held;             /* events on which editors decided: held.h */
    size_t pending;
    bool day_ended;
    size_t older;
    bool committing; /* nothing here changes until all written events have been reported */
    size_t told;     /* events.v[0..told) have been reported */
    void (*news)(void *, const struct ingest_news *);
    void *news_arg;
    int (*writing)(void *, const struct event_record *);
    void *writing_arg;
    void (*written)(void *, const struct event_record *);
    void *written_arg;
};

/* commit.c: discards the events of the batch */
void ingest_forget_events(struct ingest *in);

#endif
