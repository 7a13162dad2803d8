/* What the files of polling share: a subscribed feed, all of them, and the few things that each
 * file does to them. A feed's poll goes from poll.c, which sends the request, to answer.c with the
 * response, through document.c, which reads and ingests the document by slices, back to answer.c,
 * which ends it and plans the next one. Nothing calls back up to poll.c: poll_wake() does. */
#ifndef POLL_FEED_STATE_H
#define POLL_FEED_STATE_H

#include "base/map.h"
#include "config.h"
#include "ingest/ingest.h"
#include "ingest/subscription.h"
#include "net/address.h"
#include "net/fetch.h"
#include "net/login.h"
#include "poll/hosts.h"
#include "poll/intake.h"
#include "poll/poll_counts.h"
#include "poll/sched.h"
#include "poll/websub.h"
#include "poll/when.h"

struct apart_engine;
struct apart_fetcher;
struct apart_relay;
struct delivery;

/* What came with a document; stored in the feed's record together with the document's items. */
struct arrival {
    char *etag, *last_modified, *coding, *url; /* as in the record */
    bool whole;
    bool cut;    /* the body was truncated, so its validators are not stored */
    char *broke; /* the error if the transfer was; a failure unless the document is complete */
};

struct feed_state {
    struct sched_entry entry; /* by the wall-clock second it is due; first member, for casts */
    struct poll *poll;
    struct feed_record *sub;
    char *login;                      /* from the feed list, or NULL */
    struct hosts_entry turn;          /* its place in the queue of its host when due */
    struct fetch *fetch;              /* under way, or NULL */
    int64_t asked;                    /* when it was started, in monotonic microseconds */
    struct intake *intake;            /* its document being received or parsed, or NULL */
    size_t long_bytes;                /* its share of poll.under_way */
    int64_t parsing;                  /* microseconds spent on parsing it so far */
    struct arrival arrival;           /* of that document */
    struct when_facts facts;          /* inputs for the plan of the next poll */
    char *moved;                      /* target of permanent redirects, or NULL */
    char *link_hub, *link_self;       /* from the Link header of the response, or NULL */
    struct fetch *hub_fetch;          /* the request to its hub under way, or NULL */
    const struct delivery *delivery;  /* handles the document being received */
    struct intake_hashes last;        /* of the last document, to skip it if unchanged; or zeros */
    char *older;                      /* the next older one, or NULL */
    struct ingest_document *document; /* being ingested, or NULL */
    bool in_turn;                     /* queued for a slice */
    struct feed_state *behind_document; /* the next one in that queue */
    bool fresh;                         /* not polled since it was added */
    bool listed;                        /* found in the list that is being applied */
    bool told_of_own;                   /* the warning of look_for_own() was logged */
    bool unsaved;                       /* the record must be written with the next batch */
    bool awaited, granted; /* apart_grant() is awaited; it has permitted the next request */
};

struct poll {
    struct ingest *ingest;
    struct fetcher *fetcher;
    const struct config *config;
    struct sched queue;
    struct event *timer, *slice;
    struct feed_state *first_document, **last_document; /* queue for slices */
    struct feed_state **feeds;
    size_t n, cap;
    size_t under_way;     /* bytes of long documents in memory */
    struct map by_number; /* feed number -> struct feed_state */
    struct hosts *hosts;
    unsigned char hub_key[WEBSUB_KEY];
    int64_t clock; /* the wall clock at the last check */
    struct poll_counts counts;
    char *user_agent;
    struct logins *logins; /* from login_file */
    struct address_list allowed;
    void (*ask)(struct hosts_entry *turn);     /* a feed's turn at its host has come */
    bool broken;                               /* the store failed: write nothing */
    bool paused;                               /* no polls are started */
    const struct apart_fetcher *apart_fetcher; /* or NULL, as the next (apart.h) */
    const struct apart_engine *apart_engine;
    const struct apart_relay *apart_relay;
    void (*wrote)(void *, int);
    void *wrote_arg;
};

/* Marks the feed's record for the next batch; an error of the store stops polling. While items of
 * its document are not all ingested, poll_save() defers the record, which already claims that they
 * are. */
void poll_keep(struct feed_state *f, int error);
void poll_end_request(struct feed_state *f); /* releases its slot at the host */
void poll_wake(struct poll *p);              /* starts due requests soon */

#endif
