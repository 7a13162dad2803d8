/* Who published an article, and its canonical address. The table is config/publishers.conf, the
 * registrable domains are those of the Public Suffix List (libpsl). */
#ifndef FEED_PUBLISHER_H
#define FEED_PUBLISHER_H

#include <stdbool.h>

struct publishers;

struct publishers *publishers_new(void);
void publishers_free(struct publishers *p);

/* The publisher's domain of an address: the registrable domain, or the one its family counts as.
 * NULL for a transport, a platform, and what is no http address. To be freed by the caller. */
char *publisher_of_url(const struct publishers *p, const char *url);

/* What an account on a platform ("youtube.com/some-channel") is counted as: itself, or its family.
 * To be freed by the caller. */
char *publisher_of_account(const char *account);

/* Does the address lead through a transport that does not show where to? */
bool publisher_is_transport(const char *url);

/* Is the domain that of a transport, or the one that a transport belongs to ("google.com")? */
bool publisher_may_be_transport(const char *domain);

/* Is it the address of an aggregator's feed, which carries many publishers' articles? */
bool publisher_is_aggregator(const char *url);

/* The platform an address is on ("youtube.com"), or NULL. The table's. */
const char *publisher_platform(const char *url);

/* The address of the article itself: redirectors and caches seen through, "&amp;" read once more,
 * tracking parameters and default ports left out, scheme and host in lower case. To be freed by the
 * caller. */
char *publisher_canonical_url(const char *url);

/* The form in which two addresses of one article are equal: the canonical one without its scheme,
 * without "www.", "m." or "amp." before the host, without a slash or "/amp" at the end. */
char *publisher_url_key(const char *canonical);

#endif
