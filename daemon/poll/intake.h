/* A document on its way in: hashed as it comes, and read as it comes once it is known to differ
 * from the last one. Pure: whoever has the bytes hands them over and says how much time there is.
 */
#ifndef POLL_INTAKE_H
#define POLL_INTAKE_H

#include "feed/parser.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two versions of a feed nearly always differ in the first bytes, with the date of the feed or the
 * newest item: of 1,313 changed documents of 22 outlets, 98 in 100 did within these. So the hash of
 * the start tells whether reading can begin at once, and what is the same to the end is never read.
 */
enum { INTAKE_HEAD = 4096 };

/* Hashes have 53 bits, exact in every JSON reader; 0: there was no document. */
struct intake_hashes {
    uint64_t head, all;
};

struct intake;

struct intake *intake_new(const char *base_url, const char *content_type,
                          struct intake_hashes last);
void intake_add(struct intake *in, const void *bytes, size_t n);
void intake_close(struct intake *in); /* no bytes follow */

/* Reads about `n` bytes' worth; whether there is more to do now. Nothing is read while the document
 * may be the last one again. */
bool intake_read(struct intake *in, size_t n);

size_t intake_length(const struct intake *in);
struct intake_hashes intake_hashes(const struct intake *in); /* when it is closed */
bool intake_unchanged(const struct intake *in);              /* likewise */

/* As feed_parser_end(); frees it. */
enum feed_status intake_end(struct intake *in, struct feed **out);
void intake_abandon(struct intake *in); /* frees it; NULL is none */

#endif
