/* The engine that leads: what the daemon has besides, when its role is engine. Its store is
 * connected to the cluster's log, copies of it are served, requests that copies forward are
 * answered, and what fetchers found is ingested. */
#ifndef ROLES_LEADER_H
#define ROLES_LEADER_H

#include "net/routes.h"

#include <stdbool.h>

struct bus;
struct event_base;
struct ingest;
struct in_cluster;
struct lease;
struct leader;
struct poll;
struct store;

/* One for each time that the process leads. `lost` is called once when it no longer may. */
struct leader *leader_new(struct bus *b, struct lease *lease, void (*lost)(void *), void *arg);
void leader_free(struct leader *l); /* after the store was closed */

/* Before anything is read from the store for the engine. Returns 0, STORE_FENCED when it cannot
 * lead now, or an error of the store. */
int leader_open(struct leader *l, struct store *s);

/* Lets fetchers poll and fetch pages, in place of `poll`; before its configuration is read. `wrote`
 * is called with the result of what was put into the store. */
void leader_poll(struct leader *l, struct event_base *base, struct poll *poll,
                 struct ingest *ingest, void (*wrote)(void *, int), void *arg);
void leader_committed(struct leader *l); /* a batch was written; also for NULL */

/* Begins to serve the cluster. `context` is that of the handlers, whose member `cluster` is set. */
void leader_start(struct leader *l, struct event_base *base, const struct routes *routes,
                  struct routes_context *context);
void leader_stop(struct leader *l); /* before the poll and the store are freed */

#endif
