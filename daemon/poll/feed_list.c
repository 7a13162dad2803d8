/* Reads and checks the OPML feed list, and applies it: adds, updates and removes feeds. */
#include "poll/feed_list.h"

#include "base/hash.h"
#include "base/mem.h"
#include "config.h"
#include "log.h"
#include "poll/apart_hooks.h"
#include "poll/document.h"
#include "poll/feed_state.h"
#include "poll/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_LIST = 64 << 20 };

bool list_read(const char *path, struct opml *out, struct buf *error)
{
    FILE *file = fopen(path, "rb");
    struct stat st;
    if (!file || fstat(fileno(file), &st)) {
        buf_addf(error, "%s: %s; list in [feeds] must name an OPML file", path, strerror(errno));
        if (file)
            fclose(file);
        return false;
    }
    struct opml_error why = {0};
    bool ok = false;
    if (S_ISREG(st.st_mode) && st.st_size <= MAX_LIST) {
        char *bytes = mem_alloc((size_t)st.st_size + 1);
        size_t n = fread(bytes, 1, (size_t)st.st_size, file);
        ok = opml_parse(bytes, n, out, &why);
        free(bytes);
        if (!ok)
            buf_addf(error, "%s:%zu: %s", path, why.line, why.message);
        else if (out->breaks_off) { /* a truncated list would unsubscribe the missing feeds */
            buf_addf(error, "%s:%zu: the list is truncated; expected </opml>", path,
                     out->breaks_off);
            opml_free(out);
            ok = false;
        }
    } else {
        buf_addf(error, "%s: expected a regular file of at most 64 MiB", path);
    }
    fclose(file);
    return ok;
}

enum { MAX_TOLD = 10 }; /* reported errors of one list; further ones are counted */

static bool is_one_of_values(const char *const values[4], const char *value)
{
    size_t i = 0;
    while (i < 4 && values[i] && strcasecmp(values[i], value) != 0)
        i++;
    return i < 4 && values[i];
}

/* Returns what is wrong with a listed feed and sets `expected`, or returns NULL. */
static const char *feed_fault(const struct opml_feed *feed, const char **expected)
{
    static const struct {
        const char *name, *fault, *expected, *values[4];
    } choices[] = {
        {"aggregator", "invalid storyd:aggregator", "yes or no", {"yes", "no"}},
        {"social", "invalid storyd:social", "yes or no", {"yes", "no"}},
        {"pages", "invalid storyd:pages", "off, events or all", {"off", "events", "all"}}};
    const char *why = fetch_refuses(feed->xml_url);
    *expected = "http://HOST/... or https://HOST/...";
    for (size_t i = 0; !why && i < feed->n_attributes; i++)
        for (size_t k = 0; k < sizeof choices / sizeof *choices; k++)
            if (!strcasecmp(feed->attributes[i].name, choices[k].name) &&
                !is_one_of_values(choices[k].values, feed->attributes[i].value)) {
                *expected = choices[k].expected;
                return choices[k].fault;
            }
    return why;
}

/* storyd -n: a feed that can never be polled is an error. */
static bool check_feeds(const char *path, const struct opml *list, struct buf *error)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n_feeds; i++) {
        const char *expected, *why = feed_fault(&list->feeds[i], &expected);
        if (why && n++ < MAX_TOLD)
            buf_addf(error, "%s%s:%zu: invalid feed: %s; expected %s", error->len ? "\n" : "", path,
                     list->feeds[i].line, why, expected);
    }
    if (n > MAX_TOLD)
        buf_addf(error, "\n%s: and %zu more", path, n - MAX_TOLD);
    return !n;
}

/* In the running daemon such a feed is only logged, each time the list is read. */
void list_warn(const char *path, const struct opml *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n_feeds; i++) {
        const char *expected, *why = feed_fault(&list->feeds[i], &expected);
        if (why && n++ < MAX_TOLD)
            log_line(LOG_WARNING, "feed_invalid", "invalid feed in the list", LOG_T("list", path),
                     LOG_N("line", list->feeds[i].line), LOG_T("error", why),
                     LOG_T("expected", expected));
    }
    if (n > MAX_TOLD)
        log_line(LOG_WARNING, "feeds_invalid",
                 "more invalid feeds in the list; storyd -n lists them", LOG_T("list", path),
                 LOG_N("feeds", n - MAX_TOLD));
}

bool list_is_awaited(const struct config *c)
{
    char path[CONFIG_MAX_PATH];
    return config_list_is_remote(c) && config_list_path(c, path) && access(path, F_OK);
}

bool list_check(const struct config *c, bool addresses, size_t *n_feeds, struct buf *error)
{
    struct opml list;
    char path[CONFIG_MAX_PATH];
    *n_feeds = 0;
    const char *refused = config_list_is_remote(c) ? fetch_refuses(c->feeds_list.text) : NULL;
    if (refused)
        buf_addf(error, "%s: the address can never be requested: %s; correct list in [feeds]",
                 c->feeds_list.where ? c->feeds_list.where : "list", refused);
    if (refused || list_is_awaited(c))
        return !refused;
    if (!config_list_path(c, path)) {
        buf_adds(error, "list: the path is too long; expected at most 4095 bytes");
        return false;
    }
    if (!list_read(path, &list, error))
        return false;
    bool ok = !addresses || check_feeds(path, &list, error);
    *n_feeds = list.n_feeds;
    opml_free(&list);
    return ok;
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* Whether a feed that is subscribed is in the list, by the address that is polled or listed. */
static bool is_in_list(const struct map *listed, const struct feed_record *sub)
{
    return map_get(listed, hash64(sub->url, strlen(sub->url), 0) | 1) ||
           (sub->listed && map_get(listed, hash64(sub->listed, strlen(sub->listed), 0) | 1));
}

static int look_for(const struct poll *p, uint64_t number, const struct map *listed,
                    size_t *subscribed, size_t *missing)
{
    const struct feed_state *f = map_get(&p->by_number, number);
    struct feed_record *loaded = NULL;
    int error = f ? 0 : subscription_load(ingest_store(p->ingest), number, &loaded);
    if (error)
        return error;
    const struct feed_record *sub = f ? f->sub : loaded;
    if (subscription_is_listed(sub)) {
        ++*subscribed;
        *missing += !is_in_list(listed, sub);
    }
    subscription_free(loaded);
    return 0;
}

int list_compare(const struct poll *p, const struct opml *list, size_t *subscribed, size_t *missing)
{
    static char here;
    struct map listed = {0};
    int error = 0;
    *subscribed = *missing = 0;
    for (size_t i = 0; i < list->n_feeds; i++)
        map_put(&listed, hash64(list->feeds[i].xml_url, strlen(list->feeds[i].xml_url), 0) | 1,
                &here);
    uint64_t feeds = store_number(ingest_store(p->ingest), "feeds");
    for (uint64_t number = 1; !error && number <= feeds; number++)
        error = look_for(p, number, &listed, subscribed, missing);
    map_free(&listed);
    return error;
}

/* ---- applying ------------------------------------------------------------------------------- */

void list_drop_feed(struct poll *p, struct feed_state *f)
{
    if (f->fetch) {
        fetch_cancel(f->fetch);
    }
    poll_end_request(f);
    hosts_leave(f->turn.host);
    document_drop(f);
    if (f->document)
        ingest_end(f->document);
    free(f->arrival.etag);
    free(f->arrival.last_modified);
    free(f->arrival.coding);
    free(f->arrival.url);
    free(f->arrival.broke);
    free(f->login);
    free(f->moved);
    free(f->older);
    free(f->link_hub);
    free(f->link_self);
    if (f->hub_fetch)
        fetch_cancel(f->hub_fetch);
    sched_remove(&p->queue, &f->entry);
    map_remove(&p->by_number, f->sub->number);
    subscription_free(f->sub);
    free(f);
}

/* When a newly listed feed is polled first. A feed that returns to the list is polled at once. */
static int64_t first_due(const struct poll *p, const struct feed_record *sub, int64_t now)
{
    int64_t longest = (p->config->poll_max_backoff.number / 1000) * 2 + 10 * 86400;
    if (sub->archive || sub->next_poll == 0 || sub->next_poll > now + longest)
        return now; /* reading archives, never polled, or planned by a wrong clock */
    return sub->next_poll;
}

/* Adopts title, groups, login and attributes (the feed's options) from the list. */
static void take_names(struct feed_state *f, const struct opml_feed *listed)
{
    struct feed_record *sub = f->sub;
    free(f->login);
    f->login = listed->login ? mem_str(listed->login) : NULL;
    free(sub->listed);
    sub->listed = mem_str(listed->xml_url);
    if (listed->title)
        subscription_set(&sub->title, listed->title);
    subscription_set(&sub->home, listed->html_url);
    subscription_set(&sub->group, listed->group);
    subscription_drop_attributes(sub);
    for (size_t i = 0; i < listed->n_attributes; i++)
        subscription_add_attribute(sub, listed->attributes[i].name, listed->attributes[i].value);
    subscription_set(&sub->lang, subscription_attribute(sub, "language"));
    if (*subscription_attribute(sub, "interval") && plan_own_interval(sub) < 0)
        log_line(LOG_WARNING, "feed_interval_invalid",
                 "invalid interval of a feed in the feed list", LOG_T("feed", sub->url),
                 LOG_T("interval", subscription_attribute(sub, "interval")),
                 LOG_T("expected", "90s, 30m, 24h or 7d"));
}

int list_take_feed(struct poll *p, const struct opml_feed *listed, int64_t now)
{
    struct feed_record *sub;
    int error = subscription_find(ingest_store(p->ingest), listed->xml_url, &sub);
    if (error)
        return error;
    struct feed_state *f = map_get(&p->by_number, sub->number);
    bool back = subscription_state(sub) == SUBSCRIPTION_REMOVED;
    if (f) {
        subscription_free(sub);
        if (f->listed && (f->login || listed->login) &&
            (!f->login || !listed->login || strcmp(f->login, listed->login) != 0))
            log_line(LOG_WARNING, "feed_logins_differ",
                     "a feed is listed twice with different logins; the first one is used",
                     LOG_T("feed", f->sub->url));
        if (f->listed &&
            (!strcmp(f->sub->listed, f->sub->url) || strcmp(listed->xml_url, f->sub->url)))
            return 0; /* listed twice: the first wins, or the one with its own address */
        f->listed = true;
        f->unsaved = true;
        take_names(f, listed);
        return 0;
    }
    f = mem_zero(sizeof *f);
    f->poll = p;
    f->sub = sub;
    take_names(f, listed);
    subscription_set_back(sub, now);
    if (back)
        subscription_become(sub, SUBSCRIPTION_NEW);
    if (!sub->added || back)
        sub->added = now;
    f->turn = (struct hosts_entry){.host = hosts_find(p->hosts, sub->url), .ask = p->ask};
    f->listed = true;
    f->fresh = (!sub->last_poll || back) && !sub->archive;
    f->entry.order = sub->number;
    MEM_GROW(p->feeds, p->n, p->cap);
    p->feeds[p->n++] = f;
    map_put(&p->by_number, sub->number, f);
    if (subscription_is_polled(sub))
        sched_put(&p->queue, &f->entry, first_due(p, sub, now));
    if (p->apart_engine)
        p->apart_engine->saved(p->apart_engine->arg, sub, f->login);
    return subscription_save(ingest_store(p->ingest), sub);
}

static int mark_removed(struct poll *p, uint64_t number)
{
    struct feed_record *sub;
    int error = subscription_load(ingest_store(p->ingest), number, &sub);
    if (error || !subscription_is_listed(sub) ||
        subscription_state(sub) == SUBSCRIPTION_SUBMITTED) {
        if (!error)
            subscription_free(sub);
        return error;
    }
    log_line(LOG_INFO, "feed_removed", "feed removed", LOG_T("feed", sub->url));
    subscription_become(sub, SUBSCRIPTION_REMOVED);
    error = subscription_save(ingest_store(p->ingest), sub);
    subscription_free(sub);
    return error;
}

int list_drop_unlisted(struct poll *p)
{
    size_t kept = 0;
    int error = 0;
    for (size_t i = 0; i < p->n; i++) {
        struct feed_state *f = p->feeds[i];
        if (f->listed) {
            p->feeds[kept++] = f;
            continue;
        }
        if (p->apart_engine)
            p->apart_engine->dropped(p->apart_engine->arg, f->sub->number);
        list_drop_feed(p, f);
    }
    p->n = kept;
    /* also feeds of earlier runs: the list may have changed while storyd was stopped */
    uint64_t feeds = store_number(ingest_store(p->ingest), "feeds");
    for (uint64_t number = 1; !error && number <= feeds; number++)
        if (!map_get(&p->by_number, number))
            error = mark_removed(p, number);
    return error;
}
