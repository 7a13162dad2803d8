/* Schedules the requests that are due: a queue per host limits concurrent requests to it and the
 * pause between them; all hosts together are requested at an even pace. Pure: the caller passes the
 * time, in microseconds of a monotonic clock. */
#ifndef POLL_HOSTS_H
#define POLL_HOSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hosts;
struct host;

/* Embedded in what waits. The caller of hosts_next() calls `ask` when it is the entry's turn. */
struct hosts_entry {
    struct host *host;
    void (*ask)(struct hosts_entry *e);
    struct hosts_entry *behind;
    int64_t since; /* waiting since */
    enum { HOSTS_IDLE, HOSTS_WAITING, HOSTS_ASKED } state;
};

struct hosts_limits {
    size_t at_once, at_once_per_host;
    int64_t pause; /* between the starts of two requests to a host */
    int64_t gap;   /* between the starts of any two */
};

struct hosts *hosts_new(void);
void hosts_free(struct hosts *h); /* the entries are the caller's */
void hosts_set(struct hosts *h, const struct hosts_limits *limits);

/* Returns the host of an address and adds a reference; hosts_leave() drops one. An unreferenced
 * host is kept until its pause is over. */
struct host *hosts_find(struct hosts *h, const char *url);
void hosts_leave(struct host *host);
size_t hosts_count(const struct hosts *h); /* including unreferenced ones */

/* Sets a longer pause that the host itself requests; 0: none. */
void hosts_set_pause(struct host *host, int64_t pause);

/* Queues a due entry. */
void hosts_wait(struct hosts *h, struct hosts_entry *e, int64_t now);

/* Returns the entry to start now, which counts as a running request until hosts_end(); NULL: none
 * may start yet. */
struct hosts_entry *hosts_next(struct hosts *h, int64_t now);

/* When the next entry may start unless a request ends before; INT64_MAX: only then. */
int64_t hosts_when(const struct hosts *h);

/* Ends a request, or removes a waiting entry. */
void hosts_end(struct hosts *h, struct hosts_entry *e);

/* The gap that spreads `feeds` requests over four fifths of the interval; less for short lists. */
int64_t hosts_gap(size_t feeds, int64_t interval);

#endif
