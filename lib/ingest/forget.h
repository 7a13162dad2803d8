/* Removes the text of articles on request, as of a publisher or a court: summary, text, author,
 * image, earlier versions and the page go at once, from the record, from the digest of its event
 * and from the engine's window; the title, the address and what is counted stay. The feed does not
 * bring the text back. A feed is worked off in steps, which continue after a restart. The space is
 * overwritten when it is used again; `storyctl backup` makes a copy without it. Errors are those of
 * store_strerror(). */
#ifndef INGEST_FORGET_H
#define INGEST_FORGET_H

#include <stdbool.h>
#include <stdint.h>

struct ingest;

/* `now`: the clock. STORE_NOT_FOUND: there is no such article, or not any more. *event: the one
 * that it is in. To be committed by the caller. */
int forget_article(struct ingest *in, uint64_t article, int64_t now, uint64_t *event);

/* Begins with the articles of a feed; those that it brings later are not affected. STORE_BUSY:
 * those of another one are still being worked off; STORE_NOT_FOUND: there is no such feed. */
int forget_feed(struct ingest *in, uint64_t feed);

/* One short step of that; *more: call again soon. */
int forget_step(struct ingest *in, int64_t now, bool *more);

#endif
