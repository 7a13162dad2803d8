/* Requests for articles' pages that the engine has a fetcher make (relay.h). */
#ifndef ROLES_ERRANDS_H
#define ROLES_ERRANDS_H

#include <stdint.h>

struct bus;
struct errands;
struct event_base;
struct poll;

/* Makes them with the HTTP client and the rules of `poll`. `member`: share_member() of this one. */
struct errands *errands_new(struct event_base *base, struct bus *b, struct poll *poll,
                            uint64_t member);
void errands_free(struct errands *e); /* before the poll */

#endif
