/* Pictures of events, where `images` of [http] is on: finds the address of one among an event's
 * articles, fetches it under the rules for pages (robots.txt, limits per host, public addresses
 * only), has it scaled by a process of its own (shrink.h), and keeps it as a file in the folder
 * `pictures` of the store. Called by storyd.c and by the page. */
#ifndef PAGES_PICTURES_H
#define PAGES_PICTURES_H

#include "pages/shrink.h"
#include "store/event_record.h"
#include "story.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct config;
struct event_base;
struct ingest;
struct pictures;
struct poll;

/* All arguments must outlive it. */
struct pictures *pictures_new(struct event_base *base, struct ingest *ingest, struct poll *poll,
                              const struct config *config);
void pictures_free(struct pictures *p); /* NULL is allowed */

void pictures_go_on(struct pictures *p); /* call after a commit */
/* Call after a change of configuration: with images off, deletes all. */
void pictures_look(struct pictures *p);
/* Deletes what is older than pictures are kept. Call from time to time. */
void pictures_tick(struct pictures *p, int64_t now);
/* Deletes all pictures; call when texts are removed on request. Those that are still wanted are
 * fetched again. */
void pictures_clear(struct pictures *p);

/* The picture of an event: the first that can be shown, of the lead article and some others. `key`
 * 0: there is none, or none yet; then its request is queued. */
struct event_picture {
    uint64_t key;
    uint64_t article; /* that names it */
};
struct event_picture pictures_of(struct pictures *p, story_view *view,
                                 const struct event_record *event);

/* Call for a written event: queues the request, if the event has two sources or more. */
void pictures_event(struct pictures *p, story_db *db, const struct event_record *event);

/* Appends a picture in a size: a JPEG. False: there is none with that key. */
bool pictures_read(struct pictures *p, uint64_t key, enum shrink_size size, struct buf *out);

/* Of the present; requests and refused are since the start. */
struct pictures_facts {
    size_t kept, waiting;
    uint64_t bytes;    /* on the disk */
    uint64_t requests; /* for pictures; without those for robots.txt */
    uint64_t refused;  /* failures are among them */
};
struct pictures_facts pictures_facts(const struct pictures *p);

#endif
