/* Structured log lines on standard error: a message, key=value pairs, and the message's id. If
 * standard error is systemd's journal, the id and each pair are fields of the journal's entry;
 * elsewhere a line begins with the local time. Values are escaped, so they may be untrusted;
 * messages are not. */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

/* The value is `text`, or `number` if `text` is NULL. */
struct log_pair {
    const char *key, *text;
    int64_t number;
};

/* Levels are those of syslog(3): LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG. */
bool log_level_by_name(const char *name, int64_t *level);
void log_set_level(int64_t level);

/* log_line(LOG_INFO, "feed_polled", "polled", LOG_T("feed", url), LOG_N("status", 200))
 *
 * The id is for programs: it stays when the wording changes. storyd(8) lists all. */
#define LOG_T(k, t)                                                                                \
    {                                                                                              \
        .key = (k), .text = (t) ? (t) : ""                                                         \
    }
#define LOG_N(k, n)                                                                                \
    {                                                                                              \
        .key = (k), .number = (int64_t)(n)                                                         \
    }
#define log_line(level, id, message, ...)                                                          \
    log_pairs(level,                                                                               \
              (const struct log_pair[]){{.key = (id), .text = (message)}, ##__VA_ARGS__, {0}})

/* The first pair is the id and the message; the last one has no key. */
void log_pairs(int level, const struct log_pair *pairs);

#endif
