/* Reads the metadata of a page's article from all kinds of markup, most reliable first; see meta.h.
 * The text of the article is text.c's. Used by page_read.c. */
#define _GNU_SOURCE /* strcasestr */
#include "page/meta.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/nfc.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feed/html.h"
#include "page/dom.h"
#include "page/names.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum meta_field {
    TITLE,
    AUTHOR,
    SITE,
    SECTION,
    LANG,
    IMAGE,
    WIDTH,
    HEIGHT,
    PUBLISHED,
    MODIFIED,
    KEYWORDS,
    CANONICAL,
    FIELDS
};

enum { LD_MOST = 1 << 20, LD_DEPTH = 12, SOURCES = 8 };

/* The values of one kind of markup; the first non-empty one of a field is kept. */
struct said_fields {
    char *of[FIELDS];
};

static void say_field(struct said_fields *s, enum meta_field f, const char *text)
{
    struct buf b;
    if (!text || s->of[f])
        return;
    buf_init(&b, PAGE_MAX_FIELD);
    for (const char *p = text; *p && !b.full; p++) {
        bool blank = (unsigned char)*p <= ' ';
        if (!blank)
            buf_addc(&b, *p);
        else if (b.len && b.p[b.len - 1] != ' ')
            buf_addc(&b, ' ');
    }
    size_t n = b.len;
    n = b.full ? utf8_cut(buf_text(&b), n) : n;
    while (n && b.p[n - 1] == ' ')
        n--;
    if (n)
        s->of[f] = mem_strn(b.p, n);
    buf_free(&b);
}

/* ---- <meta> and <link> ----------------------------------------------------------------------- */

/* In order of trust within a field; `name` is the value of name=, property= or itemprop=. */
static const struct {
    const char *name;
    enum meta_field field;
} metas[] = {
    {"og:title", TITLE},
    {"twitter:title", TITLE},
    {"parsely-title", TITLE},
    {"sailthru.title", TITLE},
    {"dc.title", TITLE},
    {"headline", TITLE},
    {"title", TITLE},
    {"author", AUTHOR},
    {"article:author_name", AUTHOR},
    {"parsely-author", AUTHOR},
    {"sailthru.author", AUTHOR},
    {"dc.creator", AUTHOR},
    {"dcterms.creator", AUTHOR},
    {"byl", AUTHOR},
    {"article:author", AUTHOR},
    {"twitter:creator:name", AUTHOR},
    {"og:site_name", SITE},
    {"application-name", SITE},
    {"dc.publisher", SITE},
    {"article:section", SECTION},
    {"parsely-section", SECTION},
    {"section", SECTION},
    {"og:locale", LANG},
    {"content-language", LANG},
    {"language", LANG},
    {"dc.language", LANG},
    {"og:image:secure_url", IMAGE},
    {"og:image", IMAGE},
    {"og:image:url", IMAGE},
    {"twitter:image", IMAGE},
    {"twitter:image:src", IMAGE},
    {"parsely-image-url", IMAGE},
    {"og:image:width", WIDTH},
    {"og:image:height", HEIGHT},
    {"article:published_time", PUBLISHED},
    {"og:article:published_time", PUBLISHED},
    {"datepublished", PUBLISHED},
    {"parsely-pub-date", PUBLISHED},
    {"sailthru.date", PUBLISHED},
    {"article.published", PUBLISHED},
    {"publishdate", PUBLISHED},
    {"publish-date", PUBLISHED},
    {"pubdate", PUBLISHED},
    {"dc.date.issued", PUBLISHED},
    {"dcterms.created", PUBLISHED},
    {"dc.date", PUBLISHED},
    {"dcterms.date", PUBLISHED},
    {"date", PUBLISHED},
    {"og:published_time", PUBLISHED},
    {"cxenseparse:recs:publishtime", PUBLISHED},
    {"article_date_original", PUBLISHED},
    {"originalpublicationdate", PUBLISHED},
    {"publication_date", PUBLISHED},
    {"last-published", PUBLISHED},
    {"article:modified_time", MODIFIED},
    {"og:updated_time", MODIFIED},
    {"datemodified", MODIFIED},
    {"lastmod", MODIFIED},
    {"last-modified", MODIFIED},
    {"dcterms.modified", MODIFIED},
    {"news_keywords", KEYWORDS},
    {"parsely-tags", KEYWORDS},
    {"keywords", KEYWORDS},
    {"article:tag", KEYWORDS},
    {"og:url", CANONICAL},
};
enum { METAS = sizeof metas / sizeof *metas };

static void read_metas(xmlNode *root, struct said_fields *out)
{
    const char *found[METAS] = {NULL};
    for (xmlNode *n = root; n; n = dom_next(root, n, true)) {
        static const char *const by[] = {"property", "name", "itemprop", "http-equiv"};
        if (!dom_is(n, "meta"))
            continue;
        for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
            const char *name = dom_attribute(n, by[i]);
            for (size_t k = 0; *name && k < METAS; k++)
                if (!found[k] && !strcasecmp(name, metas[k].name))
                    found[k] = dom_attribute(n, "content");
        }
    }
    for (size_t k = 0; k < METAS; k++)
        if (found[k] && !(metas[k].field == AUTHOR && url_is_http(found[k])))
            say_field(out, metas[k].field, found[k]);
}

/* Resolves an address; the caller frees it. NULL if it is not an http address. */
static char *resolved_address(const char *url, const char *ref)
{
    char *all = ref && *ref && strlen(ref) < PAGE_MAX_FIELD ? url_resolve(url, ref) : NULL;
    if (all && url_is_http(all) && strlen(all) < PAGE_MAX_FIELD)
        return all;
    free(all);
    return NULL;
}

static void read_links(xmlNode *root, const char *url, struct page *out)
{
    static const struct {
        const char *rel, *media;
    } links[] = {{"canonical", ""}, {"amphtml", ""}, {"alternate", "print"}};
    char **to[] = {&out->canonical, &out->amp, &out->print};
    for (xmlNode *n = root; n; n = dom_next(root, n, true))
        for (size_t i = 0; dom_is(n, "link") && i < sizeof links / sizeof *links; i++)
            if (!*to[i] && !strcasecmp(dom_attribute(n, "rel"), links[i].rel) &&
                (!*links[i].media || !strcasecmp(dom_attribute(n, "media"), links[i].media)))
                *to[i] = resolved_address(url, dom_attribute(n, "href"));
}

/* Reads the directives about use of the page: all of them, because each may be stricter than the
 * one before. */
static void read_wishes(xmlNode *root, struct page *out)
{
    struct buf robots;
    buf_init(&robots, PAGE_MAX_FIELD);
    for (xmlNode *n = root; n; n = dom_next(root, n, true)) {
        const char *name = dom_is(n, "meta") ? dom_attribute(n, "name") : "";
        const char *content = dom_attribute(n, "content");
        if (!strcasecmp(name, "robots") || !strcasecmp(name, "storyd"))
            buf_addf(&robots, "%s%s", robots.len ? ", " : "", content);
        else if (!out->tdm && !strcasecmp(name, "tdm-reservation"))
            out->tdm = mem_strn(content, strnlen(content, PAGE_MAX_FIELD));
    }
    out->robots = robots.len ? mem_str(buf_text(&robots)) : NULL;
    buf_free(&robots);
}

/* ---- JSON-LD --------------------------------------------------------------------------------- */

static bool is_of_type(const json_t *o, const char *name)
{
    const json_t *type = json_object_get(o, "@type");
    if (!json_is_array(type))
        return type && json_is_string(type) && !strcmp(json_string_value(type), name);
    for (size_t i = 0; i < json_array_size(type); i++) {
        const char *one = json_string_value(json_array_get(type, i));
        if (one && !strcmp(one, name))
            return true;
    }
    return false;
}

static bool is_article(const json_t *o)
{
    static const char *const types[] = {"Article",
                                        "NewsArticle",
                                        "BlogPosting",
                                        "ReportageNewsArticle",
                                        "Report",
                                        "LiveBlogPosting",
                                        "BackgroundNewsArticle",
                                        "AnalysisNewsArticle",
                                        "TechArticle",
                                        "Review",
                                        "OpinionNewsArticle",
                                        "ReviewNewsArticle",
                                        "SocialMediaPosting"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (is_of_type(o, types[i]))
            return true;
    return false;
}

/* Adds a text, an object's name, or the names in an array. */
static void add_ld_names(struct buf *out, const json_t *v, const char *field, size_t depth)
{
    if (json_is_string(v) && !url_is_http(json_string_value(v)))
        buf_addf(out, "%s%s", out->len ? "; " : "", json_string_value(v));
    else if (json_is_object(v))
        add_ld_names(out, json_object_get(v, field), field, depth + 1);
    else if (json_is_array(v) && depth < 3)
        for (size_t i = 0; i < json_array_size(v) && i < 8; i++)
            add_ld_names(out, json_array_get(v, i), field, depth + 1);
}

static void say_names(struct said_fields *out, enum meta_field f, const json_t *v,
                      const char *field)
{
    struct buf b;
    buf_init(&b, PAGE_MAX_FIELD);
    add_ld_names(&b, v, field, 0);
    say_field(out, f, buf_text(&b));
    buf_free(&b);
}

static void say_image(struct said_fields *out, const json_t *v, size_t depth)
{
    char number[24];
    if (json_is_array(v) && depth < 3)
        v = json_array_get(v, 0);
    if (json_is_string(v))
        say_field(out, IMAGE, json_string_value(v));
    if (!json_is_object(v))
        return;
    static const struct {
        const char *name;
        enum meta_field f;
    } sizes[] = {{"width", WIDTH}, {"height", HEIGHT}};
    say_field(out, IMAGE, json_string_value(json_object_get(v, "url")));
    for (size_t i = 0; i < 2; i++) {
        const json_t *size = json_object_get(v, sizes[i].name);
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(size));
        say_field(out, sizes[i].f, json_is_integer(size) ? number : json_string_value(size));
    }
}

struct ld {
    struct said_fields *out;
    char **body;
    struct page *page; /* receives the entries */
    bool paywalled;
    enum page_kind kind; /* PAGE_OTHER: not specified */
};

static bool is_false(const json_t *v)
{
    return json_is_false(v) || (json_is_string(v) && !strcasecmp(json_string_value(v), "false"));
}

static char *plain_field(const char *text)
{
    struct buf b;
    if (!text || !*text)
        return NULL;
    buf_init(&b, PAGE_MAX_TEXT / PAGE_MAX_ENTRIES);
    html_to_text(&b, text, strlen(text));
    char *out = b.len ? nfc_str(buf_text(&b)) : NULL;
    buf_free(&b);
    return out;
}

static void free_entry(struct page_entry *e)
{
    free(e->title);
    free(e->text);
}

/* Inserts an entry in order of time, newest first; if there are too many, the oldest is dropped. */
static void add_entry(struct page *page, struct page_entry e)
{
    size_t at = page->n_entries;
    while (at > 0 && page->entries[at - 1].time < e.time)
        at--;
    if (at == PAGE_MAX_ENTRIES) {
        free_entry(&e);
        return;
    }
    if (page->n_entries == PAGE_MAX_ENTRIES)
        free_entry(&page->entries[--page->n_entries]);
    memmove(&page->entries[at + 1], &page->entries[at],
            (page->n_entries - at) * sizeof *page->entries);
    page->entries[at] = e;
    page->n_entries++;
}

static void read_entries(struct ld *r, const json_t *updates)
{
    enum { MOST = 2000 };
    for (size_t i = 0; i < json_array_size(updates) && i < MOST; i++) {
        const json_t *o = json_array_get(updates, i);
        const char *date = json_string_value(json_object_get(o, "datePublished"));
        struct page_entry e = {.time = date ? date_parse(date) : PAGE_NO_TIME};
        e.title = plain_field(json_string_value(json_object_get(o, "headline")));
        e.text = plain_field(json_string_value(json_object_get(o, "articleBody")));
        if (e.title || e.text)
            add_entry(r->page, e);
    }
}

/* Whether parts of the article are only for subscribers. */
static bool has_paid_part(const json_t *parts)
{
    bool paid = json_is_object(parts) && is_false(json_object_get(parts, "isAccessibleForFree"));
    for (size_t i = 0; json_is_array(parts) && i < json_array_size(parts) && i < 100; i++)
        paid |= is_false(json_object_get(json_array_get(parts, i), "isAccessibleForFree"));
    return paid;
}

static void read_ld_object(struct ld *r, const json_t *o, size_t depth)
{
    if (depth > LD_DEPTH)
        return;
    if (json_is_array(o)) {
        for (size_t i = 0; i < json_array_size(o) && i < 100; i++)
            read_ld_object(r, json_array_get(o, i), depth + 1);
        return;
    }
    if (!json_is_object(o))
        return;
    if (is_of_type(o, "LiveBlogPosting"))
        r->kind = PAGE_LIVE;
    else if (r->kind == PAGE_OTHER && is_of_type(o, "ImageGallery"))
        r->kind = PAGE_GALLERY;
    else if (r->kind == PAGE_OTHER && is_of_type(o, "VideoObject"))
        r->kind = PAGE_VIDEO;
    if (is_article(o)) {
        const char *body = json_string_value(json_object_get(o, "articleBody"));
        say_field(r->out, TITLE, json_string_value(json_object_get(o, "headline")));
        say_names(r->out, AUTHOR, json_object_get(o, "author"), "name");
        say_names(r->out, SITE, json_object_get(o, "publisher"), "name");
        say_names(r->out, SECTION, json_object_get(o, "articleSection"), "name");
        say_names(r->out, KEYWORDS, json_object_get(o, "keywords"), "name");
        say_field(r->out, PUBLISHED, json_string_value(json_object_get(o, "datePublished")));
        say_field(r->out, MODIFIED, json_string_value(json_object_get(o, "dateModified")));
        say_field(r->out, LANG, json_string_value(json_object_get(o, "inLanguage")));
        say_image(r->out, json_object_get(o, "image"), 0);
        r->paywalled |= is_false(json_object_get(o, "isAccessibleForFree")) ||
                        has_paid_part(json_object_get(o, "hasPart"));
        read_entries(r, json_object_get(o, "liveBlogUpdate"));
        if (body && !*r->body && strlen(body) < PAGE_MAX_TEXT)
            *r->body = mem_str(body);
    }
    read_ld_object(r, json_object_get(o, "@graph"), depth + 1);
    read_ld_object(r, json_object_get(o, "mainEntity"), depth + 1);
}

/* Tolerates line feeds within strings and enclosing comments, both of which are common. */
static json_t *load_ld(const char *text)
{
    struct buf b;
    size_t n = strlen(text);
    if (n > LD_MOST)
        return NULL;
    buf_init(&b, LD_MOST + 1);
    const char *begin = strpbrk(text, "{["), *end = text + n;
    while (end > text && end[-1] != '}' && end[-1] != ']')
        end--;
    for (const char *p = begin; p && p < end; p++) {
        bool control = (unsigned char)*p < ' ';
        buf_addc(&b, control ? ' ' : *p);
    }
    json_t *o = json_loads(buf_text(&b), 0, NULL);
    buf_free(&b);
    return o;
}

static void read_ld(xmlNode *root, struct ld *r)
{
    for (xmlNode *n = root; n; n = dom_next(root, n, true)) {
        if (!dom_is(n, "script") || !strcasestr(dom_attribute(n, "type"), "ld+json"))
            continue;
        xmlChar *text = xmlNodeGetContent(n);
        json_t *o = text ? load_ld((const char *)text) : NULL;
        read_ld_object(r, o, 0);
        json_decref(o);
        xmlFree(text);
    }
}

/* ---- visible markup -------------------------------------------------------------------------- */

static char *text_of_node(const xmlNode *n)
{
    struct buf b;
    buf_init(&b, PAGE_MAX_FIELD);
    dom_text(n, &b);
    while (b.len && b.p[b.len - 1] == ' ')
        buf_cut(&b, b.len - 1);
    return buf_take(&b);
}

static void say_text(struct said_fields *out, enum meta_field f, const xmlNode *n, size_t most)
{
    char *text = text_of_node(n);
    if (text && strlen(text) <= most)
        say_field(out, f, text);
    free(text);
}

/* Text that may follow a name but does not belong to it. */
static const char *const behind_names[] = {" | ",
                                           " am ",
                                           " on ",
                                           " / ",
                                           "\n",
                                           " \xC2\xB7 ",
                                           " \xE2\x80\xA2 ",
                                           " - ",
                                           " \xE2\x80\x93 ",
                                           ", updated",
                                           ", 20",
                                           " alle artikel",
                                           " alle beitr",
                                           " all articles",
                                           " all posts",
                                           " view all",
                                           " see all",
                                           " tous les articles",
                                           " todos los art",
                                           " tutti gli art"};

/* "By Jane Doe | Gazette" -> the names. Returns true if a prefix was removed. */
static bool clean_author(char *s)
{
    bool cleaned = false;
    for (size_t n = 1; n > 0;) {
        size_t from = strspn(s, " ,.-/|");
        n = names_begin(NAMES_BEFORE_NAME, s + from);
        memmove(s, s + from + n, strlen(s + from + n) + 1);
        cleaned |= n > 0;
    }
    for (size_t i = 0; i < sizeof behind_names / sizeof *behind_names; i++) {
        char *at = strcasestr(s, behind_names[i]);
        if (at && at > s + 3)
            *at = 0;
    }
    size_t n = strlen(s), from = strspn(s, " ,.-/|");
    while (n > from && strchr(" ,-/|", s[n - 1]))
        s[--n] = 0;
    memmove(s, s + from, n - from + 1);
    return cleaned;
}

/* Whether the text is two to five capitalised words without digits. */
static bool is_person_name(const char *s)
{
    size_t words = 0, small = 0;
    if (strlen(s) > 60)
        return false;
    for (const char *p = s; *p;) {
        size_t n = strcspn(p, " ");
        if (strcspn(p, "0123456789@/:!?*") < n)
            return false;
        bool capital = isupper((unsigned char)*p) || (unsigned char)*p >= 0xC3;
        words += n > 0;
        small += n > 3 && !capital;
        p += n + (p[n] == ' ');
    }
    return words >= 2 && words <= 5 && !small;
}

/* Whether the text is a single word that may be an account's name. */
static bool is_handle(const char *s)
{
    size_t n = strcspn(s, " ");
    return n > 2 && n < 30 && !s[n] && strcspn(s, "@/:!?*") == n;
}

/* Uses the text of an element if it is a name; `cue`: only if it follows a cue such as "By". */
static void say_name(struct said_fields *out, const xmlNode *n, bool cue, bool handle)
{
    char *text = text_of_node(n);
    if (text && strlen(text) < 90) {
        bool cleaned = clean_author(text);
        if ((cleaned || !cue) && (is_person_name(text) || (handle && is_handle(text))))
            say_field(out, AUTHOR, text);
    }
    free(text);
}

/* Whether the text has a day; a year or a month alone is not a date. */
static bool has_day(const char *text)
{
    size_t groups = 0, letters = 0;
    for (const char *p = text; *p; p++) {
        groups += isdigit((unsigned char)*p) && !(p > text && isdigit((unsigned char)p[-1]));
        letters += isalpha((unsigned char)*p) || (unsigned char)*p >= 128;
    }
    return groups >= 3 || (groups >= 2 && letters >= 3);
}

/* "Published on 27 November 2026, 10:15": words may precede the date. */
static void say_date(struct said_fields *out, const xmlNode *n)
{
    char *text = text_of_node(n);
    for (const char *p = text; p && *p && !out->of[PUBLISHED] && strlen(text) <= 90; p++)
        if (p == text || p[-1] == ' ' || p[-1] == ':')
            if (isalnum((unsigned char)*p) && has_day(p) && date_parse(p) != PAGE_NO_TIME)
                say_field(out, PUBLISHED, p);
    free(text);
}

/* The share of the words of one title that occur in the other. */
static double title_likeness(const char *a, const char *b)
{
    unsigned words = 0, shared = 0;
    for (const char *p = a; *p;) {
        size_t n = strcspn(p, " ");
        char word[64];
        if (n > 2 && n < sizeof word) {
            memcpy(word, p, n);
            word[n] = 0;
            words++;
            shared += strcasestr(b, word) != NULL;
        }
        p += n + (p[n] == ' ');
    }
    return words ? (double)shared / words : 0;
}

/* Finds the heading that is most similar to the page's title in its metadata. */
static void find_heading(xmlNode *root, const char *called, char **out)
{
    double most = 0;
    for (xmlNode *n = root; n; n = dom_next(root, n, true)) {
        if (!dom_is(n, "h1") && !dom_is(n, "h2"))
            continue;
        char *text = text_of_node(n);
        double like = text && *text && strlen(text) < 300
                          ? called
                                ? title_likeness(text, called) * (.3 + title_likeness(called, text))
                            : dom_is(n, "h1") ? 1
                                              : 0
                          : 0;
        if (like > .35 && like > most) {
            most = like;
            free(*out);
            *out = text;
        } else {
            free(text);
        }
    }
}

static void read_seen(xmlNode *root, struct said_fields *out)
{
    struct said_fields weak = {{NULL}}, weaker = {{NULL}}, weakest = {{NULL}};
    for (xmlNode *n = root; n; n = dom_next(root, n, true)) {
        if (n->type != XML_ELEMENT_NODE || dom_is(n, "body") || dom_is(n, "html"))
            continue;
        const char *prop = dom_attribute(n, "itemprop"), *class = dom_attribute(n, "class");
        const char *rel = dom_attribute(n, "rel"), *href = dom_attribute(n, "href");
        if (!strcasecmp(prop, "headline"))
            say_text(out, TITLE, n, 300);
        if (!strcasecmp(prop, "author") || !strcasecmp(rel, "author"))
            say_text(out, AUTHOR, n, 80);
        if (!strcasecmp(prop, "datePublished"))
            say_field(out, PUBLISHED,
                      *dom_attribute(n, "content") ? dom_attribute(n, "content")
                                                   : dom_attribute(n, "datetime"));
        if (dom_is(n, "time") && *dom_attribute(n, "datetime"))
            say_field(&weak, PUBLISHED, dom_attribute(n, "datetime"));
        else if (dom_is(n, "time") || names_in(NAMES_DATE, class))
            say_date(&weak, n);
        if (dom_is(n, "title"))
            say_text(&weak, TITLE, n, 400);
        bool linked = dom_is(n, "a") && (strstr(href, "/author/") || strstr(href, "/autor/") ||
                                         strstr(href, "/authors/"));
        if (linked || names_in(NAMES_AUTHOR, class))
            say_name(&weak, n, false, linked);
        if (strcasestr(class, "author") || strcasestr(class, "autor") ||
            strcasestr(class, "writer"))
            say_name(&weaker, n, false, !strcasecmp(class, "author"));
        if ((dom_is(n, "p") || dom_is(n, "span") || dom_is(n, "div") || dom_is(n, "em") ||
             dom_is(n, "strong") || dom_is(n, "li")) &&
            n->children && !weakest.of[AUTHOR])
            say_name(&weakest, n, true, false);
    }
    say_field(out, PUBLISHED, weak.of[PUBLISHED]);
    say_field(out, AUTHOR, weak.of[AUTHOR]);
    say_field(out, AUTHOR, weaker.of[AUTHOR]);
    say_field(out, AUTHOR, weakest.of[AUTHOR]);
    free(weaker.of[AUTHOR]);
    free(weakest.of[AUTHOR]);
    say_field(out, TITLE, weak.of[TITLE]);
    for (size_t i = 0; i < FIELDS; i++)
        free(weak.of[i]);
}

/* "/2026/11/27/" */
static int64_t date_in(const char *url)
{
    for (const char *p = url; p && (p = strstr(p, "/20")); p++) {
        unsigned y, m, d;
        int n = 0;
        if (sscanf(p, "/%4u%*1[/-]%2u%*1[/-]%2u%n", &y, &m, &d, &n) == 3 && n && m >= 1 &&
            m <= 12 && d >= 1 && d <= 31) {
            char text[16];
            int64_t at;
            snprintf(text, sizeof text, "%04u-%02u-%02u", y, m, d);
            if ((at = date_parse(text)) != PAGE_NO_TIME)
                return at;
        }
    }
    return PAGE_NO_TIME;
}

/* ---- the page -------------------------------------------------------------------------------- */

/* Removes the site's name from either end of a title, if the name is known. */
static char *title_alone_of(const char *title, const char *site)
{
    static const char *const between[] = {" | ",  " - ",        " \xE2\x80\x93 ", " \xE2\x80\x94 ",
                                          " :: ", " \xC2\xBB ", " \xC2\xB7 "};
    for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
        const char *last = NULL;
        for (const char *p = title; (p = strstr(p, between[i])); p++)
            last = p;
        if (last && site && strlen(last + strlen(between[i])) > 0 &&
            (strcasestr(last + strlen(between[i]), site) ||
             strcasestr(site, last + strlen(between[i]))))
            return mem_strn(title, (size_t)(last - title));
    }
    return mem_str(title);
}

static const char *first(const struct said_fields *const *all, size_t n, enum meta_field f)
{
    for (size_t i = 0; i < n; i++)
        if (all[i]->of[f])
            return all[i]->of[f];
    return NULL;
}

/* Decodes once more: some pages escape references twice. */
static char *kept(const char *text)
{
    struct buf b;
    if (!text || !*text)
        return NULL;
    buf_init(&b, PAGE_MAX_FIELD * 2);
    if (strchr(text, '&'))
        html_to_text(&b, text, strlen(text));
    else
        buf_adds(&b, text);
    char *out = nfc_str(buf_text(&b));
    buf_free(&b);
    return out;
}

static int64_t time_in(const struct said_fields *const *all, size_t n, enum meta_field f)
{
    for (size_t i = 0; i < n; i++) {
        int64_t at = all[i]->of[f] ? date_parse(all[i]->of[f]) : PAGE_NO_TIME;
        if (at != PAGE_NO_TIME)
            return at;
    }
    return PAGE_NO_TIME;
}

static void take_keywords(const char *text, struct page *out)
{
    while (text && *text && out->n_keywords < PAGE_MAX_KEYWORDS) {
        size_t n = strcspn(text, ",;");
        while (n && *text == ' ')
            text++, n--;
        if (n)
            out->keywords[out->n_keywords++] = mem_strn(text, n);
        text += n;
        text += *text != 0;
    }
}

static char *language(const char *text)
{
    char code[4];
    size_t n = 0;
    while (text && n < 3 && isalpha((unsigned char)text[n])) {
        code[n] = (char)tolower((unsigned char)text[n]);
        n++;
    }
    return n >= 2 && !isalpha((unsigned char)text[n]) ? mem_strn(code, n) : NULL;
}

/* Whether an author's name is not a person's: the site, its host, an address, or a generic
 * account. */
static bool is_nobody(const char *author, const char *site, const char *url)
{
    struct url u = {.host = {NULL, 0}};
    size_t n = strlen(author);
    if (!n || strchr(author, '@') || (site && !strcasecmp(author, site)) ||
        names_begin(NAMES_NOBODY, author) == n)
        return true;
    if (url)
        url_parse(&u, url, strlen(url));
    return u.host.n >= n && strchr(author, '.') &&
           !strncasecmp(u.host.p + (u.host.n - n), author, n);
}

void meta_read(xmlDoc *doc, const char *url, struct page *out, char **body)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    struct said_fields ld = {{NULL}}, meta = {{NULL}}, seen = {{NULL}};
    struct ld reading = {.out = &ld, .body = body, .page = out, .kind = PAGE_OTHER};
    *body = NULL;
    out->published = out->modified = PAGE_NO_TIME;
    if (!root)
        return;
    read_ld(root, &reading);
    read_metas(root, &meta);
    read_links(root, url, out);
    read_wishes(root, out);
    read_seen(root, &seen);
    const struct said_fields *const by_machine[] = {&ld, &meta, &seen}, *const for_people[] = {
                                                                            &meta, &ld, &seen};
    const char *site = first(for_people, 2, SITE), *title = first(for_people, 3, TITLE);
    find_heading(root, title, &out->title);
    if (!out->title && title) {
        char *alone = title_alone_of(title, site);
        out->title = kept(alone);
        free(alone);
    }
    for (size_t i = 0; i < 3 && !out->author; i++) {
        out->author = kept(by_machine[i]->of[AUTHOR]);
        if (out->author)
            clean_author(out->author);
        if (out->author && is_nobody(out->author, site, url)) {
            free(out->author);
            out->author = NULL;
        }
    }
    out->site = kept(site);
    out->section = kept(first(by_machine, 2, SECTION));
    const char *lang = dom_attribute(root, "lang");
    out->lang = language(*lang ? lang : first(for_people, 2, LANG));
    out->image = resolved_address(url, first(for_people, 2, IMAGE));
    const char *width = first(for_people, 2, WIDTH), *height = first(for_people, 2, HEIGHT);
    out->image_width = width ? (unsigned)strtoul(width, NULL, 10) : 0;
    out->image_height = height ? (unsigned)strtoul(height, NULL, 10) : 0;
    out->published = time_in(by_machine, 3, PUBLISHED);
    if (out->published == PAGE_NO_TIME)
        out->published = date_in(url);
    out->modified = time_in(by_machine, 2, MODIFIED);
    take_keywords(first(by_machine, 2, KEYWORDS), out);
    out->paywalled = reading.paywalled;
    out->kind = reading.kind;
    for (size_t i = 0; i < FIELDS; i++) {
        free(ld.of[i]);
        free(meta.of[i]);
        free(seen.of[i]);
    }
}
