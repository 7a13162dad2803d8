/* Stores messages in the background; see poster.h. */
#include "roles/poster.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/thread.h"
#include "roles/bus.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 500 };

struct post {
    char *subject, *text;
    uint64_t key;
    struct post *next;
};

struct poster {
    struct bus *bus;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct post *first, **last;
    struct map waiting; /* hash of the subject -> struct post in the queue */
    size_t n;
    uint64_t purge;
    bool stop;
};

static void free_post(struct post *p)
{
    free(p->subject);
    free(p->text);
    free(p);
}

/* Called with the lock held. */
static void append_post(struct poster *p, struct post *post)
{
    post->next = NULL;
    *p->last = post;
    p->last = &post->next;
    map_put(&p->waiting, post->key, post);
    p->n++;
}

static struct post *first_post(struct poster *p)
{
    struct post *post = p->first;
    p->first = post->next;
    if (!p->first)
        p->last = &p->first;
    map_remove(&p->waiting, post->key);
    p->n--;
    return post;
}

/* The broker does not answer: it is tried again, unless there is a later one by then. */
static void put_back(struct poster *p, struct post *post)
{
    if (map_get(&p->waiting, post->key))
        free_post(post);
    else
        append_post(p, post);
    if (!p->stop)
        thread_wait(&p->wake, &p->lock, RETRY_MS);
}

static void *post_all(void *arg)
{
    struct poster *p = arg;
    pthread_mutex_lock(&p->lock);
    while (!p->stop) {
        if (!p->first && !p->purge) {
            pthread_cond_wait(&p->wake, &p->lock);
            continue;
        }
        struct post *post = p->first ? first_post(p) : NULL;
        uint64_t purge = post ? 0 : p->purge, seq;
        if (purge)
            p->purge = 0;
        pthread_mutex_unlock(&p->lock);
        if (purge)
            bus_purge(p->bus, BUS_IN, purge);
        bool sent = !post || bus_publish(p->bus, post->subject, post->text, strlen(post->text),
                                         NULL, false, &seq) == BUS_OK;
        pthread_mutex_lock(&p->lock);
        if (!sent)
            put_back(p, post);
        else if (post)
            free_post(post);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct poster *poster_new(struct bus *b)
{
    struct poster *p = mem_zero(sizeof *p);
    p->bus = b;
    p->last = &p->first;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    if (thread_start(&p->thread, post_all, p))
        abort(); /* no threads at the start */
    return p;
}

void poster_free(struct poster *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    while (p->first)
        free_post(first_post(p));
    map_free(&p->waiting);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

void poster_put(struct poster *p, const char *subject, char *text)
{
    uint64_t key = hash64(subject, strlen(subject), 0) | 1;
    pthread_mutex_lock(&p->lock);
    struct post *post = map_get(&p->waiting, key);
    if (post) {
        free(post->text);
        post->text = text;
    } else {
        post = mem_zero(sizeof *post);
        post->subject = mem_str(subject);
        post->text = text;
        post->key = key;
        append_post(p, post);
    }
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

void poster_purge(struct poster *p, uint64_t before)
{
    pthread_mutex_lock(&p->lock);
    p->purge = before;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}

size_t poster_waiting(struct poster *p)
{
    pthread_mutex_lock(&p->lock);
    size_t n = p->n;
    pthread_mutex_unlock(&p->lock);
    return n;
}
