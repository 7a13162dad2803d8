#include "store/check.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/record.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <lmdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the articles say of an event, against which its record is held. */
struct tally {
    uint64_t articles;
    struct map domains; /* hash -> how many articles, as a pointer */
    struct map reports; /* those with an article that copies none */
};

struct check {
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi[STORE_DATABASE_COUNT];
    struct map tallies;    /* event number -> struct tally */
    struct map known;      /* article number -> there, those that an item stands for */
    struct map assignment; /* article number -> event, as the change log tells it */
    void (*fault)(void *, const char *);
    void *arg;
    struct store_check *out;
};

static void fault(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void fault(struct check *c, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    c->out->faults++;
    c->fault(c->arg, line);
}

static int open_reading(const char *dir, MDB_env **env)
{
    bool whole = false;
    int error = mdb_env_create(env);
    if (!error)
        error = mdb_env_set_maxdbs(*env, STORE_DATABASE_COUNT + 8);
    if (!error)
        error = mdb_env_open(*env, dir, MDB_RDONLY | MDB_NOTLS, STORE_MODE);
    if (!error)
        error = whole_check(*env, &whole);
    return error || whole ? error : STORE_TRUNCATED;
}

static bool get(struct check *c, enum store_db db, const void *key, size_t n, MDB_val *out)
{
    MDB_val k = {n, (void *)(uintptr_t)key};
    return mdb_get(c->txn, c->dbi[db], &k, out) == 0;
}

static bool get_u64(struct check *c, enum store_db db, uint64_t number, MDB_val *out)
{
    unsigned char key[8];
    store_u64(number, key);
    return get(c, db, key, sizeof key, out);
}

static json_t *record_at(struct check *c, enum store_db db, uint64_t number)
{
    MDB_val v;
    return get_u64(c, db, number, &v) ? json_loadb(v.mv_data, v.mv_size, 0, NULL) : NULL;
}

static bool is_linked(struct check *c, uint64_t event, uint64_t article)
{
    unsigned char key[8], number[8];
    store_u64(event, key);
    store_u64(article, number);
    MDB_val k = {sizeof key, key}, v = {sizeof number, number};
    MDB_cursor *cursor;
    if (mdb_cursor_open(c->txn, c->dbi[STORE_EVENT_ARTICLES], &cursor))
        return false;
    bool found = mdb_cursor_get(cursor, &k, &v, MDB_GET_BOTH) == 0;
    mdb_cursor_close(cursor);
    return found;
}

/* Calls `each` for every record of a public database whose keys are numbers. */
static void walk(struct check *c, enum store_db db, bool json,
                 void (*each)(struct check *, uint64_t, const json_t *, MDB_val))
{
    MDB_cursor *cursor;
    MDB_val k, v;
    if (mdb_cursor_open(c->txn, c->dbi[db], &cursor))
        return;
    int error;
    const char *name = store_databases[db].name;
    while ((error = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) {
        if (k.mv_size != 8) {
            fault(c, "%s: a key of %zu bytes; expected 8", name, k.mv_size);
            continue;
        }
        uint64_t number = store_from_u64(k.mv_data);
        json_t *record = json ? json_loadb(v.mv_data, v.mv_size, 0, NULL) : NULL;
        if (json && !json_is_object(record))
            fault(c, "%s %" PRIu64 ": not a JSON object", name, number);
        else
            each(c, number, record, v);
        json_decref(record);
    }
    if (error != MDB_NOTFOUND)
        fault(c, "%s: cannot be read to its end: %s", name, store_strerror(error));
    mdb_cursor_close(cursor);
}

static void check_id(struct check *c, const char *what, uint64_t number, const json_t *record)
{
    if (record_number(record, "id") != number)
        fault(c, "%s %" PRIu64 ": its record says it is %" PRIu64, what, number,
              record_number(record, "id"));
}

/* ---- the change log ------------------------------------------------------------------------- */

static uint64_t resolve(struct check *c, uint64_t event)
{
    for (int i = 0; i < 1000; i++) {
        json_t *record = record_at(c, STORE_EVENTS, event);
        uint64_t into = record_number(record, "merged_into");
        json_decref(record);
        if (!into)
            return event;
        event = into;
    }
    fault(c, "event %" PRIu64 ": its redirects lead in a circle", event);
    return event;
}

static void check_change(struct check *c, uint64_t seq, const json_t *change, MDB_val v)
{
    (void)v;
    c->out->changes++;
    if (seq != c->out->changes)
        fault(c, "changes: %" PRIu64 " stands where %" PRIu64 " is expected", seq, c->out->changes);
    c->out->changes = seq;
    const char *kind = record_text(change, "kind");
    uint64_t event = record_number(change, "event"), article = record_number(change, "article");
    if (!strcmp(kind, "created") || !strcmp(kind, "joined"))
        map_put(&c->assignment, article, (void *)(uintptr_t)event);
    size_t i;
    json_t *moved;
    if (!strcmp(kind, "split"))
        json_array_foreach(json_object_get(change, "articles"), i, moved)
            map_put(&c->assignment, (uint64_t)json_integer_value(moved), (void *)(uintptr_t)event);
    if (!strcmp(kind, "merged")) {
        json_t *from = record_at(c, STORE_EVENTS, record_number(change, "from"));
        if (record_number(from, "merged_into") != event)
            fault(c,
                  "change %" PRIu64 ": event %" PRIu64 " went into %" PRIu64
                  ", its record says %" PRIu64,
                  seq, record_number(change, "from"), event, record_number(from, "merged_into"));
        json_decref(from);
    }
}

/* ---- articles ------------------------------------------------------------------------------- */

static void check_article(struct check *c, uint64_t number, const json_t *article, MDB_val v)
{
    (void)v;
    c->out->articles++;
    check_id(c, "article", number, article);
    if (number != c->out->articles)
        fault(c, "articles: %" PRIu64 " stands where %" PRIu64 " is expected", number,
              c->out->articles);
    c->out->articles = number;
    uint64_t event = record_number(article, "event"), copy_of = record_number(article, "copy_of");
    if (!is_linked(c, event, number))
        fault(c, "article %" PRIu64 ": event %" PRIu64 " does not list it", number, event);
    if (copy_of >= number)
        fault(c, "article %" PRIu64 ": it copies %" PRIu64 ", which came later", number, copy_of);
    uint64_t logged = resolve(c, (uintptr_t)map_get(&c->assignment, number));
    if (logged != event)
        fault(c, "article %" PRIu64 ": it is in event %" PRIu64 ", the change log says %" PRIu64,
              number, event, logged);
    MDB_val packed;
    if (get_u64(c, STORE_PACKED, number, &packed)) {
        uint64_t there = 0;
        if (packed.mv_size >= sizeof there)
            memcpy(&there, packed.mv_data, sizeof there);
        if (there != event)
            fault(c, "article %" PRIu64 ": its packed form is of event %" PRIu64, number, there);
    }
    struct tally *t = map_get(&c->tallies, event);
    if (!t)
        map_put(&c->tallies, event, t = mem_zero(sizeof *t));
    t->articles++;
    const char *domain = record_first_domain(json_object_get(article, "source"));
    uint64_t hash = hash64(domain, strlen(domain), 0) | 1;
    uintptr_t before = (uintptr_t)map_get(&t->domains, hash);
    map_put(&t->domains, hash, (void *)(before + 1));
    if (!copy_of)
        map_put(&t->reports, hash, t);
}

/* ---- events --------------------------------------------------------------------------------- */

static void check_merged(struct check *c, uint64_t number, const json_t *event)
{
    c->out->merged++;
    MDB_val v;
    if (get_u64(c, STORE_EVENT_ARTICLES, number, &v))
        fault(c, "event %" PRIu64 ": merged away, and articles are still listed under it", number);
    if (!get_u64(c, STORE_EVENTS, record_number(event, "merged_into"), &v))
        fault(c, "event %" PRIu64 ": merged into %" PRIu64 ", which is not there", number,
              record_number(event, "merged_into"));
}

static void check_count(struct check *c, uint64_t number, const json_t *event, const char *field,
                        uint64_t expected)
{
    if (record_number(event, field) != expected)
        fault(c, "event %" PRIu64 ": %s is %" PRIu64 "; its articles give %" PRIu64, number, field,
              record_number(event, field), expected);
}

static void check_sources(struct check *c, uint64_t number, const json_t *event,
                          const struct tally *t)
{
    size_t i;
    json_t *source;
    json_array_foreach(json_object_get(event, "sources"), i, source)
    {
        const char *domain = record_first_domain(source);
        uint64_t articles = (uintptr_t)map_get(&t->domains, hash64(domain, strlen(domain), 0) | 1);
        if (record_number(source, "articles") != articles)
            fault(c, "event %" PRIu64 ": it lists %" PRIu64 " articles of %s; there are %" PRIu64,
                  number, record_number(source, "articles"), domain, articles);
    }
}

static void check_event(struct check *c, uint64_t number, const json_t *event, MDB_val v)
{
    c->out->events++;
    check_id(c, "event", number, event);
    if (!strcmp(record_text(event, "status"), "merged")) {
        check_merged(c, number, event);
        return;
    }
    static const struct tally none;
    const struct tally *t = map_get(&c->tallies, number);
    if (!t)
        t = &none;
    check_count(c, number, event, "article_count", t->articles);
    if (record_counts_reports(event))
        check_count(c, number, event, "report_count", t->reports.n);
    check_count(c, number, event, "source_count", t->domains.n);
    check_sources(c, number, event, t);
    if (json_array_size(json_object_get(event, "sources")) != t->domains.n)
        fault(c, "event %" PRIu64 ": it lists %zu sources; its articles give %zu", number,
              json_array_size(json_object_get(event, "sources")), t->domains.n);
    if (!is_linked(c, number, record_number(event, "lead")))
        fault(c, "event %" PRIu64 ": its lead, article %" PRIu64 ", is not one of its articles",
              number, record_number(event, "lead"));
    uint64_t seq = record_number(event, "seq");
    if (!strcmp(record_text(event, "status"), "archived"))
        return; /* it never was news */
    if (!get_u64(c, STORE_EVENTS_BY_UPDATE, seq, &v) || store_from_u64(v.mv_data) != number)
        fault(c, "event %" PRIu64 ": events_by_update has another event at its %" PRIu64, number,
              seq);
}

static void check_update(struct check *c, uint64_t seq, const json_t *unused, MDB_val v)
{
    (void)unused;
    uint64_t number = v.mv_size == 8 ? store_from_u64(v.mv_data) : 0;
    json_t *event = record_at(c, STORE_EVENTS, number);
    if (record_number(event, "seq") != seq)
        fault(c, "events_by_update %" PRIu64 ": event %" PRIu64 " was last updated at %" PRIu64,
              seq, number, record_number(event, "seq"));
    json_decref(event);
}

static void check_link(struct check *c, uint64_t event, const json_t *unused, MDB_val v)
{
    (void)unused;
    uint64_t number = v.mv_size == 8 ? store_from_u64(v.mv_data) : 0;
    json_t *article = record_at(c, STORE_ARTICLES, number);
    if (record_number(article, "event") != event)
        fault(c,
              "event_articles: event %" PRIu64 " lists article %" PRIu64 ", which is in %" PRIu64,
              event, number, record_number(article, "event"));
    json_decref(article);
}

static void check_feed(struct check *c, uint64_t number, const json_t *feed, MDB_val v)
{
    (void)v;
    c->out->feeds++;
    check_id(c, "feed", number, feed);
    const char *url = record_text(feed, "url");
    unsigned char key[STORE_ADDRESS_KEY];
    MDB_val found;
    store_address_key(url, key);
    if (!get(c, STORE_ADDRESSES, key, sizeof key, &found) || found.mv_size != 8 ||
        (store_from_u64(found.mv_data) != number &&
         store_from_u64(found.mv_data) != record_number(feed, "merged_into")))
        fault(c, "feed %" PRIu64 ": its address leads to another number, or to none", number);
}

static void check_items(struct check *c)
{
    MDB_cursor *cursor;
    MDB_val k, v, article;
    if (mdb_cursor_open(c->txn, c->dbi[STORE_ITEMS], &cursor))
        return;
    while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) {
        uint64_t number = 0;
        c->out->items++;
        if (v.mv_size >= sizeof number)
            memcpy(&number, v.mv_data, sizeof number);
        if (number && !get_u64(c, STORE_ARTICLES, number, &article))
            fault(c, "_items: an item stands for article %" PRIu64 ", which is not there", number);
        if (number)
            map_put(&c->known, number, c);
    }
    mdb_cursor_close(cursor);
    for (uint64_t number = 1; number <= c->out->articles; number++)
        if (!map_get(&c->known, number))
            fault(c, "article %" PRIu64 ": no item stands for it; it would be stored once more",
                  number);
}

static void check_number(struct check *c, const char *name, uint64_t expected)
{
    MDB_val v;
    char text[24] = "";
    if (get(c, STORE_META, name, strlen(name), &v) && v.mv_size < sizeof text)
        memcpy(text, v.mv_data, v.mv_size);
    if (strtoull(text, NULL, 10) != expected)
        fault(c, "meta: %s is %s; expected %" PRIu64, name, *text ? text : "missing", expected);
}

static void check_all(struct check *c)
{
    walk(c, STORE_CHANGES, true, check_change);
    walk(c, STORE_ARTICLES, true, check_article);
    walk(c, STORE_EVENTS, true, check_event);
    walk(c, STORE_EVENTS_BY_UPDATE, false, check_update);
    walk(c, STORE_EVENT_ARTICLES, false, check_link);
    walk(c, STORE_FEEDS, true, check_feed);
    check_items(c);
    check_number(c, "seq", c->out->changes);
    check_number(c, "articles", c->out->articles);
    check_number(c, "events", c->out->events);
    check_number(c, "feeds", c->out->feeds);
}

static void free_tallies(struct check *c)
{
    for (size_t i = 0; i < c->tallies.slots; i++)
        if (c->tallies.v[i].value) {
            struct tally *t = c->tallies.v[i].value;
            map_free(&t->domains);
            map_free(&t->reports);
            free(t);
        }
    map_free(&c->tallies);
    map_free(&c->assignment);
    map_free(&c->known);
}

int store_check(const char *dir, void (*fault_fn)(void *, const char *), void *arg,
                struct store_check *out)
{
    *out = (struct store_check){0};
    struct check c = {.fault = fault_fn, .arg = arg, .out = out};
    int error = open_reading(dir, &c.env);
    if (!error)
        error = mdb_txn_begin(c.env, NULL, MDB_RDONLY, &c.txn);
    for (int i = 0; !error && i < STORE_DATABASE_COUNT; i++)
        error = mdb_dbi_open(c.txn, store_databases[i].name, store_databases[i].flags, &c.dbi[i]);
    if (!error)
        check_all(&c);
    free_tallies(&c);
    if (c.txn)
        mdb_txn_abort(c.txn);
    if (c.env)
        mdb_env_close(c.env);
    return error;
}

static int sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 || fsync(fd) ? errno : 0;
    if (fd >= 0)
        close(fd);
    return error;
}

/* The file to write to, held against another backup; one that was killed may have left it. */
static int open_part(const char *path, int *fd)
{
    struct stat held, there;
    *fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, STORE_DATA_MODE);
    if (*fd < 0)
        return errno;
    if (flock(*fd, LOCK_EX | LOCK_NB))
        return errno == EWOULDBLOCK ? EBUSY : errno;
    if (fstat(*fd, &held) || stat(path, &there) || held.st_ino != there.st_ino)
        return EBUSY; /* another one has just given it its name */
    return ftruncate(*fd, 0) ? errno : 0;
}

/* Copies into `part`, and gives it its name once all of it is on the disk. */
static int copy_to(MDB_env *env, const char *part, const char *path, const char *to)
{
    int fd, error = open_part(part, &fd);
    if (!error && access(path, F_OK) == 0)
        error = EEXIST;
    else if (!error) {
        error = mdb_env_copyfd2(env, fd, MDB_CP_COMPACT);
        if (!error && fsync(fd))
            error = errno;
        if (!error && rename(part, path))
            error = errno;
        if (!error)
            error = sync_folder(to);
    }
    if (error && error != EBUSY)
        unlink(part);
    if (fd >= 0)
        close(fd);
    return error;
}

int store_backup(const char *dir, const char *to)
{
    char path[4096], part[4096], parent[4096];
    if (snprintf(part, sizeof part, "%s/" STORE_PART, to) >= (int)sizeof part)
        return ENAMETOOLONG;
    snprintf(path, sizeof path, "%s/data.mdb", to);
    snprintf(parent, sizeof parent, "%s/..", to);
    if (access(path, F_OK) == 0)
        return EEXIST;
    MDB_env *env = NULL;
    int error = open_reading(dir, &env);
    if (!error && mkdir(to, STORE_DIR_MODE) == 0)
        error = sync_folder(parent);
    else if (!error && errno != EEXIST)
        error = errno;
    if (!error)
        error = copy_to(env, part, path, to);
    if (env)
        mdb_env_close(env);
    return error;
}
