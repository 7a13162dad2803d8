/* Older documents of a new feed (RFC 5005); each names the one before it. */
#ifndef POLL_ARCHIVE_H
#define POLL_ARCHIVE_H

#include "net/fetch.h"
#include "poll/document.h"

extern const struct delivery archive_delivery;

void archive_done(void *arg, const struct fetch_answer *a); /* fetch callback */

#endif
