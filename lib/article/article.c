/* Makes articles of feed items: publisher, canonical address, title and plain text; see article.h.
 * Used by lib/ingest. */
#include "article/article.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/nfc.h"
#include "base/url.h"
#include "base/utf8.h"
#include "article/credit.h"
#include "feed/html.h"
#include "article/title.h"
#include "article/item_address.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* 1 January 1990. Feeds did not exist before; an earlier date is an error in the feed. */
static const int64_t earliest = 631152000;

static char *cut_field(const char *s, size_t max)
{
    if (!s || !*s)
        return NULL;
    size_t n = strlen(s);
    return mem_strn(s, n > max ? utf8_cut(s, max) : n);
}

static char *plain_text(const char *html, size_t max)
{
    if (!html)
        return NULL;
    struct buf b;
    buf_init(&b, FEED_MAX_TEXT * 2);
    html_to_text(&b, html, strlen(html));
    char *all = nfc_str(buf_text(&b)), *out = cut_field(all, max);
    buf_free(&b);
    free(all);
    return out;
}

/* ---- the publisher --------------------------------------------------------------------------- */

/* The account that an address shows; NULL if it shows none or is not on a platform. */
static char *account_at(const struct publishers *p, const char *url)
{
    return publisher_platform(url) ? publisher_of_url(p, url) : NULL;
}

static const char *first_text(const char *a, const char *b, const char *c)
{
    return a && *a ? a : b && *b ? b : c ? c : "";
}

/* The name of the feed, if it is the publisher's own; NULL for other feeds. */
static char *name_of_site(const struct publishers *p, const char *domain, const struct feed *feed,
                          const struct feed_origin *origin)
{
    char *home = publisher_of_url(p, feed->link), *own = publisher_of_url(p, origin->url);
    bool is_own = (home && !strcmp(home, domain)) || (own && !strcmp(own, domain));
    free(home);
    free(own);
    return is_own ? cut_field(first_text(origin->name, feed->title, NULL), ARTICLE_MAX_NAME) : NULL;
}

/* For items of a transport without <source>, which names the publisher only at the end of the
 * title; "" if it does not. Points into the title. */
static const char *carried_name(const struct feed_item *item, const struct feed_article *a)
{
    static const struct title_publisher anyone = {.carried = true};
    const char *name = "";
    if (item->title && publisher_is_transport(a->url))
        title_end(item->title, &anyone, &name);
    return name;
}

/* Finds the publisher of an aggregator's item: <source> first, then the article's own address, then
 * the site of the feed, then the feed's own address. On a platform it is the account, by the first
 * of these that shows one, otherwise by its name. */
static void find_carried(const struct publishers *p, const struct feed *feed,
                         const struct feed_item *item, const struct feed_origin *origin,
                         struct feed_article *out)
{
    const char *feed_name = first_text(origin->name, feed->title, NULL);
    const char *platform = publisher_platform(out->url);
    if (platform &&
        ((out->domain = publisher_of_url(p, out->url)) ||
         (out->domain = account_at(p, feed->link)) || (out->domain = account_at(p, origin->url)))) {
        out->source = name_of_site(p, out->domain, feed, origin);
    } else if (platform) {
        const char *account = first_text(feed->title, item->author, feed_name);
        out->domain = speaker_account(platform, account);
        out->source = cut_field(account, ARTICLE_MAX_NAME);
    } else if ((out->domain = publisher_of_url(p, item->source_url))) {
        out->source = cut_field(item->source_title, ARTICLE_MAX_NAME);
    } else if ((out->domain = publisher_of_url(p, out->url))) {
        out->source = name_of_site(p, out->domain, feed, origin);
    } else if ((out->domain = publisher_of_url(p, feed->link)) ||
               (out->domain = publisher_of_url(p, origin->url))) {
        out->source = cut_field(feed_name, ARTICLE_MAX_NAME);
    } else {
        const char *name = first_text(item->source_title, carried_name(item, out), feed_name);
        out->domain = mem_str(first_text(name, origin->url, NULL));
    }
}

/* Records the publisher that the item names, if it is not the feed's own. */
static void find_claim(const struct publishers *p, const struct feed_item *item,
                       const struct feed_speaker *speaker, struct feed_article *out)
{
    char *domain = publisher_of_url(p, item->source_url);
    const char *name = domain ? item->source_title : NULL;
    if (!domain)
        domain = publisher_of_url(p, out->url);
    if (domain && strcmp(domain, speaker->domain) != 0 &&
        (!speaker->formerly || strcmp(domain, speaker->formerly) != 0)) {
        out->claimed_domain = domain;
        out->claimed_source = cut_field(first_text(name, domain, NULL), ARTICLE_MAX_NAME);
        return;
    }
    free(domain);
}

static void find_publisher(const struct publishers *p, const struct feed *feed,
                           const struct feed_item *item, const struct feed_origin *origin,
                           struct feed_article *out)
{
    if (origin->aggregator) {
        find_carried(p, feed, item, origin, out);
    } else {
        const struct feed_speaker *speaker = origin->speaker;
        out->domain = mem_str(speaker->domain);
        out->formerly = speaker->formerly ? mem_str(speaker->formerly) : NULL;
        out->source = cut_field(first_text(origin->name, feed->title, NULL), ARTICLE_MAX_NAME);
        find_claim(p, item, speaker, out);
    }
    if (!out->source)
        out->source = cut_field(out->domain, ARTICLE_MAX_NAME);
    if (!out->source)
        out->source = mem_str("");
}

/* ---- the title ------------------------------------------------------------------------------- */

static void cut_publisher(char *title, const struct feed *feed, const struct feed_item *item,
                          const struct feed_article *a)
{
    const struct title_publisher p = {.names = {a->source, item->source_title, feed->title},
                                      .domain = a->domain};
    const char *end = title_end(title, &p, NULL);
    if (end)
        title[end - title] = 0;
}

/* A complete http address; NULL for anything else. */
static char *http_address(const char *url, size_t max)
{
    return url && strlen(url) <= max && url_is_http(url) ? mem_str(url) : NULL;
}

static const char *find_agency(const struct feed_article *a)
{
    const char *agency = credit_of_text(a->text);
    if (!agency)
        agency = credit_of_text(a->summary);
    if (!agency)
        agency = credit_of_author(a->author);
    return agency ? agency : credit_of_site(a->domain);
}

void feed_article_make(const struct publishers *p, const struct feed *feed,
                       const struct feed_item *item, const struct feed_origin *origin,
                       struct feed_article *out)
{
    *out = (struct feed_article){.published = FEED_NO_TIME};
    out->guid = item->id ? mem_str(item->id) : NULL;
    out->link = http_address(item->link, ARTICLE_MAX_LINK);
    out->url = feed_item_address(item);
    find_publisher(p, feed, item, origin, out);
    out->summary = plain_text(item->summary, ARTICLE_MAX_SUMMARY);
    out->text = plain_text(item->content, ARTICLE_MAX_TEXT);
    out->title = cut_field(item->title, ARTICLE_MAX_TITLE);
    if (out->title)
        cut_publisher(out->title, feed, item, out);
    else if (!(out->title = cut_field(first_text(out->summary, out->text, NULL), 120)))
        out->title = mem_str("");
    out->author = cut_field(item->author, ARTICLE_MAX_NAME);
    out->agency = find_agency(out);
    out->lang = cut_field(first_text(item->language, feed->language, origin->lang), 16);
    out->image = http_address(item->image, ARTICLE_MAX_IMAGE);
    out->categories = item->categories;
    out->n_categories = item->n_categories;
    out->published = item->published != FEED_NO_TIME ? item->published : item->updated;
    if (out->published < earliest)
        out->published = FEED_NO_TIME;
}

void feed_article_free(struct feed_article *a)
{
    char *texts[] = {
        a->guid, a->link,  a->url,    a->title,  a->summary,  a->text,           a->author,
        a->lang, a->image, a->source, a->domain, a->formerly, a->claimed_source, a->claimed_domain};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    *a = (struct feed_article){0};
}
