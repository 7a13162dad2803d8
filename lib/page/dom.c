/* Parses a page into libxml2's tree, and helps to walk it; see dom.h. Used by page_read.c, meta.c
 * and text.c. */
#define _GNU_SOURCE /* memmem, strcasestr */
#include "page/dom.h"

#include "base/mem.h"
#include "feed/charset.h"
#include "page/page.h"

#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Finds the charset that the page's <meta> specifies, for pages whose server does not. */
static void find_charset(const char *p, size_t n, char out[CHARSET_NAME + 32])
{
    enum { LOOKED_AT = 4096 };
    n = n > LOOKED_AT ? LOOKED_AT : n;
    const char *end = p + n;
    *out = 0;
    for (const char *at = p; at + 8 < end; at++) {
        if (strncasecmp(at, "charset=", 8) != 0)
            continue;
        at += 8;
        at += *at == '"' || *at == '\'';
        size_t length = 0;
        while (at + length < end && length < CHARSET_NAME - 1 &&
               !strchr("\"'/> ;\r\n\t", at[length]))
            length++;
        if (length)
            snprintf(out, CHARSET_NAME + 32, "text/html; charset=%.*s", (int)length, at);
        return;
    }
}

/* Removes levels below PAGE_MAX_DEPTH, and nodes beyond PAGE_MAX_NODES. */
static void limit(xmlDoc *doc)
{
    size_t nodes = 0, depth = 0;
    for (xmlNode *node = doc->children; node;) {
        if (++nodes > PAGE_MAX_NODES || depth >= PAGE_MAX_DEPTH) {
            xmlNode *gone = node->children;
            while (gone) {
                xmlNode *next = gone->next;
                xmlUnlinkNode(gone);
                xmlFreeNode(gone);
                gone = next;
            }
        }
        if (node->type == XML_ELEMENT_NODE && node->children) {
            node = node->children;
            depth++;
            continue;
        }
        while (node && !node->next) {
            node = node->parent;
            if (!node || node->type == XML_HTML_DOCUMENT_NODE)
                return;
            depth--;
        }
        node = node ? node->next : NULL;
    }
}

xmlDoc *dom_read(const char *bytes, size_t n, const char *content_type)
{
    char said[CHARSET_NAME + 32], name[CHARSET_NAME];
    struct buf text;
    n = n > PAGE_MAX_BYTES ? PAGE_MAX_BYTES : n;
    find_charset(bytes, n, said);
    if (content_type && strstr(content_type, "charset="))
        snprintf(said, sizeof said, "%s", content_type);
    buf_init(&text, (size_t)PAGE_MAX_BYTES * 3);
    charset_convert(&text, bytes, n, *said ? said : NULL, name);
    xmlDoc *doc = htmlReadMemory(buf_text(&text), (int)text.len, NULL, "UTF-8",
                                 HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                     HTML_PARSE_NONET | HTML_PARSE_COMPACT);
    buf_free(&text);
    if (doc)
        limit(doc);
    return doc;
}

bool dom_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

const char *dom_attribute(const xmlNode *node, const char *name)
{
    if (node->type != XML_ELEMENT_NODE)
        return "";
    for (const xmlAttr *a = node->properties; a; a = a->next)
        if (!strcmp((const char *)a->name, name))
            return a->children && a->children->content ? (const char *)a->children->content : "";
    return "";
}

xmlNode *dom_next(const xmlNode *root, xmlNode *node, bool into)
{
    if (into && node->children && node->type == XML_ELEMENT_NODE)
        return node->children;
    while (node && node != root && !node->next)
        node = node->parent;
    return node && node != root ? node->next : NULL;
}

void dom_text(const xmlNode *node, struct buf *out)
{
    bool blank = out->len == 0 || out->p[out->len - 1] == ' ' || out->p[out->len - 1] == '\n';
    for (xmlNode *n = (xmlNode *)(uintptr_t)node; n; n = dom_next(node, n, true)) {
        if (n->type != XML_TEXT_NODE && n->type != XML_CDATA_SECTION_NODE)
            continue;
        for (const char *p = (const char *)n->content; p && *p; p++) {
            bool space = (unsigned char)*p <= ' ';
            if (!space)
                buf_addc(out, *p);
            else if (!blank)
                buf_addc(out, ' ');
            blank = space;
        }
    }
}
