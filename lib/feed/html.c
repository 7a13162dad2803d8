/* Scans HTML for text, tags and addresses, without building a tree; see html.h. lib/page parses
 * whole pages with libxml2 instead. Used by lib/feed, lib/article and lib/page. */
#define _GNU_SOURCE /* memmem */
#include "feed/html.h"

#include "base/escape.h"
#include "base/mem.h"
#include "base/url.h"
#include "feed/entity.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- elements and attributes of HTML --------------------------------------------------------- */
enum tag_kind {
    INLINE,
    BLOCK = 1,  /* starts a new line */
    CELL = 2,   /* separated by a blank */
    VOID = 4,   /* has no end tag */
    HIDDEN = 8, /* its content is not shown */
};

/* Sorted by name. */
static const struct element {
    const char *name;
    int kind;
} elements[] = {
    {"a", INLINE},         {"abbr", INLINE},      {"acronym", INLINE},  {"address", BLOCK},
    {"applet", INLINE},    {"area", VOID},        {"article", BLOCK},   {"aside", BLOCK},
    {"audio", INLINE},     {"b", INLINE},         {"base", VOID},       {"basefont", VOID},
    {"bdi", INLINE},       {"bdo", INLINE},       {"big", INLINE},      {"blink", INLINE},
    {"blockquote", BLOCK}, {"body", BLOCK},       {"br", BLOCK | VOID}, {"button", INLINE},
    {"canvas", INLINE},    {"caption", BLOCK},    {"center", BLOCK},    {"cite", INLINE},
    {"code", INLINE},      {"col", VOID},         {"colgroup", INLINE}, {"data", INLINE},
    {"datalist", INLINE},  {"dd", BLOCK},         {"del", INLINE},      {"details", BLOCK},
    {"dfn", INLINE},       {"dialog", BLOCK},     {"dir", BLOCK},       {"div", BLOCK},
    {"dl", BLOCK},         {"dt", BLOCK},         {"em", INLINE},       {"embed", VOID},
    {"fieldset", BLOCK},   {"figcaption", BLOCK}, {"figure", BLOCK},    {"font", INLINE},
    {"footer", BLOCK},     {"form", BLOCK},       {"frame", VOID},      {"frameset", BLOCK},
    {"h1", BLOCK},         {"h2", BLOCK},         {"h3", BLOCK},        {"h4", BLOCK},
    {"h5", BLOCK},         {"h6", BLOCK},         {"head", BLOCK},      {"header", BLOCK},
    {"hgroup", BLOCK},     {"hr", BLOCK | VOID},  {"html", BLOCK},      {"i", INLINE},
    {"iframe", INLINE},    {"image", VOID},       {"img", VOID},        {"input", VOID},
    {"ins", INLINE},       {"kbd", INLINE},       {"label", INLINE},    {"legend", BLOCK},
    {"li", BLOCK},         {"link", VOID},        {"main", BLOCK},      {"map", INLINE},
    {"mark", INLINE},      {"marquee", BLOCK},    {"math", INLINE},     {"menu", BLOCK},
    {"meta", VOID},        {"meter", INLINE},     {"nav", BLOCK},       {"nobr", INLINE},
    {"noembed", INLINE},   {"noframes", INLINE},  {"noscript", INLINE}, {"object", INLINE},
    {"ol", BLOCK},         {"optgroup", BLOCK},   {"option", BLOCK},    {"output", INLINE},
    {"p", BLOCK},          {"param", VOID},       {"picture", INLINE},  {"pre", BLOCK},
    {"progress", INLINE},  {"q", INLINE},         {"rp", INLINE},       {"rt", INLINE},
    {"ruby", INLINE},      {"s", INLINE},         {"samp", INLINE},     {"script", HIDDEN},
    {"section", BLOCK},    {"select", INLINE},    {"small", INLINE},    {"source", VOID},
    {"span", INLINE},      {"strike", INLINE},    {"strong", INLINE},   {"style", HIDDEN},
    {"sub", INLINE},       {"summary", BLOCK},    {"sup", INLINE},      {"svg", INLINE},
    {"table", BLOCK},      {"tbody", BLOCK},      {"td", CELL},         {"template", HIDDEN},
    {"textarea", INLINE},  {"tfoot", BLOCK},      {"th", CELL},         {"thead", BLOCK},
    {"time", INLINE},      {"title", BLOCK},      {"tr", BLOCK},        {"track", VOID},
    {"tt", INLINE},        {"u", INLINE},         {"ul", BLOCK},        {"var", INLINE},
    {"video", INLINE},     {"wbr", VOID},         {"xmp", BLOCK},
};

static const char *const url_attributes[] = {"action",   "background", "cite", "classid",
                                             "codebase", "data",       "href", "longdesc",
                                             "poster",   "profile",    "src",  "usemap"};

static int compare_names(const char *known, const char *name, size_t n)
{
    size_t length = strlen(known); /* the name may contain any byte, even NUL */
    int order = strncasecmp(known, name, length < n ? length : n);
    return order ? order : length > n ? 1 : length < n ? -1 : 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static const struct element *find_element(const char *name, size_t n)
{
    size_t low = 0, high = sizeof elements / sizeof *elements;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = elements[mid].name[0] - lower(*name); /* decides most cases */
        if (!order)
            order = compare_names(elements[mid].name, name, n);
        if (!order)
            return &elements[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

bool html_is_void(const char *name, size_t n)
{
    const struct element *e = find_element(name, n);
    return e && e->kind & VOID;
}

bool html_is_url_attribute(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof url_attributes / sizeof *url_attributes; i++)
        if (url_attributes[i][0] == lower(*name) && !compare_names(url_attributes[i], name, n))
            return true;
    return false;
}

enum { MAX_FIRST_ATTRIBUTE = 128 };

/* ---- tags ------------------------------------------------------------------------------------ */
/* State about the rest of a text, so that no failing search is repeated. */
struct tag_reader {
    const char *end;
    bool quotes_broken; /* a quote is never closed: from here on a tag ends at the first '>' */
    bool no_close;      /* there is no further '>' */
    unsigned unclosed;  /* bits of section kinds that have no end from here on */
};

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_html_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

static bool is_tag_char(char c)
{
    return letter(c) || (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '_';
}

/* The '>' that ends the tag, ignoring those in quoted values. */
static const char *tag_close(struct tag_reader *r, const char *p)
{
    for (const char *s = p; s < r->end && !r->quotes_broken;) {
        if (*s == '>')
            return s;
        const char *close = NULL;
        if ((*s == '"' || *s == '\'') && s > p && s[-1] == '=') {
            close = memchr(s + 1, *s, (size_t)(r->end - s - 1));
            r->quotes_broken = !close;
        }
        s = close ? close + 1 : s + 1;
    }
    r->quotes_broken = true;
    const char *close = r->no_close ? NULL : memchr(p, '>', (size_t)(r->end - p));
    r->no_close = !close;
    return close;
}

/* Reads the tag at p, which is a '<'. False if it is not a tag. A truncated tag extends to the end
 * of the text. */
static bool read_tag(struct tag_reader *r, const char *p, struct html_tag *t)
{
    const char *s = p + 1;
    t->end_tag = s < r->end && *s == '/';
    s += t->end_tag;
    if (s >= r->end || !letter(*s))
        return false;
    t->name = s;
    while (s < r->end && is_tag_char(*s))
        s++;
    t->n = (size_t)(s - t->name);
    if (!find_element(t->name, t->n) && !memchr(t->name, ':', t->n) && !memchr(t->name, '-', t->n))
        return false;
    const char *close = tag_close(r, s);
    size_t left = (size_t)(r->end - s);
    if (!close && !memchr(s, '=', left < MAX_FIRST_ATTRIBUTE ? left : MAX_FIRST_ATTRIBUTE))
        return false;
    t->rest = s;
    t->end = close ? close + 1 : r->end;
    return true;
}

/* Sections that are skipped as a whole: their start and end. */
static const struct html_section {
    const char *start, *end;
} sections[] = {{"<!--", "-->"}, {"<![CDATA[", ""}, {"<!", ">"}, {"<?", ">"}};

/* The end of the comment or other section at p, or NULL if there is none. */
static const char *skip_section(struct tag_reader *r, const char *p)
{
    if (r->end - p < 3 || (p[1] != '!' && p[1] != '?'))
        return NULL;
    for (unsigned i = 0; i < sizeof sections / sizeof *sections; i++) {
        size_t n = strlen(sections[i].start);
        if ((size_t)(r->end - p) < n || memcmp(p, sections[i].start, n) || r->unclosed & 1u << i)
            continue;
        const char *end =
            memmem(p + n, (size_t)(r->end - p) - n, sections[i].end, strlen(sections[i].end));
        if (end)
            return end + strlen(sections[i].end);
        r->unclosed |= 1u << i;
    }
    return NULL;
}

/* The end of a script or similar after its end tag, or its start if it has no end tag. */
static const char *skip_hidden(struct tag_reader *r, const struct html_tag *t,
                               const struct element *e)
{
    unsigned bit = 1u << (8 + e->name[1] % 8); /* differs for script, style, template */
    const char *p = t->end;
    while (!(r->unclosed & bit) && p < r->end && (p = memmem(p, (size_t)(r->end - p), "</", 2))) {
        if ((size_t)(r->end - p) > t->n + 2 && !strncasecmp(p + 2, e->name, t->n)) {
            const char *close = memchr(p, '>', (size_t)(r->end - p));
            return close ? close + 1 : r->end;
        }
        p += 2;
    }
    r->unclosed |= bit;
    return t->end;
}

/* ---- text ------------------------------------------------------------------------------------ */
struct writer {
    struct buf *out;
    size_t start; /* where this text starts in the buffer */
    char gap;     /* white space due before the next character: 0, ' ' or ' ' */
};

static void put_text(struct writer *w, const char *p, size_t n)
{
    if (!n)
        return;
    if (w->gap && w->out->len > w->start)
        buf_addc(w->out, w->gap);
    w->gap = 0;
    buf_add(w->out, p, n);
}

static void put_gap(struct writer *w, char gap)
{
    if (w->gap != '\n')
        w->gap = gap;
}

/* The length of white space at p, including a no-break space; 0 if there is none. */
static size_t blank_at(const char *p, const char *end)
{
    if (is_html_space(*p))
        return 1;
    return end - p >= 2 && p[0] == '\xc2' && p[1] == '\xa0' ? 2 : 0;
}

/* Copies text without markup, up to the next '<' or '&'. */
static const char *put_words(struct writer *w, const char *p, const char *end)
{
    while (p < end && *p != '<' && *p != '&') {
        size_t n = blank_at(p, end);
        if (n) {
            put_gap(w, ' ');
            p += n;
            continue;
        }
        const char *start = p;
        while (p < end && *p != '<' && *p != '&' && !blank_at(p, end))
            p++;
        put_text(w, start, (size_t)(p - start));
    }
    return p;
}

static const char *put_markup(struct writer *w, struct tag_reader *r, const char *p)
{
    struct html_tag t;
    const char *after = skip_section(r, p);
    if (after)
        return after;
    if (!read_tag(r, p, &t)) {
        if (r->end - p >= 3 && !memcmp(p, "]]>", 3))
            return p + 3;
        put_text(w, p, 1);
        return p + 1;
    }
    const struct element *e = find_element(t.name, t.n);
    if (e && e->kind & HIDDEN && !t.end_tag)
        return skip_hidden(r, &t, e);
    if (e && e->kind & (BLOCK | CELL))
        put_gap(w, e->kind & BLOCK ? '\n' : ' ');
    return t.end;
}

void html_to_text(struct buf *out, const char *html, size_t n)
{
    struct tag_reader r = {.end = html + n};
    struct writer w = {.out = out, .start = out->len};
    const char *p = html;
    char code[ENTITY_MAX];
    size_t len;
    while ((p = put_words(&w, p, r.end)) < r.end) {
        if (*p == '<') {
            p = put_markup(&w, &r, p);
            continue;
        }
        size_t used = entity_decode(p, r.end, code, &len);
        if (!used)
            put_text(&w, p, 1);
        else if (len && blank_at(code, code + len))
            put_gap(&w, ' ');
        else
            put_text(&w, code, len);
        p += used ? used : 1;
    }
}

bool html_looks_like(const char *text, size_t n)
{
    struct tag_reader r = {.end = text + n};
    bool sure = false;
    char code[ENTITY_MAX];
    size_t len;
    for (const char *p = text; p < r.end; p++) {
        struct html_tag t;
        if (*p == '&') {
            sure |= entity_decode(p, r.end, code, &len) > 0;
        } else if (*p == '<') {
            if (read_tag(&r, p, &t))
                sure |=
                    t.end_tag || html_is_void(t.name, t.n) || (t.n == 1 && (*t.name | 32) == 'p');
            else if (p + 1 < r.end && letter(p[1]))
                return false;
        }
    }
    return sure;
}

/* ---- addresses ------------------------------------------------------------------------------- */
static char *decoded(const char *p, const char *end)
{
    struct buf b;
    buf_init(&b, (size_t)(end - p) * 2 + ENTITY_MAX);
    char code[ENTITY_MAX];
    while (p < end) {
        size_t len, used = *p == '&' ? entity_decode(p, end, code, &len) : 0;
        if (used)
            buf_add(&b, code, len);
        else
            buf_addc(&b, *p);
        p += used ? used : 1;
    }
    return buf_take(&b);
}

bool html_next_attribute(const char **p, const char *end, struct html_attribute *out)
{
    const char *s = *p;
    while (s < end && (is_html_space(*s) || *s == '/'))
        s++;
    if (s >= end || *s == '>')
        return false;
    *out = (struct html_attribute){.name = s++};
    while (s < end && !is_html_space(*s) && *s != '=' && *s != '>' && *s != '/')
        s++;
    out->n = (size_t)(s - out->name);
    const char *after_name = s;
    while (s < end && is_html_space(*s))
        s++;
    if (s < end && *s == '=') {
        s++;
        while (s < end && is_html_space(*s))
            s++;
        char quote = s < end && (*s == '"' || *s == '\'') ? *s++ : 0;
        out->value = s;
        while (s < end && (quote ? *s != quote : !is_html_space(*s) && *s != '>'))
            s++;
        out->value_end = s;
        s += quote && s < end;
    } else {
        s = after_name;
    }
    *p = s;
    return true;
}

char *html_attribute_value(const struct html_attribute *a)
{
    return decoded(a->value, a->value_end);
}

void html_each_tag(const char *html, size_t n, void (*fn)(void *, const struct html_tag *),
                   void *arg)
{
    struct tag_reader r = {.end = html + n};
    const char *p = html;
    while (p < r.end && (p = memchr(p, '<', (size_t)(r.end - p)))) {
        struct html_tag t;
        const char *after = skip_section(&r, p);
        if (after) {
            p = after;
        } else if (read_tag(&r, p, &t)) {
            const struct element *e = find_element(t.name, t.n);
            fn(arg, &t);
            p = e && e->kind & HIDDEN && !t.end_tag ? skip_hidden(&r, &t, e) : t.end;
        } else {
            p++;
        }
    }
}

/* Most addresses start like this and need no decoding. */
static bool is_web(const char *p, const char *end)
{
    return end - p > 8 && (!memcmp(p, "https://", 8) || !memcmp(p, "http://", 7));
}

/* Resolves the addresses in a tag: copies everything from *done up to each address, then sets *done
 * to its end. */
static void absolute_tag(struct buf *out, const char **done, const struct html_tag *t,
                         const char *base)
{
    const char *p = t->rest;
    struct html_attribute a;
    while (html_next_attribute(&p, t->end, &a)) {
        const char *value = a.value, *value_end = a.value_end;
        if (!value || !html_is_url_attribute(a.name, a.n) || is_web(value, value_end))
            continue;
        char *ref = html_attribute_value(&a);
        if (!url_is_absolute(ref)) {
            char *url = url_resolve(base, ref);
            const char *quote = value[-1] != '"' && value[-1] != '\'' ? "\"" : "";
            buf_add(out, *done, (size_t)(value - *done));
            buf_adds(out, quote);
            escape_text(out, ESCAPE_ATTRIBUTE, url);
            buf_adds(out, quote);
            *done = value_end;
            free(url);
        }
        free(ref);
    }
}

void html_absolute(struct buf *out, const char *html, size_t n, const char *base)
{
    struct tag_reader r = {.end = html + n};
    const char *p = html, *done = html;
    while (p < r.end && (p = memchr(p, '<', (size_t)(r.end - p)))) {
        struct html_tag t;
        const char *after = skip_section(&r, p);
        if (after) {
            p = after;
        } else if (read_tag(&r, p, &t)) {
            if (!t.end_tag)
                absolute_tag(out, &done, &t, base);
            p = t.end;
        } else {
            p++;
        }
    }
    buf_add(out, done, (size_t)(r.end - done));
}
