/* What fetchers found, on its way into the leading engine: entries of their outboxes, in order,
 * each of them once. The number of a fetcher's last entry is stored with what it brought; once that
 * is committed, the fetcher is told. */
#ifndef ROLES_ARRIVALS_H
#define ROLES_ARRIVALS_H

#include <jansson.h>

struct arrivals;
struct bus;
struct event_base;
struct ingest;
struct poll;

/* Takes over the polling of `poll`, before its configuration is read; arrivals_start() then
 * announces the feeds, and begins to read. `wrote` is called with the result of what was put into
 * the store. */
struct arrivals *arrivals_new(struct event_base *base, struct bus *b, struct poll *poll,
                              struct ingest *ingest, void (*wrote)(void *, int), void *arg);
void arrivals_start(struct arrivals *a);
void arrivals_free(struct arrivals *a); /* before the poll; also NULL */
void arrivals_committed(struct arrivals *a);

/* The fetchers that have sent something since the start: an array. */
json_t *arrivals_describe(const struct arrivals *a);

#endif
