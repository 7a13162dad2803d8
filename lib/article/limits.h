/* Maximum lengths of an article's texts. */
#ifndef ARTICLE_LIMITS_H
#define ARTICLE_LIMITS_H

enum {
    ARTICLE_MAX_TITLE = 1000, /* bytes; longer texts are cut at a character */
    ARTICLE_MAX_SUMMARY = 2000,
    ARTICLE_MAX_TEXT = 20000,
    ARTICLE_MAX_NAME = 200,
    ARTICLE_MAX_LINK = 8192, /* a longer address is dropped: a truncated one leads elsewhere */
    ARTICLE_MAX_IMAGE = 2000,
};

#endif
