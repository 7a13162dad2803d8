/* One feed document as bytes in, items out: RSS 0.9x to 2.0, RSS 1.0 (RDF), Atom 0.3 and 1.0, JSON
 * Feed 1.0 and 1.1. Knows no sockets, no clock and no event loop. */
#ifndef FEED_PARSER_H
#define FEED_PARSER_H

#include "feed/feed.h"
#include <stdbool.h>
#include <stddef.h>

struct feed_parser;

/* `base_url` (where the document came from) and `content_type` (the HTTP header's value) may be
 * NULL: then nothing is assumed. The parser keeps copies. */
struct feed_parser *feed_parser_new(const char *base_url, const char *content_type);

/* Takes the next piece, of any length, and reads what can be read of it. */
void feed_parser_push(struct feed_parser *p, const void *bytes, size_t n);

/* The same in two steps, for a caller who has other things to do: feed_parser_add() only keeps the
 * piece; feed_parser_read() reads about `n` bytes' worth of what is there, and returns whether
 * there is more to do now. After feed_parser_close() no piece follows: then it goes on to the end.
 */
void feed_parser_add(struct feed_parser *p, const void *bytes, size_t n);
bool feed_parser_read(struct feed_parser *p, size_t n);
void feed_parser_close(struct feed_parser *p);

/* Ends the document, reads what is left of it, and frees the parser. `*out` is set to a feed (free
 * with feed_free) when the status is FEED_OK, else to NULL. */
enum feed_status feed_parser_end(struct feed_parser *p, struct feed **out);

/* Frees a parser whose document will not be finished. */
void feed_parser_abandon(struct feed_parser *p);

/* All at once. */
enum feed_status feed_parse(const void *bytes, size_t n, const char *base_url,
                            const char *content_type, struct feed **out);

#endif
