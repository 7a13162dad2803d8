/* Decodes the content codings of a response body (RFC 9110, 8.4) as a stream: gzip (RFC 1952) and
 * deflate (RFC 1950, and 1951 as some servers send it). Servers often declare codings wrongly, so
 * the bytes decide: unknown names ("UTF-8", "none", "aws-chunked") are ignored, uncompressed data
 * declared as compressed is passed through, undeclared gzip is decompressed, and bytes after the
 * compressed data are dropped. Pure, except for zlib. */
#ifndef NET_CODING_H
#define NET_CODING_H

#include <stdbool.h>
#include <stddef.h>

struct coding;

/* Receives decoded bytes. Returns NULL, or an error message, which stops the decoding. */
typedef const char *coding_sink(void *arg, const char *bytes, size_t n);

/* `header` is the value of Content-Encoding, or NULL; it is not kept. No layer may produce more
 * than `max` bytes. */
struct coding *coding_new(const char *header, size_t max, coding_sink *sink, void *arg);
void coding_free(struct coding *c); /* accepts NULL */

/* Returns NULL, or an error message: a constant, or the sink's. */
const char *coding_push(struct coding *c, const char *bytes, size_t n);

/* Ends the input and flushes the last bytes. Sets `cut` if the compressed data is truncated. */
const char *coding_end(struct coding *c, bool *cut);

/* The codings that were decoded: "gzip", "deflate, gzip"; "" if none. Valid as long as `c`. */
const char *coding_names(const struct coding *c);

/* Whether a list of codings contains `name`. */
bool coding_has(const char *header, const char *name);

#endif
