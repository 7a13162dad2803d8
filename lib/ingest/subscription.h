/* A subscribed feed and what is known of polling it: the record of database `feeds`. */
#ifndef INGEST_SUBSCRIPTION_H
#define INGEST_SUBSCRIPTION_H

#include "article/speaker.h"
#include "store/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUBSCRIPTION_MAX_TEXT = 2000 }; /* bytes of each text kept */

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
    char *url;                              /* that is asked */
    char *listed;                           /* as the feed list has it */
    char *title, *group, *home, *lang;      /* as the feed list has them; NULL none */
    char *site;                             /* the address that its document gives as its site's */
    struct feed_speaker speaker;            /* whom it speaks for */
    json_t *attributes;                     /* the list's others, name -> text; NULL none */
    enum subscription_state state;          /* changed by subscription_become() alone */
    char *etag, *last_modified;             /* validators, each byte a character; NULL none */
    char *document_url, *coding;            /* where they came from, and how packed; NULL plain */
    int64_t document_time;                  /* when a whole document last came, 0 never */
    uint64_t body_hash, head_hash;          /* of the last document and its start, 0 none */
    char *moved_to;                         /* where permanent redirects lead; NULL nowhere */
    int64_t moved_since;                    /* when they first did */
    uint64_t moved_polls;                   /* how often since */
    uint64_t merged_into;                   /* the feed that it turned out to be, 0 none */
    char *archive;                          /* the next older document to take (RFC 5005) or NULL */
    uint64_t archives;                      /* taken so far */
    char *hub, *topic;                      /* who may tell of news, and of what; NULL nobody */
    char *hub_state;                        /* "asked", "active", "denied", "failed"; or NULL */
    int64_t hub_asked, hub_until;           /* when it was asked, and its lease's end; or 0 */
    uint64_t pushes;                        /* documents that it sent so far */
    uint64_t ttl, updates;                  /* seconds, as the feed says; 0 it does not */
    uint64_t skip_hours, skip_days;         /* a bit each: when the feed rests */
    int64_t added;                          /* when it was subscribed; seconds since 1970 */
    int64_t last_poll, last_new, next_poll; /* likewise, 0 never */
    char *because;                          /* the rule that said so: a name of poll/when.h */
    json_t *waits;                          /* seconds that each rule asked for; NULL none */
    uint64_t status;                        /* HTTP status of the last answer, 0 none */
    uint64_t errors;                        /* in a row */
    char *last_error;                       /* NULL after a success */
    uint64_t polls, unchanged, articles;    /* so far */
};

/* The record of an address, or a new one with the next number, not yet stored. */
int subscription_find(struct store *s, const char *url, struct subscription **out);
int subscription_load(struct store *s, uint64_t number, struct subscription **out);
int subscription_save(struct store *s, const struct subscription *sub);

/* Rewrites the records that an older version kept a feed's login in (in its address and what
 * follows from it). The feeds keep their numbers, and their addresses without it lead to them. */
int subscription_drop_logins(struct store *s);

/* The feed that an address leads to; 0 where there is none. */
int subscription_number(struct store *s, const char *url, uint64_t *number);

/* From now on the feed lies there. The old address leads to it as before. */
int subscription_move(struct store *s, struct subscription *sub, const char *url);

/* It is another feed: its addresses lead to that one, and it is not asked any more. */
int subscription_merge(struct store *s, struct subscription *sub, uint64_t into);

void subscription_free(struct subscription *sub);

/* What articles are made by; it points into the subscription. The feed is an aggregator when the
 * list says storyd:aggregator="yes" (attributes are kept without their prefix), or does not say
 * "no" and its address is one of [aggregators]; it gives posts when it says storyd:social="yes". */
struct feed_origin subscription_origin(const struct subscription *sub);

/* The list's attributes: names are found in capitals or not, "" where there is none. */
void subscription_drop_attributes(struct subscription *sub);
void subscription_add_attribute(struct subscription *sub, const char *name, const char *value);
const char *subscription_attribute(const struct subscription *sub, const char *name);

/* Replaces a text: a copy of `value`, cut to the ceiling; NULL for NULL or "". */
void subscription_set(char **field, const char *value);

/* Bytes of a header as the text of a record, and back: each byte is the character of that number
 * (Latin-1), so that they go back as they came. */
void subscription_set_bytes(char **field, const char *bytes);
char *subscription_bytes(const char *field); /* to be freed by the caller; NULL for NULL */

/* Where the clock was set back since the record was written, what happened after `now` happened now
 * at the latest: the feed is due, its hub is asked anew, and a move is counted from here. True when
 * anything changed. */
bool subscription_set_back(struct subscription *sub, int64_t now);

/* The only way in which the state changes. Aborts on a change that the table in subscription.c does
 * not have. A state in which a feed is not polled clears `next_poll`. */
void subscription_become(struct subscription *sub, enum subscription_state state);
bool subscription_is_polled(const struct subscription *sub);
const char *subscription_state_name(enum subscription_state state); /* as in the record: "ok" */

/* Notes the outcome of a poll: an error (what to do stands in the message), or none. */
void subscription_failed(struct subscription *sub, const char *error);
void subscription_succeeded(struct subscription *sub, uint64_t new_articles, int64_t now);

#endif
