/* Other programs, run on the event loop: no shell, a text on standard input, standard output thrown
 * away, standard error our own, and an end after a time. */
#ifndef ALERT_RUN_H
#define ALERT_RUN_H

#include <stddef.h>

struct event_base;
struct runner;
struct run;

enum { RUN_SECONDS = 60 }; /* then it and what it started are killed */

struct runner *runner_new(struct event_base *base);
void runner_free(struct runner *r); /* kills those that run, without a call */

/* Calls `done` from the loop once it has ended: `error` is NULL for exit status 0. The program is
 * looked for in PATH. An error of errno when it cannot be started; then `done` is not called. */
int run_start(struct runner *r, char *const argv[], const char *input, size_t n,
              void (*done)(void *arg, const char *error), void *arg);

#endif
