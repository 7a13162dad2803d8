/* Subscribed feeds and their polling state: reads, changes and writes their records
 * (store/feed_record.h). */
#ifndef INGEST_SUBSCRIPTION_H
#define INGEST_SUBSCRIPTION_H

#include "article/speaker.h"
#include "store/feed_record.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SUBSCRIPTION_MAX_TEXT = 2000 }; /* bytes of each stored text */

enum subscription_state {
    SUBSCRIPTION_NEW,       /* not polled yet */
    SUBSCRIPTION_OK,        /* the last poll succeeded */
    SUBSCRIPTION_ERROR,     /* it failed */
    SUBSCRIPTION_GONE,      /* HTTP 410: not polled any more */
    SUBSCRIPTION_MERGED,    /* it turned out to be another feed */
    SUBSCRIPTION_REMOVED,   /* not in the feed list any more */
    SUBSCRIPTION_SUBMITTED, /* not a feed: a publisher that submits its articles */
    SUBSCRIPTION_STATES
};

/* The record of an address; subscription_find() makes a new one with the next number when there is
 * none, and stores it. */
int subscription_find(struct store *s, const char *url, struct feed_record **out);
int subscription_load(struct store *s, uint64_t number, struct feed_record **out);
int subscription_save(struct store *s, const struct feed_record *sub);

/* Rewrites records in which an older version stored a feed's login (in its address and the
 * addresses derived from it). The feeds keep their numbers, and their addresses without the login
 * lead to them. */
int subscription_drop_logins(struct store *s);

/* The feed to which an address leads, 0: none; and makes it lead to a feed. */
int subscription_number(struct store *s, const char *url, uint64_t *number);
int subscription_lead(struct store *s, const char *url, uint64_t number);

/* The feed's address changes to `url`. The old address still leads to it. */
int subscription_move(struct store *s, struct feed_record *sub, const char *url);

/* The feed is another one: its addresses lead to that one, and it is no longer polled. */
int subscription_merge(struct store *s, struct feed_record *sub, uint64_t into);

void subscription_free(struct feed_record *sub);

/* The data for making articles; it points into the subscription. The feed is an aggregator when the
 * list has storyd:aggregator="yes" (attributes are stored without their prefix), or does not have
 * "no" and its address is listed in [aggregators]; its items are posts when the list has
 * storyd:social="yes". */
struct feed_origin subscription_origin(const struct feed_record *sub);

/* The list's attributes: names are case-insensitive; "" for a missing one. */
void subscription_drop_attributes(struct feed_record *sub);
void subscription_add_attribute(struct feed_record *sub, const char *name, const char *value);
const char *subscription_attribute(const struct feed_record *sub, const char *name);

/* Replaces a text with a copy of `value`, cut to the limit; NULL for NULL or "". */
void subscription_set(char **field, const char *value);

/* Converts bytes of a header to the text of a record, and back: each byte is one Latin-1 character,
 * so the bytes are preserved exactly. */
void subscription_set_bytes(char **field, const char *bytes);
char *subscription_bytes(const char *field); /* freed by the caller; NULL for NULL */

/* After the clock was set back: times later than `now` become `now`, the feed is due, its hub
 * subscription is requested again, and a move is counted from now. True when anything changed. */
bool subscription_set_back(struct feed_record *sub, int64_t now);

/* The only way in which the state changes. Aborts on a change that the table in subscription.c does
 * not have. A state in which a feed is not polled clears `next_poll`. */
void subscription_become(struct feed_record *sub, enum subscription_state state);
enum subscription_state subscription_state(const struct feed_record *sub);
bool subscription_is_polled(const struct feed_record *sub);
bool subscription_is_listed(const struct feed_record *sub);         /* neither removed nor merged */
const char *subscription_state_name(enum subscription_state state); /* as in the record: "ok" */

/* Records the outcome of a poll: an error (the message says what to do), or success. */
void subscription_failed(struct feed_record *sub, const char *error);
void subscription_succeeded(struct feed_record *sub, uint64_t new_articles, int64_t now);

#endif
