/* Who published an article, and its canonical address. The table is config/publishers.conf, the
 * registrable domains are those of the Public Suffix List (libpsl). */
#ifndef ARTICLE_PUBLISHER_H
#define ARTICLE_PUBLISHER_H

#include <stdbool.h>

struct publishers;

struct publishers *publishers_new(void);
void publishers_free(struct publishers *p);

/* Who publishes what is at an address: the registrable domain in ASCII; on a platform the account
 * that the address shows ("name.substack.com", "youtube.com/@name"); or what the family of either
 * counts as. NULL for a transport, an address on a platform that shows no account, and what is no
 * http address. To be freed by the caller. */
char *publisher_of_url(const struct publishers *p, const char *url);

/* Does the address lead through a transport that does not show where to? */
bool publisher_is_transport(const char *url);

/* Is the domain that of a transport, or the one that a transport belongs to ("google.com")? */
bool publisher_may_be_transport(const char *domain);

/* Is it the address of an aggregator's feed, which carries many publishers' articles? */
bool publisher_is_aggregator(const char *url);

/* The platform an address is on ("youtube.com"), or NULL. The table's. */
const char *publisher_platform(const char *url);

/* The address of the article itself, which readers are given: redirectors and caches seen through,
 * "&amp;" read once more, scheme and host in lower case, without a login, a default port, a dot at
 * the host's end, and what [trackers] names; all else as the publisher wrote it, so that it opens.
 * "" for what is no http address, or a longer one than 8 KiB. To be freed by the caller. */
char *publisher_canonical_url(const char *url);

/* What two addresses of one article have in common, for comparing alone: the canonical address
 * without its scheme, without "www.", "m.", "mobile." or "amp." before the host, without slashes or
 * "/amp" at the path's end, without what [trackers] and [tracking] name. One spelling of many: a
 * host of other letters is in ASCII (IDNA 2008, UTS 46), percent-encoding is as url_add_normal()
 * has it, dot segments are resolved. "" for what is no http address. To be freed by the caller. */
char *publisher_url_key(const char *canonical);

#endif
