/* What every process of storyd does as a systemd service, whatever its role: it answers the
 * watchdog and reads a changed configuration. */
#ifndef SERVICE_H
#define SERVICE_H

#include "config.h"

#include <stdbool.h>

struct event;
struct event_base;

/* A timer that tells systemd that the loop runs; it never fires unless WatchdogSec is set. */
struct event *service_watchdog(struct event_base *base);

/* At a reload: reads and checks the configuration again. False, logged, with nothing to free, when
 * it is invalid. */
bool service_read_again(const char *path, char *const *given, struct config *new);

/* Logs the first changed option that takes effect at the next start. Before the old configuration
 * is freed. */
void service_tell_restart(const struct config *old, const struct config *new);

#endif
