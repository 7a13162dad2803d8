/* What is known of a site that pages are read of: what its robots.txt and its TDM reservation ask
 * for, until when it wants to be left alone, and what stands on several of its pages. In database
 * _sites, under its host. Errors are those of store_strerror(). */
#ifndef INGEST_SITE_H
#define INGEST_SITE_H

#include "page/robots.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SITE_AGENT "storyd" /* the product token that robots.txt knows us by */

enum {
    SITE_MAX_HOST = 300,
    SITE_PARAGRAPHS = 256,
    SITE_MAX_TDM = 16 << 10,
    SITE_READ_EVERY = 86400, /* seconds; RFC 9309, 2.4: not longer */
    SITE_TRY_EVERY = 3600    /* where robots.txt could not be had */
};

struct site {
    char host[SITE_MAX_HOST]; /* in lower case, with a port that is not the usual one */
    struct robots *robots;    /* NULL: all may be read */
    char *tdm;                /* /.well-known/tdmrep.json, or NULL */
    int64_t read;             /* when both were read; 0 never */
    bool unreachable;         /* robots.txt could not be had: nothing may be read */
    int64_t not_before;       /* it wants to be left alone */
    uint64_t pages, words;    /* read of it, and words of their texts, together */
    struct site_paragraph {
        uint64_t hash;
        uint32_t pages; /* that it stood on */
        int64_t day;    /* when last; days since 1970 */
    } paragraphs[SITE_PARAGRAPHS];
    size_t n_paragraphs;
};

/* The host of an address, as above; false when it is no address of http, or too long a name. */
bool site_host(const char *url, char host[SITE_MAX_HOST]);

/* What is known of it, which may be nothing. To be freed by site_free(). */
int site_load(struct store *s, const char *host, struct site **out);
int site_save(struct store *s, const struct site *site);
void site_free(struct site *site); /* NULL is none */

bool site_is_due(const struct site *site, int64_t now); /* robots.txt is to be read (again) */

/* Takes out of a page's text the paragraphs that stand on others of the site too, and learns those
 * that it has. */
void site_learn(struct site *site, char *text, int64_t now);

/* Does a feed's text of so many words have what a page of the site has? */
bool site_has_no_more(const struct site *site, uint64_t words);

#endif
