/* Publishes the batches of the leading engine; see log_out.h. Everything but log_out_place() runs
 * before the writer's thread starts, or on it. */
#include "roles/log_out.h"

#include "base/clock.h"
#include "base/mem.h"
#include "log.h"
#include "roles/bus.h"
#include "roles/envelope.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 2 };

struct log_out {
    struct bus *bus;
    struct store *store;
    struct log_place place;
    char subject[BUS_SUBJECT];
    pthread_mutex_t lock; /* of `told` */
    struct log_place told;
};

static void tell_place(struct log_out *o)
{
    pthread_mutex_lock(&o->lock);
    o->told = o->place;
    pthread_mutex_unlock(&o->lock);
}

static json_t *log_head(const struct log_out *o, const char *kind, uint64_t batch)
{
    json_t *head = place_write(&o->place);
    json_object_del(head, "stream");
    json_object_set_new(head, "batch", json_integer((json_int_t)batch));
    json_object_set_new(head, "time", json_integer(wall_clock_ms()));
    json_object_set_new(head, "kind", json_string(kind));
    json_object_set_new(head, "name", json_string(bus_name(o->bus)));
    json_object_set_new(head, "schema", json_integer(STORE_SCHEMA_VERSION));
    json_object_set_new(head, "version", json_string(STORYD_VERSION));
    return head;
}

/* Whether the message behind the expected end is this part: its answer was lost. */
static bool is_published(struct log_out *o, const struct buf *part)
{
    struct buf data;
    uint64_t seq = o->place.stream + 1;
    if (bus_get(o->bus, BUS_LOG, NULL, &seq, &data) != BUS_OK)
        return false;
    bool same = data.len == part->len && !memcmp(data.p, part->p, data.len);
    buf_free(&data);
    return same;
}

/* Servers have lost the end of the log. Copies that have what this store has go on; the others are
 * copied again. */
static enum bus_result begin_epoch(struct log_out *o, uint64_t last);

static enum bus_result publish_part(struct log_out *o, const struct buf *part)
{
    enum bus_result r = BUS_UNKNOWN;
    uint64_t first, last = 0;
    for (int i = 0; i < TRIES && r == BUS_UNKNOWN; i++)
        r = bus_publish(o->bus, o->subject, part->p, part->len, &o->place.stream, false,
                        &o->place.stream);
    if (r == BUS_OK)
        return r;
    if (bus_range(o->bus, BUS_LOG, &first, &last) != BUS_OK)
        return BUS_UNKNOWN;
    if (last < o->place.stream)
        return begin_epoch(o, last) == BUS_OK ? BUS_NONE : BUS_UNKNOWN;
    if (last > o->place.stream && is_published(o, part)) {
        o->place.stream++;
        return BUS_OK;
    }
    return r == BUS_REFUSED ? BUS_REFUSED : BUS_UNKNOWN;
}

static enum bus_result begin_epoch(struct log_out *o, uint64_t last)
{
    struct envelope_parts parts;
    const struct log_place before = o->place;
    log_line(LOG_WARNING, "log_begins_anew",
             "the broker's log does not continue this store; it begins anew, and copies that "
             "differ are copied again",
             LOG_N("store_at", o->place.stream), LOG_N("log_ends", last));
    o->place.epoch++;
    o->place.stream = last;
    json_t *head = log_head(o, "lead", o->place.batch);
    envelope_write(head, o->place.epoch, "", 0, &parts);
    enum bus_result r = bus_publish(o->bus, o->subject, parts.v->p, parts.v->len, &o->place.stream,
                                    false, &o->place.stream);
    envelope_parts_free(&parts);
    json_decref(head);
    if (r != BUS_OK)
        o->place = before;
    return r;
}

/* The store's log callback: on its writer's thread, before the transaction is committed. */
static int publish_batch(void *arg, const char *changes, size_t n)
{
    struct log_out *o = arg;
    struct envelope_parts parts;
    enum bus_result r = BUS_OK;
    const uint64_t batch = o->place.batch + 1;
    for (int tries = 0; tries < TRIES; tries++) {
        json_t *head = log_head(o, "batch", batch);
        envelope_write(head, batch, changes, n, &parts);
        r = BUS_OK;
        for (size_t i = 0; r == BUS_OK && i < parts.n; i++)
            r = publish_part(o, &parts.v[i]);
        envelope_parts_free(&parts);
        json_decref(head);
        if (r != BUS_NONE)
            break; /* else once more, in the new epoch */
    }
    if (r == BUS_OK) {
        o->place.batch = batch;
        tell_place(o);
        return place_save(o->store, &o->place);
    }
    log_line(LOG_ERR, "batch_refused",
             "the log did not accept a batch: another engine leads, or the broker does not answer",
             LOG_N("batch", batch), LOG_N("bytes", n));
    return STORE_FENCED;
}

static void new_cluster(struct log_place *p)
{
    place_random(p->cluster, PLACE_CLUSTER);
    p->epoch = 1;
}

/* Announces the leader, which makes the log end where no other engine expects it. */
static enum log_out_result announce_leader(struct log_out *o, bool anew)
{
    uint64_t first, last;
    if (bus_range(o->bus, BUS_LOG, &first, &last) != BUS_OK)
        return LOG_OUT_FAILED;
    if (!*o->place.cluster && last)
        return LOG_OUT_FOREIGN;
    if (last > o->place.stream && *o->place.cluster && !anew)
        return LOG_OUT_BEHIND;
    if (!*o->place.cluster)
        new_cluster(&o->place);
    if (last < o->place.stream || anew)
        return begin_epoch(o, last) == BUS_OK ? LOG_OUT_READY : LOG_OUT_FAILED;
    struct envelope_parts parts;
    json_t *head = log_head(o, "lead", o->place.batch);
    envelope_write(head, o->place.term, "", 0, &parts);
    enum bus_result r = publish_part(o, parts.v);
    envelope_parts_free(&parts);
    json_decref(head);
    return r == BUS_OK || r == BUS_NONE ? LOG_OUT_READY
           : r == BUS_REFUSED           ? LOG_OUT_BEHIND
                                        : LOG_OUT_FAILED;
}

enum log_out_result log_out_begin(struct bus *b, struct store *s, uint64_t term,
                                  struct log_out **out)
{
    struct log_out *o = mem_zero(sizeof *o);
    bool alone;
    o->bus = b;
    o->store = s;
    bus_subject(b, "log", NULL, o->subject);
    pthread_mutex_init(&o->lock, NULL);
    enum log_out_result r = LOG_OUT_FAILED;
    if (!place_load(s, &o->place) && !place_is_alone(s, &alone)) {
        o->place.term = term;
        r = announce_leader(o, alone);
    }
    if (r == LOG_OUT_READY && (place_save(s, &o->place) || place_rejoin(s) || store_commit(s)))
        r = LOG_OUT_FAILED;
    if (r != LOG_OUT_READY) {
        log_out_free(o);
        return r;
    }
    store_join(s);
    store_set_log(s, publish_batch, o);
    tell_place(o);
    *out = o;
    return r;
}

void log_out_free(struct log_out *o)
{
    if (!o)
        return;
    pthread_mutex_destroy(&o->lock);
    free(o);
}

void log_out_place(struct log_out *o, struct log_place *out)
{
    pthread_mutex_lock(&o->lock);
    *out = o->told;
    pthread_mutex_unlock(&o->lock);
}
