/* An article's page, requested or waiting for it: the record of the database pages, under the
 * number of the article. storyd-db(5) and config/schema/page.schema.json document the fields. */
#ifndef STORE_PAGE_RECORD_H
#define STORE_PAGE_RECORD_H

#include "base/codec.h"

#include <stdint.h>

/* `url`, `host` and `state` are never NULL in a record that page_record_init() or codec_read()
 * made. */
struct page_record {
    uint64_t article;
    char *url, *host;
    uint64_t feed;
    char *state; /* "waiting", "asked", or that of an outcome (store/page_outcome.h) */
    char *why;   /* why it is requested, or the outcome's reason; NULL: none */
    uint64_t rank;
    int64_t queued, asked, done; /* 0: not yet */
    uint64_t status;             /* HTTP; 0: no response */
    int64_t bytes, words;        /* -1: unknown */
    uint64_t tries, redirects;
    char *etag, *last_modified; /* NULL: none */
    json_t *rest;
};

extern const struct codec_table page_record_table;

/* An empty record of an article's page; freed by codec_free(). */
struct page_record page_record_init(uint64_t article);

#endif
