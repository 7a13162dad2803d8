/* Reads a web page: combines the metadata of meta.c and the text of text.c, and decides what kind
 * of page it is; see page_read.h. Used by lib/ingest and storyctl. */
#include "page/page_read.h"

#include "base/buf.h"
#include "base/nfc.h"
#include "feed/html.h"
#include "page/dom.h"
#include "page/meta.h"
#include "page/names.h"
#include "page/text.h"

#include <stdlib.h>
#include <string.h>

static unsigned count_page_words(const char *text)
{
    unsigned n = 0, wide = 0;
    bool in = false;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p >= 0xE3 && *p <= 0xED)
            wide++;
        n += *p > ' ' && !in;
        in = *p > ' ';
    }
    return n + wide / 2;
}

/* The kind of the page: as declared, or by its length and the phrases of walls. */
static enum page_kind kind_of_page(const struct page *p, const char *title)
{
    enum { ARTICLE = 40, LITTLE = 120 };
    if (p->kind == PAGE_LIVE)
        return PAGE_LIVE;
    if (p->words < LITTLE && p->kind != PAGE_OTHER)
        return p->kind;
    if (p->words < ARTICLE * 2 && (names_in(NAMES_WALL, p->text) || names_in(NAMES_WALL, title)))
        return PAGE_WALL;
    return p->words >= ARTICLE ? PAGE_ARTICLE : PAGE_OTHER;
}

/* Whether the page has many links, as a front page or a section has. */
static bool is_index(xmlDoc *doc)
{
    enum { LINKS = 40 };
    size_t links = 0;
    xmlNode *root = xmlDocGetRootElement(doc);
    for (xmlNode *n = root; n; n = dom_next(root, n, true))
        links += dom_is(n, "a");
    return links >= LINKS;
}

/* Whether the page asks for payment. It is parsed again, because such requests are outside the
 * article's text. */
static bool asks_to_pay(const char *bytes, size_t n, const char *content_type)
{
    struct buf all;
    xmlDoc *doc = dom_read(bytes, n, content_type);
    xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    buf_init(&all, PAGE_MAX_TEXT);
    if (root)
        dom_text(root, &all);
    bool asks = names_in(NAMES_PAY, buf_text(&all));
    buf_free(&all);
    xmlFreeDoc(doc);
    return asks;
}

/* Uses the entries of a live blog as its text. */
static void take_entries(const struct page *p, struct buf *text)
{
    if (p->n_entries)
        buf_clear(text);
    for (size_t i = 0; i < p->n_entries; i++) {
        const struct page_entry *e = &p->entries[i];
        buf_addf(text, "%s%s%s%s", text->len ? "\n\n" : "", e->title ? e->title : "",
                 e->title && e->text ? "\n\n" : "", e->text ? e->text : "");
    }
}

/* Uses the text in JSON-LD if it is much longer: scripts would insert it into the page. */
static void take_ld_body(const char *body, struct buf *text)
{
    enum { LEAST = 200 };
    if (body && strlen(body) >= LEAST && strlen(body) > 2 * text->len) {
        buf_clear(text);
        html_to_text(text, body, strlen(body));
    }
}

void page_read(const char *bytes, size_t n, const char *url, const char *content_type,
               struct page *out)
{
    enum { TEASER = 250 };
    *out = (struct page){.published = PAGE_NO_TIME, .modified = PAGE_NO_TIME, .kind = PAGE_OTHER};
    xmlDoc *doc = dom_read(bytes, n, content_type);
    struct buf text;
    char *body = NULL;
    bool index = false;
    buf_init(&text, PAGE_MAX_TEXT);
    if (doc) {
        meta_read(doc, url, out, &body);
        index = is_index(doc);
        page_text(doc, out->title, &text);
        xmlFreeDoc(doc);
    }
    take_ld_body(body, &text);
    take_entries(out, &text);
    free(body);
    out->text = nfc_str(buf_text(&text));
    buf_free(&text);
    out->words = count_page_words(out->text);
    out->kind = kind_of_page(out, out->title ? out->title : "");
    if (out->kind == PAGE_OTHER && index)
        out->kind = PAGE_INDEX;
    if (out->words < TEASER && !out->paywalled)
        out->paywalled = asks_to_pay(bytes, n, content_type);
    if (out->kind == PAGE_OTHER && out->paywalled && out->title)
        out->kind = PAGE_ARTICLE; /* the first few words of it */
}
