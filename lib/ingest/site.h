/* Data about a site whose pages are read: its robots.txt and TDM reservation, until when it must
 * not be contacted, and paragraphs repeated on its pages. Stored in the database _sites under its
 * host. Errors are those of store_strerror(). */
#ifndef INGEST_SITE_H
#define INGEST_SITE_H

#include "page/robots.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SITE_AGENT "storyd" /* our product token in robots.txt */

enum {
    SITE_MAX_HOST = 300,
    SITE_PARAGRAPHS = 256,
    SITE_MAX_TDM = 16 << 10,
    SITE_READ_EVERY = 86400, /* seconds; RFC 9309, 2.4: at most this */
    SITE_TRY_EVERY = 3600    /* when robots.txt could not be fetched */
};

struct site {
    char host[SITE_MAX_HOST]; /* in lower case, with a non-default port */
    struct robots *robots;    /* NULL: all may be read */
    char *tdm;                /* /.well-known/tdmrep.json, or NULL */
    int64_t read;             /* when both were read; 0: never */
    bool unreachable;         /* robots.txt could not be fetched: nothing may be read */
    int64_t not_before;       /* no request before this time */
    uint64_t pages, words;    /* pages read, and the words of their texts in total */
    struct site_paragraph {
        uint64_t hash;
        uint32_t pages; /* number of pages that contained it */
        int64_t day;    /* the last one; days since 1970 */
    } paragraphs[SITE_PARAGRAPHS];
    size_t n_paragraphs;
};

/* The host of an address, as above; false when it is no http address, or the name is too long. */
bool site_host(const char *url, char host[SITE_MAX_HOST]);

/* Loads what is known, which may be nothing. Free with site_free(). */
int site_load(struct store *s, const char *host, struct site **out);
int site_save(struct store *s, const struct site *site);
void site_free(struct site *site); /* NULL is allowed */

bool site_is_due(const struct site *site, int64_t now); /* robots.txt must be read (again) */

/* Takes the answer to a request for robots.txt: `status` 0 and no text when there was none. A file
 * that was cut because of its length may be passed (RFC 9309, 2.5), one whose transfer broke off
 * may not. */
void site_take_robots(struct site *site, long status, const char *text, size_t n, int64_t now);

/* Removes from a page's text the paragraphs that also appear on other pages of the site, and
 * records those of this page. */
void site_learn(struct site *site, char *text, int64_t now);

/* True when a feed's text of so many words is as long as the site's pages usually are. */
bool site_has_no_more(const struct site *site, uint64_t words);

#endif
