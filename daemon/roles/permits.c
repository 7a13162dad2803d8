/* Asks for permission to poll; see permits.h. */
#include "roles/permits.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "roles/bus.h"
#include "roles/channel.h"

#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, RETRY_S = 5 };

struct question {
    uint64_t feed;
    struct question *next;
};

struct permits {
    struct bus *bus;
    struct channel *to;
    int kind;
    int64_t interval;
    pthread_t threads[THREADS];
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct question *first, **end;
    bool stop;
};

/* When it may be asked again; 0: it may be requested now. */
static int64_t ask_broker(struct permits *a, uint64_t feed)
{
    char subject[BUS_SUBJECT], number[24], text[BUS_SUBJECT];
    struct buf data;
    uint64_t seq = 0;
    int64_t now = wall_clock(), next = 0;
    snprintf(number, sizeof number, "%" PRIu64, feed);
    bus_subject(a->bus, "asked", number, subject);
    enum bus_result r = bus_get(a->bus, BUS_STATE, subject, &seq, &data);
    if (r == BUS_OK) {
        json_t *o = json_loadb(buf_text(&data), data.len, 0, NULL);
        const char *by = json_string_value(json_object_get(o, "by"));
        int64_t time = json_integer_value(json_object_get(o, "time"));
        if (by && strcmp(by, bus_name(a->bus)) != 0 && time <= now && now < time + a->interval)
            next = time + a->interval;
        json_decref(o);
        buf_free(&data);
    } else if (r != BUS_NONE) {
        next = now + RETRY_S;
    }
    if (next)
        return next;
    snprintf(text, sizeof text, "{\"by\":\"%s\",\"time\":%" PRId64 "}", bus_name(a->bus), now);
    r = bus_publish(a->bus, subject, text, strlen(text), &seq, true, &seq);
    return r == BUS_OK ? 0 : r == BUS_REFUSED ? now + a->interval : now + RETRY_S;
}

static void *ask_all(void *arg)
{
    struct permits *a = arg;
    pthread_mutex_lock(&a->lock);
    while (!a->stop) {
        struct question *q = a->first;
        if (!q) {
            pthread_cond_wait(&a->wake, &a->lock);
            continue;
        }
        a->first = q->next;
        if (!a->first)
            a->end = &a->first;
        pthread_mutex_unlock(&a->lock);
        int64_t next = ask_broker(a, q->feed);
        struct message *m = message_new(a->kind, (const char *)&next, sizeof next);
        m->place = q->feed;
        channel_put(a->to, m, true);
        free(q);
        pthread_mutex_lock(&a->lock);
    }
    pthread_mutex_unlock(&a->lock);
    return NULL;
}

struct permits *permits_new(struct bus *b, struct channel *to, int kind, int64_t interval)
{
    struct permits *a = mem_zero(sizeof *a);
    a->bus = b;
    a->to = to;
    a->kind = kind;
    a->interval = interval;
    a->end = &a->first;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->wake, NULL);
    for (int i = 0; i < THREADS; i++)
        if (thread_start(&a->threads[i], ask_all, a))
            abort(); /* no threads at the start */
    return a;
}

void permits_free(struct permits *a)
{
    if (!a)
        return;
    pthread_mutex_lock(&a->lock);
    a->stop = true;
    pthread_cond_broadcast(&a->wake);
    pthread_mutex_unlock(&a->lock);
    for (int i = 0; i < THREADS; i++)
        pthread_join(a->threads[i], NULL);
    while (a->first) {
        struct question *q = a->first;
        a->first = q->next;
        free(q);
    }
    pthread_cond_destroy(&a->wake);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

void permits_ask(struct permits *a, uint64_t feed)
{
    struct question *q = mem_zero(sizeof *q);
    q->feed = feed;
    pthread_mutex_lock(&a->lock);
    *a->end = q;
    a->end = &q->next;
    pthread_cond_signal(&a->wake);
    pthread_mutex_unlock(&a->lock);
}

bool permits_answer(const struct message *m, uint64_t *feed, int64_t *next)
{
    *feed = m->place;
    memcpy(next, m->data, sizeof *next);
    return *next == 0;
}
