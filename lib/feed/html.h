/* HTML as feeds carry it: never trusted, often broken. All is linear in the length of the text. */
#ifndef FEED_HTML_H
#define FEED_HTML_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Appends the text a reader would see: tags, comments, scripts and styles left out, references
 * decoded, runs of white space made one blank. Block elements start a new line. What looks like a
 * tag but is none in HTML ("vector<int>") stays. */
void html_to_text(struct buf *out, const char *html, size_t n);

/* Appends the HTML with the relative addresses of its links, images and so on made absolute. */
void html_absolute(struct buf *out, const char *html, size_t n, const char *base);

/* Appends text in a form that means the same in HTML; in attributes with quotes escaped too. */
void html_escape(struct buf *out, const char *text, size_t n, bool attribute);

/* Whether an author who wrote this must have meant HTML: it has an end tag, an empty element or a
 * character reference, and no tag that HTML does not know. */
bool html_looks_like(const char *text, size_t n);

bool html_is_url_attribute(const char *name, size_t n); /* its value is an address */
bool html_is_void(const char *name, size_t n);          /* an element that has no end tag */

/* A tag, in the text it was read from. */
struct html_tag {
    const char *name;
    size_t n;
    bool end_tag;
    const char *rest; /* behind the name: the attributes */
    const char *end;  /* behind the '>' */
};

struct html_attribute {
    const char *name;
    size_t n;
    const char *value, *value_end; /* NULL where there is none; with references as they are */
};

/* Tells of each tag in turn, but for those in comments, scripts, styles and templates. */
void html_each_tag(const char *html, size_t n, void (*fn)(void *, const struct html_tag *),
                   void *arg);

/* The attribute at *p, which goes behind it; false at the end of the tag. Start at `rest`. */
bool html_next_attribute(const char **p, const char *end, struct html_attribute *out);
char *html_attribute_value(const struct html_attribute *a); /* references decoded; to be freed */

#endif
