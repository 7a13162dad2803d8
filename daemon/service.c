/* Does what every process of storyd does as a service; see service.h. */
#include "service.h"

#include "base/buf.h"
#include "log.h"
#include "must.h"

#include <event2/event.h>
#include <systemd/sd-daemon.h>

enum { MAX_MESSAGE = 8192 };

static void on_watchdog(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg;
    sd_notify(0, "WATCHDOG=1");
}

struct event *service_watchdog(struct event_base *base)
{
    uint64_t usec;
    struct event *timer = must_event(event_new(base, -1, EV_PERSIST, on_watchdog, NULL));
    if (sd_watchdog_enabled(0, &usec) > 0) {
        const struct timeval half = {(time_t)(usec / 2000000), (suseconds_t)(usec / 2 % 1000000)};
        event_add(timer, &half);
    }
    return timer;
}

bool service_read_again(const char *path, char *const *given, struct config *new)
{
    struct buf error;
    buf_init(&error, MAX_MESSAGE);
    bool ok = config_read(path, given, new, &error) && config_check(path, new, &error);
    if (!ok) {
        log_line(LOG_ERR, "config_rejected", "configuration rejected; keeping the previous one",
                 LOG_T("error", buf_text(&error)));
        config_free(new);
    }
    buf_free(&error);
    return ok;
}

void service_tell_restart(const struct config *old, const struct config *new)
{
    const char *option = config_needs_restart(old, new);
    if (option)
        log_line(LOG_WARNING, "restart_needed", "a changed option requires a restart",
                 LOG_T("option", option));
}
