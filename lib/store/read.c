/* The read API of story.h, in libstory and in the daemon. Opens the store read-only; the writer's
 * side is in store.c. */
#define _GNU_SOURCE /* memmem */
#include "story.h"

#include "base/clock.h"
#include "store/filter.h"
#include "store/reader.h"
#include "store/readers.h"
#include "store/schema.h"
#include "store/store.h"
#include "store/whole.h"

#include <errno.h>
#include <jansson.h>
#include <lmdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define API __attribute__((visibility("default")))

struct story_db {
    MDB_env *env;
    int borrowed;                      /* the environment belongs to a writer */
    MDB_dbi dbi[STORE_DATABASE_COUNT]; /* 0: missing in an older version; treated as empty */
};

struct story_view {
    story_db *db;
    MDB_txn *txn;
};

struct story_list {
    story_view *view;
    MDB_cursor *cursor;
    MDB_cursor_op first, next;
    uint64_t start;               /* start key for MDB_SET_RANGE or MDB_SET */
    enum store_db source, target; /* the database of the cursor, and that of the records */
    int started;
    int unparsed; /* changes are returned unparsed */
    int filtered;
    struct story_filter filter;
};

enum { MAX_REDIRECTS = 1000 };

static int ours(int error)
{
    return error == MDB_NOTFOUND ? STORY_NOT_FOUND : error;
}

static int check_schema(story_db *db, MDB_txn *txn)
{
    MDB_val key = {6, (void *)(uintptr_t) "schema"}, value;
    int error = mdb_get(txn, db->dbi[STORE_META], &key, &value);
    if (error)
        return error == MDB_NOTFOUND ? STORY_NO_STORE : error;
    char text[8] = "";
    memcpy(text, value.mv_data, value.mv_size < 7 ? value.mv_size : 7);
    return strtol(text, NULL, 10) > STORE_SCHEMA_VERSION ? STORY_NEWER : 0;
}

static int open_read_databases(story_db *db)
{
    MDB_txn *txn;
    int error = readers_begin(db->env, &txn);
    if (error)
        return error;
    for (int i = 0; !error && i < STORE_DATABASE_COUNT; i++)
        if (store_databases[i].name[0] != '_' ||
            (db->borrowed && (i == STORE_HISTORY || i == STORE_READING))) {
            error =
                mdb_dbi_open(txn, store_databases[i].name, store_databases[i].flags, &db->dbi[i]);
            if (error == MDB_NOTFOUND)
                error = db->dbi[i] = 0;
        }
    if (error == MDB_INCOMPATIBLE || (!error && !db->dbi[STORE_META]))
        error = STORY_NO_STORE;
    if (!error)
        error = check_schema(db, txn);
    if (error)
        mdb_txn_abort(txn);
    else
        error = mdb_txn_commit(txn);
    return error;
}

API int story_open(const char *dir, story_db **out)
{
    *out = NULL;
    story_db *db = calloc(1, sizeof *db);
    if (!db)
        return STORY_NO_MEMORY;
    int error = whole_open(dir, &db->env);
    if (error == ENOENT)
        error = STORY_NO_STORE;
    if (error == MDB_INVALID || error == STORE_TRUNCATED)
        error = STORY_TRUNCATED;
    if (!error)
        error = open_read_databases(db);
    if (error) {
        story_close(db);
        return error;
    }
    *out = db;
    return 0;
}

int reader_over(MDB_env *env, story_db **out)
{
    *out = NULL;
    story_db *db = calloc(1, sizeof *db);
    if (!db)
        return STORY_NO_MEMORY;
    db->env = env;
    db->borrowed = 1;
    int error = open_read_databases(db);
    if (error)
        story_close(db);
    else
        *out = db;
    return error;
}

int reader_views(story_db *db, struct readers_view *out, size_t cap, size_t *n)
{
    return readers_list(db->env, out, cap, n);
}

API void story_close(story_db *db)
{
    if (!db)
        return;
    if (db->env && !db->borrowed)
        mdb_env_close(db->env);
    free(db);
}

API int story_view_begin(story_db *db, story_view **out)
{
    *out = NULL;
    story_view *view = calloc(1, sizeof *view);
    if (!view)
        return STORY_NO_MEMORY;
    view->db = db;
    int error = readers_begin(db->env, &view->txn);
    if (error) {
        free(view);
        return error;
    }
    *out = view;
    return 0;
}

API void story_view_end(story_view *view)
{
    if (!view)
        return;
    mdb_txn_abort(view->txn);
    free(view);
}

uint64_t reader_number(story_view *view, const char *name)
{
    char text[24] = "";
    MDB_val k = {strlen(name), (void *)(uintptr_t)name}, v;
    if (mdb_get(view->txn, view->db->dbi[STORE_META], &k, &v) || v.mv_size >= sizeof text)
        return 0;
    memcpy(text, v.mv_data, v.mv_size);
    return strtoull(text, NULL, 10);
}

static int get_entry(story_view *view, enum store_db db, uint64_t number, struct story_entry *out)
{
    unsigned char key[8];
    store_u64(number, key);
    MDB_val k = {sizeof key, key}, v;
    *out = (struct story_entry){.number = number};
    if (!view->db->dbi[db])
        return STORY_NOT_FOUND;
    int error = mdb_get(view->txn, view->db->dbi[db], &k, &v);
    if (error)
        return ours(error);
    out->json = v.mv_data;
    out->length = v.mv_size;
    return 0;
}

/* The same where records are deleted in time; `counter` in meta is the last number. */
static int get_aging(story_view *view, enum store_db db, const char *counter, uint64_t number,
                     struct story_entry *out)
{
    int error = get_entry(view, db, number, out);
    return error == STORY_NOT_FOUND && number && number <= reader_number(view, counter) ? STORY_GONE
                                                                                        : error;
}

API uint64_t story_last_seq(story_view *view)
{
    MDB_cursor *cursor;
    MDB_val k, v;
    MDB_dbi changes = view->db->dbi[STORE_CHANGES];
    if (!changes || mdb_cursor_open(view->txn, changes, &cursor))
        return 0;
    uint64_t seq = mdb_cursor_get(cursor, &k, &v, MDB_LAST) ? 0 : store_from_u64(k.mv_data);
    mdb_cursor_close(cursor);
    return seq;
}

API int story_event_as_is(story_view *view, uint64_t number, struct story_entry *out)
{
    return get_aging(view, STORE_EVENTS, "events", number, out);
}

/* Avoids parsing the record: inside a JSON string these bytes would have their quotation marks
 * escaped. */
static int stands_for_itself(const struct story_entry *e)
{
    static const char mark[] = "\"merged_into\":null";
    return memmem(e->json, e->length, mark, sizeof mark - 1) != NULL;
}

API int story_event(story_view *view, uint64_t number, struct story_entry *out)
{
    for (int i = 0; i < MAX_REDIRECTS; i++) {
        int error = story_event_as_is(view, number, out);
        if (error)
            return error == STORY_NOT_FOUND && i > 0 ? STORY_CORRUPT : error;
        int64_t into;
        if (stands_for_itself(out))
            return 0;
        error = story_integer(out, "merged_into", &into);
        if (error)
            return error == STORY_NOT_FOUND ? 0 : error;
        number = (uint64_t)into;
    }
    return STORY_CORRUPT;
}

API int story_article(story_view *view, uint64_t number, struct story_entry *out)
{
    return get_aging(view, STORE_ARTICLES, "articles", number, out);
}

API int story_tombstone(story_view *view, uint64_t event, struct story_entry *out)
{
    return get_entry(view, STORE_TOMBSTONES, event, out);
}

API int story_feed(story_view *view, uint64_t number, struct story_entry *out)
{
    return get_entry(view, STORE_FEEDS, number, out);
}

API int story_decision(story_view *view, uint64_t number, struct story_entry *out)
{
    return get_entry(view, STORE_DECISIONS, number, out);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int list_new(story_view *view, story_list setup, story_list **out)
{
    *out = NULL;
    story_list *list = malloc(sizeof *list);
    if (!list)
        return STORY_NO_MEMORY;
    *list = setup;
    list->view = view;
    MDB_dbi dbi = view->db->dbi[list->source];
    int error = dbi ? mdb_cursor_open(view->txn, dbi, &list->cursor) : 0;
    if (error) {
        free(list);
        return error;
    }
    *out = list;
    return 0;
}

API int story_events(story_view *view, story_list **out)
{
    return list_new(view,
                    (story_list){.first = MDB_LAST,
                                 .next = MDB_PREV,
                                 .source = STORE_EVENTS_BY_UPDATE,
                                 .target = STORE_EVENTS},
                    out);
}

API int story_events_where(story_view *view, const struct story_filter *filter, story_list **out)
{
    int error = story_events(view, out);
    if (!error) {
        (*out)->filtered = 1;
        (*out)->filter = *filter;
    }
    return error;
}

API int story_events_by_number(story_view *view, story_list **out)
{
    return story_events_from(view, 0, out);
}

API int story_events_from(story_view *view, uint64_t number, story_list **out)
{
    return list_new(view,
                    (story_list){.first = MDB_SET_RANGE,
                                 .next = MDB_NEXT,
                                 .start = number,
                                 .source = STORE_EVENTS,
                                 .target = STORE_EVENTS},
                    out);
}

API int story_events_since(story_view *view, uint64_t seq, story_list **out)
{
    return list_new(view,
                    (story_list){.first = MDB_SET_RANGE,
                                 .next = MDB_NEXT,
                                 .start = seq + 1,
                                 .source = STORE_EVENTS_BY_UPDATE,
                                 .target = STORE_EVENTS},
                    out);
}

API int story_changes_since(story_view *view, uint64_t seq, story_list **out)
{
    *out = NULL;
    if (seq && seq + 1 < reader_number(view, "changes_from"))
        return STORY_GONE;
    return list_new(view,
                    (story_list){.first = MDB_SET_RANGE,
                                 .next = MDB_NEXT,
                                 .start = seq + 1,
                                 .source = STORE_CHANGES,
                                 .target = STORE_CHANGES},
                    out);
}

int reader_changes_since(story_view *view, uint64_t seq, story_list **out)
{
    int error = story_changes_since(view, seq, out);
    if (!error)
        (*out)->unparsed = 1;
    return error;
}

API int story_articles_of(story_view *view, uint64_t event, story_list **out)
{
    return list_new(view,
                    (story_list){.first = MDB_SET,
                                 .next = MDB_NEXT_DUP,
                                 .start = event,
                                 .source = STORE_EVENT_ARTICLES,
                                 .target = STORE_ARTICLES},
                    out);
}

int reader_history(story_view *view, uint64_t event, story_list **out)
{
    return list_new(view,
                    (story_list){.first = MDB_SET,
                                 .next = MDB_NEXT_DUP,
                                 .start = event,
                                 .source = STORE_HISTORY,
                                 .target = STORE_CHANGES},
                    out);
}

int reader_each_reading(story_view *view, uint64_t reader,
                        void (*each)(void *, const unsigned char *key, const void *value, size_t n),
                        void *arg)
{
    unsigned char start[16] = {0};
    MDB_cursor *cursor;
    MDB_val k = {sizeof start, start}, v;
    store_u64(reader, start);
    int error = mdb_cursor_open(view->txn, view->db->dbi[STORE_READING], &cursor);
    if (error)
        return error;
    error = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    for (; !error && k.mv_size == sizeof start && store_from_u64(k.mv_data) == reader;
         error = mdb_cursor_get(cursor, &k, &v, MDB_NEXT))
        each(arg, k.mv_data, v.mv_data, v.mv_size);
    mdb_cursor_close(cursor);
    return error == MDB_NOTFOUND ? 0 : error;
}

API int story_posts_of(story_view *view, uint64_t event, story_list **out)
{
    return list_new(view,
                    (story_list){.first = MDB_SET,
                                 .next = MDB_NEXT_DUP,
                                 .start = event,
                                 .source = STORE_EVENT_POSTS,
                                 .target = STORE_POSTS},
                    out);
}

API int story_pages(story_view *view, story_list **out)
{
    return list_new(
        view,
        (story_list){
            .first = MDB_LAST, .next = MDB_PREV, .source = STORE_PAGES, .target = STORE_PAGES},
        out);
}

API int story_feeds(story_view *view, story_list **out)
{
    return list_new(
        view,
        (story_list){
            .first = MDB_FIRST, .next = MDB_NEXT, .source = STORE_FEEDS, .target = STORE_FEEDS},
        out);
}

API int story_decisions(story_view *view, uint64_t before, story_list **out)
{
    return list_new(view,
                    (story_list){.first = before ? MDB_SET_KEY : MDB_LAST,
                                 .next = MDB_PREV,
                                 .start = before - 1, /* numbers have no gaps */
                                 .source = STORE_DECISIONS,
                                 .target = STORE_DECISIONS},
                    out);
}

static int next_entry(story_list *list, struct story_entry *out)
{
    unsigned char start[8];
    store_u64(list->start, start);
    MDB_val k = {sizeof start, start}, v;
    if (!list->cursor)
        return STORY_END;
    int error = mdb_cursor_get(list->cursor, &k, &v, list->started ? list->next : list->first);
    list->started = 1;
    if (error)
        return error == MDB_NOTFOUND ? STORY_END : error;
    bool indirect = list->source != list->target;
    if (k.mv_size != sizeof start || (indirect && v.mv_size != sizeof start))
        return STORY_CORRUPT;
    uint64_t key = store_from_u64(k.mv_data);
    *out = (struct story_entry){.number = key, .json = v.mv_data, .length = v.mv_size};
    switch (list->source) {
    case STORE_EVENTS_BY_UPDATE:
        error = get_entry(list->view, list->target, store_from_u64(v.mv_data), out);
        out->seq = key;
        break;
    case STORE_EVENT_ARTICLES:
    case STORE_EVENT_POSTS:
    case STORE_HISTORY:
        error = get_entry(list->view, list->target, store_from_u64(v.mv_data), out);
        break;
    case STORE_CHANGES: {
        int64_t event = 0;
        out->seq = key;
        if (list->unparsed)
            break;
        error = story_integer(out, "event", &event);
        out->number = (uint64_t)event;
        break;
    }
    default:
        break;
    }
    return error == STORY_NOT_FOUND ? STORY_CORRUPT : error;
}

/* Events are in the order of their last update, so those after one that is too old are older still.
 */
static int next_filtered(story_list *list, struct story_entry *out)
{
    int error;
    while (!(error = next_entry(list, out))) {
        struct event_record event;
        bool is = codec_load(&event_head_table, out->json, out->length, &event);
        int wanted = is && filter_takes(&list->filter, &event);
        int old = is && filter_too_old(&list->filter, &event);
        codec_free(&event_head_table, &event);
        if (!is)
            return STORY_CORRUPT;
        if (wanted || old)
            return old ? STORY_END : 0;
    }
    return error;
}

API int story_next(story_list *list, struct story_entry *out)
{
    return list->filtered ? next_filtered(list, out) : next_entry(list, out);
}

API void story_list_free(story_list *list)
{
    if (!list)
        return;
    if (list->cursor)
        mdb_cursor_close(list->cursor);
    free(list);
}

/* ---- waiting --------------------------------------------------------------------------------- */

/* The writer touches its lock file after each commit; data.mdb changes before the commit is
 * visible. */
API int story_watch(story_db *db, int *fd)
{
    const char *dir;
    char path[4096];
    *fd = -1;
    int error = mdb_env_get_path(db->env, &dir);
    if (error)
        return error;
    if (snprintf(path, sizeof path, "%s/" STORE_WRITER_LOCK, dir) >= (int)sizeof path)
        return ENAMETOOLONG;
    int notices = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (notices < 0)
        return errno;
    if (inotify_add_watch(notices, path, IN_MODIFY) < 0) {
        error = errno;
        close(notices);
        return error;
    }
    *fd = notices;
    return 0;
}

API void story_watched(int fd)
{
    char notices[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    while (read(fd, notices, sizeof notices) > 0)
        ;
}

static int last_change(story_db *db, uint64_t *seq)
{
    story_view *view;
    int error = story_view_begin(db, &view);
    if (!error)
        *seq = story_last_seq(view);
    story_view_end(view);
    return error;
}

/* 0 when the descriptor is readable. */
static int wait_readable(int fd, int64_t until)
{
    int64_t left = until < 0 ? -1 : until - monotonic_ms();
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int n = poll(&p, 1, until < 0 ? -1 : left > 0 ? (int)left : 0);
    return n > 0 ? 0 : n == 0 ? STORY_END : errno;
}

API int story_wait(story_db *db, uint64_t seq, int milliseconds, uint64_t *last)
{
    int fd;
    int64_t until = milliseconds < 0 ? -1 : monotonic_ms() + milliseconds;
    *last = seq;
    int error = story_watch(db, &fd);
    if (error)
        return error;
    while (!(error = last_change(db, last)) && *last <= seq && !(error = wait_readable(fd, until)))
        story_watched(fd);
    close(fd);
    return error;
}

/* ---- fields ---------------------------------------------------------------------------------- */

API int story_integer(const struct story_entry *entry, const char *field, int64_t *out)
{
    json_t *object = json_loadb(entry->json, entry->length, 0, NULL);
    if (!object)
        return STORY_CORRUPT;
    json_t *value = json_object_get(object, field);
    int error = json_is_integer(value) ? 0 : STORY_NOT_FOUND;
    if (!error)
        *out = json_integer_value(value);
    json_decref(object);
    return error;
}

API int story_text(const struct story_entry *entry, const char *field, char *out, size_t cap)
{
    json_t *object = json_loadb(entry->json, entry->length, 0, NULL);
    if (!object)
        return STORY_CORRUPT;
    const char *text = json_string_value(json_object_get(object, field));
    if (cap)
        out[0] = 0;
    if (text && cap) {
        size_t n = strlen(text);
        if (n >= cap)
            for (n = cap - 1; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;)
                n--;
        memcpy(out, text, n);
        out[n] = 0;
    }
    json_decref(object);
    return text ? 0 : STORY_NOT_FOUND;
}

API const char *story_strerror(int error)
{
    static const struct {
        int error;
        const char *text;
    } texts[] = {
        {STORY_END, "no more entries"},
        {STORY_NOT_FOUND, "no such entry"},
        {STORY_GONE, "deleted: it is older than [store] in storyd.conf keeps it"},
        {STORY_NO_STORE, "no storyd store in that folder; check the path, or start storyd first"},
        {STORY_NEWER, "the store was written by a newer storyd; use the libstory of that version"},
        {STORY_CORRUPT, "invalid record; run `storyctl check`"},
        {STORY_NO_MEMORY, "out of memory"},
        {STORY_TRUNCATED, "data.mdb is truncated or not a store, after an unfinished copy or a "
                          "damaged disk; restore a backup"},
        {MDB_READERS_FULL,
         "too many readers at once; end some: `storyctl stats` counts them and names the oldest"},
        {EACCES, "permission denied; readers must be in the group that owns the store"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].error == error)
            return texts[i].text;
    return mdb_strerror(error);
}
