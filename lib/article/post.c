/* Makes posts of the items of social feeds: text, author, account and links; see post.h. Used by
 * lib/ingest. */
#include "article/post.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/nfc.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feed/html.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_LINK = 8192 /* longer addresses are dropped */ };

/* 1 January 1990. Such feeds did not exist before; an earlier date is an error in the feed. */
static const int64_t earliest = 631152000;

static char *cut_post(const char *s, size_t max)
{
    if (!s || !*s)
        return NULL;
    size_t n = strlen(s);
    return mem_strn(s, n > max ? utf8_cut(s, max) : n);
}

/* ---- the text -------------------------------------------------------------------------------- */

/* Prefixes of lines that the platform adds to a post. */
static const char *const added[] = {
    "submitted by ", "Article URL:", "Comments URL:", "Points:", "# Comments:",
};

static bool is_added(const char *line, size_t n)
{
    for (size_t i = 0; i < sizeof added / sizeof *added; i++) {
        size_t m = strlen(added[i]);
        if (n >= m && !strncasecmp(line, added[i], m))
            return true;
    }
    return false;
}

static void add_lines(struct buf *out, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n"), blanks = strspn(text, " \t");
        if (n > blanks && !is_added(text + blanks, n - blanks)) {
            if (out->len)
                buf_addc(out, '\n');
            buf_add(out, text + blanks, n - blanks);
        }
        text += n + (text[n] == '\n');
    }
}

/* Whether the title merely repeats the start of the text, possibly cut with dots. */
static bool begins_text(const char *title, const char *text)
{
    size_t n = strlen(title);
    while (n && title[n - 1] == '.')
        n--;
    if (n > 3 && !memcmp(title + n - 3, "\u2026", 3))
        n -= 3;
    while (n && title[n - 1] == ' ')
        n--;
    for (size_t i = 0, k = 0; i < n; i++, k++) {
        char c = text[k] == '\n' ? ' ' : text[k];
        if (title[i] != c)
            return false;
    }
    return true;
}

static char *plain_lines(const char *html)
{
    struct buf text, lines;
    buf_init(&text, FEED_MAX_TEXT * 2);
    buf_init(&lines, FEED_MAX_TEXT * 2);
    html_to_text(&text, html, strlen(html));
    add_lines(&lines, buf_text(&text));
    char *out = nfc_str(buf_text(&lines));
    buf_free(&text);
    buf_free(&lines);
    return out;
}

static void make_text(const struct feed_item *item, struct feed_post *out)
{
    const char *html = item->content && *item->content ? item->content : item->summary;
    char *body = plain_lines(html ? html : "");
    struct buf all;
    buf_init(&all, FEED_MAX_TEXT * 2);
    if (item->title && *item->title && !begins_text(item->title, body)) {
        out->title = cut_post(item->title, POST_MAX_TEXT);
        buf_adds(&all, item->title);
        buf_addc(&all, '\n');
    }
    buf_adds(&all, body);
    while (all.len && all.p[all.len - 1] == '\n')
        buf_cut(&all, all.len - 1);
    out->text = cut_post(buf_text(&all), POST_MAX_TEXT);
    if (!out->text)
        out->text = mem_str("");
    buf_free(&all);
    free(body);
}

/* ---- addresses ------------------------------------------------------------------------------- */

static void add_link(struct feed_post *out, const char *url)
{
    if (!url || out->n_links == POST_MAX_LINKS || strlen(url) > MAX_LINK || !url_is_http(url))
        return;
    for (size_t i = 0; i < out->n_links; i++)
        if (!strcmp(out->links[i], url))
            return;
    out->links[out->n_links++] = mem_str(url);
}

static void on_link_tag(void *arg, const struct html_tag *tag)
{
    struct html_attribute a;
    const char *p = tag->rest;
    if (tag->end_tag || tag->n != 1 || (*tag->name | 32) != 'a')
        return;
    while (html_next_attribute(&p, tag->end, &a))
        if (a.value && a.n == 4 && !strncasecmp(a.name, "href", 4)) {
            char *url = html_attribute_value(&a);
            add_link(arg, url);
            free(url);
        }
}

/* Adds addresses that are written out in the text. */
static void find_in_text(struct feed_post *out)
{
    for (const char *p = out->text; (p = strstr(p, "http")); p++) {
        size_t n = 0;
        if (p > out->text && isalnum((unsigned char)p[-1]))
            continue;
        while ((unsigned char)p[n] > ' ' && (unsigned char)p[n] < 0x7f && !strchr("<>\"", p[n]))
            n++;
        while (n && strchr(".,;:!?)]}'", p[n - 1]))
            n--;
        char *url = mem_strn(p, n);
        add_link(out, url);
        free(url);
    }
}

static void find_links(const struct feed_item *item, struct feed_post *out)
{
    const char *const texts[] = {item->content, item->summary};
    add_link(out, item->link);
    add_link(out, item->orig_link);
    for (size_t i = 0; i < 2; i++)
        if (texts[i])
            html_each_tag(texts[i], strlen(texts[i]), on_link_tag, out);
    find_in_text(out);
    for (size_t i = 0; i < item->n_enclosures; i++)
        add_link(out, item->enclosures[i].url);
}

/* ---- who wrote it ---------------------------------------------------------------------------- */

/* Paths of accounts and of their posts: the part before the account's name, the prefix of the
 * handle, and whether the host is part of it. */
static const struct {
    const char *path, *begin;
    bool host;
} accounts[] = {
    {"/@", "@", true},         /* Mastodon and compatible */
    {"/profile/", "@", false}, /* Bluesky: the name is a domain */
    {"/users/", "@", true},    /* ActivityPub */
    {"/user/", "/u/", false},  /* Reddit */
    {"/u/", "@", true},        /* Lemmy */
};

static bool is_name_byte(unsigned char c)
{
    return isalnum(c) || c == '_' || c == '-' || c == '.' || c == '@' || c >= 0x80;
}

/* The handle of the account at an address, or of the author of the post there; NULL for none. */
static char *handle_at(const char *url)
{
    struct url u;
    if (!url || !url_is_http(url))
        return NULL;
    url_parse(&u, url, strlen(url));
    for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++) {
        size_t before = strlen(accounts[i].path), n = 0;
        if (u.path.n <= before || strncmp(u.path.p, accounts[i].path, before) != 0)
            continue;
        const char *name = u.path.p + before;
        while (before + n < u.path.n && is_name_byte((unsigned char)name[n]))
            n++;
        if (!n || n > POST_MAX_NAME || (before + n < u.path.n && name[n] != '/'))
            continue; /* also excludes "did:plc:...", which is not a name */
        struct buf b;
        buf_init(&b, POST_MAX_NAME * 3);
        buf_adds(&b, accounts[i].begin);
        buf_add(&b, name, n);
        if (accounts[i].host && !memchr(name, '@', n)) {
            buf_addc(&b, '@');
            for (size_t k = 0; k < u.host.n; k++)
                buf_addc(&b, (char)tolower((unsigned char)u.host.p[k]));
        }
        char *out = cut_post(buf_text(&b), POST_MAX_NAME);
        buf_free(&b);
        return out;
    }
    return NULL;
}

static size_t trimmed(const char *p, size_t n)
{
    static const char marks[] = " \t-()";
    while (n && strchr(marks, p[n - 1]))
        n--;
    return n;
}

/* Splits a name that contains a handle: "@jane", "Jane Doe (@jane@host)", "@jane - Jane Doe",
 * "/u/jane". */
static void take_apart(const char *name, char **author, char **handle)
{
    const char *at = strchr(name, '@');
    const bool reddit = !strncmp(name, "/u/", 3) || !strncmp(name, "u/", 2);
    if (reddit) {
        const char *own = strchr(name + 1, '/') ? strchr(name + 1, '/') + 1 : name;
        struct buf b;
        buf_init(&b, POST_MAX_NAME + 3);
        buf_addf(&b, "/u/%.*s", (int)strcspn(own, " "), own);
        *handle = buf_take(&b);
        *author = cut_post(own, POST_MAX_NAME);
        return;
    }
    if (!at || (at > name && !strchr(" (", at[-1]))) {
        *author = cut_post(name, POST_MAX_NAME);
        if (*name && !strpbrk(name, " \t"))
            *handle = cut_post(name, POST_MAX_NAME); /* the name of an account */
        return;
    }
    size_t n = 1;
    while (is_name_byte((unsigned char)at[n]))
        n++;
    char *found = mem_strn(at, n);
    *handle = cut_post(found, POST_MAX_NAME);
    free(found);
    const char *rest = at == name ? at + n : name;
    size_t length = trimmed(rest, at == name ? strlen(rest) : (size_t)(at - name));
    while (length && strchr(" -()", *rest))
        rest++, length--;
    char *own = mem_strn(rest, length);
    *author = cut_post(own, POST_MAX_NAME);
    free(own);
}

/* The account's description of itself; not the platform's description of its feed. */
static char *bio_of(const struct feed *feed)
{
    if (!feed->description || !strncasecmp(feed->description, "Public posts from ", 18))
        return NULL;
    char *text = plain_lines(feed->description), *out = cut_post(text, POST_MAX_BIO);
    free(text);
    return out;
}

static void find_author(const struct feed *feed, const struct feed_item *item,
                        struct feed_post *out)
{
    char *of_feed = handle_at(feed->link), *own = NULL, *named = NULL;
    if (item->link && feed->link && url_same_site(feed->link, item->link))
        own = handle_at(item->link); /* on another site it is what the post is about */
    const bool one_account = of_feed && (!own || !strcasecmp(of_feed, own));
    const char *said = item->author;
    if (said && url_is_http(said)) /* Lemmy */
        named = handle_at(said);
    if (named) {
        const char *name = named + strspn(named, "@/");
        char *whole = mem_strn(name, strcspn(name, "@"));
        out->author = cut_post(whole, POST_MAX_NAME);
        free(whole);
    } else if (said && *said) {
        take_apart(said, &out->author, &named);
    } else if (one_account && feed->title) {
        take_apart(feed->title, &out->author, &named);
    }
    /* a handle from an address includes the whole account */
    out->handle = own ? own : one_account ? of_feed : named;
    if (out->handle != own)
        free(own);
    if (out->handle != of_feed)
        free(of_feed);
    if (out->handle != named)
        free(named);
    if (one_account)
        out->bio = bio_of(feed);
}

/* ---- the post -------------------------------------------------------------------------------- */

void feed_post_make(const struct feed *feed, const struct feed_item *item,
                    const struct feed_origin *origin, struct feed_post *out)
{
    *out = (struct feed_post){.time = FEED_NO_TIME};
    make_text(item, out);
    find_links(item, out);
    find_author(feed, item, out);
    out->url = mem_str(
        item->link && strlen(item->link) <= MAX_LINK && url_is_http(item->link) ? item->link : "");
    const char *id = item->id && *item->id ? item->id : *out->url ? out->url : out->text;
    out->id = mem_str(id);
    const char *lang = item->language ? item->language : feed->language;
    out->lang = cut_post(lang && *lang ? lang : origin->lang, 16);
    out->time = item->published != FEED_NO_TIME ? item->published : item->updated;
    if (out->time < earliest)
        out->time = FEED_NO_TIME;
}

void feed_post_free(struct feed_post *p)
{
    char *texts[] = {p->id, p->title, p->text, p->url, p->author, p->handle, p->bio, p->lang};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (size_t i = 0; i < p->n_links; i++)
        free(p->links[i]);
    *p = (struct feed_post){0};
}
