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
    reply_problem(out, 404, "there is no schema %.80s", r->rest);
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
           "Connections turned away for there were too many.", (double)n->connections_refused);
    metric(out, "storyd_http_dropped_total", "counter", "Clients dropped for they were too slow.",
           (double)n->dropped);
    metric(out, "storyd_http_sent_bytes_total", "counter", "Bytes sent to clients.",
           (double)n->sent);
    buf_adds(out, "# HELP storyd_http_responses_total Answers, by class of status.\n"
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
    metric(out, "storyd_store_full", "gauge",
           "1 while the disk or max_size leaves no room and nothing is polled.",
           store_is_full(store_error(ingest_store(c->ingest))));
    metric(out, "storyd_store_bytes", "gauge", "Length of the store's file.",
           stat(path, &st) ? 0 : (double)st.st_size);
    metric(out, "storyd_store_max_bytes", "gauge", "The most that it may grow to.",
           (double)c->config->store_max_size.number);
    metric(out, "storyd_store_used_bytes", "gauge",
           "Bytes of the store in use; the rest of its file is reused.", (double)f.room.map_used);
    metric(out, "storyd_store_disk_free_bytes", "gauge", "Free bytes of the store's file system.",
           (double)(f.room.disk_size - f.room.disk_used));
    metric(out, "storyd_store_views", "gauge", "Views that readers have open.", (double)f.views);
    metric(out, "storyd_store_oldest_view_seconds", "gauge",
           "How long a reader has kept an old state, so that its space cannot be reused; 0: none.",
           (double)f.oldest_age);
    metric(out, "storyd_store_oldest_view_commits", "gauge",
           "Commits since the oldest state that a reader keeps.", (double)f.oldest_behind);
    metric(out, "storyd_store_oldest_view_pid", "gauge", "The process that keeps it; 0: none.",
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
    metric(out, "storyd_enrich_answered_total", "counter", "Answers that could be read.",
           (double)f.answered);
    labelled(out, "storyd_enrich_failed_total", "Requests without such an answer, by cause.",
             enrich_failure_name, f.failed);
    metric(out, "storyd_enrich_statements_total", "counter", "Generated statements that were kept.",
           (double)f.kept);
    labelled(out, "storyd_enrich_dropped_total",
             "Generated statements that were dropped, by what was wrong with them.",
             cited_reason_name, f.dropped);
    metric(out, "storyd_enrich_waiting", "gauge", "Events that the model is to be asked about.",
           (double)f.waiting);
    metric(out, "storyd_enrich_tokens_today", "gauge", "Tokens that were spent this day, of UTC.",
           (double)f.spent);
    metric(out, "storyd_enrich_tokens_left", "gauge", "Tokens of the budget that are left.",
           f.budget > f.spent ? (double)(f.budget - f.spent) : 0);
}

static void add_outcomes(const uint64_t *outcomes, struct buf *out)
{
    static const char name[] = "storyd_pages_total";
    buf_addf(out,
             "# HELP %s Articles' pages that were settled, by what came of them and why.\n"
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
    metric(out, "storyd_pages_waiting", "gauge", "Articles' pages that are to be asked for.",
           (double)f->waiting);
    metric(out, "storyd_pages_under_way", "gauge",
           "Requests for pages, and for what sites say of them.", (double)f->under_way);
    metric(out, "storyd_pages_longest_wait_seconds", "gauge",
           "How long a page has waited; 0: none waits.", (double)f->longest);
    metric(out, "storyd_pages_requests_total", "counter", "Requests for pages.",
           (double)f->requests);
    metric(out, "storyd_pages_robots_requests_total", "counter",
           "Requests for robots.txt and tdmrep.json.", (double)f->robots);
    metric(out, "storyd_pages_bytes_total", "counter", "Bytes of pages that came.",
           (double)f->bytes);
    add_outcomes(f->outcomes, out);
    metric(out, "storyd_pages_today", "gauge", "Pages that were asked for this day, of UTC.",
           (double)f->today);
    metric(out, "storyd_pages_budget", "gauge", "The most that are asked for in a day.",
           (double)f->budget);
}

/* Those of articles' pages, where any are or were asked for. */
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
    buf_adds(b, "# HELP storyd_info The version that runs.\n# TYPE storyd_info gauge\n"
                "storyd_info{version=\"" STORYD_VERSION "\"} 1\n");
    metric(b, "storyd_changes_total", "counter", "Changes of events, since the store began.",
           (double)seq);
    metric(b, "storyd_window_articles", "gauge", "Articles that new ones are compared with.",
           (double)engine_articles(engine));
    metric(b, "storyd_open_events", "gauge", "Events that an article may still join.",
           (double)engine_events(engine));
    metric(b, "storyd_listed_events", "gauge", "Events that lists are made of.",
           (double)lists_size(c->lists));
    metric(b, "storyd_feeds", "gauge", "Subscribed feeds.", (double)poll_feeds(c->poll));
    metric(b, "storyd_pending_articles", "gauge", "Articles that wait to be written.",
           (double)ingest_pending(c->ingest));
    add_store(c, b);
    add_server(&counts, b);
    add_enrich(c->enrich, b);
    add_page_facts(c->visits, b);
    metric(b, "process_start_time_seconds", "gauge", "When the process started, since 1970.",
           (double)c->started);
    metric(b, "process_cpu_seconds_total", "counter", "Processor time that was used.",
           usage_processor());
    metric(b, "process_resident_memory_bytes", "gauge", "Resident memory.", (double)usage_memory());
}
