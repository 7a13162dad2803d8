/* Serves the built-in OpenAPI document and schemas, and writes /metrics from the facts that the
 * other parts report. */
#include "api/about.h"

#include "base/clock.h"
#include "builtin.h"
#include "config.h"
#include "enrich/enrich.h"
#include "cluster/engine.h"
#include "api/lists.h"
#include "net/server.h"
#include "ingest/ingest.h"
#include "pages/visits.h"
#include "poll/poll.h"
#include "store/store.h"
#include "upkeep.h"
#include "usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

BUILTIN_FILE(describe_file_openapi, "config/openapi.json");
BUILTIN_FILE(describe_file_article, "config/schema/article.schema.json");
BUILTIN_FILE(describe_file_change, "config/schema/change.schema.json");
BUILTIN_FILE(describe_file_decision, "config/schema/decision.schema.json");
BUILTIN_FILE(describe_file_event, "config/schema/event.schema.json");
BUILTIN_FILE(describe_file_feed, "config/schema/feed.schema.json");
BUILTIN_FILE(describe_file_post, "config/schema/post.schema.json");
BUILTIN_FILE(describe_file_page, "config/schema/page.schema.json");
BUILTIN_FILE(describe_file_tombstone, "config/schema/tombstone.schema.json");

static const struct {
    const char *name, *begin, *end;
} schemas[] = {
    {"article.schema.json", describe_file_article, describe_file_article_end},
    {"change.schema.json", describe_file_change, describe_file_change_end},
    {"decision.schema.json", describe_file_decision, describe_file_decision_end},
    {"event.schema.json", describe_file_event, describe_file_event_end},
    {"feed.schema.json", describe_file_feed, describe_file_feed_end},
    {"post.schema.json", describe_file_post, describe_file_post_end},
    {"page.schema.json", describe_file_page, describe_file_page_end},
    {"tombstone.schema.json", describe_file_tombstone, describe_file_tombstone_end},
};

void describe_openapi(struct routes_context *c, const struct request *r, struct reply *out)
{
    (void)c, (void)r;
    out->type = "application/json";
    out->static_body = describe_file_openapi;
    out->static_length = (size_t)(describe_file_openapi_end - describe_file_openapi);
}

void describe_schema(struct routes_context *c, const struct request *r, struct reply *out)
{
    (void)c;
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        if (strcmp(schemas[i].name, r->rest) != 0)
            continue;
        out->type = "application/schema+json";
        out->static_body = schemas[i].begin;
        out->static_length = (size_t)(schemas[i].end - schemas[i].begin);
        return;
    }
    reply_problem(out, 404, "no schema %.80s", r->rest);
}

/* ---- metrics: Prometheus' text format, 0.0.4 ------------------------------------------------ */

static void metric(struct buf *out, const char *name, const char *kind, const char *help,
                   double value)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.17g\n", name, help, name, kind, name, value);
}

static void add_server(const struct server_counts *n, struct buf *out)
{
    metric(out, "storyd_http_connections", "gauge", "Connections of clients.",
           (double)n->connections);
    metric(out, "storyd_http_waiting", "gauge", "Streams and long polls.", (double)n->held);
    metric(out, "storyd_http_refused_connections_total", "counter",
           "Connections refused because of a limit.", (double)n->connections_refused);
    metric(out, "storyd_http_dropped_total", "counter",
           "Clients disconnected because they were too slow.", (double)n->dropped);
    metric(out, "storyd_http_sent_bytes_total", "counter", "Bytes sent to clients.",
           (double)n->sent);
    buf_adds(out, "# HELP storyd_http_responses_total Responses by status class.\n"
                  "# TYPE storyd_http_responses_total counter\n");
    for (int i = 2; i <= 5; i++)
        buf_addf(out, "storyd_http_responses_total{class=\"%dxx\"} %" PRIu64 "\n", i,
                 n->by_class[i]);
}

static void add_store(const struct routes_context *c, struct buf *out)
{
    const struct upkeep_facts f = upkeep_facts(c->upkeep);
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/data.mdb", c->config->store_path.text);
    metric(out, "storyd_store_full", "gauge", "1 while the store is full and polling has stopped.",
           store_is_full(store_error(ingest_store(c->ingest))));
    metric(out, "storyd_store_bytes", "gauge", "Size of the store's file.",
           stat(path, &st) ? 0 : (double)st.st_size);
    metric(out, "storyd_store_max_bytes", "gauge", "Maximum size of the store (max_size).",
           (double)c->config->store_max_size.number);
    metric(out, "storyd_store_used_bytes", "gauge",
           "Bytes of the store in use; the rest of its file is reused.", (double)f.room.map_used);
    metric(out, "storyd_store_disk_free_bytes", "gauge", "Free bytes of the store's file system.",
           (double)(f.room.disk_size - f.room.disk_used));
    metric(out, "storyd_store_views", "gauge", "Open views of the store.", (double)f.views);
    metric(out, "storyd_store_oldest_view_seconds", "gauge",
           "Age of the oldest view that prevents reuse of space; 0: none.", (double)f.oldest_age);
    metric(out, "storyd_store_oldest_view_commits", "gauge", "Commits since the oldest view.",
           (double)f.oldest_behind);
    metric(out, "storyd_store_oldest_view_pid", "gauge", "Process ID of the oldest view; 0: none.",
           (double)f.oldest_pid);
}

static void labelled(struct buf *out, const char *name, const char *help,
                     const char *(*cause)(size_t), const uint64_t *values)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
    for (size_t i = 0; cause(i); i++)
        buf_addf(out, "%s{cause=\"%s\"} %" PRIu64 "\n", name, cause(i), values[i]);
}

static void add_enrich(const struct enrich *e, struct buf *out)
{
    const struct enrich_facts f = enrich_facts(e);
    metric(out, "storyd_enrich_asked_total", "counter", "Requests to the model.", (double)f.asked);
    metric(out, "storyd_enrich_answered_total", "counter", "Valid responses of the model.",
           (double)f.answered);
    labelled(out, "storyd_enrich_failed_total", "Failed requests to the model, by cause.",
             enrich_failure_name, f.failed);
    metric(out, "storyd_enrich_statements_total", "counter", "Generated statements kept.",
           (double)f.kept);
    labelled(out, "storyd_enrich_dropped_total", "Generated statements dropped, by reason.",
             cited_reason_name, f.dropped);
    metric(out, "storyd_enrich_waiting", "gauge", "Events waiting for a request to the model.",
           (double)f.waiting);
    metric(out, "storyd_enrich_tokens_today", "gauge", "Tokens used today (UTC).", (double)f.spent);
    metric(out, "storyd_enrich_tokens_left", "gauge", "Tokens left of the daily budget.",
           f.budget > f.spent ? (double)(f.budget - f.spent) : 0);
}

static void add_outcomes(const uint64_t *outcomes, struct buf *out)
{
    static const char name[] = "storyd_pages_total";
    buf_addf(out,
             "# HELP %s Pages of articles, by outcome and reason.\n"
             "# TYPE %s counter\n",
             name, name);
    for (enum page_outcome o = 0; o < PAGE_OUTCOME_COUNT; o++) {
        const char *why = page_outcome_why(o);
        buf_addf(out, "%s{state=\"%s\",why=\"%s\"} %" PRIu64 "\n", name, page_outcome_state(o),
                 why ? why : "", outcomes[o]);
    }
}

static void add_visits(const struct visits_facts *f, struct buf *out)
{
    metric(out, "storyd_pages_waiting", "gauge", "Pages waiting to be fetched.",
           (double)f->waiting);
    metric(out, "storyd_pages_under_way", "gauge",
           "Requests under way for pages, robots.txt and tdmrep.json.", (double)f->under_way);
    metric(out, "storyd_pages_longest_wait_seconds", "gauge",
           "Longest time that a page has waited; 0: none.", (double)f->longest);
    metric(out, "storyd_pages_requests_total", "counter", "Requests for pages.",
           (double)f->requests);
    metric(out, "storyd_pages_robots_requests_total", "counter",
           "Requests for robots.txt and tdmrep.json.", (double)f->robots);
    metric(out, "storyd_pages_bytes_total", "counter", "Bytes of pages received.",
           (double)f->bytes);
    add_outcomes(f->outcomes, out);
    metric(out, "storyd_pages_today", "gauge", "Pages fetched today (UTC).", (double)f->today);
    metric(out, "storyd_pages_budget", "gauge", "Daily limit of pages.", (double)f->budget);
}

/* Metrics of pages, if fetching pages is enabled or was. */
static void add_page_facts(const struct visits *v, struct buf *out)
{
    const struct visits_facts f =
        v ? visits_facts(v, wall_clock()) : (struct visits_facts){.on = false};
    if (f.on || f.requests || f.robots)
        add_visits(&f, out);
}

void describe_metrics(struct routes_context *c, const struct request *r, struct reply *out)
{
    const struct engine *engine = ingest_engine(c->ingest);
    struct server_counts counts;
    story_view *view;
    struct buf *b = &out->body;
    (void)r;
    if (story_view_begin(c->db, &view)) {
        reply_problem(out, 500, "the store cannot be read");
        return;
    }
    uint64_t seq = story_last_seq(view);
    story_view_end(view);
    server_counts(c->server, &counts);
    out->type = "text/plain; version=0.0.4; charset=utf-8";
    out->cache = "no-store";
    buf_adds(b, "# HELP storyd_info Version of storyd.\n# TYPE storyd_info gauge\n"
                "storyd_info{version=\"" STORYD_VERSION "\"} 1\n");
    metric(b, "storyd_changes_total", "counter", "Changes to events, since the store was created.",
           (double)seq);
    metric(b, "storyd_window_articles", "gauge", "Articles compared with new articles.",
           (double)engine_articles(engine));
    metric(b, "storyd_open_events", "gauge", "Events that new articles can join.",
           (double)engine_events(engine));
    metric(b, "storyd_listed_events", "gauge", "Events in lists.", (double)lists_size(c->lists));
    metric(b, "storyd_feeds", "gauge", "Subscribed feeds.", (double)poll_feeds(c->poll));
    metric(b, "storyd_pending_articles", "gauge", "Articles not yet committed.",
           (double)ingest_pending(c->ingest));
    add_store(c, b);
    add_server(&counts, b);
    add_enrich(c->enrich, b);
    add_page_facts(c->visits, b);
    metric(b, "process_start_time_seconds", "gauge",
           "Start time of the process in seconds since 1970-01-01 UTC.", (double)c->started);
    metric(b, "process_cpu_seconds_total", "counter", "CPU time used.", usage_processor());
    metric(b, "process_resident_memory_bytes", "gauge", "Resident memory.", (double)usage_memory());
}
