/* A feed document being received: hashed as it arrives, and parsed as it arrives once it is known
 * to differ from the last version. Pure: the caller passes in the bytes and decides how much to
 * parse. */
#ifndef POLL_INTAKE_H
#define POLL_INTAKE_H

#include "feed/parser.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two versions of a feed nearly always differ near the start, in the date of the feed or the newest
 * item: 98 % of 1,313 changed documents of 22 outlets differ within these bytes. So the hash of the
 * head decides whether parsing can begin at once; an unchanged document is never parsed. */
enum { INTAKE_HEAD = 4096 };

/* 53-bit hashes, which every JSON reader represents exactly; 0: no document. */
struct intake_hashes {
    uint64_t head, all;
};

struct intake;

struct intake *intake_new(const char *base_url, const char *content_type,
                          struct intake_hashes last);
void intake_add(struct intake *in, const void *bytes, size_t n);
void intake_close(struct intake *in); /* end of the input */

/* Parses about `n` bytes. Returns whether there is more to parse now. Does nothing while the
 * document may still be unchanged. */
bool intake_read(struct intake *in, size_t n);

size_t intake_length(const struct intake *in);
struct intake_hashes intake_hashes(const struct intake *in); /* after intake_close() */
bool intake_unchanged(const struct intake *in);              /* after intake_close() */

/* Like feed_parser_end(); frees the intake. */
enum feed_status intake_end(struct intake *in, struct feed **out);
void intake_abandon(struct intake *in); /* frees it; accepts NULL */

#endif
