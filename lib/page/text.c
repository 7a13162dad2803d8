/* Extracts the main text of a page. First removes what is certainly not part of it: scripts, menus,
 * forms, elements with such classes or ids. Then scores each element by the paragraphs below it
 * (after Readability). The article is the element with the highest score, with adjacent text; of
 * its blocks, links, lines about the page, and repetitions are dropped. Used by page_read.c. */
#include "page/text.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "page/dom.h"
#include "page/names.h"
#include "page/page.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    SHARES = 3,      /* levels above a paragraph that share its score */
    LEVELS = 6,      /* levels above the best element that may be included */
    LEAST_TEXT = 25, /* minimum bytes of a paragraph with a score */
    OWN_TEXT = 40,   /* the same for text between blocks */
    LABEL = 100,     /* a shorter line without final punctuation may be a label */
    LABELS = 8,      /* maximum number of labels dropped at either end */
    ASIDE = 160,     /* a longer line is not about the page */
    LEAD_LEAST = 60,
    LEAD_MOST = 1200,
    LEAD_BLOCKS = 4,
};

static const double share_of_level[SHARES] = {1, .5, .25};

/* Totals below a node: bytes other than white space, and elements. */
struct below {
    size_t text, links, commas; /* `links`: bytes of text in links */
    size_t own;                 /* bytes of text between its blocks */
    size_t blocks, articles, headings;
    double worth; /* its share of the score of paragraphs */
};

struct page_reading {
    struct buf *out;
    struct below *all;
    size_t n;
    struct map seen; /* hashes of blocks */
    const char *title;
    struct block {
        char *p;
        size_t n;
    } * v;
    size_t n_blocks, cap;
};

static bool is_one_of_names(const xmlNode *node, const char *const *names, size_t n)
{
    for (size_t i = 0; node->type == XML_ELEMENT_NODE && i < n; i++)
        if (!strcmp((const char *)node->name, names[i]))
            return true;
    return false;
}
#define IS_ONE_OF(node, names) is_one_of_names(node, names, sizeof names / sizeof *names)

static bool is_block(const xmlNode *node)
{
    static const char *const blocks[] = {
        "address", "article", "blockquote", "body", "center", "dd", "details", "div",
        "dl",      "dt",      "fieldset",   "h1",   "h2",     "h3", "h4",      "h5",
        "h6",      "header",  "hr",         "li",   "main",   "ol", "p",       "pre",
        "section", "table",   "tbody",      "td",   "th",     "tr", "ul",
    };
    return IS_ONE_OF(node, blocks);
}

/* Excludes CDATA, which scripts and styles have. */
static bool is_text_node(const xmlNode *node)
{
    return node->type == XML_TEXT_NODE;
}

static struct below *below(const xmlNode *node)
{
    return node->_private;
}

/* ---- counting -------------------------------------------------------------------------------- */

static void count_text(xmlNode *node, struct below *b)
{
    for (const unsigned char *p = node->content; p && *p; p++) {
        b->text += *p > ' ';
        b->commas += *p == ',' || *p == 0xEF; /* the first byte of full-width punctuation */
    }
}

static void add_below(struct below *to, const struct below *from, const xmlNode *child)
{
    to->text += from->text;
    to->commas += from->commas;
    to->links += dom_is(child, "a") ? from->text : from->links;
    to->blocks += from->blocks + is_block(child);
    to->articles += from->articles + dom_is(child, "article");
    to->headings += from->headings + dom_is(child, "h1");
    to->own += is_text_node(child) ? from->text : 0;
}

/* Computes the totals of all nodes in one pass; `_private` points to them until the next call. */
static void count_below(struct page_reading *r, xmlNode *root)
{
    size_t n = 1, k = 0;
    for (xmlNode *node = root; node; node = dom_next(root, node, true))
        n++;
    free(r->all);
    r->all = mem_zero(n * sizeof *r->all);
    xmlNode *node = root;
    for (bool down = true; node;) {
        if (down) {
            node->_private = &r->all[k++];
            if (is_text_node(node))
                count_text(node, node->_private);
            if (node->type == XML_ELEMENT_NODE && node->children) {
                node = node->children;
                continue;
            }
        }
        if (node == root)
            break;
        add_below(below(node->parent), below(node), node);
        down = node->next != NULL;
        node = down ? node->next : node->parent;
    }
}

static size_t plain_length(const xmlNode *node)
{
    return below(node)->text - below(node)->links;
}

/* ---- removing what is not text --------------------------------------------------------------- */

static bool is_hidden(const xmlNode *node)
{
    const char *style = dom_attribute(node, "style");
    return strstr(style, "display:none") || strstr(style, "display: none") ||
           !strcmp(dom_attribute(node, "aria-hidden"), "true") ||
           xmlHasProp((xmlNode *)(uintptr_t)node, (const xmlChar *)"hidden");
}

/* Whether a node is outside the article. An element with a large share of all text is not, whatever
 * its name. */
static bool is_beside(const xmlNode *node, size_t body)
{
    static const char *const never[] = {"html", "body", "article", "main", "header", "h1",
                                        "em",   "b",    "strong",  "i",    "a"};
    static const char *const gone[] = {"script", "style", "noscript", "template", "svg",
                                       "iframe", "input", "select",   "textarea", "figcaption",
                                       "object", "embed", "video",    "audio",    "canvas",
                                       "map",    "head",  "picture"};
    static const char *const wraps[] = {"form", "nav",    "aside",  "footer", "label",
                                        "menu", "dialog", "button", "figure"};
    static const char *const roles[] = {"navigation",  "complementary", "banner",
                                        "contentinfo", "search",        "dialog",
                                        "alert",       "menu",          "toolbar"};
    if (node->type == XML_COMMENT_NODE || IS_ONE_OF(node, gone))
        return true;
    if (node->type != XML_ELEMENT_NODE)
        return false;
    bool much = plain_length(node) * 5 >= body * 2;
    if (IS_ONE_OF(node, wraps))
        return !much;
    const char *role = dom_attribute(node, "role");
    for (size_t i = 0; *role && i < sizeof roles / sizeof *roles; i++)
        if (!strcmp(role, roles[i]))
            return !much;
    if (is_hidden(node))
        return plain_length(node) * 3 < body;
    const char *id = dom_attribute(node, "id"), *class = dom_attribute(node, "class");
    if (IS_ONE_OF(node, never) || (!names_has(NAMES_BESIDE, id) && !names_has(NAMES_BESIDE, class)))
        return false;
    bool good = names_has(NAMES_ARTICLE, id) || names_has(NAMES_ARTICLE, class);
    return plain_length(node) * (good ? 8 : 3) < body;
}

static void prune(xmlNode *root)
{
    const size_t body = plain_length(root);
    for (xmlNode *node = root->children; node;) {
        if (!is_beside(node, body)) {
            node = dom_next(root, node, true);
            continue;
        }
        xmlNode *next = dom_next(root, node, false);
        xmlUnlinkNode(node);
        xmlFreeNode(node);
        node = next;
    }
}

/* ---- finding the article --------------------------------------------------------------------- */

static double density(const xmlNode *node)
{
    const struct below *b = below(node);
    return b->text ? (double)b->links / (double)b->text : 1;
}

static double node_worth(const xmlNode *node)
{
    const struct below *b = below(node);
    if (b->text < LEAST_TEXT)
        return 0;
    double length = b->text > 300 ? 3 : (double)b->text / 100;
    return (1 + (double)b->commas + length) * (1 - density(node));
}

static void weigh_nodes(xmlNode *root)
{
    for (xmlNode *node = root; node; node = dom_next(root, node, true)) {
        bool leaf = below(node)->blocks == 0, own = below(node)->own > OWN_TEXT;
        if (!is_block(node) || (!leaf && !own) || (dom_is(node, "li") && !own))
            continue;
        double value = node_worth(node);
        xmlNode *up = leaf ? node->parent : node;
        for (size_t i = 0; i < SHARES && up && up->type == XML_ELEMENT_NODE; i++, up = up->parent) {
            if (!below(up))
                break;
            below(up)->worth += value * share_of_level[i];
        }
    }
}

static double weight_by_name(const xmlNode *node)
{
    const char *id = dom_attribute(node, "id"), *class = dom_attribute(node, "class");
    double by = 1;
    if (dom_is(node, "body") || dom_is(node, "html"))
        return .8;
    by *= strcmp(dom_attribute(node, "itemprop"), "articleBody") ? 1 : 2;
    by *= dom_is(node, "article") || dom_is(node, "main") ? 1.2 : 1;
    by *= names_has(NAMES_ARTICLE, id) || names_has(NAMES_ARTICLE, class) ? 1.2 : 1;
    by *= names_has(NAMES_BESIDE, id) || names_has(NAMES_BESIDE, class) ? .5 : 1;
    return by;
}

static xmlNode *heaviest(xmlNode *root, double *most)
{
    xmlNode *best = root;
    *most = 0;
    for (xmlNode *node = root; node; node = dom_next(root, node, true)) {
        if (below(node)->worth <= *most / 3) /* the name's factor cannot outweigh that */
            continue;
        double value = below(node)->worth * (1 - density(node)) * weight_by_name(node);
        if (value > *most) {
            *most = value;
            best = node;
        }
    }
    return best;
}

/* Extends the article to ancestors if what they add is mostly plain text and not of other
 * articles. */
static xmlNode *widest_node(xmlNode *best)
{
    xmlNode *found = best, *up = best->parent;
    for (size_t i = 0; i < LEVELS && up && up->type == XML_ELEMENT_NODE; i++, up = up->parent) {
        if (dom_is(up, "body") || dom_is(up, "html"))
            break;
        size_t more = below(up)->text - below(found)->text,
               more_plain = plain_length(up) - plain_length(found);
        if (more_plain * 10 < plain_length(found))
            continue;
        if (more_plain * 10 < more * 8 || below(up)->headings > 1 ||
            below(up)->articles > below(best)->articles + 1)
            break;
        found = up;
    }
    return found;
}

/* ---- blocks of the article ------------------------------------------------------------------- */

static bool same_words(const char *a, const char *b)
{
    for (;;) {
        while (*a && !isalnum((unsigned char)*a) && (unsigned char)*a < 128)
            a++;
        while (*b && !isalnum((unsigned char)*b) && (unsigned char)*b < 128)
            b++;
        if (!*a || !*b || tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return !*a && !*b;
        a++, b++;
    }
}

static bool is_aside_line(const char *p, size_t n, const char *title)
{
    return (title && same_words(p, title)) || (n < ASIDE && names_begin(NAMES_LINE, p)) ||
           !strncmp(p, "http://", 7) || !strncmp(p, "https://", 8);
}

/* Adds a block of text; `links`: bytes of it in links. Clears the buffer. */
static void add_block(struct page_reading *r, struct buf *text, size_t links)
{
    enum { SHORT_LINKS = 200, MAY_REPEAT = 30 };
    const char *p = buf_text(text);
    size_t n = text->len, all = n;
    while (n && (unsigned char)p[n - 1] <= ' ')
        n--;
    while (n && (unsigned char)*p <= ' ')
        p++, n--;
    uint64_t hash = hash64(p, n, 0) | 1;
    bool links_alone = links * 10 > all * 6 && n < SHORT_LINKS;
    if (n && !links_alone && !is_aside_line(p, n, r->title) &&
        (n <= MAY_REPEAT || !map_get(&r->seen, hash))) {
        map_put(&r->seen, hash, r);
        MEM_GROW(r->v, r->n_blocks, r->cap);
        r->v[r->n_blocks++] = (struct block){mem_strn(p, n), n};
    }
    buf_clear(text);
}

static bool is_in_link(const xmlNode *node, const xmlNode *top)
{
    for (; node && node != top; node = node->parent)
        if (dom_is(node, "a"))
            return true;
    return false;
}

/* Adds each nested block separately, and the text between them. */
static void write_node(struct page_reading *r, xmlNode *top)
{
    struct buf text;
    size_t links = 0;
    buf_init(&text, PAGE_MAX_TEXT);
    for (xmlNode *n = top->children; n;) {
        if (is_block(n)) {
            add_block(r, &text, links);
            links = 0;
            write_node(r, n);
            n = dom_next(top, n, false);
            continue;
        }
        if (dom_is(n, "br")) {
            if (text.len && text.p[text.len - 1] == '\n') {
                add_block(r, &text, links);
                links = 0;
            } else if (text.len) {
                buf_addc(&text, '\n');
            }
        }
        if (is_text_node(n)) {
            size_t before = text.len;
            dom_text(n, &text);
            links += is_in_link(n->parent, top) ? text.len - before : 0;
        }
        n = dom_next(top, n, true);
    }
    add_block(r, &text, links);
    buf_free(&text);
}

/* Adds a summary above the text, in an element with such a class. */
static void write_lead(struct page_reading *r, xmlNode *root, const xmlNode *best)
{
    for (xmlNode *n = root; n && n != best; n = dom_next(root, n, true)) {
        const xmlNode *up = best;
        size_t text = below(n)->text;
        if (n->type != XML_ELEMENT_NODE || text < LEAD_LEAST || text > LEAD_MOST ||
            below(n)->blocks > LEAD_BLOCKS || density(n) > .2 ||
            !names_has(NAMES_LEAD, dom_attribute(n, "class")))
            continue;
        while (up && up != n)
            up = up->parent;
        if (!up) {
            write_node(r, n);
            return;
        }
    }
}

/* Adds the best element and similar siblings. */
static void write_like(struct page_reading *r, xmlNode *best, double most)
{
    xmlNode *parent = best->parent;
    if (!parent || parent->type != XML_ELEMENT_NODE || dom_is(best, "body")) {
        write_node(r, best);
        return;
    }
    const char *class = dom_attribute(best, "class");
    for (xmlNode *n = parent->children; n; n = n->next) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        double bonus = *class && !strcmp(dom_attribute(n, "class"), class) ? most / 5 : 0;
        bool like = below(n)->worth > 0 && below(n)->worth * (1 - density(n)) + bonus > most / 5;
        bool paragraph = dom_is(n, "p") && below(n)->text > 80 && density(n) < .25;
        if (n == best || like || paragraph)
            write_node(r, n);
    }
}

static bool block_ends_sentence(const struct block *b)
{
    static const char *const ends[] = {".",
                                       "!",
                                       "?",
                                       ":",
                                       ";",
                                       ",",
                                       ")",
                                       "'",
                                       "\"",
                                       "\xE2\x80\x9D",
                                       "\xE2\x80\x9C",
                                       "\xE2\x80\x99",
                                       "\xE2\x80\xA6",
                                       "\xC2\xBB",
                                       "\xE3\x80\x82",
                                       "\xE3\x80\x8D",
                                       "\xEF\xBC\x81",
                                       "\xEF\xBC\x9F"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i]);
        if (b->n >= n && !memcmp(b->p + b->n - n, ends[i], n))
            return true;
    }
    return false;
}

static bool is_label(const struct block *b)
{
    return b->n < LABEL && !block_ends_sentence(b);
}

/* Drops names and dates above the text, and labels below it. */
static void write_blocks(struct page_reading *r)
{
    size_t from = 0, until = r->n_blocks;
    while (from < until && from < LABELS && is_label(&r->v[from]))
        from++;
    while (until > from && r->n_blocks - until < LABELS && is_label(&r->v[until - 1]))
        until--;
    if (from == until) {
        from = 0;
        until = r->n_blocks;
    }
    for (size_t i = 0; i < r->n_blocks; i++) {
        if (i >= from && i < until) {
            buf_adds(r->out, r->out->len ? "\n\n" : "");
            buf_add(r->out, r->v[i].p, r->v[i].n);
        }
        free(r->v[i].p);
    }
    free(r->v);
}

void page_text(xmlDoc *doc, const char *title, struct buf *out)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    struct page_reading r = {.out = out, .title = title};
    double most;
    if (!root)
        return;
    count_below(&r, root);
    prune(root);
    count_below(&r, root);
    weigh_nodes(root);
    xmlNode *best = heaviest(root, &most);
    if (most > 0) {
        best = widest_node(best);
        write_lead(&r, root, best);
        write_like(&r, best, most);
    } else {
        write_node(&r, root);
    }
    write_blocks(&r);
    map_free(&r.seen);
    free(r.all);
}
