/* Holds, watches and takes the lease of the leading engine, on a thread of its own; see lease.h. */
#include "roles/lease.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "log.h"
#include "roles/bus.h"
#include "roles/channel.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RENEW_MS = 500 };

struct lease {
    struct bus *bus;
    char subject[BUS_SUBJECT];
    bool automatic;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    /* under the lock: */
    struct lease_facts facts;
    int64_t seen; /* when the last renewal was seen; monotonic milliseconds, 0: never */
    uint64_t at;  /* the last message of the log that is in the store */
    uint64_t store_term;
    enum lease_may may;
    bool promoted, given_up, stop;
    struct channel *to;
    int kind;
    /* of the thread: */
    bool prepared; /* the cluster's streams exist */
    uint64_t seq;  /* of the last lease */
};

static void set_facts(struct lease *l, bool leads, uint64_t term, const char *name, bool seen)
{
    pthread_mutex_lock(&l->lock);
    bool changed = leads != l->facts.leads;
    l->facts.leads = leads;
    l->facts.term = term;
    snprintf(l->facts.name, sizeof l->facts.name, "%s", name);
    if (seen)
        l->seen = monotonic_ms();
    if (changed && l->to)
        channel_put(l->to, message_new(l->kind, NULL, 0), false);
    pthread_mutex_unlock(&l->lock);
}

static enum bus_result write_lease(struct lease *l, uint64_t term)
{
    json_t *o = json_pack("{s:s, s:I, s:s}", "name", bus_name(l->bus), "term", (json_int_t)term,
                          "version", STORYD_VERSION);
    char *text = json_dumps(o, JSON_COMPACT);
    enum bus_result r = bus_publish(l->bus, l->subject, text, strlen(text), &l->seq, true, &l->seq);
    if (r == BUS_UNKNOWN)
        l->prepared = false; /* it may have lost the stream */
    free(text);
    json_decref(o);
    return r;
}

/* Reads the lease; returns whether the broker answered. */
static bool read_lease(struct lease *l, uint64_t *term, char name[LEASE_NAME], bool *renewed)
{
    struct buf data;
    uint64_t seq = 0;
    enum bus_result r = bus_get(l->bus, BUS_STATE, l->subject, &seq, &data);
    *term = 0;
    *name = 0;
    *renewed = r == BUS_OK && seq != l->seq;
    if (r == BUS_OK) {
        json_t *o = json_loadb(buf_text(&data), data.len, 0, NULL);
        const char *holder = json_string_value(json_object_get(o, "name"));
        *term = (uint64_t)json_integer_value(json_object_get(o, "term"));
        snprintf(name, LEASE_NAME, "%s", holder ? holder : "");
        json_decref(o);
        buf_free(&data);
    }
    if (r == BUS_OK || r == BUS_NONE)
        l->seq = seq;
    else
        l->prepared = false;
    return r == BUS_OK || r == BUS_NONE;
}

/* Somebody else has written the lease, or an answer to a renewal was lost. */
static void look_again(struct lease *l, uint64_t mine)
{
    uint64_t term;
    char name[LEASE_NAME];
    bool renewed;
    if (!read_lease(l, &term, name, &renewed) || term < mine ||
        (term == mine && !strcmp(name, bus_name(l->bus))))
        return; /* the broker may have lost some leases: the next renewal follows the last one */
    const char *leader = name;
    log_line(LOG_WARNING, "leadership_lost", "another engine leads now", LOG_T("engine", leader),
             LOG_N("term", term));
    set_facts(l, false, term, name, true);
}

/* Also when the log is shorter than the store: then servers have lost some of it. */
static bool is_at_end(struct lease *l, uint64_t at)
{
    uint64_t first, last;
    return bus_range(l->bus, BUS_LOG, &first, &last) == BUS_OK && last <= at;
}

static void follow_lease(struct lease *l, const struct lease_facts *was, int64_t seen,
                         bool promoted)
{
    uint64_t term;
    char name[LEASE_NAME];
    bool renewed;
    if (!read_lease(l, &term, name, &renewed))
        return;
    int64_t now = monotonic_ms();
    bool mine = !strcmp(name, bus_name(l->bus));
    bool expired = l->automatic && !renewed && was->term == term && seen && now - seen > LEASE_MS;
    set_facts(l, false, term, name, renewed || !seen);
    pthread_mutex_lock(&l->lock);
    uint64_t at = l->at;
    bool first = l->may == LEASE_FIRST && !*name,
         may = l->may != LEASE_NEVER && (mine || first || promoted || expired);
    uint64_t next = (l->store_term > term ? l->store_term : term) + 1;
    pthread_mutex_unlock(&l->lock);
    if (!may || !is_at_end(l, at) || write_lease(l, next) != BUS_OK)
        return;
    log_line(LOG_INFO, "leadership_taken", "this engine leads now", LOG_N("term", next),
             LOG_T("before", was->name));
    pthread_mutex_lock(&l->lock);
    l->promoted = false;
    pthread_mutex_unlock(&l->lock);
    set_facts(l, true, next, bus_name(l->bus), true);
}

static void *keep_lease(void *arg)
{
    struct lease *l = arg;
    pthread_mutex_lock(&l->lock);
    while (!l->stop) {
        const struct lease_facts was = l->facts;
        int64_t seen = l->seen;
        bool promoted = l->promoted, given_up = l->given_up;
        l->given_up = false;
        pthread_mutex_unlock(&l->lock);
        l->prepared = l->prepared || bus_prepare(l->bus) == BUS_OK;
        if (!l->prepared) {
            /* the broker does not answer */
        } else if (was.leads && given_up) {
            set_facts(l, false, was.term, was.name, true);
        } else if (was.leads) {
            enum bus_result r = write_lease(l, was.term);
            if (r == BUS_OK)
                set_facts(l, true, was.term, was.name, true);
            else if (r == BUS_REFUSED)
                look_again(l, was.term);
        } else {
            follow_lease(l, &was, seen, promoted);
        }
        pthread_mutex_lock(&l->lock);
        if (!l->stop)
            thread_wait(&l->wake, &l->lock, RENEW_MS);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

struct lease *lease_new(struct bus *b, bool automatic)
{
    struct lease *l = mem_zero(sizeof *l);
    l->bus = b;
    l->automatic = automatic;
    bus_subject(b, "lease", NULL, l->subject);
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->wake, NULL);
    if (thread_start(&l->thread, keep_lease, l))
        abort(); /* no threads at the start */
    return l;
}

void lease_free(struct lease *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    pthread_cond_destroy(&l->wake);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

void lease_tell(struct lease *l, struct channel *to, int kind)
{
    pthread_mutex_lock(&l->lock);
    l->to = to;
    l->kind = kind;
    pthread_mutex_unlock(&l->lock);
}

void lease_at(struct lease *l, const struct log_place *at, enum lease_may may)
{
    pthread_mutex_lock(&l->lock);
    l->at = at->stream;
    l->store_term = at->term;
    l->may = may;
    pthread_mutex_unlock(&l->lock);
}

void lease_promote(struct lease *l)
{
    pthread_mutex_lock(&l->lock);
    l->promoted = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

void lease_give_up(struct lease *l)
{
    pthread_mutex_lock(&l->lock);
    l->given_up = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

void lease_facts(struct lease *l, struct lease_facts *out)
{
    pthread_mutex_lock(&l->lock);
    *out = l->facts;
    out->age = l->seen ? monotonic_ms() - l->seen : -1;
    pthread_mutex_unlock(&l->lock);
}
