/* Decides when a digest is due and selects its events. A digest that is due is sent once: its time,
 * and the last change that it covers, are written with it. */
#define _DEFAULT_SOURCE /* timegm */
#include "alert/digests.h"

#include "alert/message.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "log.h"
#include "must.h"
#include "store/filter.h"
#include "store/store.h"

#include <event2/event.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLICE_MS = 3, MOST_PICKS = 100, DAY_SECONDS = 86400, KEY_SIZE = 40 };

struct digest_pick {
    int64_t score;
    json_t *event; /* what message_digest() reads */
};

struct digests {
    struct event_base *base;
    struct store *store;
    const struct config *config;
    int (*post)(void *, const char *, const char *, int64_t, const char *);
    void (*wrote)(void *, int);
    void *arg;
    struct event *timer;
    struct story_db *reader;
    /* The one that is being made. */
    char *name; /* NULL: none */
    int64_t since, now;
    uint64_t from, last; /* changes: after which to continue, and the last */
    struct digest_pick picks[MOST_PICKS];
    size_t n;
};

/* ---- when ----------------------------------------------------------------------------------- */

int64_t digest_period(enum config_period every, int64_t at, int64_t time)
{
    const time_t t = (time_t)time;
    struct tm local;
    localtime_r(&t, &local);
    struct tm date = {.tm_year = local.tm_year, .tm_mon = local.tm_mon, .tm_mday = local.tm_mday};
    int64_t day = (int64_t)timegm(&date) / DAY_SECONDS;
    day -= local.tm_hour * 60 + local.tm_min < at;
    return every == PERIOD_WEEK ? (day + 3) / 7 : day; /* 1970 began on a Thursday */
}

static void digest_key(const char *name, const char *what, char key[KEY_SIZE])
{
    snprintf(key, KEY_SIZE, "digest_%016" PRIx64 "_%s", hash64(name, strlen(name), 0), what);
}

static uint64_t digest_number(struct digests *d, const char *name, const char *what)
{
    char key[KEY_SIZE];
    digest_key(name, what, key);
    return store_number(d->store, key);
}

/* The next digest covers what comes after this. */
static int set_covered(struct digests *d, const char *name, int64_t time, uint64_t seq)
{
    char key[KEY_SIZE];
    digest_key(name, "time", key);
    int error = store_set_number(d->store, key, (uint64_t)time);
    digest_key(name, "seq", key);
    return error ? error : store_set_number(d->store, key, seq);
}

/* ---- what ----------------------------------------------------------------------------------- */

static const struct config_digest *digest_of(const struct digests *d, const char *name)
{
    for (size_t i = 0; i < d->config->n_digests; i++)
        if (!strcmp(d->config->digests[i].name, name))
            return &d->config->digests[i];
    return NULL;
}

static const char *condition(const struct config_value *v)
{
    return *v->text ? v->text : NULL;
}

static bool digest_takes(const struct digests *d, const struct config_digest *of,
                         const struct event_record *event)
{
    const struct story_filter filter = {.min_sources = of->min_sources.number,
                                        .since = d->since,
                                        .category = condition(&of->category),
                                        .lang = condition(&of->lang),
                                        .source = condition(&of->source),
                                        .words = condition(&of->words)};
    return !event->muted && !event->merged_into && filter_takes(&filter, event);
}

/* Keeps the events with the highest scores, in order. */
static void pick_event(struct digests *d, size_t most, int64_t score, const json_t *event)
{
    size_t at = d->n;
    while (at && d->picks[at - 1].score < score)
        at--;
    if (at >= most)
        return;
    if (d->n == most)
        json_decref(d->picks[--d->n].event);
    memmove(&d->picks[at + 1], &d->picks[at], (d->n - at) * sizeof *d->picks);
    d->picks[at] = (struct digest_pick){score, message_digest_event(event)};
    d->n++;
}

static void consider_event(struct digests *d, const struct config_digest *of,
                           const struct story_entry *entry)
{
    struct event_record head;
    json_t *event = json_loadb(entry->json, entry->length, 0, NULL);
    if (!event)
        return; /* storyctl check reports it */
    codec_read(&event_head_table, event, &head);
    if (digest_takes(d, of, &head))
        pick_event(d, (size_t)of->most.number, head.score, event);
    codec_free(&event_head_table, &head);
    json_decref(event);
}

static void drop_digest(struct digests *d)
{
    while (d->n)
        json_decref(d->picks[--d->n].event);
    free(d->name);
    d->name = NULL;
}

static void finish_digest(struct digests *d)
{
    char id[64];
    int error = 0;
    snprintf(id, sizeof id, "%016" PRIx64 "-digest-%" PRId64, hash64(d->name, strlen(d->name), 0),
             d->now);
    if (d->n) {
        json_t *events = json_array();
        for (size_t i = 0; i < d->n; i++)
            json_array_append(events, d->picks[i].event);
        char *body = message_list(id, d->name, d->now, events);
        error = d->post(d->arg, d->name, id, d->now, body);
        free(body);
    }
    if (!error)
        error = set_covered(d, d->name, d->now, d->last);
    log_line(LOG_INFO, "digest_made", "digest made", LOG_T("digest", d->name),
             LOG_N("events", d->n));
    drop_digest(d);
    d->wrote(d->arg, error);
    digests_tick(d, d->reader, wall_clock()); /* another may be due */
}

/* Reads events for a few milliseconds. STORY_END: that was all; 0: there are more. */
static int read_slice(struct digests *d, const struct config_digest *of, story_view *view)
{
    story_list *list;
    struct story_entry entry;
    int error = story_events_since(view, d->from, &list);
    if (error)
        return error;
    for (int64_t until = monotonic_ms() + SLICE_MS; !error && monotonic_ms() < until;) {
        error = story_next(list, &entry);
        if (!error && entry.seq > d->last)
            error = STORY_END; /* came meanwhile: for the next one */
        if (error)
            break;
        d->from = entry.seq;
        consider_event(d, of, &entry);
    }
    story_list_free(list);
    return error;
}

static void on_digest_slice(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct digests *d = arg;
    const struct config_digest *of = digest_of(d, d->name);
    const struct timeval at_once = {0, 0};
    story_view *view;
    int error = of ? story_view_begin(d->reader, &view) : STORY_NOT_FOUND;
    if (!error) {
        error = read_slice(d, of, view);
        story_view_end(view);
    }
    if (error == STORY_END) {
        finish_digest(d);
    } else if (error) {
        if (of)
            log_line(LOG_ERR, "digest_failed", "cannot read the events of a digest; will retry",
                     LOG_T("digest", d->name), LOG_T("error", story_strerror(error)));
        drop_digest(d);
    } else {
        evtimer_add(d->timer, &at_once);
    }
}

/* ---- schedule ------------------------------------------------------------------------------- */

static bool newest_change(struct digests *d, uint64_t *last)
{
    story_view *view;
    if (story_view_begin(d->reader, &view))
        return false;
    *last = story_last_seq(view);
    story_view_end(view);
    return true;
}

/* A new digest starts at its first sight, and again after the clock was ahead by more than a
 * period; after a smaller correction it waits until the time of the last one is reached again. */
static bool starts_anew(const struct config_digest *of, int64_t last, int64_t now)
{
    return !last || last > now + (of->every.number == PERIOD_WEEK ? 7 : 1) * DAY_SECONDS;
}

void digests_tick(struct digests *d, struct story_db *reader, int64_t now)
{
    const struct timeval at_once = {0, 0};
    d->reader = reader;
    for (size_t i = 0; !d->name && i < d->config->n_digests; i++) {
        const struct config_digest *of = &d->config->digests[i];
        enum config_period every = (enum config_period)of->every.number;
        int64_t last = (int64_t)digest_number(d, of->name, "time");
        uint64_t seq;
        bool anew = starts_anew(of, last, now);
        if ((!anew && digest_period(every, of->at.number, now) <=
                          digest_period(every, of->at.number, last)) ||
            !newest_change(d, &seq))
            continue;
        if (anew) {
            d->wrote(d->arg, set_covered(d, of->name, now, seq));
            continue;
        }
        d->name = mem_str(of->name);
        d->since = last;
        d->now = now;
        d->from = digest_number(d, of->name, "seq");
        d->last = seq;
        evtimer_add(d->timer, &at_once);
    }
}

struct digests *digests_new(struct event_base *base, struct store *store,
                            const struct config *config,
                            int (*post)(void *, const char *, const char *, int64_t, const char *),
                            void (*wrote)(void *, int), void *arg)
{
    struct digests *d = mem_zero(sizeof *d);
    *d = (struct digests){
        .base = base, .store = store, .config = config, .post = post, .wrote = wrote, .arg = arg};
    d->timer = must_event(evtimer_new(base, on_digest_slice, d));
    return d;
}

void digests_free(struct digests *d)
{
    drop_digest(d);
    event_free(d->timer);
    free(d);
}
