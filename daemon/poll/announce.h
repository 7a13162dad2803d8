/* Tells hubs (WebSub) that the outgoing feeds have changed, so that their subscribers receive them
 * at once. The feeds are those without filters, at their addresses below base_url. */
#ifndef POLL_ANNOUNCE_H
#define POLL_ANNOUNCE_H

#include <stdint.h>

struct announcer;
struct config;
struct event_base;
struct poll;

enum { ANNOUNCE_PAUSE = 60000 /* ms */ };

/* `version`: as in announce_committed(), at the start. */
struct announcer *announce_new(struct event_base *base, struct poll *poll, uint64_t version);
void announce_free(struct announcer *a);

/* Call at the start and at each reload. */
void announce_configure(struct announcer *a, const struct config *config);

/* Call after a commit. `version` differs from that of the call before if the feeds may have
 * changed: each hub is told at once, or ANNOUNCE_PAUSE after it was last told. */
void announce_committed(struct announcer *a, uint64_t version);

/* How long to wait after so many failures in a row, in milliseconds: ANNOUNCE_PAUSE, doubled for
 * each, up to an hour. */
int64_t announce_pause(unsigned failures);

#endif
