/* Runs programs on the event loop: no shell, input on standard input, standard error inherited,
 * with a time limit. For alerts' commands, and for scaling pictures apart from the daemon. */
#ifndef RUN_H
#define RUN_H

#include <stddef.h>

struct event_base;
struct runner;
struct run;

struct run_program {
    char *const *argv; /* ends with NULL; the program is looked up in PATH */
    const void *input;
    size_t n;
    int output;  /* descriptor that takes standard output; -1: it is discarded */
    int seconds; /* then its process group is killed */
};

struct runner *runner_new(struct event_base *base);
void runner_free(struct runner *r); /* kills running programs, without calling `done` */

/* Starts a program. Calls `done` from the loop when it has ended; `error` is NULL for exit status
 * 0. Returns 0, or an errno value if it cannot be started; then `done` is not called. */
int run_start(struct runner *r, const struct run_program *program,
              void (*done)(void *arg, const char *error), void *arg);

#endif
