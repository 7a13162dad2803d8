/* Watches one file with inotify. storyd.c uses it to reload the feed list. */
#include "watch.h"

#include "base/mem.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

struct watch {
    struct event *event;
    int fd, folder;    /* of inotify; the folder is watched, because editors replace files */
    char *path, *name; /* resolved; the name points into the path */
    void (*changed)(void *);
    void *arg;
};

static bool is_ours(const struct watch *w, const struct inotify_event *e)
{
    return w->path && e->wd == w->folder && e->len && !strcmp(e->name, w->name);
}

static void on_notice(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct watch *w = arg;
    char notices[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
    bool changed = false;
    ssize_t n;
    while ((n = read(fd, notices, sizeof notices)) > 0) {
        const char *p = notices, *end = notices + n;
        while (p < end) {
            const struct inotify_event *e = (const void *)p;
            changed |= is_ours(w, e);
            p += sizeof *e + e->len;
        }
    }
    if (changed)
        w->changed(w->arg);
}

struct watch *watch_new(struct event_base *base, void (*changed)(void *), void *arg)
{
    struct watch *w = mem_zero(sizeof *w);
    w->changed = changed;
    w->arg = arg;
    w->folder = -1;
    w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (w->fd < 0)
        return w; /* too many inotify instances; watch_file() fails */
    w->event = event_new(base, w->fd, EV_READ | EV_PERSIST, on_notice, w);
    if (!w->event || event_add(w->event, NULL))
        abort(); /* out of memory */
    return w;
}

static void forget_folder(struct watch *w)
{
    if (w->folder >= 0)
        inotify_rm_watch(w->fd, w->folder);
    free(w->path);
    w->path = NULL;
    w->folder = -1;
}

void watch_free(struct watch *w)
{
    if (!w)
        return;
    forget_folder(w);
    if (w->event)
        event_free(w->event);
    if (w->fd >= 0)
        close(w->fd);
    free(w);
}

int watch_file(struct watch *w, const char *path)
{
    if (!path) {
        forget_folder(w);
        return 0;
    }
    char *real = realpath(path, NULL);
    if (!real)
        return errno;
    if (w->path && !strcmp(real, w->path)) {
        free(real);
        return 0;
    }
    forget_folder(w);
    char *slash = strrchr(real, '/');
    *slash = 0;
    w->folder = inotify_add_watch(w->fd, *real ? real : "/", IN_CLOSE_WRITE | IN_MOVED_TO);
    int error = w->folder < 0 ? errno : 0;
    *slash = '/';
    w->path = real;
    w->name = slash + 1;
    if (error)
        forget_folder(w);
    return error;
}
