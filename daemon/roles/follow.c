/* Follows the cluster's log; see follow.h. Everything runs on the loop but apply_run() and
 * copy_engine(), which run on the store's writer thread while the loop leaves their data alone. */
#include "roles/follow.h"

#include "base/clock.h"
#include "base/mem.h"
#include "log.h"
#include "must.h"
#include "roles/bus.h"
#include "roles/channel.h"
#include "roles/envelope.h"
#include "roles/snapshot.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

enum {
    MAX_RUN = 8 << 20, /* bytes of changes that are applied in one transaction, to catch up */
    MAX_WAITING = 256,
    RETRY_S = 1,
    TELL_COPY_S = 10,
};

struct follow {
    struct bus *bus;
    struct event_base *base;
    struct store *store;
    size_t max_bytes;
    struct follow_client client;
    struct log_place place; /* of what is committed */
    struct event *written, *arrived, *retry;
    struct channel *log;
    struct bus_reader *reader;
    struct envelope_join join;
    /* what is applied next, or is being applied: */
    struct buf run;
    struct log_place run_place;
    int64_t run_time;
    bool run_any;
    enum { FOLLOW_READING, FOLLOW_APPLYING, FOLLOW_WAITING, FOLLOW_COPYING, FOLLOW_FAILED } state;
    bool needs_copy;
    bool alone;   /* it led last, and was changed without the cluster since: it may lead again */
    bool empty;   /* when it was opened: in no cluster yet, the store may become a copy */
    int64_t told; /* when it was last logged that a copy is awaited */
    uint64_t led; /* the term in which the store led last */
    int64_t lag_ms;
    char engine[FOLLOW_NAME]; /* that wrote the last message */
};

static void read_on(struct follow *f);

static void retry_soon(struct follow *f)
{
    const struct timeval in = {RETRY_S, 0};
    evtimer_add(f->retry, &in);
}

/* For a reason that was logged. */
static void stop_following(struct follow *f)
{
    f->state = FOLLOW_FAILED;
    f->client.failed(f->client.arg);
}

static void moved(struct follow *f)
{
    bool lacks = f->state == FOLLOW_FAILED || f->state == FOLLOW_COPYING || f->needs_copy;
    f->client.moved(f->client.arg, &f->place,
                    lacks                     ? LEASE_NEVER
                    : f->led == f->place.term ? LEASE_FIRST
                                              : LEASE_AFTER);
}

/* ---- the log -------------------------------------------------------------------------------- */

static void stop_reading(struct follow *f)
{
    if (!f->log)
        return;
    channel_close(f->log);
    bus_reader_free(f->reader);
    event_free(f->arrived);
    channel_free(f->log);
    f->log = NULL;
    f->reader = NULL;
    envelope_join_free(&f->join);
}

static void on_arrived(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    read_on(arg);
}

static void start_reading(struct follow *f)
{
    char subject[BUS_SUBJECT];
    f->log = channel_new(MAX_WAITING);
    f->arrived =
        must_event(event_new(f->base, channel_fd(f->log), EV_READ | EV_PERSIST, on_arrived, f));
    event_add(f->arrived, NULL);
    f->reader = bus_read(f->bus, BUS_LOG, bus_subject(f->bus, "log", NULL, subject),
                         f->place.stream + 1, f->log, 0);
}

/* An engine has begun to lead. What it has must be what is here. */
static bool take_lead(struct follow *f, const struct log_place *of)
{
    struct log_place *at = &f->run_place;
    bool continues = of->epoch == at->epoch || of->epoch == at->epoch + 1;
    if (of->epoch < at->epoch)
        return true; /* a message of before */
    if (!continues || of->batch != at->batch)
        return false;
    at->epoch = of->epoch;
    at->term = of->term;
    return true;
}

/* The next batch; false: some are missing. */
static bool take_batch(struct follow *f, const struct log_place *of, const struct buf *changes)
{
    struct log_place *at = &f->run_place;
    if (of->epoch < at->epoch || of->term < at->term ||
        (of->epoch == at->epoch && of->batch <= at->batch))
        return true; /* of an engine that no longer led, or known */
    if (of->epoch != at->epoch || of->batch != at->batch + 1)
        return false;
    buf_add(&f->run, changes->p, changes->len);
    at->batch = of->batch;
    at->term = of->term;
    return true;
}

static void take_entry(struct follow *f, uint64_t stream, const json_t *head,
                       const struct buf *changes)
{
    struct log_place of;
    const char *kind = json_string_value(json_object_get(head, "kind"));
    place_read(head, &of);
    if (json_integer_value(json_object_get(head, "schema")) > STORE_SCHEMA_VERSION) {
        log_line(
            LOG_ERR, "log_too_new",
            "a newer storyd writes the log; upgrade this process: replicas first, then engines",
            LOG_T("cluster", f->place.cluster));
        stop_following(f);
        return;
    }
    if (*f->place.cluster ? strcmp(of.cluster, f->place.cluster) != 0 : !f->empty) {
        log_line(
            LOG_ERR, "log_foreign",
            "the store is not a copy of this cluster's; choose another name in [cluster], or an "
            "empty folder in [store]",
            LOG_T("cluster", f->place.cluster));
        stop_following(f);
        return;
    }
    bool follows = *f->place.cluster && kind && !f->alone &&
                   (!strcmp(kind, "lead") ? take_lead(f, &of) : take_batch(f, &of, changes));
    if (!follows) {
        f->needs_copy = true;
        return;
    }
    const char *engine = json_string_value(json_object_get(head, "name"));
    snprintf(f->engine, sizeof f->engine, "%s", engine ? engine : "");
    f->run_place.stream = stream;
    f->run_time = json_integer_value(json_object_get(head, "time"));
    f->run_any = true;
}

static void take_log_message(struct follow *f, const struct message *m)
{
    json_t *head;
    struct buf changes;
    if (!m->place)
        return; /* the log has become shorter: its next message will say what that means */
    int got = envelope_read(&f->join, m->data, m->n, &head, &changes);
    if (got < 0) {
        log_line(LOG_ERR, "log_invalid",
                 "the log has a message in another format; upgrade this process, or look for a "
                 "program that publishes to the cluster's subjects",
                 LOG_T("cluster", f->place.cluster));
        stop_following(f);
    }
    if (got <= 0)
        return;
    take_entry(f, m->place, head, &changes);
    json_decref(head);
    buf_free(&changes);
}

/* ---- applying ------------------------------------------------------------------------------- */

static int apply_run(void *arg)
{
    struct follow *f = arg;
    int error = store_apply(f->store, f->run.p ? f->run.p : "", f->run.len);
    return error ? error : place_save(f->store, &f->run_place);
}

static int copy_engine(void *arg)
{
    struct follow *f = arg;
    return snapshot_load(f->bus, f->store, &f->run_place);
}

static void begin_copy(struct follow *f)
{
    int64_t now = monotonic_ms();
    if (!f->told || now - f->told > TELL_COPY_S * 1000) {
        log_line(LOG_INFO, "copy_begins",
                 "copying the store of the leading engine; this waits until there is one");
        f->told = now;
    }
    stop_reading(f);
    buf_clear(&f->run);
    f->run_any = false;
    f->state = FOLLOW_COPYING;
    moved(f);
    store_commit_start(f->store, copy_engine, f);
}

/* Reads what has come while nothing is being written, and applies it. */
static void read_on(struct follow *f)
{
    struct message *m;
    if (f->state != FOLLOW_READING)
        return;
    f->run_place = f->place;
    while (f->state == FOLLOW_READING && !f->needs_copy && f->run.len < MAX_RUN &&
           (m = channel_take(f->log))) {
        take_log_message(f, m);
        message_free(m);
    }
    if (f->state == FOLLOW_FAILED)
        return;
    if (f->run_any) {
        f->state = FOLLOW_APPLYING;
        store_commit_start(f->store, apply_run, f);
    } else if (f->needs_copy) {
        begin_copy(f);
    }
}

static void run_applied(struct follow *f)
{
    int64_t lag = wall_clock_ms() - f->run_time;
    f->place = f->run_place;
    f->lag_ms = lag > 0 ? lag : 0;
    f->client.applied(f->client.arg, f->run.p ? f->run.p : "", f->run.len);
    buf_clear(&f->run);
    f->run_any = false;
    f->state = FOLLOW_READING;
    moved(f);
    read_on(f);
}

static void store_copied(struct follow *f)
{
    f->place = f->run_place;
    f->needs_copy = f->alone = false;
    f->told = 0;
    log_line(LOG_INFO, "copied", "the engine's store is copied", LOG_N("batch", f->place.batch));
    f->state = FOLLOW_READING;
    start_reading(f);
    f->client.replaced(f->client.arg);
    moved(f);
}

static void write_failed(struct follow *f, int error)
{
    bool copying = f->state == FOLLOW_COPYING;
    if (error != STORE_FENCED && !store_is_full(error)) {
        log_line(LOG_ERR, "store_failed", "store error; stopping",
                 LOG_T("error", store_strerror(error)));
        f->state = FOLLOW_FAILED;
        f->client.failed(f->client.arg);
        return;
    }
    if (error != STORE_FENCED)
        log_line(LOG_ERR, "copy_full",
                 "the store is full: nothing new is applied until there is room",
                 LOG_T("error", store_strerror(error)));
    f->state = FOLLOW_WAITING;
    f->needs_copy = copying;
    retry_soon(f);
}

static void on_follow_written(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct follow *f = arg;
    eventfd_t times;
    eventfd_read(fd, &times);
    if (f->state != FOLLOW_APPLYING && f->state != FOLLOW_COPYING)
        return;
    int error = store_commit_end(f->store);
    if (error)
        write_failed(f, error);
    else if (f->state == FOLLOW_COPYING)
        store_copied(f);
    else
        run_applied(f);
}

static void on_follow_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct follow *f = arg;
    int error = store_retry(f->store, f->max_bytes);
    if (error) {
        retry_soon(f);
        return;
    }
    if (f->needs_copy) {
        begin_copy(f);
    } else {
        f->state = FOLLOW_APPLYING;
        store_commit_start(f->store, apply_run, f);
    }
}

struct follow *follow_new(struct event_base *base, struct bus *b, struct store *s, int written,
                          size_t max_bytes, const struct follow_client *client)
{
    struct follow *f = mem_zero(sizeof *f);
    f->bus = b;
    f->base = base;
    f->store = s;
    f->max_bytes = max_bytes;
    f->client = *client;
    f->lag_ms = -1;
    buf_init(&f->run, SIZE_MAX / 2);
    f->written = must_event(event_new(base, written, EV_READ | EV_PERSIST, on_follow_written, f));
    event_add(f->written, NULL);
    f->retry = must_event(evtimer_new(base, on_follow_retry, f));
    int error = place_load(s, &f->place);
    if (!error)
        error = place_is_alone(s, &f->alone);
    if (!error)
        error = place_led(s, &f->led);
    f->empty = store_is_empty(s, STORE_ARTICLES) && store_is_empty(s, STORE_FEEDS);
    if (!error)
        error = store_commit(s);
    if (error) {
        write_failed(f, error);
        return f;
    }
    store_join(s);
    f->needs_copy = f->alone && f->led != f->place.term;
    start_reading(f);
    if (f->needs_copy)
        begin_copy(f);
    moved(f);
    return f;
}

void follow_free(struct follow *f)
{
    if (!f)
        return;
    stop_reading(f);
    store_commit_end(f->store);
    event_free(f->written);
    event_free(f->retry);
    buf_free(&f->run);
    free(f);
}

void follow_facts(const struct follow *f, struct follow_facts *out)
{
    *out = (struct follow_facts){.place = f->place,
                                 .copying = f->state == FOLLOW_COPYING || f->needs_copy,
                                 .lag_ms = f->lag_ms};
    memcpy(out->engine, f->engine, sizeof out->engine);
}
