#include "web/feeds.h"

#include "base/mem.h"
#include "store/record.h"
#include "web/html.h"
#include "web/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* In the order in which they need a look. */
static const struct state {
    const char *name, *title;
} states[] = {
    {"error", "failing"}, {"gone", "gone"},       {"new", "not asked yet"},
    {"ok", "well"},       {"removed", "removed"},
};
enum { N_STATES = sizeof states / sizeof *states, FEEDS_MAX_ADDRESS = 16384 };

static size_t state_of(const json_t *feed)
{
    size_t i = 0;
    while (i < N_STATES - 1 && strcmp(record_text(feed, "state"), states[i].name))
        i++;
    return i;
}

static int by_state(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    size_t s = state_of(x), t = state_of(y);
    if (s != t)
        return s < t ? -1 : 1;
    uint64_t m = record_number(x, "id"), n = record_number(y, "id");
    return m < n ? -1 : m > n;
}

static void add_states(struct buf *out, const struct feeds_view *v)
{
    size_t counts[N_STATES] = {0}, i;
    json_t *feed;
    json_array_foreach(v->feeds, i, feed) counts[state_of(feed)]++;
    html_addf(out, "<nav class=\"states\" aria-label=\"States\"><a href=\"/feeds\">%zu listed</a>",
              json_array_size(v->feeds) - counts[N_STATES - 1]);
    for (i = 0; i < N_STATES; i++)
        if (counts[i]) {
            html_addf(out, " <a class=\"state %s\" href=\"/feeds?state=%s\"", states[i].name,
                      states[i].name);
            buf_adds(out, strcmp(v->state, states[i].name) ? ">" : " aria-current=\"true\">");
            html_addf(out, "%zu %s</a>", counts[i], states[i].title);
        }
    buf_adds(out, "</nav>\n");
}

static void add_cell_time(struct buf *out, const char *label, const json_t *feed, const char *field,
                          int64_t now)
{
    int64_t time = (int64_t)record_number(feed, field);
    html_addf(out, "<td data-label=\"%s\">", label);
    if (time && time > now)
        html_time(out, time, now);
    else if (time)
        html_age(out, time, now);
    else
        buf_adds(out, "<span class=\"fine\">never</span>");
    buf_adds(out, "</td>");
}

/* "in 12 min", "due", or why not at all. */
static void add_next(struct buf *out, const json_t *feed, int64_t now)
{
    int64_t next = (int64_t)record_number(feed, "next_poll");
    const char *state = record_text(feed, "state");
    buf_adds(out, "<td data-label=\"Next\">");
    if (!strcmp(state, "gone") || !strcmp(state, "removed"))
        buf_adds(out, "<span class=\"fine\">not any more</span>");
    else if (next <= now)
        buf_adds(out, "due");
    else
        html_time(out, next, now);
    buf_adds(out, "</td>");
}

static void add_why(struct buf *out, const json_t *feed)
{
    uint64_t status = record_number(feed, "status"), errors = record_number(feed, "errors");
    const char *error = record_text(feed, "last_error");
    buf_adds(out, "<td class=\"why\" data-label=\"Why\">");
    if (errors > 1)
        html_addf(out, "%" PRIu64 " times in a row: ", errors);
    html_text(out, error);
    if (!*error && status)
        html_addf(out, "<span class=\"fine\">HTTP %" PRIu64 "</span>", status);
    buf_adds(out, "</td>");
}

static void add_row(struct buf *out, const json_t *feed, int64_t now)
{
    const char *title = record_text(feed, "title"), *url = record_text(feed, "url");
    const struct state *state = &states[state_of(feed)];
    html_addf(out, "<tr data-key=\"%" PRIu64 "\"><th scope=\"row\"><bdi>%s</bdi><br>",
              record_number(feed, "id"), *title ? title : url);
    if (*record_address(feed))
        html_addf(out, "<a class=\"fine\" href=\"%s\" rel=\"noreferrer noopener\">%s</a>", url,
                  url);
    uint64_t own = record_number(feed, "publisher_own");
    if (own)
        html_addf(out,
                  "<br><span class=\"fine\">speaks for %s, whose own feed is feed %" PRIu64
                  "</span>",
                  record_text(feed, "publisher"), own);
    html_addf(out, "</th><td data-label=\"State\"><span class=\"state %s\">%s</span></td>",
              state->name, state->title);
    add_cell_time(out, "Last", feed, "last_poll", now);
    add_next(out, feed, now);
    add_cell_time(out, "Last new", feed, "last_new", now);
    html_addf(out,
              "<td class=\"number\" data-label=\"Articles\">%" PRIu64
              "</td><td class=\"number\" data-label=\"Asked\">%" PRIu64 "</td>",
              record_number(feed, "articles"), record_number(feed, "polls"));
    add_why(out, feed);
    buf_adds(out, "</tr>\n");
}

/* An unknown state filters nothing. */
static bool is_shown(const struct feeds_view *v, const json_t *feed)
{
    const struct state *state = &states[state_of(feed)];
    for (size_t i = 0; i < N_STATES; i++)
        if (!strcmp(states[i].name, v->state))
            return state == &states[i];
    return strcmp(state->name, "removed") != 0;
}

void feeds_page(struct buf *out, const struct feeds_view *v)
{
    size_t n = json_array_size(v->feeds), shown = 0;
    json_t **order = mem_alloc((n + 1) * sizeof *order);
    for (size_t i = 0; i < n; i++)
        if (is_shown(v, json_array_get(v->feeds, i)))
            order[shown++] = json_array_get(v->feeds, i);
    qsort(order, shown, sizeof(json_t *), by_state);
    struct buf live;
    buf_init(&live, FEEDS_MAX_ADDRESS);
    buf_adds(&live, *v->state ? "/feeds?state=" : "/feeds");
    html_query(&live, v->state);
    page_begin(out, &(struct page){
                        .place = PAGE_FEEDS, .title = "Feeds · storyd", .live = buf_text(&live)});
    buf_free(&live);
    buf_adds(out, "<main id=\"main\" class=\"wide\"><h1>Feeds</h1>\n");
    add_states(out, v);
    if (shown) {
        buf_adds(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Feeds\">"
                      "<table class=\"feeds\"><thead><tr><th scope=\"col\">Feed</th>"
                      "<th scope=\"col\">State</th><th scope=\"col\">Last asked</th>"
                      "<th scope=\"col\">Next</th><th scope=\"col\">Last new</th>"
                      "<th scope=\"col\">Articles</th><th scope=\"col\">Asked</th>"
                      "<th scope=\"col\">Why</th></tr></thead><tbody id=\"rows\">\n");
        for (size_t i = 0; i < shown; i++)
            add_row(out, order[i], v->now);
        buf_adds(out, "</tbody></table></div>\n");
    } else {
        buf_adds(out, "<p class=\"nothing\">No feed is in this list. storyctl feeds add ADDRESS "
                      "adds one.</p>\n");
    }
    buf_adds(out, "</main>\n");
    page_end(out);
    free(order);
}
