/* Threads beside the one that runs the event loop. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdint.h>

/* Starts a thread that receives no signals: these are for the event loop. 0, or an errno value. */
int thread_start(pthread_t *thread, void *(*run)(void *), void *arg);

/* Waits for a signal of the condition, at most so long by the monotonic clock, which nobody sets.
 * The caller holds the lock, and looks again at what it waits for. */
void thread_wait(pthread_cond_t *wake, pthread_mutex_t *lock, int64_t ms);

#endif
