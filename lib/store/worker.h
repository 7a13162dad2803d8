/* A thread that does one job at a time for another, which waits for it or is told by a descriptor
 * when it is done. What the job works on belongs to that thread until then. */
#ifndef STORE_WORKER_H
#define STORE_WORKER_H

#include <stdbool.h>

struct worker;

int worker_new(struct worker **out); /* 0, or an errno value */
void worker_free(struct worker *w);  /* no job may be under way */

/* Begins a job, and returns at once. `tell`: worker_fd() is to become readable when it is done. */
void worker_start(struct worker *w, int (*job)(void *), void *arg, bool tell);
int worker_wait(struct worker *w); /* what the job returned */

bool worker_is_self(const struct worker *w); /* whether the caller is the job */
int worker_fd(const struct worker *w);       /* an eventfd */

#endif
