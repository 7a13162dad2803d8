/* When a feed is asked next, and why. Pure: the clock and the chance are the caller's. */
#ifndef POLL_WHEN_H
#define POLL_WHEN_H

#include "config.h"

#include <stdbool.h>
#include <stdint.h>

enum when_outcome { WHEN_NEW, WHEN_UNCHANGED, WHEN_FAILED, WHEN_BUSY /* 429, 503 */ };

/* What may say how long to wait; the longest wait counts. Symbol, name in the record, what it is to
 * a person. */
#define WHEN_RULES(R)                                                                              \
    R(INTERVAL, "interval", "interval in [poll]")                                                  \
    R(IDLE, "interval_unchanged", "interval_unchanged in [poll]: it had nothing new")              \
    R(OWN, "own", "interval of this feed in the feed list")                                        \
    R(MAX_AGE, "max_age", "Cache-Control: max-age, less Age")                                      \
    R(EXPIRES, "expires", "Expires, less Date")                                                    \
    R(TTL, "ttl", "<ttl> in the feed")                                                             \
    R(UPDATES, "updates", "sy:updatePeriod and sy:updateFrequency in the feed")                    \
    R(QUIET, "quiet", "a twentieth of the time since it last had something new")                   \
    R(PUSHED, "pushed", "its hub tells us what is new")                                            \
    R(ERRORS, "errors", "errors in a row: each doubles the pause")                                 \
    R(OVERLOADED, "busy", "the server has too much to do, and does not say for how long")          \
    R(RETRY_AFTER, "retry_after", "Retry-After, as the server asked")                              \
    R(HOST, "host", "several feeds of its host were asked to wait")

enum when_rule {
#define R(symbol, name, text) WHEN_##symbol,
    WHEN_RULES(R)
#undef R
        WHEN_RULE_COUNT
};

const char *when_rule_name(enum when_rule rule);
const char *when_rule_text(const char *name); /* NULL: no such rule */

/* Seconds; -1 where nothing is said. */
struct when_facts {
    enum when_outcome outcome;
    uint64_t errors;     /* in a row, this one counted */
    int64_t own;         /* the feed's own interval */
    int64_t retry_after; /* of this answer */
    int64_t max_age, expires;
    int64_t ttl, updates;           /* of the feed's last document */
    int64_t quiet;                  /* since it had something new */
    int64_t pushed;                 /* for so long yet a hub tells of news; 0: none does */
    unsigned skip_hours, skip_days; /* a bit each; hours of GMT, Sunday is day 0 */
};

struct when_plan {
    int64_t next; /* seconds since 1970 */
    enum when_rule because;
    int64_t wait[WHEN_RULE_COUNT]; /* what each rule asks for */
    bool skips;                    /* moved out of the hours or days in which the feed rests */
};

/* After an answer at `now`. `chance` from 0 to 1 adds up to a tenth: it only ever makes the wait
 * longer. */
void when_plan(const struct config *c, const struct when_facts *facts, int64_t now, double chance,
               struct when_plan *out);

/* Whether a document that nothing but 304s stood for since `document_time` is asked for without
 * validators: a server may be stuck on them. */
bool when_asks_anew(int64_t document_time, int64_t now);

/* Whether an address changes for good: the server answered so `times` on end since then. */
bool when_moves(int64_t since, uint64_t times, int64_t now);

/* Whether a hub is asked to tell of news: anew within a day of its lease's end, else once a day
 * until it does. Times of 0: never. */
bool when_asks_hub(int64_t lease_end, int64_t asked, int64_t now);

/* What headers say, in seconds from `now`; NULL for a header that is not there. -1 for nothing, and
 * for nonsense. */
int64_t when_retry_after(const char *header, int64_t now);
int64_t when_max_age(const char *cache_control, const char *age);
int64_t when_expires(const char *expires, const char *date, int64_t now);

#endif
