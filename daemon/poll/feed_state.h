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
#include "poll/sched.h"
#include "poll/websub.h"
#include "poll/when.h"

struct delivery;

/* What came with a document: the record has it only with the document's items. */
struct arrival {
    char *etag, *last_modified, *coding, *url; /* as in the record */
    bool whole;
    bool cut;    /* the body broke off, so it is not asked for by its validators */
    char *broke; /* the transfer did, with that error: it is one unless the document is whole */
};

struct feed_state {
    struct sched_entry
        entry; /* queued by the wall-clock second it is due; first, to be cast back */
    struct poll *poll;
    struct subscription *sub;
    char *login;                        /* that the list gives its address, or NULL */
    struct hosts_entry turn;            /* among those that are due */
    struct fetch *fetch;                /* under way, or NULL */
    struct intake *intake;              /* its document on the way in, or NULL */
    size_t long_bytes;                  /* what of poll.under_way is its */
    struct arrival arrival;             /* what came with it */
    struct when_facts facts;            /* what the answer says of the next poll */
    char *moved;                        /* where the answer says that it lies now, or NULL */
    char *link_hub, *link_self;         /* of the answer's Link header, or NULL */
    struct fetch *hub_fetch;            /* the request to its hub under way, or NULL */
    const struct delivery *delivery;    /* where the document on its way in came from */
    struct intake_hashes last;          /* of the one before, not to read it twice; or zeros */
    char *older;                        /* the one before that, or NULL */
    struct ingest_document *document;   /* being taken, or NULL */
    bool in_turn;                       /* there is something to read or take */
    struct feed_state *behind_document; /* whose turn is after it */
    bool fresh;                         /* not asked yet since it was taken up */
    bool listed;                        /* still in the list while one is being taken over */
    bool told_of_own;                   /* that another feed is its publisher's own */
    bool unsaved;                       /* the record is to be written with the batch */
};

struct poll {
    struct ingest *ingest;
    struct fetcher *fetcher;
    const struct config *config;
    struct sched queue;
    struct event *timer, *slice;
    struct feed_state *first_document, **last_document; /* in the order in which they came */
    struct feed_state **feeds;
    size_t n, cap;
    size_t under_way;     /* bytes of long documents on their way in */
    struct map by_number; /* feed number -> struct feed_state */
    struct hosts *hosts;
    unsigned char hub_key[WEBSUB_KEY];
    int64_t clock; /* what the wall clock said when it was last looked at */
    char *user_agent;
    struct logins *logins; /* of login_file */
    struct address_list allowed;
    void (*ask)(struct hosts_entry *turn); /* a feed's turn at its host has come */
    bool broken;                           /* the store failed: nothing is written any more */
    void (*wrote)(void *, int);
    void *wrote_arg;
};

/* The feed's record is written with the batch in hand; an error of the store stops the polling.
 * What of a document's items is not ingested by then keeps the record waiting, for it says already
 * that they are. */
void poll_keep(struct feed_state *f, int error);
void poll_end_request(struct feed_state *f); /* its host may be sent another one */
void poll_wake(struct poll *p);              /* soon: requests to those that are due */

#endif
