/* Writes /metrics from the facts that the other parts report, in Prometheus' text format, 0.0.4. A
 * new metric is a row of the table below; storyd(8) describes each. */
#include "api/metrics.h"

#include "alert/alert.h"
#include "api/in_cluster.h"
#include "api/lists.h"
#include "base/clock.h"
#include "cluster/engine.h"
#include "config.h"
#include "counts.h"
#include "enrich/enrich.h"
#include "ingest/ingest.h"
#include "net/server.h"
#include "pages/pictures.h"
#include "pages/visits.h"
#include "poll/poll.h"
#include "store/store.h"
#include "upkeep.h"
#include "usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What the rows of the table read. */
struct facts {
    const struct routes_context *c;
    const struct engine *engine;
    uint64_t seq;
    const struct poll_counts *polls;
    struct poll_lag lag;
    struct alerts_facts alerts;
    struct upkeep_facts store;
    struct server_counts http;
    struct enrich_facts model;
    struct visits_facts pages;
    const json_t *cluster; /* NULL: the process is in none */
    struct pictures_facts pictures;
};

/* Columns: name, type, help, then for ONE the value, for EACH the function that writes the samples
 * of a metric with labels. Names follow Prometheus' conventions: base units, _total for counters.
 * Counters are since the start of the process, unless they are numbers of the store. */
#define METRICS(ONE, EACH)                                                                         \
    EACH(storyd_build_info, gauge, "Version of storyd; the value is 1.", add_version)              \
    EACH(storyd_feeds, gauge, "Subscribed feeds by state.", add_feed_states)                       \
    ONE(storyd_feeds_due, gauge, "Feeds waiting to be polled.", f->lag.due)                        \
    ONE(storyd_feeds_longest_due_seconds, gauge, "Longest time that a due feed has waited.",       \
        f->lag.longest_due)                                                                        \
    EACH(storyd_polls_total, counter, "Polls by outcome.", add_polls)                              \
    EACH(storyd_poll_duration_seconds, histogram, "Time from a poll's request to its response.",   \
         add_poll_durations)                                                                       \
    EACH(storyd_parse_duration_seconds, histogram, "Time spent on parsing a feed document.",       \
         add_parse_durations)                                                                      \
    ONE(storyd_articles_total, counter, "Articles accepted, since the store was created.",         \
        ingest_articles(f->c->ingest))                                                             \
    ONE(storyd_events_total, counter, "Events made, since the store was created.",                 \
        ingest_events(f->c->ingest))                                                               \
    ONE(storyd_changes_total, counter, "Changes to events, since the store was created.", f->seq)  \
    ONE(storyd_merges_total, counter, "Merges of two events.", f->c->counts->merges)               \
    ONE(storyd_splits_total, counter, "Splits of an event.", f->c->counts->splits)                 \
    ONE(storyd_decisions_total, counter, "Editors' decisions.", f->c->counts->decisions)           \
    ONE(storyd_window_articles, gauge, "Articles compared with new articles.",                     \
        engine_articles(f->engine))                                                                \
    ONE(storyd_open_events, gauge, "Events that new articles can join.", engine_events(f->engine)) \
    ONE(storyd_listed_events, gauge, "Events in lists.", lists_size(f->c->lists))                  \
    ONE(storyd_pending_articles, gauge, "Articles not yet committed.",                             \
        ingest_pending(f->c->ingest))                                                              \
    EACH(storyd_commit_duration_seconds, histogram, "Time to write a batch to the disk.",          \
         add_commit_durations)                                                                     \
    ONE(storyd_store_full, gauge, "1 while the store is full and polling has stopped.",            \
        store_is_full(store_error(ingest_store(f->c->ingest))))                                    \
    ONE(storyd_store_bytes, gauge, "Size of the store's file.", file_size(f))                      \
    ONE(storyd_store_max_bytes, gauge, "Maximum size of the store (max_size).",                    \
        f->c->config->store_max_size.number)                                                       \
    ONE(storyd_store_used_bytes, gauge,                                                            \
        "Bytes of the store in use; the rest of its file is reused.", f->store.room.map_used)      \
    ONE(storyd_store_disk_free_bytes, gauge, "Free bytes of the store's file system.",             \
        f->store.room.disk_size - f->store.room.disk_used)                                         \
    ONE(storyd_store_fill_ratio, gauge,                                                            \
        "Used part of the store or of its file system, whichever is fuller, from 0 to 1.",         \
        f->store.fill / 100.0)                                                                     \
    ONE(storyd_store_views, gauge, "Open views of the store.", f->store.views)                     \
    ONE(storyd_store_oldest_view_seconds, gauge,                                                   \
        "Age of the oldest view that prevents reuse of space; 0: none.", f->store.oldest_age)      \
    ONE(storyd_store_oldest_view_commits, gauge, "Commits since the oldest view.",                 \
        f->store.oldest_behind)                                                                    \
    ONE(storyd_store_oldest_view_pid, gauge, "Process ID of the oldest view; 0: none.",            \
        f->store.oldest_pid)                                                                       \
    EACH(storyd_alert_deliveries_total, counter, "Attempts to deliver an alert, by outcome.",      \
         add_deliveries)                                                                           \
    EACH(storyd_alert_deliveries_waiting, gauge, "Alerts to be delivered.", add_waiting)           \
    EACH(storyd_alert_oldest_waiting_seconds, gauge,                                               \
         "Time since the oldest alert to be delivered was raised; 0: none.", add_oldest_waiting)   \
    EACH(storyd_alert_delay_seconds, histogram, "Time from raising an alert to its delivery.",     \
         add_alert_delays)                                                                         \
    EACH(storyd_http_requests_total, counter, "Requests by route and status.", add_requests)       \
    EACH(storyd_http_request_duration_seconds, histogram,                                          \
         "Time from the arrival of a request to its response, without those that wait for a "      \
         "change.",                                                                                \
         add_request_durations)                                                                    \
    ONE(storyd_http_connections, gauge, "Connections of clients.", f->http.connections)            \
    ONE(storyd_http_waiting, gauge, "Streams and long polls.", f->http.held)                       \
    ONE(storyd_http_refused_connections_total, counter, "Connections refused because of a limit.", \
        f->http.connections_refused)                                                               \
    ONE(storyd_http_dropped_total, counter, "Clients disconnected because they were too slow.",    \
        f->http.dropped)                                                                           \
    ONE(storyd_http_sent_bytes_total, counter, "Bytes sent to clients.", f->http.sent)             \
    ONE(storyd_enrich_asked_total, counter, "Requests to the model.", f->model.asked)              \
    ONE(storyd_enrich_answered_total, counter, "Valid responses of the model.", f->model.answered) \
    EACH(storyd_enrich_failed_total, counter, "Failed requests to the model, by cause.",           \
         add_model_failures)                                                                       \
    ONE(storyd_enrich_statements_total, counter, "Generated statements kept.", f->model.kept)      \
    EACH(storyd_enrich_dropped_total, counter, "Generated statements dropped, by reason.",         \
         add_dropped_statements)                                                                   \
    ONE(storyd_enrich_waiting, gauge, "Events waiting for a request to the model.",                \
        f->model.waiting)                                                                          \
    ONE(storyd_enrich_tokens_today, gauge, "Tokens used today (UTC).", f->model.spent)             \
    ONE(storyd_enrich_tokens_left, gauge, "Tokens left of the daily budget.",                      \
        f->model.budget > f->model.spent ? f->model.budget - f->model.spent : 0)                   \
    ONE(storyd_pages_waiting, gauge, "Pages waiting to be fetched.", f->pages.waiting)             \
    ONE(storyd_pages_under_way, gauge,                                                             \
        "Requests under way for pages, robots.txt and tdmrep.json.", f->pages.under_way)           \
    ONE(storyd_pages_longest_wait_seconds, gauge, "Longest time that a page has waited; 0: none.", \
        f->pages.longest)                                                                          \
    ONE(storyd_pages_requests_total, counter, "Requests for pages.", f->pages.requests)            \
    ONE(storyd_pages_robots_requests_total, counter, "Requests for robots.txt and tdmrep.json.",   \
        f->pages.robots)                                                                           \
    ONE(storyd_pages_bytes_total, counter, "Bytes of pages received.", f->pages.bytes)             \
    EACH(storyd_pages_total, counter, "Pages of articles, by outcome and reason.",                 \
         add_page_outcomes)                                                                        \
    ONE(storyd_pages_today, gauge, "Pages fetched today (UTC).", f->pages.today)                   \
    ONE(storyd_pages_budget, gauge, "Daily limit of pages.", f->pages.budget)                      \
    ONE(storyd_pictures, gauge, "Pictures kept.", f->pictures.kept)                                \
    ONE(storyd_pictures_bytes, gauge, "Size of the pictures on the disk.", f->pictures.bytes)      \
    ONE(storyd_pictures_waiting, gauge,                                                            \
        "Pictures waiting to be fetched or scaled, and under way.", f->pictures.waiting)           \
    ONE(storyd_pictures_requests_total, counter, "Requests for pictures.", f->pictures.requests)   \
    ONE(storyd_pictures_refused_total, counter,                                                    \
        "Pictures that could not be fetched or are not shown.", f->pictures.refused)               \
    EACH(storyd_cluster_info, gauge, "Role of the process in its cluster; the value is 1.",        \
         add_cluster_info)                                                                         \
    EACH(storyd_cluster_connected, gauge, "1 while the broker answers.", add_cluster_connected)    \
    EACH(storyd_cluster_batch, gauge, "Last batch of the cluster's log in the store.",             \
         add_cluster_batch)                                                                        \
    EACH(storyd_cluster_feeds, gauge, "Feeds that this fetcher polls.", add_cluster_feeds)         \
    EACH(storyd_cluster_outbox_bytes, gauge,                                                       \
         "What this fetcher has found and the engine has not confirmed.", add_cluster_outbox)      \
    EACH(storyd_cluster_lag_seconds, gauge,                                                        \
         "Time from the writing of the last batch to its commit in this copy.", add_cluster_lag)   \
    ONE(process_start_time_seconds, gauge,                                                         \
        "Start time of the process in seconds since 1970-01-01 UTC.", f->c->started)               \
    ONE(process_cpu_seconds_total, counter, "CPU time used.", usage_processor())                   \
    ONE(process_resident_memory_bytes, gauge, "Resident memory.", usage_memory())

static double file_size(const struct facts *f)
{
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s/data.mdb", f->c->config->store_path.text);
    return stat(path, &st) ? 0 : (double)st.st_size;
}

/* ---- metrics with labels -------------------------------------------------------------------- */

static void add_sample(struct buf *out, const char *name, const char *label, const char *value,
                       uint64_t n)
{
    buf_addf(out, "%s{%s=\"%s\"} %" PRIu64 "\n", name, label, value, n);
}

/* `labels` is empty or ends with a comma. */
static void add_histogram(struct buf *out, const char *name, const char *labels,
                          const struct histogram *h)
{
    uint64_t n = 0;
    const int length = *labels ? (int)strlen(labels) - 1 : 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
        n += h->buckets[i];
        buf_addf(out, "%s_bucket{%sle=\"%g\"} %" PRIu64 "\n", name, labels, histogram_bounds[i], n);
    }
    buf_addf(out, "%s_bucket{%sle=\"+Inf\"} %" PRIu64 "\n", name, labels, h->count);
    const char *begin = length ? "{" : "", *end = length ? "}" : "";
    buf_addf(out, "%s_sum%s%.*s%s %.17g\n", name, begin, length, labels, end, h->sum);
    buf_addf(out, "%s_count%s%.*s%s %" PRIu64 "\n", name, begin, length, labels, end, h->count);
}

static void add_version(const struct facts *f, const char *name, struct buf *out)
{
    (void)f;
    add_sample(out, name, "version", STORYD_VERSION, 1);
}

static void add_feed_states(const struct facts *f, const char *name, struct buf *out)
{
    for (enum subscription_state s = 0; s < SUBSCRIPTION_REMOVED; s++)
        add_sample(out, name, "state", subscription_state_name(s), f->lag.by_state[s]);
}

static void add_polls(const struct facts *f, const char *name, struct buf *out)
{
    for (enum when_outcome o = 0; o < WHEN_OUTCOMES; o++)
        add_sample(out, name, "outcome", when_outcome_name(o), f->polls->polls[o]);
}

static void add_poll_durations(const struct facts *f, const char *name, struct buf *out)
{
    add_histogram(out, name, "", &f->polls->requests);
}

static void add_parse_durations(const struct facts *f, const char *name, struct buf *out)
{
    add_histogram(out, name, "", &f->polls->parses);
}

static void add_commit_durations(const struct facts *f, const char *name, struct buf *out)
{
    add_histogram(out, name, "", &f->c->counts->commits);
}

static void add_deliveries(const struct facts *f, const char *name, struct buf *out)
{
    static const char *const outcomes[ALERT_OUTCOME_COUNT] = {
#define O(symbol, text) text,
        ALERT_OUTCOMES(O)
#undef O
    };
    for (size_t k = 0; k < ALERT_KINDS; k++)
        for (size_t o = 0; o < ALERT_OUTCOME_COUNT; o++)
            buf_addf(out, "%s{by=\"%s\",outcome=\"%s\"} %" PRIu64 "\n", name, alert_kind_name(k),
                     outcomes[o], f->alerts.by[k].outcomes[o]);
}

static void add_waiting(const struct facts *f, const char *name, struct buf *out)
{
    for (size_t k = 0; k < ALERT_KINDS; k++)
        add_sample(out, name, "by", alert_kind_name(k), f->alerts.by[k].waiting);
}

static void add_oldest_waiting(const struct facts *f, const char *name, struct buf *out)
{
    for (size_t k = 0; k < ALERT_KINDS; k++)
        add_sample(out, name, "by", alert_kind_name(k), (uint64_t)f->alerts.by[k].oldest);
}

static void add_alert_delays(const struct facts *f, const char *name, struct buf *out)
{
    for (size_t k = 0; k < ALERT_KINDS; k++) {
        char labels[32];
        snprintf(labels, sizeof labels, "by=\"%s\",", alert_kind_name(k));
        add_histogram(out, name, labels, &f->alerts.by[k].delays);
    }
}

/* The labels of a route, ending with a comma. The pattern of the table stands for all of a route's
 * addresses. */
enum { ROUTE_LABELS = 128 };
static const char *route_labels(const struct facts *f, size_t route, char out[ROUTE_LABELS])
{
    const struct routes *all = f->c->routes;
    const char *method = "", *pattern = "";
    if (route < all->n) {
        method = all->v[route].method == REQUEST_POST ? "POST" : "GET";
        pattern = all->v[route].pattern;
    }
    snprintf(out, ROUTE_LABELS, "method=\"%s\",route=\"%s\",", method, pattern);
    return out;
}

static void add_requests(const struct facts *f, const char *name, struct buf *out)
{
    const struct server_route_counts *counts = server_route_counts(f->c->server);
    char labels[ROUTE_LABELS];
    for (size_t i = 0; i <= f->c->routes->n; i++)
        for (int status = 0; status < SERVER_STATUSES; status++)
            if (counts[i].by_status[status])
                buf_addf(out, "%s{%scode=\"%d\"} %" PRIu64 "\n", name, route_labels(f, i, labels),
                         status, counts[i].by_status[status]);
}

static void add_request_durations(const struct facts *f, const char *name, struct buf *out)
{
    const struct server_route_counts *counts = server_route_counts(f->c->server);
    char labels[ROUTE_LABELS];
    for (size_t i = 0; i < f->c->routes->n; i++)
        if (counts[i].durations.count)
            add_histogram(out, name, route_labels(f, i, labels), &counts[i].durations);
}

static void add_model_failures(const struct facts *f, const char *name, struct buf *out)
{
    for (size_t i = 0; enrich_failure_name(i); i++)
        add_sample(out, name, "cause", enrich_failure_name(i), f->model.failed[i]);
}

static void add_dropped_statements(const struct facts *f, const char *name, struct buf *out)
{
    for (size_t i = 0; cited_reason_name(i); i++)
        add_sample(out, name, "cause", cited_reason_name(i), f->model.dropped[i]);
}

static void add_page_outcomes(const struct facts *f, const char *name, struct buf *out)
{
    for (enum page_outcome o = 0; o < PAGE_OUTCOME_COUNT; o++) {
        const char *why = page_outcome_why(o);
        buf_addf(out, "%s{state=\"%s\",why=\"%s\"} %" PRIu64 "\n", name, page_outcome_state(o),
                 why ? why : "", f->pages.outcomes[o]);
    }
}

static void add_cluster_info(const struct facts *f, const char *name, struct buf *out)
{
    if (f->cluster)
        buf_addf(out, "%s{cluster=\"%s\",member=\"%s\",role=\"%s\"} 1\n", name,
                 json_string_value(json_object_get(f->cluster, "name")),
                 json_string_value(json_object_get(f->cluster, "member")),
                 json_string_value(json_object_get(f->cluster, "role")));
}

static void add_cluster_connected(const struct facts *f, const char *name, struct buf *out)
{
    if (f->cluster)
        buf_addf(out, "%s %d\n", name, json_is_true(json_object_get(f->cluster, "connected")));
}

static void add_cluster_batch(const struct facts *f, const char *name, struct buf *out)
{
    if (f->cluster)
        buf_addf(out, "%s %" JSON_INTEGER_FORMAT "\n", name,
                 json_integer_value(json_object_get(f->cluster, "batch")));
}

static void add_of_fetcher(const struct facts *f, const char *name, const char *member,
                           struct buf *out)
{
    const json_t *value = json_object_get(json_object_get(f->cluster, "fetcher"), member);
    if (json_is_integer(value))
        buf_addf(out, "%s %" JSON_INTEGER_FORMAT "\n", name, json_integer_value(value));
}

static void add_cluster_feeds(const struct facts *f, const char *name, struct buf *out)
{
    add_of_fetcher(f, name, "feeds", out);
}

static void add_cluster_outbox(const struct facts *f, const char *name, struct buf *out)
{
    add_of_fetcher(f, name, "bytes", out);
}

static void add_cluster_lag(const struct facts *f, const char *name, struct buf *out)
{
    const json_t *lag = json_object_get(f->cluster, "lag_ms");
    if (json_is_integer(lag))
        buf_addf(out, "%s %.17g\n", name, (double)json_integer_value(lag) / 1000);
}

/* ---- the page ------------------------------------------------------------------------------- */

static bool read_facts(const struct routes_context *c, struct facts *f)
{
    const int64_t now = wall_clock();
    story_view *view;
    if (story_view_begin(c->db, &view))
        return false;
    *f = (struct facts){.c = c,
                        .engine = ingest_engine(c->ingest),
                        .seq = story_last_seq(view),
                        .polls = poll_counts(c->poll),
                        .alerts = alerts_facts(c->alerts, now),
                        .store = upkeep_facts(c->upkeep),
                        .model = enrich_facts(c->enrich)};
    story_view_end(view);
    poll_lag(c->poll, now, &f->lag);
    server_counts(c->server, &f->http);
    if (c->visits)
        f->pages = visits_facts(c->visits, now);
    if (c->pictures)
        f->pictures = pictures_facts(c->pictures);
    return true;
}

void metrics_page(struct routes_context *c, const struct request *r, struct reply *out)
{
    struct facts facts;
    const struct facts *f = &facts;
    struct buf *b = &out->body;
    (void)r;
    if (!read_facts(c, &facts)) {
        reply_problem(out, 500, "the store cannot be read");
        return;
    }
    json_t *cluster = c->cluster ? c->cluster->describe(c->cluster->arg) : NULL;
    facts.cluster = cluster;
    out->type = "text/plain; version=0.0.4; charset=utf-8";
    out->cache = "no-store";
#define HEAD(name, type, help) "# HELP " #name " " help "\n# TYPE " #name " " #type "\n"
#define ONE(name, type, help, value)                                                               \
    buf_addf(b, HEAD(name, type, help) #name " %.17g\n", (double)(value));
#define EACH(name, type, help, add)                                                                \
    buf_adds(b, HEAD(name, type, help));                                                           \
    add(f, #name, b);
    METRICS(ONE, EACH)
#undef ONE
#undef EACH
#undef HEAD
    json_decref(cluster);
}
