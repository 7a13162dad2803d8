/* Who is asked next of those that are due: each server has a line, so that it is asked by no more
 * than so many at once and with a pause between two, and all together are asked at an even pace.
 * Pure: times are microseconds of a clock that only goes forward, and are the caller's. */
#ifndef POLL_HOSTS_H
#define POLL_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hosts;
struct host;

/* Stands inside of what waits; `ask` is the caller's, for when it is its turn. */
struct hosts_entry {
    struct host *host;
    void (*ask)(struct hosts_entry *e);
    struct hosts_entry *behind;
    int64_t since; /* it waits */
    enum { HOSTS_IDLE, HOSTS_WAITING, HOSTS_ASKED } state;
};

struct hosts_limits {
    size_t at_once, at_once_per_host;
    int64_t pause; /* between two requests to a host */
    int64_t gap;   /* between any two */
};

struct hosts *hosts_new(void);
void hosts_free(struct hosts *h); /* the entries are the caller's */
void hosts_set(struct hosts *h, const struct hosts_limits *limits);

/* The server that an address names, until it is left as often as it was found; it is remembered
 * for as long as its pause lasts. */
struct host *hosts_find(struct hosts *h, const char *url);
void hosts_leave(struct host *host);
size_t hosts_count(const struct hosts *h); /* remembered */

/* A longer pause that the server itself wants between two requests to it; 0: none. */
void hosts_set_pause(struct host *host, int64_t pause);

/* It is due. */
void hosts_wait(struct hosts *h, struct hosts_entry *e, int64_t now);

/* The next to be asked now, which counts as asked until hosts_end(); NULL: nobody yet. */
struct hosts_entry *hosts_next(struct hosts *h, int64_t now);

/* When there may be a next one, should nothing end before; INT64_MAX: not before. */
int64_t hosts_when(const struct hosts *h);

/* It was asked, or shall wait no longer. */
void hosts_end(struct hosts *h, struct hosts_entry *e);

/* The pause between any two requests that spreads so many feeds over four fifths of the interval;
 * a short list takes less. */
int64_t hosts_gap(size_t feeds, int64_t interval);

#endif
