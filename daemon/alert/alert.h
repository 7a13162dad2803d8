/* Alerts: of an event for which all that an [alert NAME] of the configuration says is true, its
 * webhook, command or mail is told, once: not again after a merge, a split or a restart.
 *
 * That it was raised is written in the same transaction as the event, and what is to be sent with
 * it; so it is sent at least once, and whoever gets it twice knows it by its id. */
#ifndef ALERT_ALERT_H
#define ALERT_ALERT_H

#include "config.h"
#include "ingest/ingest.h"

#include <jansson.h>

struct alerts;
struct event_base;

/* `wrote` is called after something was put into the store, or with an error of it. The
 * configuration is looked at with each use; it must stay where it is. */
struct alerts *alerts_new(struct event_base *base, struct store *store, const struct config *config,
                          void (*wrote)(void *, int error), void *arg);
void alerts_free(struct alerts *a); /* what is not delivered is at the next start */

/* The configuration has changed, where it is. */
void alerts_reloaded(struct alerts *a);

/* What an earlier run left to deliver. 0, or an error of the store. */
int alerts_load(struct alerts *a);

/* The store cannot be written: nothing more is sent, for that it was could not be kept. */
void alerts_stop(struct alerts *a);

void alerts_news(struct alerts *a, const struct ingest_news *news);
int alerts_check(struct alerts *a, const json_t *event); /* as it is written */
void alerts_written(struct alerts *a);                   /* once it is: what waits is delivered */

#endif
