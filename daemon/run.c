/* Runs programs with posix_spawn() on the event loop, without a shell, and kills those that run too
 * long. */
#define _GNU_SOURCE /* memfd_create, posix_spawn_file_actions_addclosefrom_np */
#include "must.h"
#include "run.h"

#include "base/mem.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct runner {
    struct event_base *base;
    struct event *ended;
    struct run *first;
};

struct run {
    struct runner *runner;
    struct run *next;
    pid_t pid; /* also its process group */
    struct event *timer;
    int late, seconds;
    void (*done)(void *, const char *);
    void *arg;
};

static void run_free(struct run *run)
{
    struct run **at = &run->runner->first;
    while (*at != run)
        at = &(*at)->next;
    *at = run->next;
    event_free(run->timer);
    free(run);
}

static void finish_run(struct run *run, int status)
{
    char text[80];
    const char *error = text;
    if (run->late)
        snprintf(text, sizeof text, "killed after %d seconds", run->seconds);
    else if (WIFSIGNALED(status))
        snprintf(text, sizeof text, "killed by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status))
        snprintf(text, sizeof text, "exit status %d", WEXITSTATUS(status));
    else
        error = NULL;
    run->done(run->arg, error);
    run_free(run);
}

static void on_child_signal(evutil_socket_t number, short what, void *arg)
{
    (void)number, (void)what;
    struct runner *r = arg;
    struct run *next;
    for (struct run *run = r->first; run; run = next) {
        int status;
        next = run->next;
        if (waitpid(run->pid, &status, WNOHANG) == run->pid)
            finish_run(run, status);
    }
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct run *run = arg;
    run->late = 1;
    kill(-run->pid, SIGKILL);
}

/* A memory file rather than a pipe, so that a program that does not read cannot block us. */
static int input_file(const void *input, size_t n)
{
    int fd = memfd_create("storyd-input", MFD_CLOEXEC);
    if (fd >= 0 && (write(fd, input, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int spawn(const struct run_program *program, int input, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t ours;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    sigemptyset(&ours);
    sigaddset(&ours, SIGPIPE); /* which we ignore; reset it for the program */
    posix_spawnattr_setsigdefault(&how, &ours);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
    int error = posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    if (!error && program->output >= 0)
        error = posix_spawn_file_actions_adddup2(&files, program->output, STDOUT_FILENO);
    else if (!error)
        error = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    if (!error)
        error = posix_spawnp(pid, program->argv[0], &files, &how, program->argv, environ);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

int run_start(struct runner *r, const struct run_program *program,
              void (*done)(void *, const char *), void *arg)
{
    pid_t pid;
    int fd = input_file(program->input, program->n);
    if (fd < 0)
        return errno;
    int error = spawn(program, fd, &pid);
    close(fd);
    if (error)
        return error;
    struct run *run = mem_zero(sizeof *run);
    *run = (struct run){.runner = r,
                        .next = r->first,
                        .pid = pid,
                        .seconds = program->seconds,
                        .done = done,
                        .arg = arg};
    run->timer = must_event(evtimer_new(r->base, on_late, run));
    const struct timeval in = {program->seconds, 0};
    evtimer_add(run->timer, &in);
    r->first = run;
    return 0;
}

struct runner *runner_new(struct event_base *base)
{
    struct runner *r = mem_zero(sizeof *r);
    r->base = base;
    r->ended = evsignal_new(base, SIGCHLD, on_child_signal, r);
    if (!r->ended || event_add(r->ended, NULL))
        abort(); /* out of memory */
    return r;
}

void runner_free(struct runner *r)
{
    if (!r)
        return;
    while (r->first) {
        kill(-r->first->pid, SIGKILL);
        waitpid(r->first->pid, NULL, 0);
        run_free(r->first);
    }
    event_free(r->ended);
    free(r);
}
