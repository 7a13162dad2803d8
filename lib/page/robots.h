/* What a site asks of robots (RFC 9309). Pure: bytes in, answers out. */
#ifndef PAGE_ROBOTS_H
#define PAGE_ROBOTS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ROBOTS_MAX_BYTES = 512 << 10, /* what is read of it (RFC 9309, 2.5: at least 500 KiB) */
    ROBOTS_MAX_RULES = 4096,
    ROBOTS_MAX_PATTERN = 2048,  /* bytes of one rule's */
    ROBOTS_MAX_KEPT = 16 << 10, /* what robots_write() writes */
    ROBOTS_MAX_DELAY = 24 * 60 * 60 * 1000,
};

struct robots;

/* The rules for `agent` (its product token, "storyd"): those of all groups that name it, together;
 * where none does, those for "*". Bytes of any kind; a page of HTML has no rules. Rules that are
 * too many or too long are replaced by ones that disallow more, never less. */
struct robots *robots_read(const char *bytes, size_t n, const char *agent)
    __attribute__((returns_nonnull, warn_unused_result));
void robots_free(struct robots *r); /* NULL is none */

/* Whether the address may be asked for. The longest rule that matches counts, of two as long the
 * one that allows. The query is part of the path. What is no http or https address may not be asked
 * for; one without end only where nothing is disallowed. */
bool robots_allow(const struct robots *r, const char *url);

/* Crawl-delay of the same group, not of the RFC, in milliseconds: the longest that is said, at most
 * ROBOTS_MAX_DELAY. It is for the agents named above it. -1: none, or nonsense. */
int64_t robots_delay(const struct robots *r);

/* Adds these rules alone as a robots.txt, for keeping: robots_read() reads the same from it, for
 * any agent, and the same bytes are written of that. `out` needs room for ROBOTS_MAX_KEPT. Where
 * the rules do not fit, allows are left out; where the disallows alone do not, they are cut to
 * shorter ones, which disallow more. A comment says so. */
void robots_write(const struct robots *r, struct buf *out);

/* Whether the pattern (`*` is any text, `$` at its end is the end) matches the path, as one of a
 * rule does. An empty one matches nothing. Of a path ROBOTS_MAX_PATH is looked at. */
bool robots_pattern(const char *pattern, const char *path);

/* Whether the name ("Storyd", "storyd/1.0"; not "story", "storyd-x") is the agent's: the product
 * token is compared, without case. */
bool robots_names(const char *name, size_t n, const char *agent);

#endif
