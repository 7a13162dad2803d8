/* What the files of polling call when another process ingests, or polls; set by apart.h. */
#ifndef POLL_APART_HOOKS_H
#define POLL_APART_HOOKS_H

#include "feed/feed.h"
#include "ingest/ingest.h"
#include "store/feed_record.h"

#include <stdint.h>

/* In the process that polls. */
struct apart_fetcher {
    /* A feed is due, and its host may be requested: apart_grant() answers. */
    void (*due)(void *arg, const struct feed_record *sub);
    /* A document was read; `counts` is set as ingest_end() would. The feed stays the caller's. */
    int (*read)(void *arg, const struct feed_record *sub, const struct feed *feed,
                struct ingest_counts *counts);
    /* A poll has ended: the record has changed. `moved`: target of permanent redirects, or NULL. */
    void (*polled)(void *arg, const struct feed_record *sub, const char *moved);
    void *arg;
};

/* In the process that ingests. */
struct apart_engine {
    /* A feed's record was saved, or it is not polled any more. */
    void (*saved)(void *arg, const struct feed_record *sub, const char *login);
    void (*dropped)(void *arg, uint64_t feed);
    /* What apart_arrive() began has ended. */
    void (*ended)(void *arg, uint64_t feed, const struct ingest_counts *counts, int error);
    void *arg;
};

struct fetch_client;
struct fetch_request;

/* Makes requests elsewhere (outgoing.h). Texts of the request are copied; `done` of the client is
 * called once, later, unless it is cancelled. */
struct apart_relay {
    void *(*start)(void *arg, const struct fetch_request *r, const struct fetch_client *client);
    void (*cancel)(void *arg, void *request);
    void *arg;
};

#endif
