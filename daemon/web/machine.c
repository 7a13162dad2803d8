/* Writes the System status page from figures that web.c collects. */
#include "web/machine.h"

#include "upkeep.h"
#include "web/markup.h"
#include "web/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void open_fact(struct buf *out, const char *name)
{
    html_addf(out, "<div><dt>%s</dt><dd>", name);
}

static void close_fact(struct buf *out, const char *note)
{
    html_addf(out, "<small>%s</small></dd></div>\n", note);
}

static void add_number_fact(struct buf *out, const char *name, int64_t n, const char *note)
{
    open_fact(out, name);
    if (n < 0)
        buf_adds(out, "–");
    else
        html_addf(out, "%" PRId64, n);
    close_fact(out, note);
}

/* "14 s", "3 min", "2 h", "5 d" */
static void add_seconds(struct buf *out, const char *name, int64_t seconds, const char *note)
{
    open_fact(out, name);
    if (seconds < 0)
        buf_adds(out, "–");
    else if (seconds < 120)
        html_addf(out, "%" PRId64 " s", seconds);
    else if (seconds < 7200)
        html_addf(out, "%" PRId64 " min", seconds / 60);
    else if (seconds < 172800)
        html_addf(out, "%" PRId64 " h", seconds / 3600);
    else
        html_addf(out, "%" PRId64 " d", seconds / 86400);
    close_fact(out, note);
}

static void add_bytes(struct buf *out, const char *name, int64_t bytes, const char *note)
{
    open_fact(out, name);
    if (bytes < 0)
        buf_adds(out, "–");
    else if (bytes < 1 << 30)
        html_addf(out, "%.1f MB", (double)bytes / (1 << 20));
    else
        html_addf(out, "%.2f GB", (double)bytes / (1 << 30));
    close_fact(out, note);
}

static void add_cpu(struct buf *out, const struct machine_view *v)
{
    int64_t up = v->now > v->started ? v->now - v->started : 1;
    open_fact(out, "Processor");
    html_addf(out, "%.1f %%", 100 * v->cpu / (double)up);
    close_fact(out, "of one core, since start");
}

static void add_oldest(struct buf *out, const struct machine_view *v)
{
    char note[80] = "no reader holds an old one";
    if (v->oldest_view >= 0)
        snprintf(note, sizeof note,
                 "process %" PRId64 " holds an old view: freed space cannot be reused",
                 v->oldest_pid);
    add_seconds(out, "Oldest view", v->oldest_view, note);
}

static void open_group(struct buf *out, const char *title)
{
    html_addf(out, "<h2>%s</h2><dl class=\"facts-grid\">\n", title);
}

static void add_model(struct buf *out, const struct machine_view *v)
{
    open_group(out, "Model");
    add_number_fact(out, "Requests", v->model_asked, "since start");
    add_number_fact(out, "Responses", v->model_answered, "that were valid");
    add_number_fact(out, "Statements kept", v->model_kept, "used in events");
    add_number_fact(out, "Statements dropped", v->model_dropped, "not supported by the sources");
    add_number_fact(out, "Events waiting", v->model_waiting, "for a request");
    add_number_fact(out, "Tokens today", v->tokens, "since midnight UTC");
    add_number_fact(out, "Tokens left", v->tokens_left, "of the daily budget");
    buf_adds(out, "</dl>\n");
}

static void add_pages_group(struct buf *out, const struct machine_view *v)
{
    char note[64];
    snprintf(note, sizeof note, "of %" PRId64 ", the daily budget (UTC)", v->pages_budget);
    open_group(out, "Pages");
    add_number_fact(out, "Waiting", v->pages_waiting, "pages of articles in the queue");
    add_seconds(out, "Longest wait", v->pages_waiting ? v->pages_longest : -1, "of a page");
    add_number_fact(out, "Read", v->pages_read, "since start");
    add_number_fact(out, "Refused", v->pages_refused,
                    "by robots.txt, a rights reservation or a login");
    add_number_fact(out, "Failed", v->pages_failed, "or contained no article");
    add_bytes(out, "Bytes", v->pages_bytes, "of pages, since start");
    add_number_fact(out, "Today", v->pages_today, note);
    buf_adds(out, "</dl>\n");
}

static void add_search(struct buf *out, const struct machine_view *v)
{
    open_group(out, "Search");
    open_fact(out, "Index");
    html_addf(out, "%s", v->search);
    close_fact(out, "of articles' titles, texts and sources");
    add_number_fact(out, "Articles indexed", v->indexed, "that can be found");
    add_bytes(out, "Index size", v->index_bytes, "on the disk, beside the store");
    buf_adds(out, "</dl>\n");
}

void machine_page(struct buf *out, const struct machine_view *v)
{
    page_begin(out, &(struct page_frame){.place = PAGE_MACHINE,
                                         .title = "System status · storyd",
                                         .live = "/machine"});
    buf_adds(out, "<main id=\"main\" class=\"wide\"><h1>System status</h1>\n");
    if (v->trouble)
        html_addf(out, "<p role=\"alert\">Polling has stopped: %s.</p>\n", v->trouble);
    else if (v->fill >= UPKEEP_FILLING)
        html_addf(
            out,
            "<p role=\"alert\">The store is %d %% full. When it is full, polling stops: raise "
            "max_size, or free disk space.</p>\n",
            v->fill);
    if (!strcmp(v->list, "held"))
        buf_adds(out,
                 "<p role=\"alert\">The newest feed list removes too many feeds, and is not used: "
                 "see <a href=\"/api/v1/list\">its state</a>; <code>storyctl feeds "
                 "confirm</code> applies it.</p>\n");
    else if (!strcmp(v->list, "failing"))
        buf_adds(out, "<p role=\"alert\">The feed list cannot be read from its address; the last "
                      "copy is used: see <a href=\"/api/v1/list\">its state</a>.</p>\n");
    open_group(out, "Throughput");
    add_number_fact(out, "Articles in the last hour", v->articles_hour, "new ones, from all feeds");
    add_seconds(out, "Latest article", v->last_article < 0 ? -1 : v->now - v->last_article,
                "since it arrived");
    add_number_fact(out, "Articles in the window", v->articles_window,
                    "compared with new articles");
    add_number_fact(out, "Events open", v->events_open, "that new articles can join");
    add_number_fact(out, "Changes", v->changes, "to events, since the store was created");
    buf_adds(out, "</dl>\n");
    open_group(out, "Lag");
    add_number_fact(out, "Feeds due", v->feeds_due, "waiting to be polled");
    add_seconds(out, "Longest wait", v->longest_due, "of a due feed");
    add_seconds(out, "Publication delay", v->freshness, "median of the latest articles");
    add_number_fact(out, "Failing feeds", v->feeds_failing, "see the Feeds page");
    buf_adds(out, "</dl>\n");
    if (v->asks)
        add_model(out, v);
    if (v->reads_pages)
        add_pages_group(out, v);
    add_search(out, v);
    open_group(out, "Memory and time");
    add_bytes(out, "Memory", v->memory, "resident");
    add_bytes(out, "Store", v->store, "on the disk");
    add_bytes(out, "Store limit", v->store_max, "max_size");
    add_bytes(out, "Disk free", v->disk_free, "of the store's file system");
    add_cpu(out, v);
    add_number_fact(out, "Readers", v->views, "open views of the store");
    add_oldest(out, v);
    add_seconds(out, "Running", v->now - v->started, "storyd " STORYD_VERSION);
    buf_adds(out, "</dl>\n<p class=\"fine\"><a href=\"/metrics\">Prometheus metrics</a>, "
                  "<a href=\"/api/v1/health\">as JSON</a></p></main>\n");
    page_end(out);
}
