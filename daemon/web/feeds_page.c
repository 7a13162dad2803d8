/* Writes the table of feeds; web.c reads the records. */
#include "web/feeds_page.h"

#include "base/escape.h"
#include "net/reply.h"
#include "store/record.h"
#include "web/markup.h"
#include "web/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Ordered by urgency. Feeds in other states are no longer polled. */
static const struct state_row {
    const char *name, *title;
    const char
        *end; /* of a record in it: the last member, which no other member's text can imitate */
} states[FEEDS_STATES] = {
#define STATE(name, title)                                                                         \
    {                                                                                              \
        name, title, ",\"state\":\"" name "\"}"                                                    \
    }
    STATE("error", "failing"), STATE("gone", "gone"),           STATE("new", "not polled yet"),
    STATE("ok", "well"),       STATE("submitted", "submitted"), STATE("removed", "removed"),
#undef STATE
};
enum {
    REMOVED = FEEDS_STATES - 1,
    MAX_ADDRESS = 128, /* of a page: a state and a cursor */
};

static size_t state_index(const char *name)
{
    size_t i = 0;
    while (i < REMOVED && strcmp(name, states[i].name) != 0)
        i++;
    return i;
}

size_t feeds_state(const char *json, size_t n)
{
    for (size_t i = 0; i < FEEDS_STATES; i++) {
        size_t length = strlen(states[i].end);
        if (n >= length && !memcmp(json + n - length, states[i].end, length))
            return i;
    }
    struct feed_record feed;
    codec_load(&feed_table, json, n, &feed);
    size_t state = state_index(feed.state);
    codec_free(&feed_table, &feed);
    return state;
}

/* ---- which of them -------------------------------------------------------------------------- */

bool feeds_choose(struct feeds_choice *c, const char *state, const char *cursor)
{
    char name[16];
    *c = (struct feeds_choice){.state = -1};
    for (size_t i = 0; i < FEEDS_STATES; i++)
        if (!strcmp(states[i].name, state))
            c->state = (int)i;
    if (!*cursor)
        return true;
    c->has_cursor = true;
    int end = 0;
    if (sscanf(cursor, "%15[a-z].%" SCNu64 "%n", name, &c->cursor_number, &end) != 2 || cursor[end])
        return false;
    c->cursor_state = state_index(name);
    return !strcmp(states[c->cursor_state].name, name);
}

static bool is_wanted(const struct feeds_choice *c, uint64_t number, size_t state)
{
    if (c->state >= 0 ? state != (size_t)c->state : state == REMOVED)
        return false;
    return !c->has_cursor || state > c->cursor_state ||
           (state == c->cursor_state && number > c->cursor_number);
}

void feeds_offer(struct feeds_choice *c, uint64_t number, size_t state)
{
    c->counts[state]++;
    if (c->n[state] <= FEEDS_PAGE && is_wanted(c, number, state))
        c->numbers[state][c->n[state]++] = number;
}

size_t feeds_chosen(const struct feeds_choice *c, uint64_t numbers[FEEDS_PAGE + 1])
{
    size_t n = 0;
    for (size_t state = 0; state < FEEDS_STATES; state++)
        for (size_t i = 0; i < c->n[state] && n <= FEEDS_PAGE; i++)
            numbers[n++] = c->numbers[state][i];
    return n;
}

/* ---- the page ------------------------------------------------------------------------------- */

static const char *chosen_state(const struct feeds_choice *c)
{
    return c->state >= 0 ? states[c->state].name : "";
}

static void add_states(struct buf *out, const struct feeds_choice *c)
{
    size_t listed = 0;
    for (size_t i = 0; i < REMOVED; i++)
        listed += c->counts[i];
    html_addf(out, "<nav class=\"states\" aria-label=\"States\"><a href=\"/feeds\">%zu listed</a>",
              listed);
    for (size_t i = 0; i < FEEDS_STATES; i++)
        if (c->counts[i]) {
            html_addf(out, " <a class=\"state %s\" href=\"/feeds?state=%s\"", states[i].name,
                      states[i].name);
            buf_adds(out, c->state == (int)i ? " aria-current=\"true\">" : ">");
            html_addf(out, "%zu %s</a>", c->counts[i], states[i].title);
        }
    buf_adds(out, "</nav>\n");
}

static void add_cell_time(struct buf *out, const char *label, int64_t time, int64_t now)
{
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
static void add_next(struct buf *out, const struct feed_record *feed, int64_t now)
{
    buf_adds(out, "<td data-label=\"Next poll\">");
    if (!strcmp(feed->state, "submitted"))
        buf_adds(out, "<span class=\"fine\">submitted by the publisher</span>");
    else if (!strcmp(feed->state, "gone") || !strcmp(feed->state, "removed"))
        buf_adds(out, "<span class=\"fine\">no longer polled</span>");
    else if (feed->next_poll <= now)
        buf_adds(out, "due");
    else
        html_time(out, feed->next_poll, now);
    buf_adds(out, "</td>");
}

static void add_why(struct buf *out, const struct feed_record *feed)
{
    const char *error = codec_text(feed->last_error);
    buf_adds(out, "<td class=\"why\" data-label=\"Last response\">");
    if (feed->errors > 1)
        html_addf(out, "%" PRIu64 " consecutive errors: ", feed->errors);
    escape_text(out, ESCAPE_PAGE, error);
    if (!*error && feed->status)
        html_addf(out, "<span class=\"fine\">HTTP %" PRIu64 "</span>", feed->status);
    buf_adds(out, "</td>");
}

static void add_feed_row(struct buf *out, const struct feed_record *feed, int64_t now)
{
    const char *url = feed->url;
    const struct state_row *state = &states[state_index(feed->state)];
    html_addf(out, "<tr data-key=\"%" PRIu64 "\"><th scope=\"row\"><bdi>%s</bdi><br>", feed->number,
              feed->title ? feed->title : url);
    if (*record_address(url))
        html_addf(out, "<a class=\"fine\" href=\"%s\" rel=\"noreferrer noopener\">%s</a>", url,
                  url);
    if (feed->speaker.own)
        html_addf(out,
                  "<br><span class=\"fine\">counts for %s, whose own feed is feed %" PRIu64
                  "</span>",
                  codec_text(feed->speaker.domain), feed->speaker.own);
    html_addf(out, "</th><td data-label=\"State\"><span class=\"state %s\">%s</span></td>",
              state->name, state->title);
    add_cell_time(out, "Last polled", feed->last_poll, now);
    add_next(out, feed, now);
    add_cell_time(out, "Last new article", feed->last_new, now);
    html_addf(out,
              "<td class=\"number\" data-label=\"Articles\">%" PRIu64
              "</td><td class=\"number\" data-label=\"Polls\">%" PRIu64 "</td>",
              feed->articles, feed->polls);
    add_why(out, feed);
    buf_adds(out, "</tr>\n");
}

/* The address of this page, or of the one after the feed. */
static void add_page_address(struct buf *out, const struct feeds_view *v,
                             const struct feed_record *after)
{
    const char *state = chosen_state(v->choice), *between = "?";
    buf_adds(out, "/feeds");
    if (*state) {
        buf_addf(out, "?state=%s", state);
        between = "&";
    }
    if (after)
        buf_addf(out, "%scursor=%s.%" PRIu64, between, states[state_index(after->state)].name,
                 after->number);
    else if (*v->cursor)
        buf_addf(out, "%scursor=%s", between, v->cursor);
}

static void add_rows(struct buf *out, const struct feeds_view *v)
{
    size_t i = 0;
    buf_adds(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Feeds\">"
                  "<table class=\"feeds\"><thead><tr><th scope=\"col\">Feed</th>"
                  "<th scope=\"col\">State</th><th scope=\"col\">Last polled</th>"
                  "<th scope=\"col\">Next poll</th><th scope=\"col\">Last new article</th>"
                  "<th scope=\"col\">Articles</th><th scope=\"col\">Polls</th>"
                  "<th scope=\"col\">Last response</th></tr></thead><tbody id=\"rows\">\n");
    while (i < v->n_feeds && i < FEEDS_PAGE && out->len < REPLY_PAGE)
        add_feed_row(out, &v->feeds[i++], v->now);
    buf_adds(out, "</tbody></table></div>\n");
    if (i < v->n_feeds) {
        struct buf href;
        buf_init(&href, MAX_ADDRESS);
        add_page_address(&href, v, &v->feeds[i - 1]);
        html_addf(out, "<p class=\"more\"><a href=\"%s\" rel=\"next\">More feeds</a></p>\n",
                  buf_text(&href));
        buf_free(&href);
    }
}

void feeds_page(struct buf *out, const struct feeds_view *v)
{
    struct buf live;
    buf_init(&live, MAX_ADDRESS);
    add_page_address(&live, v, NULL);
    page_begin(out, &(struct page_frame){
                        .place = PAGE_FEEDS, .title = "Feeds · storyd", .live = buf_text(&live)});
    buf_free(&live);
    buf_adds(out, "<main id=\"main\" class=\"wide\"><h1>Feeds</h1>\n");
    add_states(out, v->choice);
    if (v->n_feeds)
        add_rows(out, v);
    else
        buf_adds(out, "<p class=\"nothing\">No feeds here. Add one with storyctl feeds add ADDRESS"
                      ".</p>\n");
    buf_adds(out, "</main>\n");
    page_end(out);
}
