/* HTML in feeds: untrusted and often malformed. All functions take linear time. */
#ifndef FEED_HTML_H
#define FEED_HTML_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the visible text: tags, comments, scripts and styles removed, references decoded, runs of
 * white space replaced by one blank. Block elements start a new line. Text that looks like a tag
 * but is not one in HTML ("vector<int>") is kept. */
void html_to_text(struct buf *out, const char *html, size_t n);

/* Appends the HTML with the relative addresses of its links, images etc. made absolute. */
void html_absolute(struct buf *out, const char *html, size_t n, const char *base);

/* Whether the author must have meant HTML: the text has an end tag, an empty element or a character
 * reference, and no tag unknown to HTML. */
bool html_looks_like(const char *text, size_t n);

bool html_is_url_attribute(const char *name, size_t n); /* its value is an address */
bool html_is_void(const char *name, size_t n);          /* the element has no end tag */

/* A tag; the pointers are into the text. */
struct html_tag {
    const char *name;
    size_t n;
    bool end_tag;
    const char *rest; /* after the name: the attributes */
    const char *end;  /* after the '>' */
};

struct html_attribute {
    const char *name;
    size_t n;
    const char *value, *value_end; /* NULL if it has none; with references not decoded */
};

/* Calls back for each tag, except those in comments, scripts, styles and templates. */
void html_each_tag(const char *html, size_t n, void (*fn)(void *, const struct html_tag *),
                   void *arg);

/* Reads the attribute at *p and advances *p; false at the end of the tag. Start at `rest`. */
bool html_next_attribute(const char **p, const char *end, struct html_attribute *out);
char *html_attribute_value(const struct html_attribute *a); /* decoded; the caller frees it */

#endif
