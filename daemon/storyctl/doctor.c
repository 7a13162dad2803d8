/* storyctl doctor: checks what storyd needs (its configuration, files, store, daemon, network) and
 * says what to do about what is wrong. Reads only; each check is a row of the table below. */
#include "base/clock.h"
#include "base/url.h"
#include "base/utf8.h"
#include "config.h"
#include "net/access.h"
#include "net/fetch.h"
#include "poll/feed_list.h"
#include "store/reader.h"
#include "store/readers.h"
#include "store/record.h"
#include "store/room.h"
#include "store/schema.h"
#include "storyctl/client.h"
#include "storyctl/command.h"
#include "storyctl/reach.h"
#include "storyctl/term.h"
#include "upkeep.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

static const char doctor_help[] =
    "usage: storyctl doctor [--config FILE] [--json]\n"
    "\n"
    "Checks the configuration, the permissions of files, the store, the disk, the daemon, the\n"
    "clock, name resolution, at most ten feeds of the list, and certificates, and says what to "
    "do.\n"
    "Exit status: 0 all is well, 1 there are warnings, 2 a check failed.\n"
    "\n"
    "  --config FILE   the configuration (default: /etc/storyd/storyd.conf)\n"
    "  --json          print JSON Lines\n";

enum doctor_result { FINE, WARNING, FAILED }; /* also the exit status */
enum { MAX_FOUND = 2000 };

struct doctor {
    const struct command_options *options;
    const char *check; /* the row that runs */
    enum doctor_result worst, row;
    struct config config;
    struct opml list;
    struct reached feeds[REACH_FEEDS];
    size_t n_feeds;
    uint64_t store_used; /* as the daemon knows it; 0: it does not answer */
};

/* ---- findings ------------------------------------------------------------------------------- */

/* Prints a finding of the check that runs. `advice`: what to do; "" if nothing. */
static void __attribute__((format(printf, 4, 5)))
found(struct doctor *d, enum doctor_result finding, const char *advice, const char *fmt, ...)
{
    static const char *const names[] = {[FINE] = "ok", [WARNING] = "warning", [FAILED] = "failed"};
    char text[MAX_FOUND];
    struct buf clean;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    buf_init(&clean, 4 * sizeof text);
    utf8_clean(&clean, text, strlen(text));
    d->row = finding > d->row ? finding : d->row;
    d->worst = finding > d->worst ? finding : d->worst;
    if (d->options->json) {
        json_t *o = json_pack("{s:s,s:s,s:s,s:s}", "check", d->check, "result", names[finding],
                              "found", buf_text(&clean), "advice", advice);
        json_dumpf(o, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
        putchar('\n');
        json_decref(o);
    } else {
        printf("%-14s %-8s ", d->check, names[finding]);
        term_print(stdout, buf_text(&clean));
        if (*advice)
            printf("\n%24s%s", "", advice);
        putchar('\n');
    }
    buf_free(&clean);
    fflush(stdout); /* the next check may take its time */
}

/* ---- configuration and files ---------------------------------------------------------------- */

/* Returns false if it cannot be read: then there is nothing else to check. */
static bool check_config(struct doctor *d)
{
    struct buf error;
    struct access *access = NULL;
    buf_init(&error, MAX_FOUND);
    bool read = config_read(d->options->config, NULL, &d->config, &error);
    if (read && config_check(d->options->config, &d->config, &error))
        access = access_new(&d->config, &error); /* reads the tokens */
    if (access)
        found(d, FINE, "", "%s", d->options->config);
    else
        found(d, FAILED, "correct it (`storyd -n` checks it), or run this as root", "%s",
              buf_text(&error));
    access_free(access);
    buf_free(&error);
    return read;
}

static void check_list(struct doctor *d)
{
    char path[CONFIG_MAX_PATH];
    struct buf error;
    size_t n;
    buf_init(&error, MAX_FOUND);
    if (list_is_awaited(&d->config))
        found(d, WARNING, "start storyd, which requests it; see its log", "%s: not read yet",
              d->config.feeds_list.text);
    else if (!config_list_path(&d->config, path) || !list_read(path, &d->list, &error))
        found(d, FAILED, "correct it; `storyd -n` checks it", "%s", buf_text(&error));
    else if (!list_check(&d->config, true, &n, &error))
        found(d, WARNING, "these feeds are not polled; correct their addresses", "%s",
              buf_text(&error));
    else if (!d->list.n_feeds)
        found(d, WARNING, "add feeds: `storyctl feeds add URL`", "%s: no feeds", path);
    else
        found(d, FINE, "", "%s: %zu feeds", path, d->list.n_feeds);
    buf_free(&error);
}

static void check_secret_file(struct doctor *d, const char *path, bool has_secret, const char *what)
{
    struct stat st;
    if (has_secret && *path && !stat(path, &st) && st.st_mode & S_IROTH)
        found(d, FAILED, "close it to others: chmod o= FILE; then replace the secret",
              "%s contains %s and is world-readable", path, what);
}

static bool has_login(const char *address)
{
    char *login;
    free(url_without_login(address, &login));
    free(login);
    return login != NULL;
}

/* config_check() has refused a login_file that is world-readable. */
static void check_secrets(struct doctor *d)
{
    const struct config *c = &d->config;
    bool in_config = has_login(c->poll_proxy.text) || has_login(c->enrich_url.text),
         in_list = false;
    for (size_t i = 0; i < c->n_alerts; i++) {
        check_secret_file(d, c->alerts[i].webhook_secret.text, true, "a key for signing alerts");
        in_config |= has_login(c->alerts[i].webhook.text);
    }
    for (size_t i = 0; i < c->n_publishers; i++)
        check_secret_file(d, c->publishers[i].token.text, true, "a token");
    for (size_t i = 0; i < d->list.n_feeds; i++)
        in_list |= d->list.feeds[i].login != NULL;
    check_secret_file(d, d->options->config, in_config, "a login");
    check_secret_file(d, c->feeds_list.text, in_list, "logins of feeds");
    check_secret_file(d, c->http_read_token.text, true, "a token");
    check_secret_file(d, c->http_write_token.text, true, "a token");
    check_secret_file(d, c->enrich_key.text, true, "the key of the model");
}

/* Returns whether the file is there. `name` "": the folder itself. */
static bool check_mode(struct doctor *d, const char *name, mode_t most, uid_t owner)
{
    char path[4096];
    struct stat st;
    snprintf(path, sizeof path, "%s%s%s", d->config.store_path.text, *name ? "/" : "", name);
    if (stat(path, &st)) {
        if (errno != ENOENT)
            found(d, FAILED, "run this as root, or as a member of the group storyd", "%s: %s", path,
                  strerror(errno));
        return false;
    }
    if (*name && st.st_uid != owner)
        found(d, FAILED, "another user has run storyd: stop it and chown the files to one user",
              "%s belongs to user %u, its folder to user %u", path, st.st_uid, owner);
    if (st.st_mode & 0777 & ~most)
        found(d, FAILED, "restart storyd, which sets the modes",
              "%s has mode %04o; expected at most %04o", path, st.st_mode & 0777, most);
    return true;
}

static void check_permissions(struct doctor *d)
{
    struct stat st;
    check_secrets(d);
    if (check_mode(d, "", STORE_DIR_MODE | S_IROTH | S_IXOTH, 0) &&
        !stat(d->config.store_path.text, &st)) {
        check_mode(d, "data.mdb", STORE_DATA_MODE, st.st_uid);
        check_mode(d, "lock.mdb", STORE_LOCK_MODE, st.st_uid);
    }
    if (d->row == FINE)
        found(d, FINE, "", "the store and files with secrets are closed to others");
}

/* ---- daemon, store and disk ----------------------------------------------------------------- */

static void check_daemon(struct doctor *d)
{
    const struct config *c = &d->config;
    char path[4096];
    struct buf error;
    json_t *health;
    if (!strcmp(c->http_socket.text, "none")) {
        found(d, WARNING, "set socket in [http], or look at /healthz yourself",
              "not checked: storyd has no Unix socket");
        return;
    }
    snprintf(path, sizeof path, "%s%s",
             *c->http_socket.text ? c->http_socket.text : c->store_path.text,
             *c->http_socket.text ? "" : "/storyd.sock");
    buf_init(&error, 1024);
    int status = client_request(path, "/api/v1/health", NULL, &health, &error);
    if (status == 200)
        d->store_used = record_number(health, "store_used");
    if (status < 0)
        found(d, FAILED, "start storyd; if it runs, see that you are in its group", "%s",
              buf_text(&error));
    else if (status != 200)
        found(d, FAILED, "see the log of storyd", "%s: HTTP status %d", path, status);
    else if (strcmp(record_text(health, "status"), "ok") != 0)
        found(d, FAILED, "raise max_size in [store] and reload, or free disk space",
              "the store is full; nothing is polled");
    else
        found(d, FINE, "", "storyd %s runs and polls %" PRIu64 " feeds",
              record_text(health, "version"), record_number(health, "feeds"));
    json_decref(health);
    buf_free(&error);
}

/* Views that prevent the reuse of space: of a process that is stopped or was killed. */
static void check_views(struct doctor *d, story_db *db)
{
    enum { MANY = 100 }; /* commits */
    struct readers_view all[READERS_MOST];
    size_t n;
    if (reader_views(db, all, READERS_MOST, &n))
        n = 0;
    for (size_t i = 0; i < n; i++)
        if (kill((pid_t)all[i].pid, 0) && errno == ESRCH)
            found(d, WARNING, "storyd frees it within ten seconds; start it",
                  "process %" PRId64 " has ended and left a view open", all[i].pid);
        else if (all[i].behind > MANY)
            found(d, WARNING, "let that process continue, or end it",
                  "process %" PRId64 " holds a view that is %" PRIu64
                  " commits old: freed space cannot be reused",
                  all[i].pid, all[i].behind);
}

static int percent_of(uint64_t used, uint64_t size)
{
    return size ? (int)((double)used * 100 / (double)size) : 0;
}

/* Of a stopped store only the size of its file is known, of which parts may be unused. */
static void check_store(struct doctor *d)
{
    const char *path = d->config.store_path.text;
    const uint64_t most = (uint64_t)d->config.store_max_size.number;
    story_db *db;
    story_view *view;
    char file[4096];
    struct stat st;
    uint64_t schema = 0, seq = 0;
    int error = story_open(path, &db);
    if (!error && !(error = story_view_begin(db, &view))) {
        schema = reader_number(view, "schema");
        seq = story_last_seq(view);
        story_view_end(view);
    }
    if (error == STORY_NO_STORE) {
        found(d, WARNING, "storyd creates it when it first starts", "%s: there is no store", path);
        return;
    }
    if (error) {
        found(d, FAILED, "`storyctl check` examines the store; see the log of storyd", "%s: %s",
              path, story_strerror(error));
        story_close(db);
        return;
    }
    check_views(d, db);
    story_close(db);
    snprintf(file, sizeof file, "%s/data.mdb", path);
    const uint64_t used = d->store_used     ? d->store_used
                          : stat(file, &st) ? 0
                                            : (uint64_t)st.st_size;
    const int fill = percent_of(used, most);
    found(d, fill >= UPKEEP_FILLING ? WARNING : FINE,
          fill >= UPKEEP_FILLING ? "raise max_size in [store] and reload" : "",
          "%s: version %" PRIu64 ", %" PRIu64 " changes, %d %% of max_size", path, schema, seq,
          fill);
}

static void check_disk(struct doctor *d)
{
    const char *path = d->config.store_path.text;
    uint64_t used, size;
    int error = room_of_disk(path, &used, &size);
    if (error) {
        found(d, WARNING, "see that the folder is there and can be read", "%s: %s", path,
              strerror(error));
        return;
    }
    const bool full = size - used < ROOM_BYTES, filling = percent_of(used, size) >= UPKEEP_FILLING;
    found(d,
          full      ? FAILED
          : filling ? WARNING
                    : FINE,
          full      ? "free disk space: storyd does not poll without"
          : filling ? "free disk space before it is full"
                    : "",
          "%s: %d %% used, %" PRIu64 " MiB free", path, percent_of(used, size),
          (size - used) >> 20);
}

/* ---- the network ---------------------------------------------------------------------------- */

static void check_names(struct doctor *d)
{
    size_t failed = 0;
    if (*d->config.poll_proxy.text) {
        found(d, FINE, "", "names are resolved by the proxy");
        return;
    }
    reach_resolve(d->feeds, d->n_feeds);
    for (size_t i = 0; i < d->n_feeds; i++)
        failed += d->feeds[i].unresolved != NULL;
    const enum doctor_result finding = failed == d->n_feeds ? FAILED : WARNING;
    for (size_t i = 0; i < d->n_feeds; i++)
        if (d->feeds[i].unresolved)
            found(d, finding,
                  finding == FAILED ? "no name is resolved: see /etc/resolv.conf"
                                    : "look for a new address of the feed",
                  "%s: %s", d->feeds[i].host, d->feeds[i].unresolved);
    if (!failed)
        found(d, FINE, "", "%zu names resolved", d->n_feeds);
}

static void check_feeds_of_list(struct doctor *d)
{
    size_t failed = 0;
    reach_request(d->feeds, d->n_feeds, &d->config);
    for (size_t i = 0; i < d->n_feeds; i++)
        failed += *d->feeds[i].error != 0;
    const enum doctor_result finding = failed == d->n_feeds ? FAILED : WARNING;
    for (size_t i = 0; i < d->n_feeds; i++)
        if (*d->feeds[i].error)
            found(d, finding,
                  finding == FAILED
                      ? "no feed answers: see the network, the proxy and the firewall"
                      : "open the address in a browser; correct it, or remove the feed",
                  "%s: %s", d->feeds[i].feed->xml_url, d->feeds[i].error);
    if (!failed || failed < d->n_feeds)
        found(d, FINE, "", "%zu of %zu feeds answer", d->n_feeds - failed, d->n_feeds);
}

static void check_certificates(struct doctor *d)
{
    enum { SOON = 7 * 86400 };
    const char *file = *d->config.poll_ca_file.text ? d->config.poll_ca_file.text : fetch_ca_file();
    const int64_t now = wall_clock();
    if (access(file, R_OK))
        found(d, FAILED, "install ca-certificates, or correct ca_file in [poll]", "%s: %s", file,
              strerror(errno));
    for (size_t i = 0; i < d->n_feeds; i++) {
        const int64_t left = d->feeds[i].certificate_end - now;
        if (d->feeds[i].certificate_end && left < SOON)
            found(d, WARNING, "if it is not renewed, polls of the feed will fail",
                  "the certificate of %s expires in %" PRId64 " hours", d->feeds[i].host,
                  left / 3600);
    }
    if (d->row == FINE)
        found(d, FINE, "", "%s", file);
}

/* Of the servers that tell the time, the one that differs least: others may be wrong themselves. */
static bool least_difference(const struct doctor *d, int64_t *out)
{
    bool any = false;
    for (size_t i = 0; i < d->n_feeds; i++) {
        const struct reached *r = &d->feeds[i];
        if (r->has_clock && (!any || llabs(r->clock) < llabs(*out)))
            *out = r->clock;
        any |= r->has_clock;
    }
    return any;
}

static void check_clock(struct doctor *d)
{
    enum { RELEASED = 1767225600 /* 2026-01-01 */, TOLERATED = 60 };
    static const char advice[] = "set the clock and run NTP: systemd-timesyncd or chrony";
    struct timex t = {0};
    int64_t off = 0;
    const bool synchronized = adjtimex(&t) >= 0 && !(t.status & STA_UNSYNC);
    if (wall_clock() < RELEASED)
        found(d, FAILED, advice, "the clock is before 2026");
    else if (least_difference(d, &off) && llabs(off) > TOLERATED)
        found(d, FAILED, advice, "the clock differs by %" PRId64 " s from those of servers",
              (int64_t)llabs(off));
    else if (!synchronized)
        found(d, WARNING, advice, "the clock is not synchronized");
    else
        found(d, FINE, "", "synchronized");
}

/* ---- the command ---------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*run)(struct doctor *d);
} checks[] = {
    {"feed list", check_list},      {"permissions", check_permissions},
    {"daemon", check_daemon},       {"store", check_store},
    {"disk", check_disk},           {"DNS", check_names},
    {"feeds", check_feeds_of_list}, {"certificates", check_certificates},
    {"clock", check_clock}, /* after the feeds' servers have told the time */
};

int doctor_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_options(argc, argv, "cj", 0, doctor_help, &o, &status))
        return status;
    struct doctor d = {.options = &o, .check = "configuration"};
    if (!o.json)
        puts("CHECK          RESULT   FOUND, WHAT TO DO");
    if (!check_config(&d))
        return d.worst;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        d.check = checks[i].name;
        d.row = FINE;
        checks[i].run(&d);
        if (checks[i].run == check_list)
            d.n_feeds = reach_choose(&d.list, d.feeds);
    }
    reach_free(d.feeds, d.n_feeds);
    opml_free(&d.list);
    config_free(&d.config);
    return d.worst;
}
