#include "web/list.h"

#include "store/record.h"
#include "web/filter.h"
#include "web/html.h"
#include "web/mark.h"
#include "web/page.h"

#include <inttypes.h>
#include <string.h>

enum { TAGS = 3, NAMES = 4 };

/* data-key and data-seq tell the script which row is which, and which has changed. */
static void add_row(struct buf *out, const json_t *event, size_t rank, int64_t now)
{
    uint64_t id = record_number(event, "id");
    const char *summary = record_text(json_array_get(json_object_get(event, "summary"), 0), "text");
    html_addf(out,
              "<li class=\"event\" data-key=\"%" PRIu64 "\" data-seq=\"%" PRIu64 "\">"
              "<span class=\"rank\">%zu</span><div class=\"what\"><h2",
              id, record_number(event, "seq"), rank);
    mark_language(out, event);
    html_addf(out, "><a href=\"/event/%" PRIu64 "\">%s</a></h2><p class=\"marks\">", id,
              record_text(event, "title"));
    mark_state(out, event, now);
    buf_adds(out, "<span class=\"names\">");
    mark_sources(out, event, NAMES);
    buf_adds(out, "</span> ");
    mark_tags(out, event, TAGS);
    buf_adds(out, "</p>");
    if (*summary) {
        buf_adds(out, "<p class=\"summary\"");
        mark_language(out, event);
        html_addf(out, ">%s</p>", summary);
    }
    buf_adds(out, "</div><div class=\"numbers\">");
    html_age(out, (int64_t)record_number(event, "updated"), now);
    buf_adds(out, " <span class=\"counts\">");
    mark_counts(out, event);
    buf_adds(out, "</span>");
    mark_growth(out, event);
    buf_adds(out, "</div></li>\n");
}

static void add_more(struct buf *out, const struct list_view *v)
{
    struct buf href;
    if (!v->next)
        return;
    buf_init(&href, FILTER_MAX_ADDRESS);
    filter_address(&href, v->filters, NULL, NULL);
    buf_adds(&href, strchr(buf_text(&href), '?') ? "&" : "?");
    buf_addf(&href, "first=%zu&cursor=", v->first_rank + json_array_size(v->events));
    html_query(&href, v->next);
    html_addf(out,
              "<p class=\"more\"><a id=\"more\" href=\"%s\" rel=\"next\">More events</a></p>\n",
              buf_text(&href));
    buf_free(&href);
}

void list_rows(struct buf *out, const struct list_view *v)
{
    size_t i;
    json_t *event;
    html_addf(out, "<ol id=\"events\" class=\"events\" start=\"%zu\" data-last=\"%" PRIu64 "\">\n",
              v->first_rank, v->last_seq);
    json_array_foreach(v->events, i, event) add_row(out, event, v->first_rank + i, v->now);
    buf_adds(out, "</ol>\n");
    add_more(out, v);
}

static const char *heading_of(const json_t *filters)
{
    static const char *const names[][2] = {{"new", "New events"}, {"rising", "Rising events"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(record_text(filters, "order"), names[i][0]))
            return names[i][1];
    return "Top events";
}

void list_page(struct buf *out, const struct list_view *v)
{
    struct buf live, title;
    buf_init(&live, FILTER_MAX_ADDRESS);
    buf_init(&title, 512);
    filter_address(&live, v->filters, NULL, NULL);
    buf_addf(&title, "%s · storyd", heading_of(v->filters));
    page_begin(out, &(struct page){.place = PAGE_LIST,
                                   .title = buf_text(&title),
                                   .live = v->first_rank == 1 ? buf_text(&live) : NULL,
                                   .filters = v->filters,
                                   .decides = v->decides});
    html_addf(out, "<main id=\"main\"><h1 class=\"unseen\">%s</h1>\n", heading_of(v->filters));
    if (json_array_size(v->events))
        list_rows(out, v);
    else
        buf_adds(out, "<ol id=\"events\" class=\"events\"></ol>"
                      "<p class=\"nothing\">No event is like that. Take a filter away, or wait: "
                      "this page shows what comes.</p>\n");
    filter_other_forms(out, v->filters);
    buf_adds(out, "</main>\n");
    page_end(out);
    buf_free(&live);
    buf_free(&title);
}
