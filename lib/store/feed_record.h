/* A feed that is or was subscribed, and its polling state: the record of the database feeds.
 * storyd-db(5) and config/schema/feed.schema.json document the fields. */
#ifndef STORE_FEED_RECORD_H
#define STORE_FEED_RECORD_H

#include "article/speaker.h"
#include "base/codec.h"

#include <stdint.h>

/* `url` and `state` are never NULL in a record that codec_read() made. */
struct feed_record {
    uint64_t number;
    char *url;                         /* the address that is polled */
    char *listed;                      /* as in the feed list */
    char *title, *group, *home, *lang; /* as in the feed list; NULL: none */
    char *site;                        /* the site address given in its document */
    struct feed_speaker speaker;       /* its publisher */
    json_t *attributes;                /* other attributes of the list, name -> text; NULL: none */
    char *etag, *last_modified;        /* validators, each byte a character; NULL: none */
    char *document_url, *coding;    /* where they came from, and the content coding; NULL: none */
    int64_t document_time;          /* when a whole document last arrived, 0: never */
    uint64_t body_hash, head_hash;  /* of the last document and its start, 0: none */
    char *moved_to;                 /* target of permanent redirects; NULL: none */
    int64_t moved_since;            /* when the redirect was first seen */
    uint64_t moved_polls;           /* polls redirected since */
    uint64_t merged_into;           /* the feed that it turned out to be, 0: none */
    char *archive;                  /* the next older document to fetch (RFC 5005) or NULL */
    uint64_t archives;              /* fetched so far */
    char *hub, *topic;              /* the hub that notifies us, and the topic; NULL: none */
    char *hub_state;                /* "asked", "active", "denied", "failed"; or NULL */
    int64_t hub_asked, hub_until;   /* time of the subscription request, end of the lease; or 0 */
    uint64_t pushes;                /* documents pushed so far */
    uint64_t ttl, updates;          /* seconds, as stated by the feed; 0: not stated */
    uint64_t skip_hours, skip_days; /* bitmaps: when the feed is not updated */
    int64_t added;                  /* when it was subscribed; seconds since 1970 */
    int64_t last_poll, last_new, next_poll; /* likewise, 0: never */
    char *because;                       /* the rule that set next_poll: a name from poll/when.h */
    json_t *waits;                       /* seconds requested by each rule; NULL: none */
    uint64_t status;                     /* HTTP status of the last response, 0: none */
    uint64_t errors;                     /* consecutive errors */
    char *last_error;                    /* NULL after a success */
    uint64_t polls, unchanged, articles; /* so far */
    char *state; /* of enum subscription_state, by name; ingest/subscription.c alone changes it */
};

extern const struct codec_table feed_table;

#endif
