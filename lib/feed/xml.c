/* The strict XML reader: libxml2's push parser, with limits on nesting, namespaces, attributes and
 * entities; see xml.h. loose.c is the other reader. Used by parser.c. */
#include "feed/xml.h"

#include "base/mem.h"
#include "feed/entity.h"
#include "feed/feed.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_SLICE = 1 << 12, /* bytes per push, so that an ill-formed document is abandoned early */
    MAX_ATTRIBUTES = 64, /* of one element; further ones are dropped */
    /* libxml2 compares every attribute of an element with every other one, and the same for the
     * declarations of a document type; larger ones are left to the loose reader. */
    MAX_COMPARED = 1000,
    MAX_IN_SCOPE = 256,     /* namespaces: each name is looked up among all */
    MAX_UNREAD = 1 << 16,   /* bytes: of a tag, or of a document type's declarations */
    MAX_ENTITIES = 64,      /* maximum that a document may declare */
    MAX_ENTITY_TEXT = 1024, /* maximum length of one */
};

struct declared {
    char *name;
    xmlEntity entity;
};

struct xml_reader {
    xmlParserCtxtPtr ctxt;
    const struct xml_events *events;
    void *context;
    struct declared *entities; /* never moves: libxml2 keeps pointers */
    size_t n_entities;
    xmlEntity html_entity;                    /* the last one looked up */
    int namespaces[FEED_MAX_DEPTH], in_scope; /* declared by each open element, and the total */
    size_t depth;
    bool failed;
};

/* False if the nesting is too deep or too many namespaces are in scope. */
static bool open_scope(struct xml_reader *r, int n_namespaces)
{
    if (r->depth >= FEED_MAX_DEPTH || n_namespaces + r->in_scope > MAX_IN_SCOPE)
        return false;
    r->namespaces[r->depth++] = n_namespaces;
    r->in_scope += n_namespaces;
    return true;
}

static void on_sax_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
                         int n_namespaces, const xmlChar **namespaces, int n_attributes,
                         int n_defaulted, const xmlChar **attributes)
{
    struct xml_reader *r = ctx;
    struct xml_attribute list[MAX_ATTRIBUTES];
    size_t n = 0;
    (void)namespaces, (void)n_defaulted;
    if (r->failed)
        return;
    r->failed = n_attributes > MAX_COMPARED || !open_scope(r, n_namespaces);
    if (r->failed)
        return;
    for (int i = 0; i < n_attributes && n < MAX_ATTRIBUTES; i++, attributes += 5) {
        list[n].name.local = (const char *)attributes[0];
        list[n].name.prefix = (const char *)attributes[1];
        list[n].name.uri = (const char *)attributes[2];
        list[n].value = (const char *)attributes[3];
        list[n++].n = (size_t)(attributes[4] - attributes[3]);
    }
    struct xml_name name = {(const char *)prefix, (const char *)local, (const char *)uri, true};
    r->events->start(r->context, &name, list, n);
}

static void on_sax_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct xml_reader *r = ctx;
    (void)prefix, (void)uri;
    if (r->failed)
        return;
    r->in_scope -= r->namespaces[--r->depth];
    r->events->end(r->context, (const char *)local);
}

static void on_sax_text(void *ctx, const xmlChar *p, int n)
{
    struct xml_reader *r = ctx;
    r->events->text(r->context, (const char *)p, (size_t)n);
}

/* Entities that the document itself declares; only plain ones, so that none can expand another. */
static void on_entity_declared(void *ctx, const xmlChar *name, int type, const xmlChar *public_id,
                               const xmlChar *system_id, xmlChar *content)
{
    struct xml_reader *r = ctx;
    (void)public_id, (void)system_id;
    if (type != XML_INTERNAL_GENERAL_ENTITY || !content || r->n_entities >= MAX_ENTITIES ||
        strlen((char *)content) > MAX_ENTITY_TEXT || strpbrk((char *)content, "<&"))
        return;
    if (!r->entities)
        r->entities = mem_zero(MAX_ENTITIES * sizeof *r->entities);
    struct declared *d = &r->entities[r->n_entities++];
    d->name = mem_str((const char *)name);
    d->entity.type = XML_ENTITY_DECL;
    d->entity.etype = XML_INTERNAL_PREDEFINED_ENTITY;
    d->entity.name = (xmlChar *)d->name;
    d->entity.content = (xmlChar *)mem_str((char *)content);
    d->entity.orig = d->entity.content; /* otherwise libxml2 would set a string of its own */
}

/* Default attributes could multiply the size of a document; no known feed needs them. */
static void on_attribute_declared(void *ctx, const xmlChar *element, const xmlChar *name, int type,
                                  int kind, const xmlChar *value, xmlEnumerationPtr values)
{
    struct xml_reader *r = ctx;
    (void)element, (void)name, (void)type, (void)kind, (void)value;
    xmlFreeEnumeration(values);
    r->failed = true;
}

static xmlEntityPtr on_entity(void *ctx, const xmlChar *name)
{
    struct xml_reader *r = ctx;
    for (size_t i = 0; i < r->n_entities; i++)
        if (!strcmp(r->entities[i].name, (const char *)name))
            return &r->entities[i].entity;
    const char *text = entity_find((const char *)name, strlen((const char *)name));
    if (!text) {
        r->failed = true;
        return NULL;
    }
    memcpy(&r->html_entity.content, &text, sizeof text); /* libxml2 only reads it */
    r->html_entity.type = XML_ENTITY_DECL;
    r->html_entity.etype = XML_INTERNAL_PREDEFINED_ENTITY;
    r->html_entity.name = name;
    r->html_entity.orig = r->html_entity.content;
    r->html_entity.length = (int)strlen(text);
    return &r->html_entity;
}

static void on_error(void *ctx, xmlErrorPtr error)
{
    (void)ctx, (void)error; /* the context records what matters */
}

struct xml_reader *xml_reader_new(const struct xml_events *events, void *context)
{
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_sax_start,
        .endElementNs = on_sax_end,
        .characters = on_sax_text,
        .ignorableWhitespace = on_sax_text,
        .cdataBlock = on_sax_text,
        .getEntity = on_entity,
        .entityDecl = on_entity_declared,
        .attributeDecl = on_attribute_declared,
        .serror = on_error,
    };
    struct xml_reader *r = mem_zero(sizeof *r);
    r->events = events;
    r->context = context;
    r->ctxt = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
    if (!r->ctxt)
        abort(); /* only if out of memory */
    xmlCtxtUseOptions(r->ctxt, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    return r;
}

static size_t unread(const struct xml_reader *r)
{
    const xmlParserInput *in = r->ctxt->input;
    return in ? (size_t)(in->end - in->cur) : 0;
}

bool xml_reader_push(struct xml_reader *r, const char *p, size_t n)
{
    while (n && !r->failed) {
        size_t slice = n < MAX_SLICE ? n : MAX_SLICE;
        xmlParseChunk(r->ctxt, p, (int)slice, 0);
        r->failed |= !r->ctxt->wellFormed || unread(r) > MAX_UNREAD;
        p += slice;
        n -= slice;
    }
    return !r->failed;
}

bool xml_reader_end(struct xml_reader *r)
{
    if (!r->failed)
        xmlParseChunk(r->ctxt, NULL, 0, 1);
    bool ok = !r->failed && r->ctxt->wellFormed;
    xml_reader_free(r);
    return ok;
}

void xml_reader_free(struct xml_reader *r)
{
    if (!r)
        return;
    xmlFreeDoc(r->ctxt->myDoc); /* created if the document declares entities */
    xmlFreeParserCtxt(r->ctxt);
    for (size_t i = 0; i < r->n_entities; i++) {
        free(r->entities[i].name);
        free(r->entities[i].entity.content);
    }
    free(r->entities);
    free(r);
}
