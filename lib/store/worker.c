/* A thread for blocking jobs; see worker.h. Called by store.c. */
#include "store/worker.h"

#include "base/mem.h"
#include "base/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int (*job)(void *); /* NULL: idle */
    void *arg;
    int result, fd;
    bool tell, end;
};

static void *do_jobs(void *arg)
{
    struct worker *w = arg;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->job && !w->end)
            pthread_cond_wait(&w->changed, &w->lock);
        if (!w->job)
            break;
        pthread_mutex_unlock(&w->lock);
        int result = w->job(w->arg);
        pthread_mutex_lock(&w->lock);
        w->result = result;
        w->job = NULL;
        pthread_cond_broadcast(&w->changed);
        if (w->tell)
            eventfd_write(w->fd, 1);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

int worker_new(struct worker **out)
{
    struct worker *w = mem_zero(sizeof *w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = w->fd < 0 ? errno : thread_start(&w->thread, do_jobs, w);
    if (error) {
        if (w->fd >= 0)
            close(w->fd);
        free(w);
        return error;
    }
    *out = w;
    return 0;
}

void worker_free(struct worker *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->end = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    close(w->fd);
    free(w);
}

void worker_start(struct worker *w, int (*job)(void *), void *arg, bool tell)
{
    pthread_mutex_lock(&w->lock);
    w->job = job;
    w->arg = arg;
    w->tell = tell;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

int worker_wait(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    while (w->job)
        pthread_cond_wait(&w->changed, &w->lock);
    int result = w->result;
    pthread_mutex_unlock(&w->lock);
    return result;
}

bool worker_is_self(const struct worker *w)
{
    return pthread_equal(pthread_self(), w->thread);
}

int worker_fd(const struct worker *w)
{
    return w->fd;
}
