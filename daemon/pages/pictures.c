/* A request at a time and host: robots.txt if it is due, the picture, then the process that scales
 * it, one at a time. What is known of each address, also that it failed, is in memory; scaled
 * pictures are files, named after their key and written again at need. */
#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS */
#include "pages/pictures.h"

#include "article/limits.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/url.h"
#include "config.h"
#include "file.h"
#include "ingest/ingest.h"
#include "ingest/site.h"
#include "log.h"
#include "must.h"
#include "net/fetch.h"
#include "poll/outgoing.h"
#include "poll/poll.h"
#include "poll/when.h"
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    AT_ONCE = 4,        /* requests under way, all hosts together */
    MAX_WAITING = 1000, /* beyond it none is queued: the next look at the event does */
    MAX_KNOWN = 20000,  /* addresses */
    MAX_HOSTS = 1000,   /* whose robots.txt is remembered */
    MAX_REDIRECTS = 5,  /* to other hosts */
    ARTICLES = 4,       /* of an event, that are looked at besides the lead */
    KEEP = 7 * 86400,   /* seconds; then a picture is fetched again, if it is still wanted */
    FORGIVE = 6 * 3600, /* seconds after a failure */
    BUSY_PAUSE = 600,   /* seconds, after 429 or 503 without Retry-After */
    LONGEST_PAUSE = 86400,
    SECONDS_TO_SHRINK = 10,
    LEAST_TO_TELL = 16, /* bytes, of which the type of a picture is known */
};
static const uint64_t MAX_BYTES = 256 << 20; /* on the disk */

/* What is known of an address. */
struct picture {
    uint64_t key;
    enum { WAITING, THERE, FAILED } state;
    int64_t since; /* when it came or failed */
    size_t bytes;  /* on the disk */
};

struct picture_host {
    struct site *site; /* as stored; robots.txt that is read here is not stored */
    bool busy;         /* a request to it is under way; at most one at a time */
};

/* A picture on its way. */
struct picture_request {
    struct hosts_entry turn; /* first member, for casts */
    struct pictures *of;
    struct picture *picture;
    enum { QUEUED, ASKING_ROBOTS, ASKING, ENDED, FETCHED, SHRINKING } step;
    struct picture_host *host; /* while it is busy with this request */
    char *url;
    unsigned redirects;
    struct outgoing *fetch;
    struct buf body;
    bool for_robots;     /* what ended */
    char *redirect;      /* to another host */
    const char *refused; /* why we aborted it, a constant; or NULL */
    char *error;
    long status;
    int64_t retry_after;
    int output; /* of the process */
    struct picture_request *next;
};

struct pictures {
    struct event_base *base;
    struct ingest *ingest;
    struct poll *poll;
    const struct config *config;
    char *folder;
    struct runner *runner;
    struct event *timer;
    struct map known, hosts; /* -> struct picture, struct picture_host */
    struct picture_request *first;
    struct pictures_facts facts;
};

static const char elsewhere[] = "a redirect to another host", too_large[] = "too large",
                  is_no_picture[] = "no JPEG, PNG, WebP or GIF",
                  is_forbidden[] = "forbidden by robots.txt";

static void wake_pictures(struct pictures *p)
{
    const struct timeval at_once = {0, 0};
    evtimer_add(p->timer, &at_once);
}

/* ---- what is kept --------------------------------------------------------------------------- */

/* A feed chooses the addresses, so that they must not be made to share a key. */
static uint64_t picture_key(const char *url)
{
    unsigned char hash[EVP_MAX_MD_SIZE] = {0};
    uint64_t key = 0;
    EVP_Digest(url, strlen(url), hash, NULL, EVP_sha256(), NULL);
    for (size_t i = 0; i < sizeof key; i++)
        key = key << 8 | hash[i];
    return key | 1;
}

static void picture_path(const struct pictures *p, uint64_t key, struct buf *path)
{
    buf_init(path, 4096);
    buf_addf(path, "%s/%016" PRIx64, p->folder, key);
}

static void delete_file(struct pictures *p, struct picture *picture)
{
    struct buf path;
    if (picture->state != THERE)
        return;
    picture_path(p, picture->key, &path);
    unlink(buf_text(&path));
    buf_free(&path);
    p->facts.kept--;
    p->facts.bytes -= picture->bytes;
    picture->bytes = 0;
}

static void drop_picture(struct pictures *p, struct picture *picture)
{
    delete_file(p, picture);
    map_remove(&p->known, picture->key);
    free(picture);
}

/* The one that came or failed first. */
static struct picture *oldest_picture(const struct pictures *p)
{
    struct picture *oldest = NULL;
    for (size_t i = 0; i < p->known.slots; i++) {
        struct picture *picture = p->known.v[i].value;
        if (picture && picture->state != WAITING && (!oldest || picture->since < oldest->since))
            oldest = picture;
    }
    return oldest;
}

static struct picture *know_picture(struct pictures *p, uint64_t key)
{
    struct picture *oldest;
    while ((p->known.n >= MAX_KNOWN || p->facts.bytes > MAX_BYTES) && (oldest = oldest_picture(p)))
        drop_picture(p, oldest);
    struct picture *picture = mem_zero(sizeof *picture);
    picture->key = key;
    map_put(&p->known, key, picture);
    return picture;
}

static void settle_picture(struct pictures *p, struct picture *picture, size_t bytes)
{
    picture->state = bytes ? THERE : FAILED;
    picture->since = wall_clock();
    picture->bytes = bytes;
    p->facts.kept += bytes > 0;
    p->facts.bytes += bytes;
}

static bool is_old(const struct picture *picture, int64_t now)
{
    int64_t age = now - picture->since;
    return picture->state != WAITING &&
           (age < 0 || age > (picture->state == THERE ? KEEP : FORGIVE));
}

void pictures_tick(struct pictures *p, int64_t now)
{
    for (size_t i = 0; i < p->known.slots;) {
        struct picture *picture = p->known.v[i].value;
        if (picture && is_old(picture, now))
            drop_picture(p, picture); /* another one may have moved to this slot */
        else
            i++;
    }
}

static void load_pictures(struct pictures *p)
{
    const struct dirent *entry;
    struct stat st;
    DIR *dir = opendir(p->folder);
    while (dir && (entry = readdir(dir))) {
        char *end;
        uint64_t key = strtoull(entry->d_name, &end, 16);
        if (strlen(entry->d_name) != 16 || *end || !key || map_get(&p->known, key) ||
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
            continue;
        struct picture *picture = know_picture(p, key);
        settle_picture(p, picture, st.st_size > 0 ? (size_t)st.st_size : 1);
        picture->since = st.st_mtime;
    }
    if (dir)
        closedir(dir);
}

bool pictures_read(struct pictures *p, uint64_t key, enum shrink_size size, struct buf *out)
{
    struct picture *picture = map_get(&p->known, key);
    struct buf path;
    const char *part;
    size_t n, length;
    if (!picture || picture->state != THERE || is_old(picture, wall_clock()))
        return false;
    picture_path(p, key, &path);
    char *bytes = file_read(buf_text(&path), SHRINK_MAX_OUT, &n);
    bool ok = bytes && shrink_part(bytes, n, size, &part, &length) && buf_add(out, part, length);
    if (!ok)
        drop_picture(p, picture); /* cut by a crash, or deleted by somebody else */
    free(bytes);
    buf_free(&path);
    return ok;
}

static bool write_picture(const struct pictures *p, uint64_t key, const char *bytes, size_t n)
{
    struct buf path;
    picture_path(p, key, &path);
    mkdir(p->folder, 0700);
    FILE *f = fopen(buf_text(&path), "we");
    bool ok = f && fwrite(bytes, 1, n, f) == n;
    if (f && fclose(f))
        ok = false;
    if (!ok)
        unlink(buf_text(&path));
    buf_free(&path);
    return ok;
}

/* ---- requests ------------------------------------------------------------------------------- */

static void end_turn(struct picture_request *r)
{
    poll_end_turn(r->of->poll, &r->turn);
    if (r->host)
        r->host->busy = false;
    r->host = NULL;
}

static void free_request(struct picture_request *r)
{
    struct picture_request **at = &r->of->first;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    if (r->fetch)
        outgoing_cancel(r->fetch);
    end_turn(r);
    if (r->output >= 0)
        close(r->output);
    buf_free(&r->body);
    free(r->url);
    free(r->redirect);
    free(r->error);
    free(r);
}

static void fail_picture(struct picture_request *r, const char *why)
{
    struct pictures *p = r->of;
    log_line(LOG_DEBUG, "picture_refused", "picture not shown", LOG_T("url", r->url),
             LOG_T("why", why));
    p->facts.refused++;
    settle_picture(p, r->picture, 0);
    free_request(r);
}

/* NULL: the address has no host that could be asked. */
static struct picture_host *host_of(struct pictures *p, const char *url)
{
    char name[SITE_MAX_HOST];
    if (fetch_refuses(url) || !site_host(url, name))
        return NULL;
    uint64_t key = picture_key(name);
    struct picture_host *host = map_get(&p->hosts, key);
    if (host)
        return host;
    for (size_t i = 0; p->hosts.n >= MAX_HOSTS && i < p->hosts.slots;) {
        struct picture_host *idle = p->hosts.v[i].value;
        if (!idle || idle->busy) {
            i++;
            continue;
        }
        map_remove(&p->hosts, p->hosts.v[i].key);
        site_free(idle->site);
        free(idle);
    }
    struct site *site = NULL;
    if (site_load(ingest_store(p->ingest), name, &site))
        return NULL;
    host = mem_zero(sizeof *host);
    host->site = site;
    map_put(&p->hosts, key, host);
    return host;
}

static const char *take_picture(void *arg, const struct fetch_answer *head, const char *bytes,
                                size_t n)
{
    struct picture_request *r = arg;
    if (!fetch_is_document(head->status))
        return NULL;
    if (!buf_add(&r->body, bytes, n))
        r->refused = too_large;
    else if (r->step == ASKING && r->body.len >= LEAST_TO_TELL &&
             !shrink_knows(buf_text(&r->body), r->body.len))
        r->refused = is_no_picture;
    return r->refused;
}

/* To another host, the request is aborted and begins again there: with its robots.txt. */
static const char *may_redirect(void *arg, const char *url)
{
    struct picture_request *r = arg;
    char host[SITE_MAX_HOST];
    if (r->step == ASKING_ROBOTS)
        return NULL;
    if (!site_host(url, host) || strcmp(host, r->host->site->host) != 0) {
        r->redirect = mem_str(url);
        r->refused = elsewhere;
    } else if (r->host->site->robots && !robots_allow(r->host->site->robots, url)) {
        r->refused = is_forbidden;
    }
    return r->refused;
}

/* Processed later, from the timer, outside the callback of the request. */
static void on_picture_answer(void *arg, const struct fetch_answer *a)
{
    struct picture_request *r = arg;
    r->fetch = NULL;
    r->for_robots = r->step == ASKING_ROBOTS;
    r->step = ENDED;
    r->status = a->status;
    free(r->error);
    r->error = a->error ? mem_str(a->error) : NULL;
    r->retry_after = when_retry_after(a->header[FETCH_RETRY_AFTER], wall_clock());
    wake_pictures(r->of);
}

static void on_picture_turn(struct hosts_entry *turn)
{
    struct picture_request *r = (struct picture_request *)turn;
    bool robots = r->step == ASKING_ROBOTS;
    char *url = robots ? url_resolve(r->url, "/robots.txt") : mem_str(r->url);
    struct fetch_request request = outgoing_request(r->of->poll, url);
    request.accept =
        robots ? "text/plain, */*;q=0.1" : "image/webp, image/jpeg, image/png, image/gif;q=0.5";
    const struct fetch_client client = {
        .take = take_picture, .done = on_picture_answer, .arg = r, .may = may_redirect};
    r->of->facts.requests += !robots;
    r->fetch = outgoing_start(r->of->poll, &request, &client);
    free(url);
    if (!r->fetch)
        on_picture_answer(r, &(struct fetch_answer){.error = "invalid address"});
}

static void ask_host(struct picture_request *r, struct picture_host *host, bool robots)
{
    enum { LONGEST = 600000 };
    int64_t pause = host->site->robots ? robots_delay(host->site->robots) : -1;
    r->step = robots ? ASKING_ROBOTS : ASKING;
    r->host = host;
    host->busy = true;
    r->refused = NULL;
    buf_free(&r->body);
    buf_init(&r->body, robots ? ROBOTS_MAX_BYTES : SHRINK_MAX_BYTES);
    poll_wait_turn(r->of->poll, &r->turn, r->url, pause < LONGEST ? pause : LONGEST);
}

/* Begins or ends a queued request. Returns false if its host is busy. */
static bool begin_picture(struct picture_request *r)
{
    struct picture_host *host = host_of(r->of, r->url);
    int64_t now = wall_clock();
    if (host && host->busy)
        return false;
    if (!host)
        fail_picture(r, "no address that may be asked");
    else if (host->site->not_before > now && host->site->not_before <= now + LONGEST_PAUSE)
        fail_picture(r, "the server asked for a pause");
    else if (site_is_due(host->site, now))
        ask_host(r, host, true);
    else if (host->site->unreachable)
        fail_picture(r, "robots.txt cannot be read");
    else if (host->site->robots && !robots_allow(host->site->robots, r->url))
        fail_picture(r, is_forbidden);
    else
        ask_host(r, host, false);
    return true;
}

static void take_robots_answer(struct picture_request *r)
{
    bool whole = !r->error || r->refused == too_large,
         there = whole && fetch_is_document(r->status);
    site_take_robots(r->host->site, whole ? r->status : 0, there ? buf_text(&r->body) : NULL,
                     r->body.len, wall_clock());
    end_turn(r);
    r->step = QUEUED;
}

static void take_picture_answer(struct picture_request *r)
{
    struct site *site = r->host->site;
    int64_t pause = r->retry_after > 0 ? r->retry_after : BUSY_PAUSE;
    if (!r->error && (r->status == 429 || r->status == 503))
        site->not_before = wall_clock() + (pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE);
    end_turn(r);
    if (r->redirect && r->redirects++ < MAX_REDIRECTS) {
        free(r->url);
        r->url = r->redirect;
        r->redirect = NULL;
        r->step = QUEUED;
    } else if (r->refused || r->error) {
        fail_picture(r, r->refused ? r->refused : r->error);
    } else if (!fetch_is_document(r->status)) {
        fail_picture(r, "there is none at the address");
    } else if (!shrink_knows(buf_text(&r->body), r->body.len)) {
        fail_picture(r, is_no_picture);
    } else {
        r->step = FETCHED;
    }
}

/* ---- scaling -------------------------------------------------------------------------------- */

/* A file in memory that cannot grow: the process cannot write more than it has room for. */
static int output_file(void)
{
    int fd = memfd_create("storyd-picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && (ftruncate(fd, SHRINK_MAX_OUT) ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void on_shrunk(void *arg, const char *error)
{
    struct picture_request *r = arg;
    struct pictures *p = r->of;
    const char *part;
    size_t length;
    char *bytes = mem_alloc(SHRINK_MAX_OUT);
    const char *why = error;
    if (!why && (pread(r->output, bytes, SHRINK_MAX_OUT, 0) != SHRINK_MAX_OUT ||
                 !shrink_part(bytes, SHRINK_MAX_OUT, SHRINK_PICTURE, &part, &length)))
        why = "it cannot be scaled";
    size_t n = why ? 0 : (size_t)(part + length - bytes);
    if (!why && !write_picture(p, r->picture->key, bytes, n))
        why = "it cannot be written";
    if (why) {
        fail_picture(r, why);
    } else {
        settle_picture(p, r->picture, n);
        free_request(r);
    }
    free(bytes);
    wake_pictures(p);
}

static void begin_shrinking(struct picture_request *r)
{
    static char self[] = "/proc/self/exe", option[] = "--shrink-picture";
    char *const argv[] = {self, option, NULL};
    r->output = output_file();
    const struct run_program program = {.argv = argv,
                                        .input = buf_text(&r->body),
                                        .n = r->body.len,
                                        .output = r->output,
                                        .seconds = SECONDS_TO_SHRINK};
    int error = r->output < 0 ? errno : run_start(r->of->runner, &program, on_shrunk, r);
    if (error) {
        fail_picture(r, strerror(error));
        return;
    }
    r->step = SHRINKING;
    buf_free(&r->body);
}

/* ---- the next step -------------------------------------------------------------------------- */

static size_t count_steps(const struct pictures *p, int from, int to)
{
    size_t n = 0;
    for (const struct picture_request *r = p->first; r; r = r->next)
        n += (int)r->step >= from && (int)r->step <= to;
    return n;
}

/* Does one thing. Returns false when there is nothing to do now. */
static bool next_step(struct pictures *p)
{
    bool shrinks = count_steps(p, SHRINKING, SHRINKING),
         full = count_steps(p, ASKING_ROBOTS, FETCHED) >= AT_ONCE;
    for (struct picture_request *r = p->first; r; r = r->next) {
        if (r->step == ENDED && r->for_robots)
            take_robots_answer(r);
        else if (r->step == ENDED)
            take_picture_answer(r);
        else if (r->step == FETCHED && !shrinks)
            begin_shrinking(r);
        else if (r->step != QUEUED || full || !begin_picture(r))
            continue;
        return true;
    }
    return false;
}

static void on_picture_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct pictures *p = arg;
    if (!ingest_is_committing(p->ingest) && next_step(p))
        wake_pictures(p);
}

void pictures_go_on(struct pictures *p)
{
    if (p->first)
        wake_pictures(p);
}

static bool shows_pictures(const struct pictures *p)
{
    return p->config->http_images.number;
}

/* The state of the picture at an address; queues a request for it if it is not known. */
static struct picture *ask_picture(struct pictures *p, const char *url)
{
    uint64_t key = picture_key(url);
    struct picture *picture = map_get(&p->known, key);
    if (picture && is_old(picture, wall_clock())) {
        drop_picture(p, picture);
        picture = NULL;
    }
    if (picture || count_steps(p, QUEUED, SHRINKING) >= MAX_WAITING)
        return picture;
    struct picture_request *r = mem_zero(sizeof *r), **at = &p->first;
    r->turn.ask = on_picture_turn;
    r->of = p;
    r->picture = picture = know_picture(p, key);
    r->url = mem_str(url);
    r->output = -1;
    while (*at)
        at = &(*at)->next;
    *at = r;
    wake_pictures(p);
    return picture;
}

/* True: the search for an event's picture ends here. */
static bool look_at(struct pictures *p, const struct story_entry *article,
                    struct event_picture *out)
{
    char url[ARTICLE_MAX_IMAGE + 1];
    if (story_text(article, "image", url, sizeof url) || !*url)
        return false;
    const struct picture *picture = ask_picture(p, url);
    if (picture && picture->state == THERE)
        *out = (struct event_picture){picture->key, article->number};
    return !picture || picture->state != FAILED;
}

struct event_picture pictures_of(struct pictures *p, story_view *view,
                                 const struct event_record *event)
{
    struct event_picture out = {0, 0};
    struct story_entry e;
    story_list *list;
    if (!p || !shows_pictures(p) ||
        (!story_article(view, event->lead, &e) && look_at(p, &e, &out)) ||
        story_articles_of(view, event->number, &list))
        return out;
    for (size_t i = 0; i < ARTICLES && !story_next(list, &e); i++)
        if (e.number != event->lead && look_at(p, &e, &out))
            break;
    story_list_free(list);
    return out;
}

void pictures_event(struct pictures *p, story_db *db, const struct event_record *event)
{
    story_view *view;
    if (!shows_pictures(p) || event->source_count < 2 || strcmp(event->status, "open") != 0 ||
        story_view_begin(db, &view))
        return;
    pictures_of(p, view, event);
    story_view_end(view);
}

/* ---- start and stop ------------------------------------------------------------------------- */

static void stop_pictures(struct pictures *p)
{
    runner_free(p->runner);
    p->runner = NULL;
    while (p->first)
        free_request(p->first);
}

void pictures_clear(struct pictures *p)
{
    stop_pictures(p);
    p->runner = runner_new(p->base);
    for (size_t i = 0; i < p->known.slots; i++)
        if (p->known.v[i].value) {
            delete_file(p, p->known.v[i].value);
            free(p->known.v[i].value);
        }
    map_free(&p->known);
}

void pictures_look(struct pictures *p)
{
    if (!shows_pictures(p) && p->known.n)
        pictures_clear(p);
}

struct pictures_facts pictures_facts(const struct pictures *p)
{
    struct pictures_facts f = p->facts;
    f.waiting = count_steps(p, QUEUED, SHRINKING);
    return f;
}

struct pictures *pictures_new(struct event_base *base, struct ingest *ingest, struct poll *poll,
                              const struct config *config)
{
    struct pictures *p = mem_zero(sizeof *p);
    struct buf folder;
    buf_init(&folder, 4096);
    buf_addf(&folder, "%s/pictures", config->store_path.text);
    p->folder = buf_take(&folder);
    p->base = base;
    p->ingest = ingest;
    p->poll = poll;
    p->config = config;
    p->runner = runner_new(base);
    p->timer = must_event(evtimer_new(base, on_picture_timer, p));
    load_pictures(p);
    pictures_tick(p, wall_clock());
    pictures_look(p);
    return p;
}

void pictures_free(struct pictures *p)
{
    if (!p)
        return;
    stop_pictures(p);
    for (size_t i = 0; i < p->known.slots; i++)
        free(p->known.v[i].value);
    for (size_t i = 0; i < p->hosts.slots; i++)
        if (p->hosts.v[i].value) {
            site_free(((struct picture_host *)p->hosts.v[i].value)->site);
            free(p->hosts.v[i].value);
        }
    map_free(&p->known);
    map_free(&p->hosts);
    event_free(p->timer);
    free(p->folder);
    free(p);
}
