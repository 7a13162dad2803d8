/* Finds the publisher of an article and its canonical address. The table is config/publishers.conf;
 * registrable domains follow the Public Suffix List (libpsl). */
#ifndef ARTICLE_PUBLISHER_H
#define ARTICLE_PUBLISHER_H

#include <stdbool.h>

struct publishers;

struct publishers *publishers_new(void);
void publishers_free(struct publishers *p);

/* The key of the publisher at an address: the registrable domain in ASCII; on a platform the
 * account that the address shows ("name.substack.com", "youtube.com/@name"); or the family that
 * either belongs to. NULL for a transport, for an address on a platform that shows no account, and
 * for anything other than an http address. The caller frees it. */
char *publisher_of_url(const struct publishers *p, const char *url);

/* Whether the address leads through a transport that hides the target. */
bool publisher_is_transport(const char *url);

/* Whether the domain is that of a transport, or the parent of one ("google.com"). */
bool publisher_may_be_transport(const char *domain);

/* Whether it is the address of an aggregator's feed, which has articles of many publishers. */
bool publisher_is_aggregator(const char *url);

/* The platform of an address ("youtube.com"), or NULL. Owned by the table. */
const char *publisher_platform(const char *url);

/* The address of the article that readers are given: redirectors and caches are unwrapped, "&amp;"
 * is unescaped, scheme and host are in lower case, and login, default port, the host's trailing dot
 * and [trackers] parameters are removed. Everything else stays as the publisher wrote it, so that
 * the address works. "" for anything other than an http address, or if it is longer than 8 KiB. The
 * caller frees it. */
char *publisher_canonical_url(const char *url);

/* A key for comparing addresses of the same article; it is not an address. It is the canonical
 * address without scheme, without "www.", "m.", "mobile." or "amp." before the host, without
 * slashes or "/amp" at the path's end, and without [trackers] and [tracking] parameters. Equivalent
 * spellings are unified: internationalised hosts are in ASCII (IDNA 2008, UTS 46), percent-encoding
 * follows url_add_normal(), dot segments are resolved. "" for anything other than an http address.
 * The caller frees it. */
char *publisher_url_key(const char *canonical);

#endif
