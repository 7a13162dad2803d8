/* Writes subscription lists in OPML, and adds and removes feeds in an existing text; see opml.h.
 * Used by storyctl. */
#include "base/escape.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "feed/opml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_SORTED = 8 /* nesting depth up to which the order is kept */,
    MAX_NAME = 4096,
    MAX_OUTLINES = 1 << 20
};

/* ---- outlines -------------------------------------------------------------------------------- */

static void add_attribute(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, " %s=\"", name);
    escape_text(out, ESCAPE_OPML, value);
    buf_addc(out, '"');
}

static const char *attribute(const struct opml_feed *f, const char *name)
{
    for (size_t i = 0; i < f->n_attributes; i++)
        if (!strcasecmp(f->attributes[i].name, name))
            return f->attributes[i].value;
    return NULL;
}

/* Excludes names that are written separately and names that XML does not allow. */
static bool is_further(const char *name)
{
    static const char *const own[] = {"type", "text", "title", "xmlUrl", "htmlUrl"};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (!strcasecmp(own[i], name))
            return false;
    size_t n = strspn(name, letters);
    return n && !name[n + strspn(name + n, "0123456789.-abcdefghijklmnopqrstuvwxyz"
                                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")];
}

static void indent(struct buf *out, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        buf_adds(out, "  ");
}

/* Writes the address with its login before the host, if it has a scheme. */
static void add_xml_url(struct buf *out, const struct opml_feed *f)
{
    const char *host = f->login ? strstr(f->xml_url, "://") : NULL;
    if (!host) {
        add_attribute(out, "xmlUrl", f->xml_url);
        return;
    }
    host += 3;
    buf_adds(out, " xmlUrl=\"");
    escape(out, ESCAPE_OPML, f->xml_url, (size_t)(host - f->xml_url));
    escape_text(out, ESCAPE_OPML, f->login);
    buf_addc(out, '@');
    escape_text(out, ESCAPE_OPML, host);
    buf_addc(out, '"');
}

static void write_feed(struct buf *out, const struct opml_feed *f, size_t depth)
{
    const char *type = attribute(f, "type"), *text = attribute(f, "text");
    indent(out, depth);
    buf_adds(out, "<outline");
    add_attribute(out, "type", type ? type : "rss");
    add_attribute(out, "text", text ? text : f->title ? f->title : f->xml_url);
    if (f->title)
        add_attribute(out, "title", f->title);
    add_xml_url(out, f);
    if (f->html_url)
        add_attribute(out, "htmlUrl", f->html_url);
    for (size_t i = 0; i < f->n_attributes; i++)
        if (is_further(f->attributes[i].name))
            add_attribute(out, f->attributes[i].name, f->attributes[i].value);
    buf_adds(out, "/>\n");
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* The end of the first name of a group's path. */
static const char *name_end(const char *path)
{
    while (*path && *path != '/')
        path += *path == '\\' && path[1] ? 2 : 1;
    return path;
}

static const char *next_name(const char *end)
{
    return *end ? end + 1 : end;
}

static void open_groups(struct buf *out, const char *path, size_t depth)
{
    while (*path) {
        const char *end = name_end(path);
        struct buf name;
        buf_init(&name, MAX_NAME);
        for (; path < end; path++) {
            path += *path == '\\' && path + 1 < end;
            buf_addc(&name, *path);
        }
        indent(out, depth++);
        buf_adds(out, "<outline");
        add_attribute(out, "text", buf_text(&name));
        buf_adds(out, ">\n");
        buf_free(&name);
        path = next_name(end);
    }
}

static void close_groups(struct buf *out, size_t from, size_t to)
{
    while (from > to) {
        indent(out, from--);
        buf_adds(out, "</outline>\n");
    }
}

/* The sort key of a feed: for each enclosing group the index of the group's first feed, then its
 * own index. */
struct feed_place {
    const struct opml_feed *feed;
    uint32_t rank[MAX_SORTED + 1];
};

static int by_rank(const void *a, const void *b)
{
    const struct feed_place *p = a, *q = b;
    for (size_t i = 0; i <= MAX_SORTED; i++)
        if (p->rank[i] != q->rank[i])
            return p->rank[i] < q->rank[i] ? -1 : 1;
    return p->feed < q->feed ? -1 : p->feed > q->feed;
}

static const char *group_name(const struct opml_feed *f)
{
    return f->group ? f->group : "";
}

static struct feed_place *sort(const struct opml *o)
{
    struct feed_place *places = mem_alloc((o->n_feeds + 1) * sizeof *places);
    struct map first = {0}; /* hash of a path -> the place of the first feed below it */
    for (size_t i = 0; i < o->n_feeds; i++) {
        struct feed_place *p = &places[i];
        const char *path = group_name(&o->feeds[i]), *name = path;
        size_t depth = 0;
        *p = (struct feed_place){.feed = &o->feeds[i]};
        for (; *name && depth < MAX_SORTED; depth++) {
            const char *end = name_end(name);
            uint64_t key = hash64(path, (size_t)(end - path), 0) | 1;
            if (!map_get(&first, key))
                map_put(&first, key, p);
            p->rank[depth] = (uint32_t)((struct feed_place *)map_get(&first, key) - places);
            name = next_name(end);
        }
        p->rank[depth] = (uint32_t)i;
    }
    map_free(&first);
    qsort(places, o->n_feeds, sizeof *places, by_rank);
    return places;
}

/* The number of leading names that two paths share; sets `rest` to the rest of the second. */
static size_t common(const char *a, const char *b, const char **rest)
{
    size_t depth = 0;
    while (*a && *b) {
        const char *end_a = name_end(a), *end_b = name_end(b);
        if (end_a - a != end_b - b || memcmp(a, b, (size_t)(end_a - a)) != 0)
            break;
        a = next_name(end_a);
        b = next_name(end_b);
        depth++;
    }
    *rest = b;
    return depth;
}

static size_t depth_of(const char *path)
{
    size_t depth = 0;
    for (; *path; depth++)
        path = next_name(name_end(path));
    return depth;
}

void opml_write(struct buf *out, const struct opml *o)
{
    struct feed_place *places = sort(o);
    const char *open = "", *rest;
    buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head>");
    if (o->title) {
        buf_adds(out, "<title>");
        escape_text(out, ESCAPE_OPML, o->title);
        buf_adds(out, "</title>");
    }
    buf_adds(out, "</head>\n<body>\n");
    for (size_t i = 0; i < o->n_feeds; i++) {
        const char *group = group_name(places[i].feed);
        size_t shared = common(open, group, &rest);
        close_groups(out, depth_of(open), shared);
        open_groups(out, rest, shared + 1);
        write_feed(out, places[i].feed, depth_of(group) + 1);
        open = group;
    }
    close_groups(out, depth_of(open), 0);
    buf_adds(out, "</body>\n</opml>\n");
    free(places);
}

/* ---- changing a list written by hand --------------------------------------------------------- */

static bool has_feed(const char *text, size_t n, const char *xml_url, size_t *n_feeds)
{
    struct opml o;
    struct opml_error error;
    bool found = false;
    *n_feeds = 0;
    if (!opml_parse(text, n, &o, &error))
        return false;
    *n_feeds = o.n_feeds;
    for (size_t i = 0; i < o.n_feeds; i++)
        found |= !strcmp(o.feeds[i].xml_url, xml_url);
    opml_free(&o);
    return found;
}

/* The last occurrence of `what` in the text, ignoring case; NULL if there is none. */
static const char *find_last(const char *text, size_t n, const char *what)
{
    size_t length = strlen(what);
    for (const char *p = text + n; p-- > text;)
        if (n - (size_t)(p - text) >= length && !strncasecmp(p, what, length))
            return p;
    return NULL;
}

/* Writes non-ASCII characters as references, which are correct in a list of any encoding. */
static void add_as_ascii(struct buf *out, const char *p)
{
    const char *end = p + strlen(p);
    uint32_t c;
    while (p < end) {
        size_t n = utf8_decode(p, end, &c);
        if (n > 1)
            buf_addf(out, "&#%u;", (unsigned)c);
        else
            buf_addc(out, *p);
        p += n ? n : 1;
    }
}

bool opml_add_feed(struct buf *out, const char *text, size_t n, const struct opml_feed *f)
{
    const char *at = find_last(text, n, "</body");
    const char *group = group_name(f);
    size_t depth = depth_of(group), n_feeds;
    struct buf outlines;
    if (!at)
        at = find_last(text, n, "</opml");
    if (!at)
        return false;
    buf_add(out, text, (size_t)(at - text));
    if (out->len && out->p[out->len - 1] != '\n')
        buf_addc(out, '\n');
    buf_init(&outlines, MAX_OUTLINES);
    open_groups(&outlines, group, 1);
    write_feed(&outlines, f, depth + 1);
    close_groups(&outlines, depth, 0);
    add_as_ascii(out, buf_text(&outlines));
    buf_free(&outlines);
    buf_add(out, at, n - (size_t)(at - text));
    return has_feed(buf_text(out), out->len, f->xml_url, &n_feeds);
}

/* The end of a tag: after the first > outside quotes. */
static const char *tag_end(const char *p, const char *end)
{
    char quote = 0;
    for (; p < end; p++) {
        if (quote ? *p == quote : *p == '"' || *p == '\'')
            quote = quote ? 0 : *p;
        else if (!quote && *p == '>')
            return p + 1;
    }
    return end;
}

static bool markup_starts(const char *p, const char *end, const char *what)
{
    size_t n = strlen(what);
    return (size_t)(end - p) >= n && !strncasecmp(p, what, n);
}

static const char *comment_end(const char *p, const char *end)
{
    for (; p < end; p++)
        if (markup_starts(p, end, "-->"))
            return p + 3;
    return end;
}

static bool is_outline_of(const char *tag, size_t n, const char *xml_url)
{
    struct buf b;
    size_t n_feeds;
    buf_init(&b, n + 64);
    buf_adds(&b, "<opml>");
    buf_add(&b, tag, n);
    bool is = has_feed(buf_text(&b), b.len, xml_url, &n_feeds);
    buf_free(&b);
    return is;
}

/* Drops the blanks before a tag that starts its line, and the rest of the line if it is blank. */
static void drop_line(struct buf *out, const char **rest, const char *end)
{
    size_t n = out->len;
    while (n && (out->p[n - 1] == ' ' || out->p[n - 1] == '\t'))
        n--;
    if (n && out->p[n - 1] != '\n')
        return;
    const char *p = *rest;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    if (p < end && *p != '\n')
        return;
    out->len = n;
    *rest = p < end ? p + 1 : p;
}

/* Copies the list without the tags of that feed. */
static void cut_feed(struct buf *out, const char *p, const char *end, const char *xml_url)
{
    uint64_t dropped = 0; /* one bit for each open outline: whether to drop its end tag */
    while (p < end) {
        const char *next = p + 1;
        bool drop = false;
        if (markup_starts(p, end, "<!--")) {
            next = comment_end(p, end);
        } else if (markup_starts(p, end, "<outline")) {
            next = tag_end(p, end);
            drop = is_outline_of(p, (size_t)(next - p), xml_url);
            if (next[-1] == '>' && next[-2] != '/')
                dropped = dropped << 1 | drop;
        } else if (markup_starts(p, end, "</outline")) {
            next = tag_end(p, end);
            drop = dropped & 1;
            dropped >>= 1;
        }
        if (drop)
            drop_line(out, &next, end);
        else
            buf_add(out, p, (size_t)(next - p));
        p = next;
    }
    if (out->p)
        out->p[out->len] = 0;
}

static void write_without(struct buf *out, const char *text, size_t n, const char *xml_url)
{
    struct opml o, less;
    struct opml_error error;
    if (!opml_parse(text, n, &o, &error))
        return;
    less = o;
    less.n_feeds = 0;
    less.feeds = mem_alloc((o.n_feeds + 1) * sizeof *less.feeds);
    for (size_t i = 0; i < o.n_feeds; i++)
        if (strcmp(o.feeds[i].xml_url, xml_url) != 0)
            less.feeds[less.n_feeds++] = o.feeds[i];
    opml_write(out, &less);
    free(less.feeds);
    opml_free(&o);
}

bool opml_remove_feed(struct buf *out, const char *text, size_t n, const char *xml_url)
{
    size_t before, after, times = 0;
    struct opml o;
    struct opml_error error;
    if (!has_feed(text, n, xml_url, &before) || !opml_parse(text, n, &o, &error))
        return false;
    for (size_t i = 0; i < o.n_feeds; i++)
        times += !strcmp(o.feeds[i].xml_url, xml_url);
    opml_free(&o);
    cut_feed(out, text, text + n, xml_url);
    if (has_feed(buf_text(out), out->len, xml_url, &after) || before != after + times) {
        buf_clear(out);
        write_without(out, text, n, xml_url);
    }
    return true;
}
