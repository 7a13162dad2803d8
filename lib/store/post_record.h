/* A post of a social feed about an event: the record of the database posts. storyd-db(5) and
 * config/schema/post.schema.json document the fields. */
#ifndef STORE_POST_RECORD_H
#define STORE_POST_RECORD_H

#include "base/codec.h"

#include <stdint.h>

/* `text`, `url` and `why` are never NULL in a record that codec_read() made. */
struct post_record {
    uint64_t number, event, feed;
    char *author, *handle, *bio; /* NULL: unknown */
    char *text, *url;
    char *lang; /* NULL: unknown */
    int64_t time, seen;
    char *why;        /* "link", "title", "engine" */
    uint64_t article; /* the one that it links to, or whose title it quotes; 0: none */
    json_t *rest;
};

extern const struct codec_table post_table;

#endif
