/* Polling when the process that polls is not the one that ingests (daemon/roles/): fetchers poll
 * for the engine, which polls nothing. */
#ifndef POLL_APART_H
#define POLL_APART_H

#include "feed/feed.h"
#include "poll/apart_hooks.h"
#include "store/feed_record.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct poll;

/* ---- the process that polls ----------------------------------------------------------------- */

void apart_fetch(struct poll *p, const struct apart_fetcher *client); /* which stays the caller's */

/* Takes over a feed, with ownership of its record, or what the list says of one that it has. */
void apart_adopt(struct poll *p, struct feed_record *sub, const char *login);
void apart_release(struct poll *p, uint64_t feed);
bool apart_has(const struct poll *p, uint64_t feed);
/* Calls back for each feed's number and address; those for which it returns false are released. */
void apart_keep(struct poll *p, bool (*stays)(void *arg, const struct feed_record *sub), void *arg);

/* With `yes` false the feed is due again at `next`. No effect if nothing is awaited. */
void apart_grant(struct poll *p, uint64_t feed, bool yes, int64_t next);
void apart_pause(struct poll *p, bool pause); /* starts no polls until it is ended */

/* ---- the process that ingests --------------------------------------------------------------- */

void apart_engine(struct poll *p, const struct apart_engine *client); /* before poll_configure() */

/* A poll of a feed as its fetcher reports it: the record after it, and a document, which it takes
 * over, or NULL. Returns true if the document is being ingested; `ended` is called then. */
bool apart_arrive(struct poll *p, uint64_t feed, const json_t *record, const char *moved,
                  struct feed *document);
void apart_announce(struct poll *p); /* calls `saved` for each feed */

/* Has the requests of outgoing_start() made elsewhere; NULL: here. */
void apart_relay_by(struct poll *p, const struct apart_relay *relay);

#endif
