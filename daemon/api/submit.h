/* Articles that publishers submit: a news agency, or the content management system of a newsroom. A
 * publisher has a record among the feeds, in the state submitted, and its articles take the way of
 * those of a feed. */
#ifndef API_SUBMIT_H
#define API_SUBMIT_H

#include "api/context.h"

/* POST /api/v1/articles: an item of a JSON Feed, with the token of a section [publisher NAME]. */
routes_handler submit_article;

/* Makes the publishers' records agree with the configuration, at the start and at each reload.
 * Returns 0, or an error of the store. */
int submit_configure(struct ingest *in, const struct config *config);

#endif
