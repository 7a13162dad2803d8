/* When a feed is polled next, and why. Pure: the caller passes in the time and a random number. */
#ifndef POLL_WHEN_H
#define POLL_WHEN_H

#include "config.h"

#include <stdbool.h>
#include <stdint.h>

enum when_outcome {
    WHEN_NEW,
    WHEN_UNCHANGED,
    WHEN_FAILED,
    WHEN_BUSY, /* 429, 503 */
    WHEN_OUTCOMES
};
const char *when_outcome_name(enum when_outcome outcome); /* "new" */

/* Rules that may require a wait; the longest wait applies. Symbol, name in the record,
 * description. */
#define WHEN_RULES(R)                                                                              \
    R(INTERVAL, "interval", "interval in [poll]")                                                  \
    R(IDLE, "interval_unchanged", "interval_unchanged in [poll]: nothing new")                     \
    R(OWN, "own", "interval of this feed in the feed list")                                        \
    R(MAX_AGE, "max_age", "Cache-Control: max-age, less Age")                                      \
    R(EXPIRES, "expires", "Expires, less Date")                                                    \
    R(TTL, "ttl", "<ttl> in the feed")                                                             \
    R(UPDATES, "updates", "sy:updatePeriod and sy:updateFrequency in the feed")                    \
    R(QUIET, "quiet", "one twentieth of the time since the last new article")                      \
    R(PUSHED, "pushed", "its hub pushes new articles")                                             \
    R(ERRORS, "errors", "consecutive errors: each doubles the pause")                              \
    R(OVERLOADED, "busy", "the server is overloaded and sent no Retry-After")                      \
    R(RETRY_AFTER, "retry_after", "Retry-After of the server")                                     \
    R(HOST, "host", "several feeds of its host must wait")

enum when_rule {
#define R(symbol, name, text) WHEN_##symbol,
    WHEN_RULES(R)
#undef R
        WHEN_RULE_COUNT
};

const char *when_rule_name(enum when_rule rule);
const char *when_rule_text(const char *name); /* NULL: no such rule */

/* Times in seconds; -1: not given. */
struct when_facts {
    enum when_outcome outcome;
    uint64_t errors;     /* consecutive, including this one */
    int64_t own;         /* this feed's interval in the feed list */
    int64_t retry_after; /* of this response */
    int64_t max_age, expires;
    int64_t ttl, updates;           /* from the feed's last document */
    int64_t quiet;                  /* since the last new article */
    int64_t pushed;                 /* remaining lease of the hub; 0: no subscription */
    unsigned skip_hours, skip_days; /* bit sets; hours in GMT, Sunday is day 0 */
};

struct when_plan {
    int64_t next; /* seconds since 1970 */
    enum when_rule because;
    int64_t wait[WHEN_RULE_COUNT]; /* of each rule */
    bool skips;                    /* moved by skipHours or skipDays */
};

/* Plans after a response at `now`. `chance`, from 0 to 1, adds up to a tenth of the wait; it never
 * shortens the wait. */
void when_plan(const struct config *c, const struct when_facts *facts, int64_t now, double chance,
               struct when_plan *out);

/* Whether to poll without validators, after nothing but 304s since `document_time`: some servers
 * get stuck on a validator. */
bool when_asks_anew(int64_t document_time, int64_t now);

/* Whether to adopt a permanent redirect that `times` consecutive responses have confirmed since
 * `since`. */
bool when_moves(int64_t since, uint64_t times, int64_t now);

/* Whether to (re)subscribe at a hub: within a day before the lease ends; without a lease, at most
 * once a day. Times of 0: never. */
bool when_asks_hub(int64_t lease_end, int64_t asked, int64_t now);

/* Parse headers; NULL: not sent. Return seconds from `now`; -1 if there is no valid value. */
int64_t when_retry_after(const char *header, int64_t now);
int64_t when_max_age(const char *cache_control, const char *age);
int64_t when_expires(const char *expires, const char *date, int64_t now);

#endif
