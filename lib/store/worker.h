/* A thread that does one job at a time for another, which waits for it or is notified by a
 * descriptor. Until then the data of the job belongs to this thread. */
#ifndef STORE_WORKER_H
#define STORE_WORKER_H

#include <stdbool.h>

struct worker;

int worker_new(struct worker **out); /* 0, or an errno value */
void worker_free(struct worker *w);  /* no job may be running */

/* Starts a job and returns at once. `tell`: worker_fd() becomes readable when it is done. */
void worker_start(struct worker *w, int (*job)(void *), void *arg, bool tell);
int worker_wait(struct worker *w); /* returns the job's result */

bool worker_is_self(const struct worker *w); /* true when called from the job */
int worker_fd(const struct worker *w);       /* an eventfd */

#endif
