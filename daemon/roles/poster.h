/* Stores messages in the cluster's STATE stream, on a thread of its own, until each is confirmed.
 * A message that waits is replaced by a later one of the same subject. */
#ifndef ROLES_POSTER_H
#define ROLES_POSTER_H

#include <stddef.h>
#include <stdint.h>

struct bus;
struct poster;

struct poster *poster_new(struct bus *b);
void poster_free(struct poster *p); /* what waits is lost */

/* These do not block. poster_put() takes over `text`. */
void poster_put(struct poster *p, const char *subject, char *text);
void poster_purge(struct poster *p, uint64_t before); /* of the stream IN */
size_t poster_waiting(struct poster *p);

#endif
