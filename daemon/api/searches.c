/* Answers a search as JSON: events, each with the article that matches best and a piece of its
 * text; the texts are those of article records, never of pages. */
#include "api/searches.h"

#include "api/ask.h"
#include "api/lists.h"
#include "base/codec.h"
#include "base/escape.h"
#include "search/searcher.h"
#include "search/snippet.h"
#include "store/article_record.h"
#include "store/record.h"

#include <inttypes.h>
#include <stdlib.h>

/* What is given of the best matching article. */
#define AT(member) offsetof(struct article_record, member)
static const struct codec_field best_fields[] = {
    {"id", CODEC_NUMBER, AT(number), NULL, false},
    {"title", CODEC_STRING, AT(title), NULL, false},
    {"url", CODEC_STRING, AT(url), NULL, false},
    {"source", CODEC_STRUCT, AT(source), &article_source_table, false},
    {"lang", CODEC_TEXT, AT(lang), NULL, false},
    {"published", CODEC_NUMBER, AT(published), NULL, false},
    {0},
};
static const struct codec_table best_table = {sizeof(struct article_record), best_fields};

static void add_snippet_json(void *arg, const char *p, size_t n, bool match)
{
    struct buf *out = arg;
    const char *between = out->p[out->len - 1] == '[' ? "" : ",";
    buf_addf(out, "%s{\"text\":\"", between);
    escape(out, ESCAPE_JSON, p, n);
    buf_addf(out, "\",\"match\":%s}", match ? "true" : "false");
}

static bool add_found(const struct lists_page *page, uint64_t event, struct buf *out)
{
    const struct searcher_event *found = lists_found(page, event);
    struct article_record best;
    struct snippet snippet;
    struct story_entry e;
    if (!found || story_event_as_is(page->view, event, &e) ||
        searcher_best(page->view, page->search, found, &best, &snippet))
        return false;
    buf_adds(out, "{\"event\":");
    record_add(out, e.json, e.length);
    char *article = codec_dump(&best_table, &best);
    buf_addf(out, ",\"matches\":%zu,\"article\":%s,\"snippet\":[", found->n, article);
    free(article);
    snippet_each(&snippet, article_body(&best), add_snippet_json, out);
    buf_adds(out, "]}");
    codec_free(&article_table, &best);
    return true;
}

static void write_search(struct routes_context *c, const struct request *r,
                         const struct lists_page *page, struct reply *out)
{
    (void)r;
    char next[LISTING_CURSOR];
    const struct searcher_facts f = searcher_facts(c->searcher);
    size_t i = 0;
    bool any = false;
    if (page->refused) {
        reply_problem(out, f.on ? 400 : 503, "q: %s", page->refused);
        return;
    }
    out->type = "application/json";
    buf_adds(&out->body, "{\"results\":[");
    for (; i < page->n && out->body.len < REPLY_PAGE; i++) {
        size_t before = out->body.len;
        buf_adds(&out->body, any ? ",\n" : "");
        if (add_found(page, page->places[i].number, &out->body))
            any = true;
        else
            buf_cut(&out->body, before);
    }
    lists_next(page, i, next);
    buf_addf(&out->body, "],\"complete\":%s,\"indexed\":%" PRIu64 ",\"seq\":%" PRIu64,
             f.complete && !page->found->cut ? "true" : "false", f.articles,
             story_last_seq(page->view));
    if (*next)
        buf_addf(&out->body, ",\"next\":\"%s\"}\n", next);
    else
        buf_adds(&out->body, ",\"next\":null}\n");
}

void searches_find(struct routes_context *c, const struct request *r, struct reply *out)
{
    static const char *const known[] = {"q", "order", "limit", "cursor", NULL};
    if (!ask_only(r, known, out))
        return;
    if (!c->searcher)
        reply_problem(out, 503, "searching is off; set index = yes in [search] and restart storyd");
    else
        lists_search(c, r, out, write_search);
}
