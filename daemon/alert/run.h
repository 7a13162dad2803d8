/* Runs programs on the event loop: no shell, input on standard input, standard output discarded,
 * standard error inherited, with a time limit. */
#ifndef ALERT_RUN_H
#define ALERT_RUN_H

#include <stddef.h>

struct event_base;
struct runner;
struct run;

enum { RUN_SECONDS = 60 }; /* then its process group is killed */

struct runner *runner_new(struct event_base *base);
void runner_free(struct runner *r); /* kills running programs, without calling `done` */

/* Starts a program, looked up in PATH. Calls `done` from the loop when it has ended; `error` is
 * NULL for exit status 0. Returns 0, or an errno value if it cannot be started; then `done` is not
 * called. */
int run_start(struct runner *r, char *const argv[], const char *input, size_t n,
              void (*done)(void *arg, const char *error), void *arg);

#endif
