/* Merges a page that was read into its article; see article_page.h. Called by daemon/pages and
 * storyctl. Fetching pages is the daemon's work, extracting their text that of page_bytes.c. */
#include "ingest/article_page.h"

#include "base/mem.h"
#include "base/url.h"
#include "ingest/apply.h"
#include "ingest/batch.h"
#include "article/article.h"
#include "article/credit.h"
#include "article/publisher.h"
#include "ingest/identity.h"
#include "store/full_text.h"
#include "store/record.h"

#include <stdlib.h>
#include <string.h>

static bool is_unknown(const json_t *record, const char *field)
{
    return json_is_null(json_object_get(record, field));
}

/* Cut to so many bytes, at a character boundary. */
static void fill_field(json_t *record, const char *field, const char *text, size_t most)
{
    size_t n = text ? strlen(text) : 0;
    while (n > most || (n && text && ((unsigned char)text[n] & 0xC0) == 0x80))
        n--;
    if (n && is_unknown(record, field))
        json_object_set_new(record, field, json_stringn(text, n));
}

/* Sets the publication time when the feed did not state one. */
static void fill_time(json_t *record, int64_t published)
{
    static const int64_t earliest = 631152000; /* 1990, as for feeds */
    int64_t seen = (int64_t)record_number(record, "seen");
    if ((int64_t)record_number(record, "published") == seen && published != PAGE_NO_TIME &&
        published >= earliest && published < seen)
        json_object_set_new(record, "published", json_integer(published));
}

/* Fills in what the feed did not state. */
static void fill_record(json_t *record, const struct page *page)
{
    fill_field(record, "author", page->author, ARTICLE_MAX_NAME);
    fill_field(record, "section", page->section, ARTICLE_MAX_NAME);
    fill_field(record, "lang", page->lang, 3);
    if (page->image && strlen(page->image) <= ARTICLE_MAX_IMAGE)
        fill_field(record, "image", page->image, ARTICLE_MAX_IMAGE);
    fill_time(record, page->published);
    json_object_set_new(record, "kind", json_string(page_kind_name(page->kind)));
    json_object_set_new(record, "paywalled", json_boolean(page->paywalled));
    json_object_set_new(record, "words", json_integer(page->words));
}

/* The outcome for a page that exists but may not be the article's text. */
static enum page_outcome outcome_of_page(const struct page *page)
{
    if (page->kind == PAGE_WALL)
        return PAGE_WALL_OUTCOME;
    return page->kind == PAGE_INDEX || page->kind == PAGE_OTHER ? PAGE_EMPTY_OUTCOME
                                                                : PAGE_READ_OUTCOME;
}

/* ---- the canonical address ------------------------------------------------------------------- */

/* A site's front page is not the address of an article. */
static bool names_an_article(const char *url)
{
    struct url u;
    url_parse(&u, url, strlen(url));
    return u.path.n > 1 || u.query.n;
}

static char *publisher_of(struct ingest *in, const char *url)
{
    return publisher_of_url(batch_publishers(in), url);
}

/* True when the address is on the article's own site, or belongs to an article there that this
 * site's own feed carries: then the page may name it. */
static int may_name(struct ingest *in, const json_t *record, const char *url, uint64_t other,
                    bool *may)
{
    char *there = publisher_of(in, url), *here = publisher_of(in, record_text(record, "url"));
    json_t *known = NULL;
    int error = 0;
    *may = there && here && !strcmp(there, here);
    if (there && !*may && other) {
        error = batch_get(batch_store(in), STORE_ARTICLES, other, &known);
        *may = !error && !strcmp(record_text(json_object_get(known, "source"), "domain"), there);
    }
    json_decref(known);
    free(there);
    free(here);
    return error;
}

static struct identity_known known_of(const json_t *record)
{
    return (struct identity_known){.title = record_text(record, "title"),
                                   .summary = record_text(record, "summary"),
                                   .text = record_text(record, "text"),
                                   .published = (int64_t)record_number(record, "published")};
}

/* Unites this article with the one at that address if their words agree: many sites give one
 * canonical address on all their pages. */
static int unite_articles(struct ingest *in, json_t *record, uint64_t other)
{
    json_t *known;
    int error = batch_get(batch_store(in), STORE_ARTICLES, other, &known);
    if (error)
        return error;
    const struct identity_known a = known_of(record), b = known_of(known);
    if (identity_alike(&a, &b))
        error = apply_unite(in, record, other);
    json_decref(known);
    return error;
}

static int take_canonical(struct ingest *in, json_t *record, const struct page *page)
{
    uint64_t number = record_number(record, "id"), other = 0;
    bool may = false;
    char *url = page->canonical ? publisher_canonical_url(page->canonical) : NULL;
    int error = 0;
    if (url && *url && names_an_article(url)) {
        error = identity_of_address(batch_store(in), url, &other);
        if (!error)
            error = may_name(in, record, url, other, &may);
        json_object_set_new(may ? record : json_object_get(record, "page"),
                            may ? "canonical" : "claims", json_string(url));
    }
    if (!error && may && !other)
        error = identity_name(batch_store(in), url, number);
    else if (!error && may && other != number)
        error = unite_articles(in, record, other);
    free(url);
    return error;
}

/* ---- settling -------------------------------------------------------------------------------- */

static void set_outcome(json_t *record, enum page_outcome outcome, int64_t now)
{
    const char *why = page_outcome_why(outcome);
    json_object_set_new(record, "page",
                        json_pack("{s:s,s:s?,s:I,s:n}", "state", page_outcome_state(outcome), "why",
                                  why, "time", (json_int_t)now, "claims"));
}

static int keep_text(struct ingest *in, const json_t *record, const struct article_page *p)
{
    uint64_t number = record_number(record, "id");
    const struct full_text text = {
        .seen = (int64_t)record_number(record, "seen"), .show = p->show, .text = p->page->text};
    return p->keep ? full_text_put(batch_store(in), number, &text)
                   : full_text_drop(batch_store(in), number);
}

static int take_article_page(struct ingest *in, uint64_t article, struct article_page *p,
                             int64_t now)
{
    json_t *record;
    int error = batch_get(batch_store(in), STORE_ARTICLES, article, &record);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error;
    if (p->outcome == PAGE_READ_OUTCOME)
        p->outcome = outcome_of_page(p->page);
    set_outcome(record, p->outcome, now);
    if (p->outcome != PAGE_READ_OUTCOME) {
        error = batch_put(batch_store(in), STORE_ARTICLES, article, record);
        json_decref(record);
        return error;
    }
    int64_t published = (int64_t)record_number(record, "published");
    fill_record(record, p->page);
    if (is_unknown(record, "agency")) {
        const char *agency = credit_of_text(p->page->text);
        if (agency)
            json_object_set_new(record, "agency", json_string(agency));
    }
    bool longer = strlen(p->page->text) > strlen(record_body(record));
    if (longer)
        error = keep_text(in, record, p);
    if (!error)
        error = apply_renew(in, record, longer ? p->page->text : record_body(record),
                            (int64_t)record_number(record, "published") != published, now);
    if (!error)
        error = take_canonical(in, record, p->page);
    if (!error)
        error = batch_put(batch_store(in), STORE_ARTICLES, article, record);
    json_decref(record);
    return error;
}

int article_page_settle(struct ingest *in, struct page_record *page, struct article_page *p,
                        int64_t now)
{
    int error = take_article_page(in, page->article, p, now);
    codec_set_text(&page->state, page_outcome_state(p->outcome));
    codec_set_text(&page->why, page_outcome_why(p->outcome));
    page->done = now;
    if (p->outcome == PAGE_READ_OUTCOME)
        page->words = p->page->words;
    return error ? error : batch_put_page(batch_store(in), page);
}

int article_page_changed(struct store *s, uint64_t article)
{
    enum { ONCE_MORE = 2 };
    struct page_record page;
    int error = batch_page(s, article, &page);
    if (!error && !strcmp(page.state, "read") && page.tries - page.redirects < ONCE_MORE) {
        codec_set_text(&page.state, "waiting");
        codec_set_text(&page.why, "changed");
        error = batch_put_page(s, &page);
    }
    codec_free(&page_record_table, &page);
    return error == STORE_NOT_FOUND ? 0 : error;
}
