/* The rules of a site's robots.txt (RFC 9309). No I/O: bytes in, answers out. */
#ifndef PAGE_ROBOTS_H
#define PAGE_ROBOTS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ROBOTS_MAX_BYTES = 512 << 10, /* maximum that is read (RFC 9309, 2.5: at least 500 KiB) */
    ROBOTS_MAX_RULES = 4096,
    ROBOTS_MAX_PATTERN = 2048,  /* bytes of one rule's pattern */
    ROBOTS_MAX_KEPT = 16 << 10, /* maximum that robots_write() writes */
    ROBOTS_MAX_DELAY = 24 * 60 * 60 * 1000,
};

struct robots;

/* Parses the rules for `agent` (its product token, "storyd"): those of all groups that name it,
 * combined; if there are none, those for "*". The bytes may be anything; an HTML page has no rules.
 * Rules that are too many or too long are replaced by ones that disallow more, never less. */
struct robots *robots_read(const char *bytes, size_t n, const char *agent)
    __attribute__((returns_nonnull, warn_unused_result));
void robots_free(struct robots *r); /* accepts NULL */

/* Whether the address may be requested. The longest matching rule decides; of equally long ones, an
 * allow. The query is part of the path. Anything other than an http or https address is disallowed;
 * an overlong one is allowed only if nothing is disallowed. */
bool robots_allow(const struct robots *r, const char *url);

/* The Crawl-delay of the same groups, a non-standard record, in milliseconds: the longest one, at
 * most ROBOTS_MAX_DELAY. It applies to the agents named above it. -1: none, or invalid. */
int64_t robots_delay(const struct robots *r);

/* Writes these rules as a robots.txt for storage: robots_read() reads the same rules from it, for
 * any agent, and writing those again gives the same bytes. `out` needs room for ROBOTS_MAX_KEPT. If
 * the rules do not fit, allows are dropped; if the disallows alone do not fit, they are shortened,
 * and so disallow more. A comment in the output notes this. */
void robots_write(const struct robots *r, struct buf *out);

/* Whether the pattern (`*` matches any text, a final `$` the end) matches the path as in a rule. An
 * empty pattern matches nothing. Only the first ROBOTS_MAX_PATH bytes of a path are used. */
bool robots_pattern(const char *pattern, const char *path);

/* Whether the name ("Storyd", "storyd/1.0"; not "story", "storyd-x") is the agent's: compares the
 * product token, ignoring case. */
bool robots_names(const char *name, size_t n, const char *agent);

#endif
