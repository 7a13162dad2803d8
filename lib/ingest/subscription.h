/* A subscribed feed and its polling state: the record of the database `feeds`. */
#ifndef INGEST_SUBSCRIPTION_H
#define INGEST_SUBSCRIPTION_H

#include "article/speaker.h"
#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUBSCRIPTION_MAX_TEXT = 2000 }; /* bytes of each stored text */

enum subscription_state {
    SUBSCRIPTION_NEW,     /* not polled yet */
    SUBSCRIPTION_OK,      /* the last poll succeeded */
    SUBSCRIPTION_ERROR,   /* it failed */
    SUBSCRIPTION_GONE,    /* HTTP 410: not polled any more */
    SUBSCRIPTION_MERGED,  /* it turned out to be another feed */
    SUBSCRIPTION_REMOVED, /* not in the feed list any more */
    SUBSCRIPTION_STATES
};

struct subscription {
    uint64_t number;
    char *url;                         /* the address that is polled */
    char *listed;                      /* as in the feed list */
    char *title, *group, *home, *lang; /* as in the feed list; NULL: none */
    char *site;                        /* the site address given in its document */
    struct feed_speaker speaker;       /* its publisher */
    json_t *attributes;                /* other attributes of the list, name -> text; NULL: none */
    enum subscription_state state;     /* changed by subscription_become() alone */
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
};

/* The record of an address; subscription_find() makes a new one with the next number when there is
 * none, and stores it. */
int subscription_find(struct store *s, const char *url, struct subscription **out);
int subscription_load(struct store *s, uint64_t number, struct subscription **out);
int subscription_save(struct store *s, const struct subscription *sub);

/* Rewrites records in which an older version stored a feed's login (in its address and the
 * addresses derived from it). The feeds keep their numbers, and their addresses without the login
 * lead to them. */
int subscription_drop_logins(struct store *s);

/* The feed to which an address leads, 0: none; and makes it lead to a feed. */
int subscription_number(struct store *s, const char *url, uint64_t *number);
int subscription_lead(struct store *s, const char *url, uint64_t number);

/* The feed's address changes to `url`. The old address still leads to it. */
int subscription_move(struct store *s, struct subscription *sub, const char *url);

/* The feed is another one: its addresses lead to that one, and it is no longer polled. */
int subscription_merge(struct store *s, struct subscription *sub, uint64_t into);

void subscription_free(struct subscription *sub);

/* The data for making articles; it points into the subscription. The feed is an aggregator when the
 * list has storyd:aggregator="yes" (attributes are stored without their prefix), or does not have
 * "no" and its address is listed in [aggregators]; its items are posts when the list has
 * storyd:social="yes". */
struct feed_origin subscription_origin(const struct subscription *sub);

/* The list's attributes: names are case-insensitive; "" for a missing one. */
void subscription_drop_attributes(struct subscription *sub);
void subscription_add_attribute(struct subscription *sub, const char *name, const char *value);
const char *subscription_attribute(const struct subscription *sub, const char *name);

/* Replaces a text with a copy of `value`, cut to the limit; NULL for NULL or "". */
void subscription_set(char **field, const char *value);

/* Converts bytes of a header to the text of a record, and back: each byte is one Latin-1 character,
 * so the bytes are preserved exactly. */
void subscription_set_bytes(char **field, const char *bytes);
char *subscription_bytes(const char *field); /* freed by the caller; NULL for NULL */

/* After the clock was set back: times later than `now` become `now`, the feed is due, its hub
 * subscription is requested again, and a move is counted from now. True when anything changed. */
bool subscription_set_back(struct subscription *sub, int64_t now);

/* The only way in which the state changes. Aborts on a change that the table in subscription.c does
 * not have. A state in which a feed is not polled clears `next_poll`. */
void subscription_become(struct subscription *sub, enum subscription_state state);
bool subscription_is_polled(const struct subscription *sub);
const char *subscription_state_name(enum subscription_state state); /* as in the record: "ok" */

/* Records the outcome of a poll: an error (the message says what to do), or success. */
void subscription_failed(struct subscription *sub, const char *error);
void subscription_succeeded(struct subscription *sub, uint64_t new_articles, int64_t now);

#endif
