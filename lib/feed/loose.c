/* Reads documents that claim to be XML but are not well-formed: unescaped ampersands and quotes,
 * elements that are not closed or closed in the wrong order, embedded HTML, truncated documents;
 * see xml.h. Used by parser.c after the strict reader has failed, and by opml.c. */
#define _GNU_SOURCE /* memmem */
#include "feed/xml.h"

#include "base/buf.h"
#include "base/mem.h"
#include "feed/entity.h"
#include "feed/feed.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_ATTRIBUTES = 64,
    MAX_VALUE = 1 << 20,
    MAX_NAMESPACES = 256,
    MAX_NAME = 128,
    MAX_LOST = 4 << 20, /* bytes; beyond this, the first quote ends a value, to limit the time */
};

struct piece {
    const char *p;
    size_t n;
};

struct open_element {
    struct piece name;   /* in the document, with its prefix */
    size_t n_namespaces; /* number of namespaces outside the element */
};

struct namespace
{
    char *prefix, *uri; /* the prefix "" is the default namespace */
};

struct xml_loose {
    const char *p, *end;
    const struct xml_events *events;
    void *context;
    struct open_element open[FEED_MAX_DEPTH];
    size_t depth;
    struct namespace namespaces[MAX_NAMESPACES];
    size_t n_namespaces;
    struct buf values; /* of the current tag, decoded */
    size_t lost;       /* bytes searched unsuccessfully for the ends of values */
    bool no_more[8];   /* by section: its end does not occur any more */
};

struct attribute {
    struct piece name;
    size_t offset, n; /* of the value in `values` */
};

/* ---- text ------------------------------------------------------------------------------------ */
static void add_decoded(struct buf *out, const char *p, const char *end)
{
    char code[ENTITY_MAX];
    while (p < end) {
        const char *amp = memchr(p, '&', (size_t)(end - p));
        buf_add(out, p, (size_t)((amp ? amp : end) - p));
        if (!amp)
            return;
        size_t n, used = entity_decode(amp, end, code, &n);
        if (used)
            buf_add(out, code, n);
        else
            buf_addc(out, '&');
        p = amp + (used ? used : 1);
    }
}

static void tell_text(struct xml_loose *l, const char *p, const char *end)
{
    if (p == end)
        return;
    if (!memchr(p, '&', (size_t)(end - p))) {
        l->events->text(l->context, p, (size_t)(end - p));
        return;
    }
    buf_clear(&l->values);
    add_decoded(&l->values, p, end);
    l->events->text(l->context, buf_text(&l->values), l->values.len);
}

/* ---- names ----------------------------------------------------------------------------------- */
static bool is_xml_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}

static bool is_name_char(char c)
{
    return name_start(c) || (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '.';
}

static struct piece read_xml_name(struct xml_loose *l)
{
    struct piece name = {l->p, 0};
    while (l->p < l->end && is_name_char(*l->p))
        l->p++;
    name.n = (size_t)(l->p - name.p);
    return name;
}

static bool same_xml_name(struct piece a, struct piece b)
{
    return a.n == b.n && !strncasecmp(a.p, b.p, a.n);
}

static const char *find_namespace(const struct xml_loose *l, const char *prefix)
{
    for (size_t i = l->n_namespaces; i > 0; i--)
        if (!strcmp(l->namespaces[i - 1].prefix, prefix))
            return l->namespaces[i - 1].uri;
    return NULL;
}

/* Splits a name at its colon; `text` holds the parts. Attributes have no default namespace. */
static struct xml_name split_xml_name(const struct xml_loose *l, struct piece name,
                                      char text[MAX_NAME], bool attribute)
{
    struct xml_name x = {NULL, text, NULL, false};
    size_t n = name.n < MAX_NAME ? name.n : MAX_NAME - 1;
    memcpy(text, name.p, n);
    text[n] = 0;
    char *colon = strchr(text, ':');
    if (colon) {
        *colon = 0;
        x.prefix = text;
        x.local = colon + 1;
    }
    x.uri = x.prefix ? find_namespace(l, text) : attribute ? NULL : find_namespace(l, "");
    return x;
}

static void declare_namespace(struct xml_loose *l, struct piece name, const char *uri, size_t n)
{
    if (l->n_namespaces >= MAX_NAMESPACES)
        return;
    bool prefixed = name.n > 6;
    l->namespaces[l->n_namespaces++] = (struct namespace){
        prefixed ? mem_strn(name.p + 6, name.n - 6) : mem_str(""), mem_strn(uri, n)};
}

/* ---- tags ------------------------------------------------------------------------------------ */
static struct piece local_part(struct piece name)
{
    const char *colon = memchr(name.p, ':', name.n);
    size_t prefix = colon ? (size_t)(colon + 1 - name.p) : 0;
    return (struct piece){name.p + prefix, name.n - prefix};
}

static void pop(struct xml_loose *l)
{
    struct piece name = local_part(l->open[--l->depth].name);
    char local[MAX_NAME];
    size_t n = name.n < MAX_NAME ? name.n : MAX_NAME - 1;
    memcpy(local, name.p, n);
    local[n] = 0;
    l->events->end(l->context, local);
    while (l->n_namespaces > l->open[l->depth].n_namespaces) {
        l->n_namespaces--;
        free(l->namespaces[l->n_namespaces].prefix);
        free(l->namespaces[l->n_namespaces].uri);
    }
}

/* Closes the innermost open element of that name, or else of that name with another prefix, and all
 * elements inside it. */
static void close_element(struct xml_loose *l, struct piece name)
{
    size_t i = l->depth;
    while (i > 0 && !same_xml_name(l->open[i - 1].name, name))
        i--;
    if (!i)
        for (i = l->depth; i > 0; i--)
            if (same_xml_name(local_part(l->open[i - 1].name), local_part(name)))
                break;
    while (i && l->depth >= i)
        pop(l);
}

/* Whether a quote at p can be the end of a value: the tag ends after it, or another attribute
 * starts. */
static bool ends_value(const struct xml_loose *l, const char *p)
{
    const char *s = p + 1;
    while (s < l->end && is_xml_space(*s))
        s++;
    if (s >= l->end || *s == '>' || *s == '?' || (*s == '/' && s + 1 < l->end && s[1] == '>'))
        return true;
    const char *name = s;
    while (s < l->end && s - name < MAX_NAME && is_name_char(*s))
        s++;
    if (s == name)
        return false;
    while (s < l->end && is_xml_space(*s) && s - name < MAX_NAME)
        s++;
    return s < l->end && *s == '=';
}

/* The quote that ends the value starting at p, or NULL if it cannot be determined. HTML in the
 * value has quotes of its own; another element of the same name means that the search went too
 * far. */
static const char *find_quote(struct xml_loose *l, const char *p, char quote, struct piece element)
{
    bool in_tag = false, in_inner = false;
    for (const char *s = p; s < l->end; s++) {
        if (*s == '<' && (size_t)(l->end - s) > element.n) {
            if (same_xml_name((struct piece){s + 1, element.n}, element)) {
                l->lost += (size_t)(s - p);
                return NULL;
            }
            in_tag = name_start(s[1]) || s[1] == '/';
        } else if (*s == '>' && !in_inner) {
            in_tag = false;
        } else if (*s == quote) {
            if (in_inner || (in_tag && s[-1] == '='))
                in_inner = !in_inner;
            else if (ends_value(l, s))
                return s;
        }
    }
    l->lost += (size_t)(l->end - p);
    return NULL;
}

static struct piece quoted_value(struct xml_loose *l, struct piece element)
{
    char quote = *l->p++;
    const char *start = l->p;
    const char *first = memchr(start, quote, (size_t)(l->end - start)), *end = first;
    if (first && l->lost < MAX_LOST && !ends_value(l, first)) {
        end = find_quote(l, start, quote, element);
        end = end ? end : first;
    }
    if (end) {
        l->p = end + 1;
    } else { /* not closed at all: extends to the end of the tag */
        end = memchr(start, '>', (size_t)(l->end - start));
        l->p = end = end ? end : l->end;
    }
    return (struct piece){start, (size_t)(end - start)};
}

static struct piece bare_value(struct xml_loose *l)
{
    const char *start = l->p;
    while (l->p < l->end && !is_xml_space(*l->p) && *l->p != '>' &&
           !(*l->p == '/' && l->p + 1 < l->end && l->p[1] == '>'))
        l->p++;
    return (struct piece){start, (size_t)(l->p - start)};
}

/* Reads one attribute; false at the end of the tag. */
static bool read_attribute(struct xml_loose *l, struct piece element, struct attribute *a)
{
    while (l->p < l->end && *l->p != '>' && *l->p != '<' && !is_name_char(*l->p))
        l->p++;
    if (l->p >= l->end || *l->p == '>' || *l->p == '<')
        return false;
    a->name = read_xml_name(l);
    struct piece value = {l->p, 0};
    while (l->p < l->end && is_xml_space(*l->p))
        l->p++;
    if (l->p < l->end && *l->p == '=') {
        l->p++;
        while (l->p < l->end && is_xml_space(*l->p))
            l->p++;
        if (l->p < l->end)
            value = *l->p == '"' || *l->p == '\'' ? quoted_value(l, element) : bare_value(l);
    }
    a->offset = l->values.len;
    add_decoded(&l->values, value.p, value.p + value.n);
    a->n = l->values.len - a->offset;
    return true;
}

/* Reads up to the end of the tag; returns the number of attributes kept. */
static size_t read_attributes(struct xml_loose *l, struct piece element, struct attribute *list)
{
    size_t n = 0;
    struct attribute a;
    buf_clear(&l->values);
    while (read_attribute(l, element, &a)) {
        if (a.name.n >= 5 && !memcmp(a.name.p, "xmlns", 5))
            declare_namespace(l, a.name, buf_text(&l->values) + a.offset, a.n);
        else if (n < MAX_ATTRIBUTES)
            list[n++] = a;
    }
    return n;
}

static bool is_any_name(struct piece name, const char *const *list)
{
    for (; *list; list++)
        if (same_xml_name(name, (struct piece){*list, strlen(*list)}))
            return true;
    return false;
}

/* Items are direct children of the feed: any element still open there was not closed. */
static void close_for_item(struct xml_loose *l, struct piece name)
{
    static const char *const items[] = {"item", "entry", NULL};
    static const char *const holders[] = {"channel", "feed", "rss", "rdf:RDF", NULL};
    size_t i = l->depth;
    if (!is_any_name(name, items))
        return;
    while (i > 0 && !is_any_name(l->open[i - 1].name, holders))
        i--;
    if (!i)
        close_element(l, name);
    while (i && l->depth > i)
        pop(l);
}

static void start_tag(struct xml_loose *l)
{
    struct attribute list[MAX_ATTRIBUTES];
    struct xml_attribute told[MAX_ATTRIBUTES];
    char texts[MAX_ATTRIBUTES + 1][MAX_NAME];
    struct piece name = read_xml_name(l);
    close_for_item(l, name);
    size_t n_namespaces = l->n_namespaces, n = read_attributes(l, name, list);
    bool closed = l->p < l->end && *l->p == '>', empty = closed && l->p[-1] == '/';
    l->p += closed;
    if (l->depth >= FEED_MAX_DEPTH)
        return;
    for (size_t i = 0; i < n; i++)
        told[i] = (struct xml_attribute){split_xml_name(l, list[i].name, texts[i], true),
                                         buf_text(&l->values) + list[i].offset, list[i].n};
    struct xml_name x = split_xml_name(l, name, texts[MAX_ATTRIBUTES], false);
    l->open[l->depth++] = (struct open_element){name, n_namespaces};
    l->events->start(l->context, &x, told, n);
    if (empty)
        pop(l);
}

static void end_tag(struct xml_loose *l)
{
    struct piece name = read_xml_name(l);
    while (l->p < l->end && *l->p != '>' && *l->p != '<')
        l->p++;
    l->p += l->p < l->end && *l->p == '>';
    close_element(l, name);
}

/* ---- the document ---------------------------------------------------------------------------- */

/* Finds the end of a section; a search that fails is not repeated. */
static const char *find_end(struct xml_loose *l, const char *p, const char *text, size_t which)
{
    if (l->no_more[which])
        return NULL;
    const char *found = memmem(p, (size_t)(l->end - p), text, strlen(text));
    l->no_more[which] = !found;
    return found;
}

static bool text_starts(const struct xml_loose *l, const char *text)
{
    size_t n = strlen(text);
    return (size_t)(l->end - l->p) >= n && !strncasecmp(l->p, text, n);
}

/* A document type with internal declarations ends at "]>". */
static void skip_doctype(struct xml_loose *l)
{
    const char *close = find_end(l, l->p, ">", 3);
    const char *bracket = close ? memchr(l->p, '[', (size_t)(close - l->p)) : NULL;
    const char *end = bracket ? find_end(l, bracket, "]>", 4) : NULL;
    l->p = end ? end + 2 : close ? close + 1 : l->end;
}

/* Handles "<!" and "<?". */
static void special(struct xml_loose *l)
{
    const char *end;
    if (text_starts(l, "<![CDATA[")) {
        const char *text = l->p + 9;
        end = find_end(l, text, "]]>", 0);
        l->p = end ? end + 3 : l->end;
        end = end ? end : l->end;
        if (end > text)
            l->events->text(l->context, text, (size_t)(end - text));
    } else if (text_starts(l, "<!--")) {
        end = find_end(l, l->p + 4, "-->", 1);
        l->p = end ? end + 3 : l->p + 4;
    } else if (text_starts(l, "<?")) {
        end = find_end(l, l->p, "?>", 2);
        l->p = end ? end + 2 : l->p + 2;
    } else {
        skip_doctype(l);
    }
}

bool xml_loose_read(struct xml_loose *l, size_t n)
{
    const char *until = n < (size_t)(l->end - l->p) ? l->p + n : l->end;
    while (l->p < until) {
        const char *text = l->p, *s = text;
        while ((s = memchr(s, '<', (size_t)(l->end - s)))) {
            char next = s + 1 < l->end ? s[1] : 0;
            if (name_start(next) || next == '!' || next == '?' || next == '/')
                break;
            s++;
        }
        l->p = s ? s : l->end;
        tell_text(l, text, l->p);
        if (!s)
            break;
        if (s[1] == '!' || s[1] == '?') {
            special(l);
        } else if (s[1] == '/') {
            l->p += 2;
            end_tag(l);
        } else {
            l->p++;
            start_tag(l);
        }
    }
    while (l->p >= l->end && l->depth)
        pop(l);
    return l->p < l->end;
}

const char *xml_loose_element(const struct xml_loose *l)
{
    return l->open[l->depth - 1].name.p;
}

struct xml_loose *xml_loose_new(const char *p, size_t n, const struct xml_events *events,
                                void *context)
{
    struct xml_loose *l = mem_zero(sizeof *l);
    l->p = p;
    l->end = p + n;
    l->events = events;
    l->context = context;
    buf_init(&l->values, MAX_VALUE);
    return l;
}

void xml_loose_end(struct xml_loose *l)
{
    while (l->n_namespaces) {
        l->n_namespaces--;
        free(l->namespaces[l->n_namespaces].prefix);
        free(l->namespaces[l->n_namespaces].uri);
    }
    buf_free(&l->values);
    free(l);
}
