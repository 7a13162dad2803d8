/* The daemon: start, reload, shutdown, and the wiring of everything that the event loop runs
 * (set_up_loop()). The work itself is done in the folders below daemon/ and in lib/. */
#include "alert/alert.h"
#include "base/buf.h"
#include "base/mem.h"
#include "config.h"
#include "counts.h"
#include "enrich/enrich.h"
#include "api/context.h"
#include "api/lists.h"
#include "api/live.h"
#include "api/submit.h"
#include "net/server.h"
#include "ingest/forget.h"
#include "ingest/ingest.h"
#include "ingest/retention.h"
#include "ingest/upgrade.h"
#include "log.h"
#include "must.h"
#include "pages/pictures.h"
#include "pages/shrink.h"
#include "pages/visits.h"
#include "paths.h"
#include "base/clock.h"
#include "poll/announce.h"
#include "poll/feed_list.h"
#include "poll/poll.h"
#include "poll/remote_list.h"
#include "roles/bus.h"
#include "roles/lease.h"
#include "roles/leader.h"
#include "roles/replica.h"
#include "search/searcher.h"
#include "service.h"
#include "store/store.h"
#include "story.h"
#include "upkeep.h"
#include "version.h"
#include "watch.h"

#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>

static const char default_config[] = "/etc/storyd/storyd.conf";

/* Exit statuses after which a restart does not help: an invalid configuration, and a store that was
 * removed or replaced (a restart would create an empty one and number from 1 again). */
enum { EXIT_CONFIG = 78, EXIT_LOST = 72 };
enum { MAX_MESSAGE = 8192, SIGNALS = 3, SLICE_MS = 3, FIRST_PAUSE = 1, LONGEST_PAUSE = 60 };
enum { RETAIN_EVERY_MS = 100 /* between two slices of deletions */, UPGRADE_LOG_MS = 5000 };
enum { MAX_GIVEN = 64 };
enum { COMMIT, TICK, RETAIN, UPKEEP, RETRY, TIMERS };

struct daemon {
    const char *config_path;
    char *given[MAX_GIVEN + 1]; /* -o options of the command line, up to a NULL */
    struct config config;
    struct event_base *base;
    struct ingest *ingest;
    struct poll *poll;
    struct remote_list *remote; /* the feed list, if it is at an address */
    struct announcer *announcer;
    story_db *reader; /* of the same store, for HTTP requests */
    struct lists *lists;
    struct live *live;
    struct alerts *alerts;
    struct enrich *enrich;
    struct visits *visits;
    struct pictures *pictures;
    struct searcher *searcher; /* NULL: not configured */
    struct server *server;
    struct routes_context context; /* for its handlers */
    struct bus *bus;               /* of a cluster; NULL: the process is in none */
    struct lease *lease;
    struct leader *leader; /* while the process leads */
    struct counts counts;
    int64_t commit_began; /* monotonic microseconds; 0: the batch is on the disk */
    struct upkeep *upkeep;
    struct watch *list; /* of the feed list */
    struct event *timers[TIMERS], *committed, *signals[SIGNALS], *watchdog;
    bool forgetting;                 /* a feed's articles are being worked off (ingest/forget.h) */
    bool full;                       /* the store is full; on_retry() waits for room */
    int pause;                       /* seconds until the next retry; doubles each time */
    struct retention_counts deleted; /* those that the log has told of */
    bool fenced;                     /* the process no longer leads its cluster */
    int exit_status;
    int64_t upgrade_logged; /* when the log last told how far an upgrade is */
};

/* ---- the store ------------------------------------------------------------------------------ */

static void retry_later(struct daemon *d)
{
    const struct timeval in = {d->pause, 0};
    evtimer_add(d->timers[RETRY], &in);
    d->pause = d->pause * 2 < LONGEST_PAUSE ? d->pause * 2 : LONGEST_PAUSE;
}

/* What is in the store stays readable. Uncommitted data is dropped, as after a crash, and its feeds
 * are polled again once there is room. */
static void wait_for_room(struct daemon *d, int error)
{
    log_line(LOG_ERR, "store_full",
             "the store is full: polling has stopped and decisions are refused, reading still "
             "works; storyd resumes when there is room",
             LOG_T("path", d->config.store_path.text), LOG_T("error", store_strerror(error)));
    sd_notifyf(0, "STATUS=store full, polling stopped: %s", store_strerror(error));
    d->full = true;
    evtimer_del(d->timers[COMMIT]);
    poll_stop(d->poll);
    alerts_stop(d->alerts);
    enrich_stop(d->enrich);
    visits_stop(d->visits);
    retry_later(d);
}

/* Another engine may lead: what is not committed is dropped, and the process stands by. */
static void step_down(void *arg)
{
    struct daemon *d = arg;
    d->fenced = true;
    lease_give_up(d->lease);
    event_base_loopbreak(d->base);
}

/* The engine's state is ahead of the store; only a restart can make them agree. */
static void store_failed(struct daemon *d, int error)
{
    if (d->exit_status || d->full || d->fenced)
        return; /* already reported */
    if (error == STORE_FENCED) {
        step_down(d);
        return;
    }
    if (store_is_full(error)) {
        wait_for_room(d, error);
        return;
    }
    log_line(LOG_ERR, "store_failed", "store error; stopping",
             LOG_T("path", d->config.store_path.text), LOG_T("error", store_strerror(error)));
    d->exit_status = 1;
    event_base_loopbreak(d->base);
}

/* max_size may be another one since a reload; between two batches the store takes it. */
static void resize(struct daemon *d)
{
    int error = store_resize(ingest_store(d->ingest), (size_t)d->config.store_max_size.number);
    if (error)
        store_failed(d, error);
}

static void commit_soon(void *arg, int error)
{
    struct daemon *d = arg;
    int64_t ms = d->config.store_commit_after.number;
    const struct timeval in = {ms / 1000, (ms % 1000) * 1000};
    if (error)
        store_failed(d, error);
    else if (!evtimer_pending(d->timers[COMMIT], NULL))
        evtimer_add(d->timers[COMMIT], &in);
}

/* The writer thread writes the batch; meanwhile requests are answered, but no documents are
 * processed. */
static void commit_batch(struct daemon *d)
{
    evtimer_del(d->timers[COMMIT]);
    if (ingest_is_committing(d->ingest)) {
        commit_soon(d, 0);
        return;
    }
    int error = poll_save(d->poll);
    d->commit_began = monotonic_us();
    if (!error)
        error = ingest_commit_start(d->ingest);
    if (error)
        store_failed(d, error);
}

/* Updates the lists from the written batch, in slices; then everything that waited for the commit
 * continues. */
static void on_committed(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct daemon *d = arg;
    const struct timeval at_once = {0, 0};
    size_t articles = ingest_pending(d->ingest);
    eventfd_t times;
    eventfd_read(fd, &times);
    if (d->commit_began)
        histogram_add(&d->counts.commits, monotonic_us() - d->commit_began);
    d->commit_began = 0;
    bool more = true;
    int error = 0;
    for (int64_t until = monotonic_ms() + SLICE_MS; !error && more && monotonic_ms() < until;)
        error = ingest_commit_next(d->ingest, &more);
    event_add(d->committed, more ? &at_once : NULL);
    if (error)
        store_failed(d, error);
    if (error || more)
        return;
    d->pause = FIRST_PAUSE;
    resize(d);
    if (articles)
        log_line(LOG_DEBUG, "committed", "committed", LOG_N("articles", articles));
    live_committed(d->live);
    leader_committed(d->leader);
    alerts_written(d->alerts);
    enrich_go_on(d->enrich);
    visits_go_on(d->visits);
    pictures_go_on(d->pictures);
    searcher_committed(d->searcher);
    announce_committed(d->announcer, listing_version(lists_table(d->lists)));
    poll_go_on(d->poll);
    sd_notifyf(0, "STATUS=%zu feeds, %zu events open, %zu articles in the window",
               poll_feeds(d->poll), engine_events(ingest_engine(d->ingest)),
               engine_articles(ingest_engine(d->ingest)));
}

static void on_commit_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    commit_batch(arg);
}

static void on_wrote(void *arg, int error)
{
    struct daemon *d = arg;
    if (!error && ingest_pending(d->ingest) >= (size_t)d->config.store_commit_articles.number)
        commit_batch(d);
    else
        commit_soon(d, error);
}

static void log_deleted(struct daemon *d)
{
    const struct retention_counts now = retention_counts(d->ingest), was = d->deleted;
    d->deleted = now;
    if (memcmp(&now, &was, sizeof now) != 0)
        log_line(LOG_INFO, "records_deleted", "old records deleted",
                 LOG_N("articles", now.articles - was.articles),
                 LOG_N("events", now.events - was.events), LOG_N("posts", now.posts - was.posts),
                 LOG_N("changes", now.changes - was.changes));
}

/* One step of what is deleted on request, else because of its age. */
static int delete_next(struct daemon *d, bool *more)
{
    int64_t now = wall_clock();
    bool forgetting = d->forgetting;
    int error = forget_step(d->ingest, now, &d->forgetting);
    if (forgetting && !error && !d->forgetting) {
        pictures_clear(d->pictures);
        log_line(LOG_INFO, "feed_texts_removed", "the texts of a feed's articles are removed");
    }
    *more = d->forgetting;
    return error || *more ? error : retention_step(d->ingest, now, more);
}

static void work_off(void *arg)
{
    struct daemon *d = arg;
    const struct timeval at_once = {0, 0};
    evtimer_add(d->timers[RETAIN], &at_once);
}

/* Deletes in slices between the batches. */
static void on_retain(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct daemon *d = arg;
    const struct timeval soon = {0, RETAIN_EVERY_MS * 1000};
    bool more = true, any = false;
    int error = 0;
    if (d->full || d->exit_status)
        return;
    if (!ingest_is_committing(d->ingest))
        for (int64_t until = monotonic_ms() + SLICE_MS; !error && more && monotonic_ms() < until;) {
            error = delete_next(d, &more);
            any |= more;
        }
    if (error || any)
        commit_soon(d, error);
    if (more)
        evtimer_add(d->timers[RETAIN], &soon);
    else
        log_deleted(d);
}

/* Closes events whose window has ended, even if no article arrives; makes digests. */
static void on_minute(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct daemon *d = arg;
    bool changed;
    int error = ingest_tick(d->ingest, wall_clock(), &changed);
    if (error || changed)
        on_wrote(d, error);
    alerts_tick(d->alerts, d->reader, wall_clock());
    pictures_tick(d->pictures, wall_clock());
    work_off(d);
}

static void on_upkeep(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct daemon *d = arg;
    const char *lost = store_lost(ingest_store(d->ingest));
    if (lost && !d->exit_status) {
        log_line(LOG_ERR, "store_lost",
                 "the store was removed or replaced while storyd was using it; stopping. What was "
                 "written since is lost. Stop storyd before you restore or move a store",
                 LOG_T("path", d->config.store_path.text), LOG_T("file", lost));
        d->exit_status = EXIT_LOST;
        event_base_loopbreak(d->base);
        return;
    }
    resize(d);
    upkeep_look(d->upkeep);
    if (store_error(ingest_store(d->ingest)))
        store_failed(d, store_error(ingest_store(d->ingest))); /* a decision ran into it */
}

/* For how long what is kept, now that the configuration was read. */
static void take_retention(struct daemon *d)
{
    const struct config *c = &d->config;
    const struct retention_policy policy = {.events = c->store_keep_events.number / 1000,
                                            .articles = c->store_keep_articles.number / 1000,
                                            .changes = c->store_keep_changes.number / 1000,
                                            .tombstones = c->store_keep_tombstones.number / 1000};
    ingest_keep_texts(d->ingest, c->store_keep_text.number / 1000);
    retention_set(d->ingest, &policy);
}

static void on_news(void *arg, const struct ingest_news *news)
{
    struct daemon *d = arg;
    alerts_news(d->alerts, news);
    d->counts.merges += news->kind == ENGINE_MERGED;
    d->counts.splits += news->kind == ENGINE_SPLIT;
    if (news->kind == ENGINE_JOINED && news->new_source)
        log_line(LOG_INFO, "event_grew", "event grew", LOG_N("event", news->event),
                 LOG_N("sources", news->source_count), LOG_T("source", news->source),
                 LOG_T("title", news->title));
    else if (news->kind == ENGINE_MERGED)
        log_line(LOG_INFO, "events_merged", "events merged", LOG_N("event", news->event),
                 LOG_N("took_in", news->from), LOG_N("sources", news->source_count),
                 LOG_T("title", news->title));
    else if (news->kind == ENGINE_SPLIT)
        log_line(LOG_INFO, "event_split", "event split", LOG_N("event", news->from),
                 LOG_N("part", news->event), LOG_N("sources", news->source_count),
                 LOG_T("title", news->title));
}

static int on_writing(void *arg, const struct event_record *event)
{
    const struct daemon *d = arg;
    int error = d->visits ? visits_event(d->visits, event) : 0;
    return error ? error : alerts_check(d->alerts, event);
}

static void on_deleted_event(void *arg, uint64_t event)
{
    const struct daemon *d = arg;
    lists_drop(d->lists, event);
}

static void on_deleted_article(void *arg, uint64_t article)
{
    const struct daemon *d = arg;
    searcher_drop(d->searcher, article);
}

static void on_written(void *arg, const struct event_record *event)
{
    const struct daemon *d = arg;
    lists_take(d->lists, event);
    enrich_take(d->enrich, event);
    if (d->pictures)
        pictures_event(d->pictures, d->reader, event);
}

/* ---- the feed list -------------------------------------------------------------------------- */

static bool take_list(struct daemon *d, struct buf *error)
{
    remote_list_configure(d->remote, &d->config);
    if (!poll_configure(d->poll, &d->config, error))
        return false;
    visits_look(d->visits);
    pictures_look(d->pictures);
    commit_soon(d, submit_configure(d->ingest, &d->config));
    int failed =
        watch_file(d->list, config_list_is_remote(&d->config) ? NULL : d->config.feeds_list.text);
    if (failed)
        log_line(LOG_WARNING, "list_unwatched",
                 "cannot watch the feed list; reload storyd after you change it",
                 LOG_T("list", d->config.feeds_list.text), LOG_T("error", strerror(failed)));
    return true;
}

static void on_list_changed(void *arg)
{
    struct daemon *d = arg;
    struct buf error;
    if (d->full)
        return; /* on_retry() reads it */
    buf_init(&error, MAX_MESSAGE);
    if (take_list(d, &error))
        log_line(LOG_INFO, "list_updated", "feed list updated",
                 LOG_N("feeds", poll_feeds(d->poll)));
    else
        log_line(LOG_ERR, "list_rejected", "feed list rejected; keeping the previous one",
                 LOG_T("error", buf_text(&error)));
    buf_free(&error);
}

/* ---- signals -------------------------------------------------------------------------------- */

static void reload(struct daemon *d)
{
    struct config new;
    struct buf error;
    size_t n;
    buf_init(&error, MAX_MESSAGE);
    sd_notify(0, "RELOADING=1");
    if (!service_read_again(d->config_path, d->given, &new)) {
        ; /* it has told why */
    } else if (!list_check(&new, false, &n, &error)) {
        log_line(LOG_ERR, "list_rejected", "feed list rejected; keeping the previous one",
                 LOG_T("error", buf_text(&error)));
        config_free(&new);
    } else {
        struct config old = d->config;
        d->config = new;
        log_set_level(new.log_level.number);
        alerts_reloaded(d->alerts);
        enrich_look(d->enrich, d->reader);
        take_retention(d);
        announce_configure(d->announcer, &d->config);
        if (d->full) { /* max_size may be greater now */
            d->pause = FIRST_PAUSE;
            retry_later(d);
        } else if (!take_list(d, &error)) {
            log_line(LOG_ERR, "list_rejected", "feed list rejected; keeping the previous one",
                     LOG_T("error", buf_text(&error)));
        }
        log_line(LOG_INFO, "reloaded", "reloaded", LOG_N("feeds", poll_feeds(d->poll)));
        service_tell_restart(&old, &d->config);
        config_free(&old);
    }
    buf_free(&error);
    sd_notify(0, "READY=1");
}

static void on_signal(evutil_socket_t signal_number, short what, void *arg)
{
    (void)what;
    struct daemon *d = arg;
    if (signal_number == SIGHUP)
        reload(d);
    else
        event_base_loopbreak(d->base);
}

/* ---- start and stop ------------------------------------------------------------------------- */

static void set_engine(void *arg, struct engine *engine)
{
    const struct daemon *d = arg;
    if (!engine_set(engine, "engine", "window", (double)d->config.engine_window.number / 3600e3) ||
        !engine_set(engine, "engine", "mix_languages",
                    (double)d->config.engine_mix_languages.number))
        abort(); /* config.h allows what the engine refuses */
}

static int read_alerts(struct daemon *d)
{
    alerts_free(d->alerts);
    d->alerts = alerts_new(d->base, ingest_store(d->ingest), &d->config, commit_soon, d);
    d->context.alerts = d->alerts;
    return alerts_load(d->alerts);
}

/* When there is room, reads all in-memory state from the store again and resumes polling: like a
 * restart, but without interrupting HTTP clients. */
static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct daemon *d = arg;
    struct buf why;
    int error = store_retry(ingest_store(d->ingest), (size_t)d->config.store_max_size.number);
    if (store_is_full(error)) {
        retry_later(d);
        return;
    }
    if (!error)
        error = ingest_again(d->ingest, set_engine, d);
    if (!error)
        error = read_alerts(d);
    d->full = false;
    if (error) {
        store_failed(d, error);
        return;
    }
    log_line(LOG_INFO, "store_has_room", "the store has room again; polling resumes",
             LOG_T("path", d->config.store_path.text));
    alerts_written(d->alerts);
    enrich_again(d->enrich);
    buf_init(&why, MAX_MESSAGE);
    if (!take_list(d, &why))
        log_line(LOG_ERR, "list_unreadable",
                 "cannot read the feed list, nothing is polled; fix the list",
                 LOG_T("error", buf_text(&why)));
    buf_free(&why);
    on_wrote(d, visits_load(d->visits));
}

/* A large store takes longer than systemd waits for a start; this asks it for more time. */
static void on_upgrade(void *arg, const char *what, uint64_t done, uint64_t all)
{
    struct daemon *d = arg;
    int64_t now = monotonic_ms();
    sd_notifyf(
        0, "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=upgrading the store: %s, %" PRIu64 " of %" PRIu64,
        what, done, all);
    if (now < d->upgrade_logged + UPGRADE_LOG_MS && done < all)
        return;
    d->upgrade_logged = now;
    log_line(LOG_INFO, "store_upgrading", "upgrading the store", LOG_T("what", what),
             LOG_N("done", done), LOG_N("of", all));
}

/* What tells this store from others, in the ids of outgoing feeds. */
static int name_installation(struct daemon *d)
{
    static const char name[] = "installation";
    struct store *s = ingest_store(d->ingest);
    uint64_t random;
    if (!store_number(s, name)) {
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return errno;
        int error = store_set_number(s, name, random >> 11 | 1); /* exact in every JSON reader */
        if (error)
            return error;
    }
    return 0;
}

static bool open_store(struct daemon *d)
{
    struct store *store;
    d->lists = lists_new();
    const char *path = d->config.store_path.text;
    int written = -1;
    int error = store_open(path, (size_t)d->config.store_max_size.number, &store);
    if (!error && (error = store_start_writer(store, &written)))
        store_close(store);
    if (!error && (error = upgrade_store(store, on_upgrade, d)))
        store_close(store);
    if (!error && d->leader && (error = leader_open(d->leader, store)))
        store_close(store);
    if (!error)
        error = ingest_open(store, set_engine, d, &d->ingest);
    if (!error)
        error = store_reader(store, &d->reader);
    if (!error)
        error = lists_load(d->lists, d->reader);
    if (error == STORE_FENCED) {
        store_failed(d, error);
        return true; /* to stand by */
    }
    if (error) {
        log_line(LOG_ERR, "store_not_opened", "cannot open the store", LOG_T("path", path),
                 LOG_T("error", store_strerror(error)));
        return false;
    }
    if (ingest_older(d->ingest))
        log_line(LOG_INFO, "older_articles",
                 "articles in the window were stored by an older version and read anew",
                 LOG_N("articles", ingest_older(d->ingest)));
    d->committed = must_event(event_new(d->base, written, EV_READ, on_committed, d));
    event_add(d->committed, NULL);
    ingest_on_news(d->ingest, on_news, d);
    ingest_on_writing(d->ingest, on_writing, d);
    ingest_on_written(d->ingest, on_written, d);
    retention_on_deleted(d->ingest, on_deleted_event, on_deleted_article, d);
    d->enrich = enrich_new(d->base, d->ingest, &d->config, commit_soon, d);
    error = read_alerts(d);
    if (!error)
        error = name_installation(d);
    if (!error)
        error = ingest_commit(d->ingest); /* do not poll what cannot be stored */
    if (store_is_full(error))
        d->full = true;
    else if (error)
        store_failed(d, error);
    d->upkeep = upkeep_new(store, d->reader);
    if (d->config.search_index.number)
        d->searcher = searcher_new(d->base, d->reader, path);
    return !error || d->full;
}

static bool open_server(struct daemon *d, struct buf *error)
{
    d->live = live_new(d->base, d->reader);
    d->context = (struct routes_context){.db = d->reader,
                                         .ingest = d->ingest,
                                         .poll = d->poll,
                                         .remote = d->remote,
                                         .lists = d->lists,
                                         .live = d->live,
                                         .upkeep = d->upkeep,
                                         .enrich = d->enrich,
                                         .alerts = d->alerts,
                                         .visits = d->visits,
                                         .pictures = d->pictures,
                                         .searcher = d->searcher,
                                         .counts = &d->counts,
                                         .routes = &paths,
                                         .config = &d->config,
                                         .started = wall_clock(),
                                         .work_off = work_off,
                                         .work_off_arg = d,
                                         .wrote = commit_soon,
                                         .wrote_arg = d};
    d->server = server_new(d->base, &d->config, &paths, &d->context, error);
    d->context.server = d->server;
    return d->server != NULL;
}

/* Everything that runs on the loop. The table has the timers of this file; the other modules set
 * theirs, only while there is something to do:
 *
 * - poll/poll.c: requests to feeds, when the next feed is due, at least every 60 s
 * - poll/remote_list.c: the feed list, if it is at an address, when it is due
 * - poll/announce.c: requests to the hubs of the outgoing feeds, when one may be told
 * - poll/document.c: documents, in slices of 3 ms while one is being received
 * - net/fetch.c: sockets and timeouts of curl
 * - pages/visits.c: requests to articles' pages, when the next one may be sent
 * - pages/pictures.c: requests for pictures, likewise; ended processes that scale them
 * - net/server.c: sockets of HTTP clients; turns of 5 ms while requests wait; timeouts every 100 ms
 *   while a client is connected
 * - api/live.c: heartbeats every 15 s while a client waits for changes
 * - alert/alert.c: when the next attempt is due; ended programs
 * - enrich/enrich.c: texts of a model, when the next request may be sent
 * - search/searcher.c: the search index, in slices of 3 ms after a commit, and while it is made
 * - on_committed(): the eventfd of the writer's thread, after a batch was written
 * - watch.c: inotify of the feed list
 * - service.c: half of systemd's WatchdogSec, where it is set
 *
 * An idle daemon wakes for the table's rows and for the next feed. */
static void set_up_loop(struct daemon *d)
{
    static const int numbers[SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
    static const struct {
        event_callback_fn run;
        time_t every; /* seconds; 0: once, some time after it was asked for */
    } timers[TIMERS] = {
        [COMMIT] = {on_commit_timer, 0}, /* commit_after of [store] after a change */
        [TICK] = {on_minute, 60},        /* closes events whose window is over */
        [RETAIN] = {on_retain, 0},       /* after TICK, while there are old records to delete */
        [UPKEEP] = {on_upkeep, UPKEEP_EVERY}, /* the store's files and readers */
        [RETRY] = {on_retry, 0},              /* while the store is full, 1 to 60 s apart */
    };
    d->base = event_base_new();
    if (!d->base)
        abort(); /* out of memory */
    for (int i = 0; i < TIMERS; i++) {
        const struct timeval every = {timers[i].every, 0};
        short kind = timers[i].every ? EV_PERSIST : 0;
        d->timers[i] = must_event(event_new(d->base, -1, kind, timers[i].run, d));
        if (timers[i].every)
            event_add(d->timers[i], &every);
    }
    d->watchdog = service_watchdog(d->base);
    for (int i = 0; i < SIGNALS; i++) {
        d->signals[i] = must_event(evsignal_new(d->base, numbers[i], on_signal, d));
        event_add(d->signals[i], NULL);
    }
    d->list = watch_new(d->base, on_list_changed, d);
    d->pause = FIRST_PAUSE;
}

static void tear_down(struct daemon *d)
{
    if (!d->fenced)
        sd_notify(0, "STOPPING=1");
    watch_free(d->list);
    server_free(d->server);
    leader_stop(d->leader);
    live_free(d->live);
    if (d->poll && d->exit_status == 0 && !d->full && !d->fenced) {
        int error = visits_end(d->visits);
        if (!error)
            error = poll_save(d->poll);
        if (!error)
            error = ingest_commit(d->ingest);
        if (error) {
            log_line(LOG_ERR, "batch_lost",
                     "the last batch was not written; its feeds are polled again at the next start",
                     LOG_T("error", store_strerror(error)));
            d->exit_status = 1;
        }
    }
    visits_free(d->visits);
    pictures_free(d->pictures);
    remote_list_free(d->remote);
    announce_free(d->announcer);
    poll_free(d->poll);
    lists_free(d->lists);
    upkeep_free(d->upkeep);
    searcher_free(d->searcher);
    story_close(d->reader);
    enrich_free(d->enrich);
    alerts_free(d->alerts);
    if (d->committed)
        event_free(d->committed);
    ingest_free(d->ingest);
    leader_free(d->leader);
    for (int i = 0; i < SIGNALS; i++)
        if (d->signals[i])
            event_free(d->signals[i]);
    for (int i = 0; i < TIMERS; i++)
        if (d->timers[i])
            event_free(d->timers[i]);
    if (d->watchdog)
        event_free(d->watchdog);
    if (d->base)
        event_base_free(d->base);
}

static int run_daemon(struct daemon *d)
{
    struct buf error;
    buf_init(&error, MAX_MESSAGE);
    set_up_loop(d);
    if (!open_store(d)) {
        d->exit_status = 1;
    } else if (!d->fenced) {
        d->poll = poll_new(d->base, d->ingest, on_wrote, d);
        if (d->leader && d->config.cluster_fetchers.number)
            leader_poll(d->leader, d->base, d->poll, d->ingest, on_wrote, d);
        d->remote = remote_list_new(d->base, d->poll, on_list_changed, d);
        d->visits = visits_new(d->base, d->ingest, d->poll, &d->config, on_wrote, d);
        d->pictures = pictures_new(d->base, d->ingest, d->poll, &d->config);
        d->announcer = announce_new(d->base, d->poll, listing_version(lists_table(d->lists)));
        announce_configure(d->announcer, &d->config);
        take_retention(d);
        if (!d->full && !take_list(d, &error)) {
            log_line(LOG_ERR, "list_unreadable", "cannot read the feed list",
                     LOG_T("error", buf_text(&error)));
            d->exit_status = EXIT_CONFIG;
        } else if (!open_server(d, &error)) {
            log_line(LOG_ERR, "http_not_served", "cannot serve HTTP",
                     LOG_T("error", buf_text(&error)));
            d->exit_status = 1;
        }
    }
    buf_free(&error);
    if (d->exit_status == 0 && !d->fenced) {
        if (d->leader)
            leader_start(d->leader, d->base, &paths, &d->context);
        log_line(LOG_INFO, "started", "started", LOG_T("version", STORYD_VERSION),
                 LOG_N("feeds", poll_feeds(d->poll)), LOG_T("store", d->config.store_path.text),
                 LOG_N("articles_in_window", engine_articles(ingest_engine(d->ingest))));
        if (!*d->config.poll_contact.text)
            log_line(LOG_WARNING, "contact_missing",
                     "no contact is set, so feed owners cannot reach you; set contact in [poll] to "
                     "the address of a web page or a mailbox",
                     LOG_T("config", d->config_path));
        sd_notify(0, "READY=1");
        if (d->full) {
            d->full = false;
            store_failed(d, store_error(ingest_store(d->ingest)));
        } else {
            alerts_written(d->alerts);
            enrich_look(d->enrich, d->reader);
            on_wrote(d, visits_load(d->visits));
            on_minute(-1, 0, d);
        }
        upkeep_look(d->upkeep);
        if (d->exit_status == 0 && !d->fenced) /* a break before the loop has no effect */
            event_base_dispatch(d->base);
    }
    tear_down(d);
    return d->exit_status;
}

/* ---- roles ---------------------------------------------------------------------------------- */

/* What a generation of the daemon leaves for the next one. */
static void begin_generation(struct daemon *d)
{
    *d = (struct daemon){
        .config_path = d->config_path, .config = d->config, .bus = d->bus, .lease = d->lease};
}

/* Stands by until the process may lead, leads until it no longer may, and so on. */
static int run_engine(struct daemon *d)
{
    char *given[MAX_GIVEN + 1];
    memcpy(given, d->given, sizeof given);
    d->lease = lease_new(d->bus, d->config.cluster_auto_promote.number);
    for (;;) {
        enum replica_end end = replica_run(&d->config, d->config_path, given, d->bus, d->lease);
        if (end != REPLICA_LEADS)
            return end == REPLICA_FAILED;
        begin_generation(d);
        memcpy(d->given, given, sizeof given);
        d->leader = leader_new(d->bus, d->lease, step_down, d);
        int status = run_daemon(d);
        if (status || !d->fenced)
            return status;
    }
}

static int run_in_cluster(struct daemon *d)
{
    struct buf error;
    int status = EXIT_CONFIG;
    buf_init(&error, MAX_MESSAGE);
    d->bus = bus_new(&d->config, &error);
    if (!d->bus)
        log_line(LOG_ERR, "broker_unusable", "cannot use the broker",
                 LOG_T("error", buf_text(&error)));
    else if (d->config.cluster_role.number != ROLE_ENGINE)
        status = replica_run(&d->config, d->config_path, d->given, d->bus, NULL) == REPLICA_FAILED;
    else
        status = run_engine(d);
    if (d->bus)
        bus_stop(d->bus);
    lease_free(d->lease);
    bus_free(d->bus);
    buf_free(&error);
    return status;
}

static int run_role(struct daemon *d)
{
    log_set_level(d->config.log_level.number);
    umask(0007); /* readable by the store's group, closed to others */
    int status = d->config.cluster_role.number == ROLE_ALL ? run_daemon(d) : run_in_cluster(d);
    config_free(&d->config);
    if (status == 0)
        log_line(LOG_INFO, "stopped", "stopped");
    return status;
}

static const char help[] =
    "usage: storyd [-c FILE] [-o SECTION.NAME=VALUE]... [-n]\n"
    "\n"
    "Polls news feeds and groups articles on the same story into events.\n"
    "\n"
    "  -c, --config FILE   the configuration (/etc/storyd/storyd.conf)\n"
    "  -o, --option SECTION.NAME=VALUE\n"
    "                      set an option of the configuration; may be repeated\n"
    "  -n, --check         check the configuration and the feed list, and exit\n"
    "      --print-config  print the effective configuration, and exit\n"
    "      --sample-config print every option with its default, and exit\n"
    "      --version       print the version, and exit\n"
    "      --help          print this text, and exit\n"
    "\n"
    "SIGHUP reloads both; SIGTERM writes pending data and exits. See storyd(8).\n";

/* Replicas and fetchers get the feeds from the engine. */
static bool has_list(const struct config *c)
{
    return c->cluster_role.number == ROLE_ALL || c->cluster_role.number == ROLE_ENGINE;
}

/* Reads the configuration and the feed list, and reports errors. With `feeds_too` also reports
 * errors of single feeds, which do not prevent a start. */
static bool check(struct daemon *d, bool feeds_too, size_t *feeds)
{
    struct buf error;
    buf_init(&error, MAX_MESSAGE);
    bool ok = config_read(d->config_path, d->given, &d->config, &error);
    if (ok && (!config_check(d->config_path, &d->config, &error) ||
               (has_list(&d->config) && !list_check(&d->config, feeds_too, feeds, &error)))) {
        config_free(&d->config);
        ok = false;
    }
    if (!ok)
        fprintf(stderr, "storyd: %s\n", buf_text(&error));
    buf_free(&error);
    return ok;
}

static void print_config_sample(void)
{
    struct buf sample;
    buf_init(&sample, 1 << 20);
    config_sample(&sample);
    fputs(buf_text(&sample), stdout);
    buf_free(&sample);
}

static int print_config(struct daemon *d)
{
    struct buf out;
    buf_init(&out, SIZE_MAX / 2);
    bool ok = config_read(d->config_path, d->given, &d->config, &out);
    if (!ok) {
        fprintf(stderr, "storyd: %s\n", buf_text(&out));
    } else {
        config_print(&d->config, &out);
        fputs(buf_text(&out), stdout);
        config_free(&d->config);
    }
    buf_free(&out);
    return ok ? 0 : EXIT_CONFIG;
}

static int start(struct daemon *d, bool only_check)
{
    size_t feeds = 0;
    if (!check(d, only_check, &feeds))
        return EXIT_CONFIG;
    if (!only_check) {
        signal(SIGPIPE, SIG_IGN);
        return run_role(d);
    }
    if (!has_list(&d->config))
        printf("%s: valid\n", d->config_path);
    else if (config_list_is_remote(&d->config))
        printf("%s: valid; %zu feeds in the last copy of the list\n", d->config_path, feeds);
    else
        printf("%s: valid; %zu feeds in %s\n", d->config_path, feeds, d->config.feeds_list.text);
    config_free(&d->config);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},   {"option", required_argument, NULL, 'o'},
        {"check", no_argument, NULL, 'n'},          {"print-config", no_argument, NULL, 'p'},
        {"sample-config", no_argument, NULL, 's'},  {"version", no_argument, NULL, 'v'},
        {"shrink-picture", no_argument, NULL, 'i'}, /* for pages/pictures.c */
        {"help", no_argument, NULL, 'h'},           {0}};
    struct daemon d = {.config_path = default_config};
    bool only_check = false, only_print = false;
    size_t n_given = 0;
    int c;
    while ((c = getopt_long(argc, argv, "c:o:n", options, NULL)) != -1) {
        switch (c) {
        case 'c':
            d.config_path = optarg;
            break;
        case 'o':
            if (n_given == MAX_GIVEN) {
                fprintf(stderr, "storyd: more than %d options -o; use the configuration file\n",
                        MAX_GIVEN);
                return 2;
            }
            d.given[n_given++] = optarg;
            break;
        case 'n':
            only_check = true;
            break;
        case 'p':
            only_print = true;
            break;
        case 's':
            print_config_sample();
            return 0;
        case 'i':
            shrink_main();
        case 'v':
            version_print("storyd");
            return 0;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            fputs(help, stderr);
            return 2;
        }
    }
    if (optind != argc) {
        fprintf(stderr, "storyd: unexpected argument \"%s\"\n%s", argv[optind], help);
        return 2;
    }
    return only_print ? print_config(&d) : start(&d, only_check);
}
