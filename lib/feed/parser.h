/* Parses one feed document from bytes to items: RSS 0.9x to 2.0, RSS 1.0 (RDF), Atom 0.3 and 1.0,
 * JSON Feed 1.0 and 1.1. Does not use sockets, the clock or the event loop. */
#ifndef FEED_PARSER_H
#define FEED_PARSER_H

#include "feed/feed.h"
#include <stdbool.h>
#include <stddef.h>

struct feed_parser;

/* `base_url` (the document's address) and `content_type` (the HTTP header's value) may be NULL if
 * unknown. The parser keeps copies. */
struct feed_parser *feed_parser_new(const char *base_url, const char *content_type);

/* Adds the next piece, of any length, and reads as far as possible. */
void feed_parser_push(struct feed_parser *p, const void *bytes, size_t n);

/* The same in two steps, for a caller that must not block: feed_parser_add() only stores the piece;
 * feed_parser_read() reads about `n` bytes of what has arrived, and returns whether there is more
 * to do now. After feed_parser_close() no piece may follow, and reading continues to the end. */
void feed_parser_add(struct feed_parser *p, const void *bytes, size_t n);
bool feed_parser_read(struct feed_parser *p, size_t n);
void feed_parser_close(struct feed_parser *p);

/* Ends the document, reads the rest of it, and frees the parser. `*out` is set to a feed (free with
 * feed_free) if the status is FEED_OK, otherwise to NULL. */
enum feed_status feed_parser_end(struct feed_parser *p, struct feed **out);

/* Frees a parser without finishing its document. */
void feed_parser_abandon(struct feed_parser *p);

/* Parses everything at once. */
enum feed_status feed_parse(const void *bytes, size_t n, const char *base_url,
                            const char *content_type, struct feed **out);

#endif
