/* The article on a web page: its text and its metadata. */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_NO_TIME INT64_MIN

enum {
    PAGE_MAX_BYTES = 16 << 20, /* of a page; the rest is not read */
    PAGE_MAX_NODES = 400000,
    PAGE_MAX_DEPTH = 256,
    PAGE_MAX_TEXT = 1 << 20, /* of the article's text, in bytes */
    PAGE_MAX_FIELD = 2000,   /* of any other text, in bytes */
    PAGE_MAX_KEYWORDS = 32,
    PAGE_MAX_ENTRIES = 20,
};

enum page_kind {
    PAGE_ARTICLE,
    PAGE_LIVE,    /* a live blog: entries with times */
    PAGE_VIDEO,   /* a video or audio with little text */
    PAGE_GALLERY, /* pictures with captions */
    PAGE_INDEX,   /* a list of articles: a front page, a section */
    PAGE_WALL,    /* a challenge, a cookie or script wall instead of the article */
    PAGE_OTHER,   /* no article was found */
    PAGE_KINDS
};

/* An entry of a live blog. */
struct page_entry {
    int64_t time;       /* seconds since 1970 UTC, or PAGE_NO_TIME */
    char *title, *text; /* or NULL; at least one is set */
};

/* The page owns all texts; they are plain, valid UTF-8 in NFC. NULL if unknown, except for `text`,
 * which is at least "". */
struct page {
    char *text; /* paragraphs, separated by empty lines; of a live blog its entries, if any */
    char *title, *author; /* without the site's name; names, separated by "; " */
    char *site, *section;
    char *lang;                         /* lower-case code of two or three letters */
    char *image;                        /* absolute http address of the lead image */
    unsigned image_width, image_height; /* 0: unknown */
    char *canonical, *amp, *print;      /* absolute http addresses */
    char *robots, *tdm; /* directives of robots meta, and the content of tdm-reservation */
    char *keywords[PAGE_MAX_KEYWORDS];
    size_t n_keywords;
    struct page_entry entries[PAGE_MAX_ENTRIES]; /* the newest ones, newest first */
    size_t n_entries;
    int64_t published, modified; /* seconds since 1970 UTC, or PAGE_NO_TIME */
    enum page_kind kind;
    bool paywalled; /* the text is only the start of the article */
    unsigned words; /* of the text; for scripts without blanks, half the characters */
};

void page_free(struct page *p);
const char *page_kind_name(enum page_kind kind); /* "article", "live", ... */

#endif
