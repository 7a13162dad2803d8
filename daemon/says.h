/* What an event says, in its record: the digest of its articles (digest/digest.h). */
#ifndef SAYS_H
#define SAYS_H

#include "digest/digest.h"
#include "store/store.h"

#include <jansson.h>

/* Makes it anew of the articles that the store links to the event. `in_hand`: one of them that the
 * store may not have yet, or NULL. An error of store_strerror(). */
int says_refresh(struct digester *d, struct store *s, json_t *event, const json_t *in_hand);

#endif
