/* Starts threads, and waits in them; see thread.h. */
#define _GNU_SOURCE /* pthread_cond_clockwait */
#include "base/thread.h"

#include "base/clock.h"

#include <signal.h>
#include <time.h>

int thread_start(pthread_t *thread, void *(*run)(void *), void *arg)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(thread, NULL, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

void thread_wait(pthread_cond_t *wake, pthread_mutex_t *lock, int64_t ms)
{
    int64_t until = monotonic_us() + ms * 1000;
    const struct timespec at = {(time_t)(until / 1000000), (long)(until % 1000000) * 1000};
    pthread_cond_clockwait(wake, lock, CLOCK_MONOTONIC, &at);
}
