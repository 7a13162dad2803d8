/* Receives feed documents in pieces, then parses and ingests them in slices of a few milliseconds,
 * in turns. Independent of where a document came from; struct delivery handles that. */
#ifndef POLL_DOCUMENT_H
#define POLL_DOCUMENT_H

#include "feed/feed.h"
#include "ingest/ingest.h"
#include "net/fetch.h"
#include "poll/intake.h"

#include <event2/util.h>

struct feed_state;

/* Where documents come from: a poll, a page of the feed's archive, a hub's push. */
struct delivery {
    /* The document was read; `feed` is NULL unless `status` is FEED_OK, and is the delivery's: it
     * calls document_begin() with it, or frees it and ends there. */
    void (*began)(struct feed_state *f, enum feed_status status, struct feed *feed,
                  struct intake_hashes hashes);
    /* Its items were ingested, up to an error of the store. */
    void (*ended)(struct feed_state *f, const struct ingest_counts *counts, int error);
};

/* A piece of a response's body, as fetch.h calls it. All documents together have a ceiling of
 * memory; short ones always fit. */
const char *document_take_piece(void *arg, const struct fetch_answer *head, const char *bytes,
                                size_t n);
void document_close(struct feed_state *f); /* end of the input: parses the rest in turns */
void document_begin(struct feed_state *f, struct feed *feed, int64_t now); /* ingests its items */
/* The same for a document that was read elsewhere. */
void document_take(struct feed_state *f, struct feed *feed, int64_t now);
void document_drop(struct feed_state *f); /* before its items are ingested; no effect without one */
bool document_is_under_way(const struct feed_state *f);
bool document_is_part(const struct fetch_answer *a); /* RFC 3229: new entries only */

void document_slice(evutil_socket_t fd, short what, void *arg); /* the timer struct poll.slice */

#endif
