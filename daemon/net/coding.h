/* Content codings taken off the body of an answer (RFC 9110, 8.4), as its bytes come: gzip (RFC
 * 1952) and deflate (RFC 1950, and 1951 as some send it). Servers err here, so the bytes count more
 * than what is said of them: names that are no coding ("UTF-8", "none", "aws-chunked") are passed
 * over, what is called packed and is not is taken as it is, what is packed with gzip and not called
 * so is unpacked, and what follows the packed bytes is left out. Pure, but for zlib. */
#ifndef NET_CODING_H
#define NET_CODING_H

#include <stdbool.h>
#include <stddef.h>

struct coding;

/* Takes what is unpacked. NULL, or what is wrong: then nothing more comes. */
typedef const char *coding_sink(void *arg, const char *bytes, size_t n);

/* `header` is what Content-Encoding says, NULL nothing; it is not kept. No layer of packing may
 * make more than `max` bytes. */
struct coding *coding_new(const char *header, size_t max, coding_sink *sink, void *arg);
void coding_free(struct coding *c); /* NULL is none */

/* NULL, or what is wrong: of the packing (a constant), or as the sink said. */
const char *coding_push(struct coding *c, const char *bytes, size_t n);

/* No bytes follow: the last ones are handed on. `cut`: the packed bytes break off. */
const char *coding_end(struct coding *c, bool *cut);

/* What was taken off: "gzip", "deflate, gzip"; "" when the bytes came as they are. It lives as long
 * as `c`. */
const char *coding_names(const struct coding *c);

/* Whether a list of codings has that one. */
bool coding_has(const char *header, const char *name);

#endif
