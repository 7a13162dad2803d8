/* What the files of polling share: a subscribed feed, all of them, and what each file does for the
 * others. A feed's poll goes from poll.c, which asks, to answer.c with what came back, through
 * document.c with its document to the ingest step, and ends in answer.c with the next one planned.
 */
#ifndef POLL_FEED_STATE_H
#define POLL_FEED_STATE_H

#include "net/address.h"
#include "base/map.h"
#include "config.h"
#include "feed/feed.h"
#include "feed/opml.h"
#include "ingest/ingest.h"
#include "net/fetch.h"
#include "poll/hosts.h"
#include "poll/intake.h"
#include "net/login.h"
#include "poll/sched.h"
#include "poll/websub.h"
#include "poll/when.h"
#include "ingest/subscription.h"

#include <event2/util.h>

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
    bool pushed;                        /* its hub brought what is on the way in */
    bool archive;                       /* what is asked for is an older document */
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
    bool starting; /* requests: one that ends at once starts no others */
    char *user_agent;
    struct logins *logins; /* of login_file */
    struct address_list allowed;
    bool broken; /* the store failed: nothing is written any more */
    void (*wrote)(void *, int);
    void *wrote_arg;
};

/* poll.c: asking */
void poll_start_due(struct poll *p);             /* asks those that are due and may be asked now */
void poll_ask(struct hosts_entry *turn);         /* a feed's turn has come */
void poll_end_request(struct feed_state *f);     /* its host may be asked for another */
void poll_keep(struct feed_state *f, int error); /* its record is written with the batch in hand */

/* answer.c: what came back */
void answer_take(struct feed_state *f, const struct fetch_answer *a, int64_t now);
void answer_done(void *arg, const struct fetch_answer *a); /* likewise, as fetch.h calls it */
void answer_end(struct feed_state *f, enum when_outcome outcome, int error);

/* document.c: a document on its way in, and its items on theirs, in slices */
const char *document_take_piece(void *arg, const struct fetch_answer *head, const char *bytes,
                                size_t n);
void document_take(struct feed_state *f, const struct fetch_answer *a, int64_t now,
                   enum when_outcome *outcome);
void document_in_turn(struct feed_state *f); /* there is something to read or take */
void document_begin(struct feed_state *f, struct feed *feed, int64_t now);
void document_drop(struct feed_state *f);
void document_slice(evutil_socket_t fd, short what, void *arg);
void document_free_head(struct arrival *head);
bool document_is_part(const struct fetch_answer *a);

/* plan.c: when a feed is asked next */
int64_t plan_own_interval(const struct subscription *sub); /* in seconds; -1 where it has none */
struct when_facts plan_facts(const struct fetch_answer *a, int64_t now);
void plan_next(struct feed_state *f, enum when_outcome outcome);
void plan_spare_host(struct poll *p, const struct host *host, int64_t now);
void plan_queue(struct feed_state *f);
bool plan_is_told_to_wait(const struct feed_state *f, int64_t now); /* 429 or 503 */

/* move.c: permanent redirects */
bool move_is_anothers(const struct feed_state *f, const char *url);
int move_settle(struct feed_state *f);

/* archive.c: older documents of a feed that is new (RFC 5005) */
void archive_done(struct feed_state *f, const struct fetch_answer *a);
void archive_begin(struct feed_state *f, enum feed_status status, struct feed *feed);
void archive_end(struct feed_state *f, const char *older, int error);

/* hub.c: WebSub */
int hub_read_key(struct poll *p);
void hub_take(struct feed_state *f, const struct feed *feed);
void hub_ask(struct feed_state *f);
bool hub_is_active(const struct subscription *sub);
void hub_begin_push(struct feed_state *f, enum feed_status status, struct feed *feed);
void hub_end_push(struct feed_state *f, uint64_t articles, int error);

/* list.c: the feed list taken over */
bool list_read(const char *path, struct opml *out, struct buf *error);
void list_warn(const char *path, const struct opml *list);
int list_take_feed(struct poll *p, const struct opml_feed *listed, int64_t now);
int list_drop_unlisted(struct poll *p);
void list_drop_feed(struct poll *p, struct feed_state *f);

#endif
