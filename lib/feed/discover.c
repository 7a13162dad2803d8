#include "feed/discover.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feed/feed_address.h"
#include "feed/html.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_URL = 2000, MAX_TITLE = 200 };

enum likeness { NO_FEED, MAYBE, FEED };

/* What a link says of the type of its target. */
static const struct {
    const char *type;
    enum likeness likeness;
} types[] = {
    {"application/rss+xml", FEED},
    {"application/atom+xml", FEED},
    {"application/feed+json", FEED},
    {"application/json", FEED},
    {"application/rss", FEED},
    {"application/atom", FEED},
    {"application/x.atom+xml", FEED},
    {"application/x-atom+xml", FEED},
    {"application/rdf+xml", MAYBE},
    {"application/xml", MAYBE},
    {"text/xml", MAYBE},
    {"text/rss+xml", MAYBE},
    {"text/atom+xml", MAYBE},
    {"text/rdf+xml", MAYBE},
};

/* The last part of an address's path, up to the first '.', that feeds have. */
static const char *const names[] = {"feed", "feeds", "rss", "rss2",  "rss1", "rss091", "rss20",
                                    "atom", "atom1", "rdf", "index", "xml",  "news",   "backend"};

static const char *const endings[] = {".rss", ".atom", ".rdf", ".xml", ".rss2", ".jsonfeed"};

static const char *const usual[] = {
    "feed",      "feed/", "rss",   "rss.xml",   "atom.xml",  "feed.xml",
    "index.xml", "rss/",  "feeds", "index.rdf", "feed.json", "feeds/posts/default",
};

struct page {
    char *base;
    bool based; /* the page said so itself: only the first time counts */
    struct discovered *declared, maybe;
};

/* The attributes of a link that matter. */
enum { REL, TYPE, HREF, TITLE, N_ATTRIBUTES };
static const char *const attribute_names[N_ATTRIBUTES] = {"rel", "type", "href", "title"};

/* ---- attributes ----------------------------------------------------------------------------- */

static void read_attributes(const struct html_tag *t, char *out[N_ATTRIBUTES])
{
    struct html_attribute a;
    memset(out, 0, N_ATTRIBUTES * sizeof *out);
    for (const char *p = t->rest; html_next_attribute(&p, t->end, &a);)
        for (size_t i = 0; i < N_ATTRIBUTES; i++)
            if (!out[i] && a.value && a.n == strlen(attribute_names[i]) &&
                !strncasecmp(a.name, attribute_names[i], a.n))
                out[i] = html_attribute_value(&a);
}

/* Whether a list of words has this one; case does not matter. */
static bool has_word(const char *list, const char *word)
{
    static const char between[] = " \t\r\n\f";
    size_t n = strlen(word);
    for (const char *p = list; p && *(p += strspn(p, between)); p += strcspn(p, between))
        if (strcspn(p, between) == n && !strncasecmp(p, word, n))
            return true;
    return false;
}

static enum likeness by_type(const char *type)
{
    if (!type)
        return NO_FEED;
    type += strspn(type, " \t\r\n\f");
    size_t n = strcspn(type, "; \t\r\n\f");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i].type) == n && !strncasecmp(types[i].type, type, n))
            return types[i].likeness;
    return NO_FEED;
}

/* ---- addresses ------------------------------------------------------------------------------ */

/* To be freed; NULL where it is no web address. */
static char *address(const char *base, const char *href)
{
    href += strspn(href, " \t\r\n\f");
    char *given = !strncasecmp(href, "feed:", 5) ? feed_address(href) : NULL;
    href = given ? given : href;
    char *url = *href ? url_resolve(base, href) : NULL;
    free(given);
    if (url && url_is_http(url) && strlen(url) <= MAX_URL)
        return url;
    free(url);
    return NULL;
}

/* WordPress declares each page's data as if it were another form of the page. */
static bool is_api(const char *url)
{
    return strstr(url, "/wp-json/") != NULL;
}

static bool looks_like_feed(const char *url)
{
    struct url u;
    url_parse(&u, url, strlen(url));
    size_t n = u.path.n;
    while (n && u.path.p[n - 1] == '/')
        n--;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(endings[i]);
        if (n > length && !strncasecmp(u.path.p + n - length, endings[i], length))
            return true;
    }
    size_t start = n;
    while (start && u.path.p[start - 1] != '/')
        start--;
    if (memchr(u.path.p + start, '.', n - start)) /* an ending that is no feed's */
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (n - start == strlen(names[i]) && !strncasecmp(u.path.p + start, names[i], n - start))
            return strcmp(names[i], "index") != 0 && strcmp(names[i], "news") != 0;
    return false;
}

static void add(struct discovered *out, char *url, const char *title)
{
    bool known = out->n >= DISCOVER_MAX;
    for (size_t i = 0; i < out->n && !known; i++)
        known = !strcmp(out->v[i].url, url);
    if (known) {
        free(url);
        return;
    }
    struct buf b;
    buf_init(&b, MAX_TITLE * 4);
    if (title)
        utf8_clean(&b, title,
                   strlen(title) > MAX_TITLE ? utf8_cut(title, MAX_TITLE) : strlen(title));
    out->v[out->n].url = url;
    out->v[out->n++].title = b.len ? buf_take(&b) : NULL;
    buf_free(&b);
}

/* ---- the page ------------------------------------------------------------------------------- */

static void take_link(struct page *p, char *const a[N_ATTRIBUTES], bool in_head)
{
    bool feed = has_word(a[REL], "feed") && in_head;
    bool alternate = !a[REL] || (has_word(a[REL], "alternate") && !has_word(a[REL], "stylesheet"));
    enum likeness likeness = feed ? FEED : alternate ? by_type(a[TYPE]) : NO_FEED;
    char *url = a[HREF] ? address(p->base, a[HREF]) : NULL;
    if (!url)
        return;
    if (!in_head && likeness == NO_FEED &&
        (!strncasecmp(a[HREF], "feed:", 5) || looks_like_feed(url)))
        likeness = MAYBE;
    if (likeness != NO_FEED && !is_api(url))
        add(likeness == FEED ? p->declared : &p->maybe, url, a[TITLE]);
    else
        free(url);
}

static void take_base(struct page *p, const char *href)
{
    char *base = p->based || !href ? NULL : url_resolve(p->base, href);
    if (base && url_is_http(base)) {
        free(p->base);
        p->base = base;
        p->based = true;
    } else {
        free(base);
    }
}

static void on_tag(void *arg, const struct html_tag *t)
{
    struct page *p = arg;
    bool link = t->n == 4 && !strncasecmp(t->name, "link", 4);
    bool anchor = t->n == 1 && (*t->name == 'a' || *t->name == 'A');
    bool base = t->n == 4 && !strncasecmp(t->name, "base", 4);
    char *a[N_ATTRIBUTES];
    if (t->end_tag || (!link && !anchor && !base))
        return;
    read_attributes(t, a);
    if (base)
        take_base(p, a[HREF]);
    else
        take_link(p, a, link);
    for (size_t i = 0; i < N_ATTRIBUTES; i++)
        free(a[i]);
}

void discover_feeds(const char *html, size_t n, const char *base_url, struct discovered *out)
{
    struct page p = {.base = mem_str(base_url ? base_url : ""), .declared = out};
    *out = (struct discovered){.n = 0};
    html_each_tag(html, n, on_tag, &p);
    if (!out->n) {
        *out = p.maybe;
        p.maybe.n = 0;
    }
    discovered_free(&p.maybe);
    free(p.base);
}

void discover_usual(const char *base_url, struct discovered *out)
{
    *out = (struct discovered){.n = 0};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        struct buf path;
        buf_init(&path, 64);
        buf_addf(&path, "/%s", usual[i]);
        char *url = address(base_url, buf_text(&path));
        if (url)
            add(out, url, NULL);
        buf_free(&path);
    }
}

void discovered_free(struct discovered *d)
{
    for (size_t i = 0; i < d->n; i++) {
        free(d->v[i].url);
        free(d->v[i].title);
    }
    d->n = 0;
}
