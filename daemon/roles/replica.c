/* Runs a process that does not lead; see replica.h. The loop has the sockets of HTTP clients, the
 * messages of the broker, and a timer for the store's upkeep. */
#include "roles/replica.h"

#include "alert/alert.h"
#include "api/context.h"
#include "api/in_cluster.h"
#include "api/lists.h"
#include "api/live.h"
#include "base/clock.h"
#include "base/mem.h"
#include "config.h"
#include "counts.h"
#include "enrich/enrich.h"
#include "ingest/ingest.h"
#include "ingest/upgrade.h"
#include "log.h"
#include "must.h"
#include "net/server.h"
#include "paths.h"
#include "poll/poll.h"
#include "poll/remote_list.h"
#include "roles/bus.h"
#include "roles/channel.h"
#include "roles/fetching.h"
#include "roles/follow.h"
#include "roles/forward.h"
#include "roles/lease.h"
#include "search/searcher.h"
#include "service.h"
#include "store/event_record.h"
#include "store/oplog.h"
#include "story.h"
#include "upkeep.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

enum { MAX_MESSAGE = 8192, SIGNALS = 3, MAX_TOLD = 8 };

struct replica {
    struct config *config;
    const char *path;
    char *const *given;
    struct bus *bus;
    struct lease *lease;
    struct event_base *base;
    struct ingest *ingest; /* idle: it owns the store */
    struct poll *poll;     /* idle but for a fetcher's, as the next three */
    struct remote_list *remote;
    struct alerts *alerts;
    struct enrich *enrich;
    story_db *reader;
    struct lists *lists;
    struct live *live;
    struct searcher *searcher; /* or NULL */
    struct upkeep *upkeep;
    struct follow *follow;     /* NULL: a fetcher */
    struct fetching *fetching; /* or NULL */
    struct forward *forward;
    struct routes routes;
    struct server *server;
    struct routes_context context;
    struct in_cluster cluster;
    struct counts counts;
    struct channel *told; /* by the lease */
    struct event *signals[SIGNALS], *upkeep_timer, *watchdog, *lease_event;
    enum replica_end end;
};

static void end_replica(struct replica *r, enum replica_end end)
{
    r->end = end;
    event_base_loopbreak(r->base);
}

/* ---- what was applied ----------------------------------------------------------------------- */

static void list_again(struct replica *r, const struct oplog_change *c)
{
    struct event_record event;
    if (c->kind == OPLOG_DELETE)
        lists_drop(r->lists, store_from_u64(c->key.p));
    else if (codec_load(&event_table, c->value.p, c->value.n, &event))
        lists_take(r->lists, &event);
    codec_free(&event_table, &event);
}

static void on_applied(void *arg, const char *changes, size_t n)
{
    struct replica *r = arg;
    struct oplog_change c;
    size_t at = 0;
    while (oplog_next(changes, n, &at, &c) > 0) {
        if (c.key.n != 8 || (c.kind != OPLOG_PUT && c.kind != OPLOG_DELETE))
            continue;
        if (c.db == STORE_EVENTS)
            list_again(r, &c);
        else if (c.db == STORE_ARTICLES && c.kind == OPLOG_DELETE && r->searcher)
            searcher_drop(r->searcher, store_from_u64(c.key.p));
    }
    live_committed(r->live);
    searcher_committed(r->searcher);
}

/* All that was read from the store is read again. */
static void on_replaced(void *arg)
{
    struct replica *r = arg;
    lists_free(r->lists);
    r->lists = r->context.lists = lists_new();
    r->context.installation = 0;
    int error = lists_load(r->lists, r->reader);
    if (error)
        log_line(LOG_ERR, "lists_unread", "cannot read the copied store; check it",
                 LOG_T("error", store_strerror(error)));
    live_committed(r->live);
    searcher_committed(r->searcher);
}

static void on_follow_failed(void *arg)
{
    end_replica(arg, REPLICA_FAILED);
}

static void on_moved(void *arg, const struct log_place *at, enum lease_may may)
{
    const struct replica *r = arg;
    if (r->lease)
        lease_at(r->lease, at, may);
}

static void on_lead_told(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct replica *r = arg;
    struct lease_facts facts;
    message_free(channel_take(r->told));
    lease_facts(r->lease, &facts);
    if (facts.leads)
        end_replica(r, REPLICA_LEADS);
}

/* ---- for handlers --------------------------------------------------------------------------- */

static const char *role_of(const struct replica *r)
{
    return r->fetching ? "fetcher" : r->lease ? "standby" : "replica";
}

static json_t *describe_replica(void *arg)
{
    const struct replica *r = arg;
    struct follow_facts f = {.lag_ms = -1};
    if (r->follow)
        follow_facts(r->follow, &f);
    json_t *o = place_describe(&f.place, r->bus, role_of(r), *f.engine ? f.engine : NULL);
    json_object_set_new(o, "copying", json_boolean(f.copying));
    if (f.lag_ms >= 0)
        json_object_set_new(o, "lag_ms", json_integer(f.lag_ms));
    if (r->fetching)
        json_object_set_new(o, "fetcher", fetching_describe(r->fetching));
    return o;
}

static bool promote_replica(void *arg)
{
    const struct replica *r = arg;
    if (r->lease)
        lease_promote(r->lease);
    return r->lease != NULL;
}

static void forward_change(struct routes_context *c, const struct request *r, struct reply *out)
{
    forward_request(c->forwards, r, out);
}

/* ---- the loop ------------------------------------------------------------------------------- */

static void reload_replica(struct replica *r)
{
    struct config new;
    struct buf error;
    buf_init(&error, MAX_MESSAGE);
    sd_notify(0, "RELOADING=1");
    if (service_read_again(r->path, r->given, &new)) {
        struct config old = *r->config;
        *r->config = new;
        log_set_level(new.log_level.number);
        if (r->fetching && !fetching_configure(r->fetching, r->config, &error))
            log_line(LOG_ERR, "logins_unread",
                     "the logins of feeds cannot be read; keeping the previous ones",
                     LOG_T("error", buf_text(&error)));
        log_line(LOG_INFO, "reloaded", "reloaded");
        service_tell_restart(&old, r->config);
        config_free(&old);
    }
    buf_free(&error);
    sd_notify(0, "READY=1");
}

static void on_replica_signal(evutil_socket_t number, short what, void *arg)
{
    (void)what;
    if (number == SIGHUP)
        reload_replica(arg);
    else
        end_replica(arg, REPLICA_STOPPED);
}

static void on_replica_upkeep(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct replica *r = arg;
    struct follow_facts f = {.lag_ms = -1};
    upkeep_look(r->upkeep);
    if (r->follow)
        follow_facts(r->follow, &f);
    sd_notifyf(0, "STATUS=%s of the cluster, batch %llu%s", role_of(r),
               (unsigned long long)f.place.batch, f.copying ? ", copying the store" : "");
}

static void ignore_write(void *arg, int error)
{
    (void)arg, (void)error; /* nothing is written here */
}

static void on_poll_wrote(void *arg, int error)
{
    const struct replica *r = arg;
    if (r->fetching)
        fetching_wrote(r->fetching, error);
}

static void set_up_replica(struct replica *r)
{
    static const int numbers[SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
    const struct timeval every = {UPKEEP_EVERY, 0};
    r->base = event_base_new();
    if (!r->base)
        abort(); /* out of memory */
    for (int i = 0; i < SIGNALS; i++) {
        r->signals[i] = must_event(evsignal_new(r->base, numbers[i], on_replica_signal, r));
        event_add(r->signals[i], NULL);
    }
    r->upkeep_timer = must_event(event_new(r->base, -1, EV_PERSIST, on_replica_upkeep, r));
    event_add(r->upkeep_timer, &every);
    r->watchdog = service_watchdog(r->base);
    r->told = channel_new(MAX_TOLD);
    r->lease_event =
        must_event(event_new(r->base, channel_fd(r->told), EV_READ | EV_PERSIST, on_lead_told, r));
    event_add(r->lease_event, NULL);
}

static bool begin_fetching(struct replica *r, struct store *store, int written)
{
    struct buf error;
    buf_init(&error, MAX_MESSAGE);
    r->fetching = fetching_new(r->base, r->bus, r->config, store, r->poll, written,
                               on_follow_failed, r, &error);
    if (!r->fetching)
        log_line(LOG_ERR, "fetcher_not_started", "cannot poll for the cluster",
                 LOG_T("error", buf_text(&error)));
    buf_free(&error);
    return r->fetching != NULL;
}

static bool open_replica_store(struct replica *r)
{
    struct store *store;
    const char *path = r->config->store_path.text;
    size_t most = (size_t)r->config->store_max_size.number;
    int written = -1, error = store_open(path, most, &store);
    if (!error && ((error = store_start_writer(store, &written)) ||
                   (error = upgrade_store(store, NULL, NULL))))
        store_close(store);
    if (!error) {
        r->ingest = ingest_idle(store);
        error = store_reader(store, &r->reader);
    }
    r->lists = lists_new();
    if (!error)
        error = lists_load(r->lists, r->reader);
    if (error) {
        log_line(LOG_ERR, "store_not_opened", "cannot open the store", LOG_T("path", path),
                 LOG_T("error", store_strerror(error)));
        return false;
    }
    r->upkeep = upkeep_new(store, r->reader);
    if (r->config->search_index.number)
        r->searcher = searcher_new(r->base, r->reader, path);
    r->live = live_new(r->base, r->reader);
    r->poll = poll_new(r->base, r->ingest, on_poll_wrote, r);
    r->remote = remote_list_new(r->base, r->poll, NULL, r);
    r->alerts = alerts_new(r->base, store, r->config, ignore_write, r);
    r->enrich = enrich_new(r->base, r->ingest, r->config, ignore_write, r);
    if (r->config->cluster_role.number == ROLE_FETCH)
        return begin_fetching(r, store, written);
    r->follow = follow_new(r->base, r->bus, store, written, most,
                           &(struct follow_client){.applied = on_applied,
                                                   .replaced = on_replaced,
                                                   .failed = on_follow_failed,
                                                   .moved = on_moved,
                                                   .arg = r});
    return true;
}

/* A fetcher has no events to show. */
static struct routes own_routes(void)
{
    static const char *const patterns[] = {"/healthz", "/readyz", "/metrics", "/api/v1/health"};
    struct routes own = {mem_alloc(paths.n * sizeof *own.v), 0};
    struct route *v = (struct route *)(uintptr_t)own.v;
    for (size_t i = 0; i < paths.n; i++)
        for (size_t k = 0; k < sizeof patterns / sizeof *patterns; k++)
            if (!strcmp(paths.v[i].pattern, patterns[k]))
                v[own.n++] = paths.v[i];
    return own;
}

static bool open_replica_server(struct replica *r)
{
    struct buf error;
    buf_init(&error, MAX_MESSAGE);
    r->forward = forward_new(r->base, r->bus);
    r->routes = r->fetching ? own_routes() : forward_routes(&paths, forward_change);
    r->cluster = (struct in_cluster){describe_replica, promote_replica, r};
    r->context = (struct routes_context){.db = r->reader,
                                         .ingest = r->ingest,
                                         .poll = r->poll,
                                         .remote = r->remote,
                                         .lists = r->lists,
                                         .live = r->live,
                                         .upkeep = r->upkeep,
                                         .enrich = r->enrich,
                                         .alerts = r->alerts,
                                         .searcher = r->searcher,
                                         .counts = &r->counts,
                                         .routes = &r->routes,
                                         .config = r->config,
                                         .cluster = &r->cluster,
                                         .forwards = r->forward,
                                         .started = wall_clock(),
                                         .wrote = ignore_write,
                                         .wrote_arg = r};
    r->server = server_new(r->base, r->config, &r->routes, &r->context, &error);
    r->context.server = r->server;
    if (!r->server)
        log_line(LOG_ERR, "http_not_served", "cannot serve HTTP", LOG_T("error", buf_text(&error)));
    buf_free(&error);
    return r->server != NULL;
}

static void tear_down_replica(struct replica *r)
{
    if (r->lease)
        lease_tell(r->lease, NULL, 0);
    server_free(r->server);
    forward_free(r->forward);
    live_free(r->live);
    follow_free(r->follow);
    fetching_free(r->fetching);
    remote_list_free(r->remote);
    poll_free(r->poll);
    enrich_free(r->enrich);
    alerts_free(r->alerts);
    upkeep_free(r->upkeep);
    searcher_free(r->searcher);
    lists_free(r->lists);
    story_close(r->reader);
    ingest_free(r->ingest);
    for (int i = 0; i < SIGNALS; i++)
        event_free(r->signals[i]);
    event_free(r->upkeep_timer);
    event_free(r->watchdog);
    event_free(r->lease_event);
    channel_free(r->told);
    event_base_free(r->base);
    free((void *)(uintptr_t)r->routes.v);
}

enum replica_end replica_run(struct config *config, const char *path, char *const *given,
                             struct bus *b, struct lease *lease)
{
    struct replica r = {.config = config,
                        .path = path,
                        .given = given,
                        .bus = b,
                        .lease = lease,
                        .end = REPLICA_STOPPED};
    set_up_replica(&r);
    if (!open_replica_store(&r) || !open_replica_server(&r)) {
        r.end = REPLICA_FAILED;
    } else {
        if (lease) {
            lease_tell(lease, r.told, 0);
            on_lead_told(-1, 0, &r);
        }
        const char *role = role_of(&r);
        log_line(LOG_INFO, "started", "started", LOG_T("role", role),
                 LOG_T("version", STORYD_VERSION), LOG_T("store", config->store_path.text));
        sd_notify(0, "READY=1");
        upkeep_look(r.upkeep);
        if (r.end == REPLICA_STOPPED) /* a break before the loop has no effect */
            event_base_dispatch(r.base);
    }
    tear_down_replica(&r);
    return r.end;
}
