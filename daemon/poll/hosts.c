/* Rate limits and fair order of requests: per-host queues, concurrency, pauses. Decides only;
 * poll.c sends the requests of feeds, pages/visits.c those of pages. */
#include "poll/hosts.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/url.h"
#include "poll/sched.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct host {
    struct sched_entry entry; /* in `ready` while it may start a request; first member, for casts */
    uint64_t key;
    size_t asked, users;
    int64_t next; /* not before */
    int64_t pause;
    struct hosts_entry *first, **last;
};

struct hosts {
    struct hosts_limits limits;
    struct sched ready;
    struct map by_name; /* hash of the name -> struct host */
    size_t swept;       /* hosts left by the last sweep */
    uint64_t made;
    int64_t now; /* the latest time passed in */
    size_t asked;
    int64_t next; /* not before */
};

struct hosts *hosts_new(void)
{
    return mem_zero(sizeof(struct hosts));
}

void hosts_free(struct hosts *h)
{
    for (size_t i = 0; i < h->by_name.slots; i++)
        free(h->by_name.v[i].value);
    map_free(&h->by_name);
    sched_free(&h->ready);
    free(h);
}

/* Frees hosts without users whose pause is over. Runs when the number of hosts has doubled since
 * the last sweep. */
static void sweep(struct hosts *h)
{
    enum { FEW = 256 };
    if (h->by_name.n < FEW || h->by_name.n < 2 * h->swept)
        return;
    struct map kept = {0};
    for (size_t i = 0; i < h->by_name.slots; i++) {
        struct host *host = h->by_name.v[i].value;
        if (host && (host->users || host->next > h->now))
            map_put(&kept, host->key, host);
        else
            free(host);
    }
    map_free(&h->by_name);
    h->by_name = kept;
    h->swept = kept.n;
}

/* Hosts are keyed by name and port; ports 80 and 443 count as one. */
struct host *hosts_find(struct hosts *h, const char *url)
{
    struct url u;
    url_parse(&u, url, strlen(url));
    uint64_t key = 0;
    for (size_t i = 0; i < u.host.n; i++)
        key = hash_pair(key, (uint64_t)tolower((unsigned char)u.host.p[i]));
    bool usual = !u.port.n || (u.port.n == 2 && !memcmp(u.port.p, "80", 2)) ||
                 (u.port.n == 3 && !memcmp(u.port.p, "443", 3));
    key = hash_pair(key, usual ? 0 : hash64(u.port.p, u.port.n, 0)) | 1;
    struct host *found = map_get(&h->by_name, key);
    if (!found) {
        sweep(h);
        found = mem_zero(sizeof *found);
        found->key = key;
        found->last = &found->first;
        found->entry.order = h->made++;
        map_put(&h->by_name, key, found);
    }
    found->users++;
    return found;
}

void hosts_leave(struct host *host)
{
    host->users--;
}

size_t hosts_count(const struct hosts *h)
{
    return h->by_name.n;
}

void hosts_set_pause(struct host *host, int64_t pause)
{
    host->pause = pause;
}

/* Updates whether, and from when, the first in the host's queue may start. */
static void settle_host(struct hosts *h, struct host *host)
{
    if (host->first && host->asked < h->limits.at_once_per_host)
        sched_put(&h->ready, &host->entry,
                  host->next > host->first->since ? host->next : host->first->since);
    else
        sched_remove(&h->ready, &host->entry);
}

void hosts_set(struct hosts *h, const struct hosts_limits *limits)
{
    h->limits = *limits;
    for (size_t i = 0; i < h->by_name.slots; i++)
        if (h->by_name.v[i].value)
            settle_host(h, h->by_name.v[i].value);
}

void hosts_wait(struct hosts *h, struct hosts_entry *e, int64_t now)
{
    e->state = HOSTS_WAITING;
    e->since = now;
    e->behind = NULL;
    *e->host->last = e;
    e->host->last = &e->behind;
    settle_host(h, e->host);
}

static void leave_host_line(struct hosts_entry *e)
{
    struct hosts_entry **at = &e->host->first;
    while (*at != e)
        at = &(*at)->behind;
    *at = e->behind;
    if (e->host->last == &e->behind)
        e->host->last = at;
}

struct hosts_entry *hosts_next(struct hosts *h, int64_t now)
{
    enum { LATE = 10000 }; /* microseconds that a late wake-up may catch up */
    h->now = now;
    if (hosts_when(h) > now)
        return NULL;
    struct host *host = (struct host *)sched_first(&h->ready);
    struct hosts_entry *e = host->first;
    leave_host_line(e);
    e->state = HOSTS_ASKED;
    h->asked++;
    host->asked++;
    host->next = now + (host->pause > h->limits.pause ? host->pause : h->limits.pause);
    h->next = (h->next > now - LATE ? h->next : now - LATE) + h->limits.gap;
    settle_host(h, host);
    return e;
}

int64_t hosts_when(const struct hosts *h)
{
    const struct sched_entry *first = sched_first(&h->ready);
    if (!first || h->asked >= h->limits.at_once)
        return INT64_MAX;
    return first->due > h->next ? first->due : h->next;
}

void hosts_end(struct hosts *h, struct hosts_entry *e)
{
    if (e->state == HOSTS_WAITING)
        leave_host_line(e);
    if (e->state == HOSTS_ASKED) {
        h->asked--;
        e->host->asked--;
    }
    if (e->state != HOSTS_IDLE)
        settle_host(h, e->host);
    e->state = HOSTS_IDLE;
}

int64_t hosts_gap(size_t feeds, int64_t interval)
{
    enum { SHORT = 50 }; /* us: 100 feeds take 0.5 s, 1000 take 50 s */
    int64_t n = feeds ? (int64_t)feeds : 1, even = interval / n * 4 / 5;
    return even < n * SHORT ? even : n * SHORT;
}
