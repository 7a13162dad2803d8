/* Finds the feeds of a web page in its <link> and <a> elements and ranks them; see discover.h. It
 * does not fetch anything. Used by daemon/poll and storyctl. */
#include "feed/discover.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feed/comments.h"
#include "feed/feed_address.h"
#include "feed/html.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_URL = 2000, MAX_TITLE = 200, MAX_LINK_TEXT = 1000 };

enum feed_likeness { NO_FEED, MAYBE, FEED };

/* How certain it is that a link leads to a feed, most certain first. */
enum rank {
    DECLARED,
    TYPED,           /* a generic XML type, or "feed:" */
    NAMED,           /* an address typical of feeds, on the page's site */
    NAMED_ELSEWHERE, /* the same on another site */
    CALLED,          /* on the page's site, with a text or an image that mentions a feed */
    XML,             /* the address of an XML file */
    NOTHING,
};

/* Link types, and how likely the target is a feed. */
static const struct {
    const char *type;
    enum feed_likeness likeness;
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

/* Typical last parts of feed addresses, up to the first '.'. */
static const char *const names[] = {"feed", "feeds", "rss", "rss2",  "rss1", "rss091", "rss20",
                                    "atom", "atom1", "rdf", "index", "xml",  "news",   "backend"};

static const char *const endings[] = {".rss", ".atom", ".rdf", ".xml", ".rss2", ".jsonfeed"};

static const char *const usual[] = {
    "feed",      "feed/", "rss",   "rss.xml",   "atom.xml",  "feed.xml",
    "index.xml", "rss/",  "feeds", "index.rdf", "feed.json", "feeds/posts/default",
};

struct linked_page {
    char *base;
    bool based; /* from <base>: only the first one counts */
    struct discovered *found;
    struct {
        char *url, *title; /* url NULL: no link is open */
        enum feed_likeness by_type;
        bool called;      /* an attribute or an image mentions a feed */
        const char *text; /* where its content starts */
    } link;
};

/* The attributes that are read. */
enum { REL, TYPE, HREF, TITLE, ALT, LABEL, CLASS, N_ATTRIBUTES };
static const char *const attribute_names[N_ATTRIBUTES] = {"rel", "type",       "href", "title",
                                                          "alt", "aria-label", "class"};

/* ---- attributes ------------------------------------------------------------------------------ */

static void read_link_attributes(const struct html_tag *t, char *out[N_ATTRIBUTES])
{
    struct html_attribute a;
    memset(out, 0, N_ATTRIBUTES * sizeof *out);
    for (const char *p = t->rest; html_next_attribute(&p, t->end, &a);)
        for (size_t i = 0; i < N_ATTRIBUTES; i++)
            if (!out[i] && a.value && a.n == strlen(attribute_names[i]) &&
                !strncasecmp(a.name, attribute_names[i], a.n))
                out[i] = html_attribute_value(&a);
}

/* Whether a list of words contains this one, ignoring case. */
static bool lists_word(const char *list, const char *word)
{
    static const char between[] = " \t\r\n\f";
    size_t n = strlen(word);
    for (const char *p = list; p && *(p += strspn(p, between)); p += strcspn(p, between))
        if (strcspn(p, between) == n && !strncasecmp(p, word, n))
            return true;
    return false;
}

static enum feed_likeness by_type(const char *type)
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

/* ---- addresses ------------------------------------------------------------------------------- */

/* The caller frees it; NULL if it is not a web address. */
static char *address_of_link(const char *base, const char *href)
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

/* WordPress declares each page's API data as an alternate form of the page. */
static bool is_api(const char *url)
{
    return strstr(url, "/wp-json/") != NULL;
}

static bool is_feed_name(const char *p, size_t n)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (n == strlen(names[i]) && !strncasecmp(p, names[i], n))
            return true;
    return false;
}

/* NAMED, XML or NOTHING. */
static enum rank rank_by_address(const char *url)
{
    struct url u;
    url_parse(&u, url, strlen(url));
    size_t n = u.path.n;
    while (n && u.path.p[n - 1] == '/')
        n--;
    size_t start = n;
    while (start && u.path.p[start - 1] != '/')
        start--;
    const char *name = u.path.p + start, *dot = memchr(name, '.', n - start);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(endings[i]);
        if (n - start > length && !strncasecmp(u.path.p + n - length, endings[i], length))
            return strcmp(endings[i], ".xml") != 0 || is_feed_name(name, (size_t)(dot - name))
                       ? NAMED
                       : XML;
    }
    if (dot || !is_feed_name(name, n - start)) /* an extension that feeds do not have */
        return NOTHING;
    bool page = (n - start == 5 && !strncasecmp(name, "index", 5)) ||
                (n - start == 4 && !strncasecmp(name, "news", 4));
    return page ? NOTHING : NAMED;
}

/* Whether a text contains the word "rss"; or "feed" or "atom", which are ambiguous, and at most so
 * many words. */
static bool calls_a_feed(const char *text, size_t most_words)
{
    bool found = false;
    size_t n_words = 0;
    while (text && *text) {
        size_t n = 0;
        while (isalnum((unsigned char)text[n]))
            n++;
        if (n == 3 && !strncasecmp(text, "rss", 3))
            return true;
        found |= (n == 4 && (!strncasecmp(text, "feed", 4) || !strncasecmp(text, "atom", 4))) ||
                 (n == 5 && !strncasecmp(text, "feeds", 5));
        n_words += n > 0;
        text += n ? n : 1;
    }
    return found && n_words <= most_words;
}

/* Inserts a feed after those of equal rank; if there are too many, it replaces the worst. Takes
 * ownership of `url`. */
static void add_discovered(struct discovered *out, enum rank rank, char *url, const char *title)
{
    enum { BEHIND = NOTHING }; /* for comment feeds */
    int comments = comments_address(url)            ? COMMENTS_BY_ADDRESS
                   : title && comments_title(title) ? COMMENTS_BY_TITLE
                                                    : NO_COMMENTS;
    unsigned order = rank + (comments ? BEHIND : 0);
    size_t at = 0;
    while (at < out->n && out->v[at].rank <= order && strcmp(out->v[at].url, url) != 0)
        at++;
    if (at == DISCOVER_MAX || (at < out->n && out->v[at].rank <= order)) { /* no room, or listed */
        free(url);
        return;
    }
    size_t last = at; /* the slot to reuse: the same address with a worse rank, or the end */
    while (last < out->n && strcmp(out->v[last].url, url) != 0)
        last++;
    last = last < DISCOVER_MAX ? last : DISCOVER_MAX - 1;
    if (last < out->n) {
        free(out->v[last].url);
        free(out->v[last].title);
    } else {
        out->n++;
    }
    memmove(&out->v[at + 1], &out->v[at], (last - at) * sizeof *out->v);
    struct buf b;
    buf_init(&b, MAX_TITLE * 4);
    if (title)
        utf8_clean(&b, title,
                   strlen(title) > MAX_TITLE ? utf8_cut(title, MAX_TITLE) : strlen(title));
    out->v[at].url = url;
    out->v[at].rank = order;
    out->v[at].declared = rank == DECLARED;
    out->v[at].comments = comments;
    out->v[at].title = b.len ? buf_take(&b) : NULL;
    buf_free(&b);
}

/* ---- the page -------------------------------------------------------------------------------- */

/* What <link> declares: FEED is a declared feed. */
static enum feed_likeness by_relation(char *const a[N_ATTRIBUTES], bool in_head)
{
    bool alternate =
        !a[REL] || (lists_word(a[REL], "alternate") && !lists_word(a[REL], "stylesheet"));
    if (lists_word(a[REL], "feed") && in_head)
        return FEED;
    return alternate ? by_type(a[TYPE]) : NO_FEED;
}

static void take_link(struct linked_page *p, char *const a[N_ATTRIBUTES])
{
    enum feed_likeness likeness = by_relation(a, true);
    char *url = a[HREF] && likeness ? address_of_link(p->base, a[HREF]) : NULL;
    if (url && !is_api(url))
        add_discovered(p->found, likeness == FEED ? DECLARED : TYPED, url, a[TITLE]);
    else
        free(url);
}

static enum rank rank_of_link(const struct linked_page *p, bool called)
{
    enum rank rank = rank_by_address(p->link.url);
    bool same_site = url_same_site(p->link.url, p->base);
    if (p->link.by_type == FEED)
        return DECLARED;
    if (p->link.by_type == MAYBE)
        return TYPED;
    if (rank == NAMED || (rank == XML && called))
        return same_site ? NAMED : NAMED_ELSEWHERE;
    return called && same_site ? CALLED : rank;
}

static void end_link(struct linked_page *p, const char *end)
{
    if (!p->link.url)
        return;
    struct buf text;
    size_t n = (size_t)(end - p->link.text);
    buf_init(&text, MAX_LINK_TEXT * 4);
    html_to_text(&text, p->link.text, n < MAX_LINK_TEXT ? n : MAX_LINK_TEXT);
    enum { FEW = 4 };
    enum rank rank = rank_of_link(p, p->link.called || calls_a_feed(buf_text(&text), FEW));
    if (rank != NOTHING && !is_api(p->link.url)) {
        const char *title = p->link.title ? p->link.title : text.len ? buf_text(&text) : NULL;
        add_discovered(p->found, rank, p->link.url, title);
        p->link.url = NULL;
    }
    free(p->link.url);
    free(p->link.title);
    p->link.url = p->link.title = NULL;
    buf_free(&text);
}

/* Attributes of a link or of elements inside it, such as images and icons. */
static bool attributes_call(char *const a[N_ATTRIBUTES])
{
    enum { FEW = 4 };
    return calls_a_feed(a[TITLE], FEW) || calls_a_feed(a[ALT], FEW) ||
           calls_a_feed(a[LABEL], FEW) || calls_a_feed(a[CLASS], 0);
}

static void start_link(struct linked_page *p, char *a[N_ATTRIBUTES], const char *text)
{
    if (!a[HREF] || *a[HREF] == '#' || !(p->link.url = address_of_link(p->base, a[HREF])))
        return;
    p->link.title = a[TITLE];
    p->link.called = attributes_call(a);
    a[TITLE] = NULL;
    p->link.by_type = by_relation(a, false);
    if (!p->link.by_type && (by_type(a[TYPE]) || !strncasecmp(a[HREF], "feed:", 5)))
        p->link.by_type = MAYBE;
    p->link.text = text;
}

static void take_base_tag(struct linked_page *p, const char *href)
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

static bool is_tag(const struct html_tag *t, const char *name)
{
    return t->n == strlen(name) && !strncasecmp(t->name, name, t->n);
}

static void on_page_tag(void *arg, const struct html_tag *t)
{
    struct linked_page *p = arg;
    bool link = is_tag(t, "link"), anchor = is_tag(t, "a"), base = is_tag(t, "base");
    char *a[N_ATTRIBUTES];
    if (anchor)
        end_link(p, t->name - (t->end_tag ? 2 : 1));
    if (t->end_tag || (!link && !anchor && !base && !p->link.url))
        return;
    read_link_attributes(t, a);
    if (base)
        take_base_tag(p, a[HREF]);
    else if (link)
        take_link(p, a);
    else if (anchor)
        start_link(p, a, t->end);
    else
        p->link.called |= attributes_call(a);
    for (size_t i = 0; i < N_ATTRIBUTES; i++)
        free(a[i]);
}

/* Drops guesses if feeds are declared, unless all of these are comment feeds. */
static void leave_out_guesses(struct discovered *d)
{
    size_t kept = 0;
    if (!d->n || d->v[0].rank != DECLARED)
        return;
    for (size_t i = 0; i < d->n; i++) {
        if (d->v[i].declared) {
            d->v[kept++] = d->v[i];
        } else {
            free(d->v[i].url);
            free(d->v[i].title);
        }
    }
    d->n = kept;
}

void discover_feeds(const char *html, size_t n, const char *base_url, struct discovered *out)
{
    struct linked_page p = {.base = mem_str(base_url ? base_url : ""), .found = out};
    *out = (struct discovered){.n = 0};
    html_each_tag(html, n, on_page_tag, &p);
    end_link(&p, html + n);
    leave_out_guesses(out);
    free(p.base);
}

void discover_usual(const char *base_url, struct discovered *out)
{
    *out = (struct discovered){.n = 0};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        struct buf path;
        buf_init(&path, 64);
        buf_addf(&path, "/%s", usual[i]);
        char *url = address_of_link(base_url, buf_text(&path));
        if (url)
            add_discovered(out, CALLED, url, NULL);
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
