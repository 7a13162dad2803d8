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

/* Sets what is unknown; cut to so many bytes, at a character boundary. */
static void fill_text(char **member, const char *text, size_t most)
{
    size_t n = text ? strlen(text) : 0;
    while (n > most || (n && text && ((unsigned char)text[n] & 0xC0) == 0x80))
        n--;
    if (n && !*member)
        *member = mem_strn(text, n);
}

/* Sets the publication time when the feed did not state one. */
static void fill_time(struct article_record *record, int64_t published)
{
    static const int64_t earliest = 631152000; /* 1990, as for feeds */
    if (record->published == record->seen && published != PAGE_NO_TIME && published >= earliest &&
        published < record->seen)
        record->published = published;
}

/* Fills in what the feed did not state. */
static void fill_record(struct article_record *record, const struct page *page)
{
    fill_text(&record->author, page->author, ARTICLE_MAX_NAME);
    fill_text(&record->section, page->section, ARTICLE_MAX_NAME);
    fill_text(&record->lang, page->lang, 3);
    if (page->image && strlen(page->image) <= ARTICLE_MAX_IMAGE)
        fill_text(&record->image, page->image, ARTICLE_MAX_IMAGE);
    fill_time(record, page->published);
    codec_set_text(&record->kind, page_kind_name(page->kind));
    json_decref(record->paywalled);
    record->paywalled = json_boolean(page->paywalled);
    record->words = page->words;
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
static int may_name(struct ingest *in, const struct article_record *record, const char *url,
                    uint64_t other, bool *may)
{
    char *there = publisher_of(in, url), *here = publisher_of(in, record->url);
    struct article_record known = {0};
    int error = 0;
    *may = there && here && !strcmp(there, here);
    if (there && !*may && other) {
        error = batch_article(batch_store(in), other, &known);
        *may = !error && !strcmp(known.source.domain, there);
    }
    codec_free(&article_table, &known);
    free(there);
    free(here);
    return error;
}

static struct identity_known known_of(const struct article_record *record)
{
    return (struct identity_known){.title = record->title,
                                   .summary = codec_text(record->summary),
                                   .text = codec_text(record->text),
                                   .published = record->published};
}

/* Unites this article with the one at that address if their words agree: many sites give one
 * canonical address on all their pages. */
static int unite_articles(struct ingest *in, struct article_record *record, uint64_t other)
{
    struct article_record known;
    int error = batch_article(batch_store(in), other, &known);
    if (error)
        return error;
    const struct identity_known a = known_of(record), b = known_of(&known);
    if (identity_alike(&a, &b))
        error = apply_unite(in, record, other);
    codec_free(&article_table, &known);
    return error;
}

static int take_canonical(struct ingest *in, struct article_record *record, const struct page *page)
{
    uint64_t number = record->number, other = 0;
    bool may = false;
    char *url = page->canonical ? publisher_canonical_url(page->canonical) : NULL;
    int error = 0;
    if (url && *url && names_an_article(url)) {
        error = identity_of_address(batch_store(in), url, &other);
        if (!error)
            error = may_name(in, record, url, other, &may);
        codec_set_text(may ? &record->canonical : &record->page->claims, url);
    }
    if (!error && may && !other)
        error = identity_name(batch_store(in), url, number);
    else if (!error && may && other != number)
        error = unite_articles(in, record, other);
    free(url);
    return error;
}

/* ---- settling -------------------------------------------------------------------------------- */

static void set_outcome(struct article_record *record, enum page_outcome outcome, int64_t now)
{
    if (!record->page)
        record->page = mem_zero(sizeof *record->page);
    codec_set_string(&record->page->state, page_outcome_state(outcome));
    codec_set_text(&record->page->why, page_outcome_why(outcome));
    record->page->time = now;
    codec_set_text(&record->page->claims, NULL);
}

static int keep_text(struct ingest *in, const struct article_record *record,
                     const struct article_page *p)
{
    const struct full_text text = {.seen = record->seen, .show = p->show, .text = p->page->text};
    return p->keep ? full_text_put(batch_store(in), record->number, &text)
                   : full_text_drop(batch_store(in), record->number);
}

/* The page was read: its text and what it states become the article's. */
static int take_content(struct ingest *in, struct article_record *record,
                        const struct article_page *p, int64_t now)
{
    int error = 0;
    int64_t published = record->published;
    fill_record(record, p->page);
    if (!record->agency)
        codec_set_text(&record->agency, credit_of_text(p->page->text));
    bool longer = strlen(p->page->text) > strlen(article_body(record));
    if (longer)
        error = keep_text(in, record, p);
    if (!error)
        error = apply_renew(in, record, longer ? p->page->text : article_body(record),
                            record->published != published, now);
    return error ? error : take_canonical(in, record, p->page);
}

static int take_article_page(struct ingest *in, uint64_t article, struct article_page *p,
                             int64_t now)
{
    struct article_record record;
    int error = batch_article(batch_store(in), article, &record);
    if (error || record.forgotten) {
        codec_free(&article_table, &record);
        return error == STORE_NOT_FOUND ? 0 : error;
    }
    if (p->outcome == PAGE_READ_OUTCOME)
        p->outcome = outcome_of_page(p->page);
    set_outcome(&record, p->outcome, now);
    if (p->outcome == PAGE_READ_OUTCOME)
        error = take_content(in, &record, p, now);
    if (!error)
        error = batch_put_article(batch_store(in), &record);
    codec_free(&article_table, &record);
    return error;
}

int article_page_settle(struct ingest *in, struct page_record *page, struct article_page *p,
                        int64_t now)
{
    int error = take_article_page(in, page->article, p, now);
    codec_set_string(&page->state, page_outcome_state(p->outcome));
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
        codec_set_string(&page.state, "waiting");
        codec_set_text(&page.why, "changed");
        error = batch_put_page(s, &page);
    }
    codec_free(&page_record_table, &page);
    return error == STORE_NOT_FOUND ? 0 : error;
}
