/* Asks, on threads of its own, whether this fetcher may request a feed now: writes asked.NUMBER
 * into the cluster's STATE stream by naming the message before. It may not when another fetcher has
 * requested the feed within the interval, or does so at this moment, or the broker does not answer.
 */
#ifndef ROLES_PERMITS_H
#define ROLES_PERMITS_H

#include <stdbool.h>
#include <stdint.h>

struct permits;
struct bus;
struct channel;
struct message;

/* The answers are put into `to` as messages of `kind`. `interval`: seconds. */
struct permits *permits_new(struct bus *b, struct channel *to, int kind, int64_t interval);
void permits_free(
    struct permits *a); /* after bus_stop() or at most some seconds later; also NULL */

void permits_ask(struct permits *a, uint64_t feed);

/* Whether it may; if not, when to ask again, in seconds since 1970. */
bool permits_answer(const struct message *m, uint64_t *feed, int64_t *next);

#endif
