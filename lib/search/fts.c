/* Keeps the index with SQLite, which only this file knows; see fts.h. */
#define _GNU_SOURCE /* memmem */
#include "search/fts.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "search/query.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FORMAT = 2, /* increased when what is indexed changes */
    MAX_COLUMN = 128 << 10,
    STEPS = 2000, /* of SQLite's machine, between two looks at the time */
};

enum { BEGIN, COMMIT, PUT, DELETE, MERGE, AFTER, FIND, SET, STATEMENTS };

static const char *const statements[STATEMENTS] = {
    [BEGIN] = "BEGIN",
    [COMMIT] = "COMMIT",
    [PUT] = "INSERT INTO article(rowid, published, title, body, source, lang) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [DELETE] = "DELETE FROM article WHERE rowid = ?1",
    [MERGE] = "INSERT INTO article(article, rank) VALUES ('merge', 8)", /* pages of 4 KB */
    [AFTER] = "SELECT rowid FROM article WHERE rowid > ?1 ORDER BY rowid LIMIT 1",
    [FIND] = "SELECT rowid, CASE WHEN ?2 THEN published END, "
             "CASE WHEN ?3 THEN relevance(article) END FROM article WHERE article MATCH ?1 ORDER "
             "BY rowid DESC",
    [SET] = "REPLACE INTO about(name, value) VALUES (?1, ?2)",
};

/* What the file is, and where it is with the store. `boot` has a text. */
static const char schema[] =
    "CREATE TABLE about(name INTEGER PRIMARY KEY, value);"
    "CREATE VIRTUAL TABLE article USING fts5(published UNINDEXED, title, body, source, lang, "
    "prefix = '3 4', tokenize = \"unicode61 remove_diacritics 0 categories 'L* M* "
    "N* Co'\");"
    "INSERT INTO article(article, rank) VALUES ('automerge', 0);"; /* fts_merge() in its place */

enum { BOOT = FTS_NUMBERS };

struct fts {
    sqlite3 *db;
    sqlite3_stmt *of[STATEMENTS];
    uint64_t numbers[FTS_NUMBERS];
    bool in_transaction, broken;
    char error[256];
    const struct fts_search *search; /* while it runs */
};

static enum fts_result failed(struct fts *f, int code)
{
    snprintf(f->error, sizeof f->error, "%s", f->db ? sqlite3_errmsg(f->db) : sqlite3_errstr(code));
    f->broken = true;
    code &= 0xff;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR ||
                   code == SQLITE_CONSTRAINT || code == SQLITE_SCHEMA
               ? FTS_DAMAGED
               : FTS_FAILED;
}

static enum fts_result result_of(struct fts *f, int code)
{
    return code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW ? FTS_OK
                                                                          : failed(f, code);
}

/* Runs a statement that returns no rows. */
static enum fts_result run(struct fts *f, int which)
{
    int code = sqlite3_step(f->of[which]);
    enum fts_result r = result_of(f, code);
    sqlite3_reset(f->of[which]);
    return r;
}

static enum fts_result begin(struct fts *f)
{
    if (f->in_transaction)
        return FTS_OK;
    enum fts_result r = run(f, BEGIN);
    f->in_transaction = r == FTS_OK;
    return r;
}

/* ---- relevance ------------------------------------------------------------------------------- */

/* BM25 with weights for columns, as FTS5 has it, but without the rarity of the words: each hit has
 * all of them, and to count in how many articles a common one is takes long in a large index. */
static void relevance(const Fts5ExtensionApi *api, Fts5Context *hit, sqlite3_context *out, int n,
                      sqlite3_value **values)
{
    static const double weights[] = {0, 4, 1, 2, 0}; /* of the columns in `schema` */
    const double k1 = 1.2, b = 0.75;
    double times[QUERY_MAX_TERMS] = {0}, sum = 0;
    sqlite3_int64 rows = 0, words = 0;
    int hits = 0, size = 0, phrase, column, place;
    (void)n, (void)values;
    api->xRowCount(hit, &rows);
    api->xColumnTotalSize(hit, -1, &words);
    api->xColumnSize(hit, -1, &size);
    api->xInstCount(hit, &hits);
    for (int i = 0; i < hits; i++)
        if (!api->xInst(hit, i, &phrase, &column, &place) && phrase < QUERY_MAX_TERMS)
            times[phrase] += weights[column];
    double length = words ? (double)size * (double)rows / (double)words : 1;
    for (size_t i = 0; i < QUERY_MAX_TERMS; i++)
        sum += times[i] * (k1 + 1) / (times[i] + k1 * (1 - b + b * length));
    sqlite3_result_double(out, sum);
}

static enum fts_result add_relevance(struct fts *f)
{
    sqlite3_stmt *s = NULL;
    fts5_api *api = NULL;
    int code = sqlite3_prepare_v2(f->db, "SELECT fts5(?1)", -1, &s, NULL);
    if (!code)
        code = sqlite3_bind_pointer(s, 1, &api, "fts5_api_ptr", NULL);
    if (!code && sqlite3_step(s) == SQLITE_ROW && api)
        code = api->xCreateFunction(api, "relevance", NULL, relevance, NULL);
    enum fts_result r = result_of(f, code);
    sqlite3_finalize(s);
    return r;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int64_t pragma(struct fts *f, const char *text)
{
    sqlite3_stmt *s = NULL;
    int64_t value = -1;
    if (!sqlite3_prepare_v2(f->db, text, -1, &s, NULL) && sqlite3_step(s) == SQLITE_ROW)
        value = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return value;
}

static enum fts_result execute(struct fts *f, const char *text)
{
    return result_of(f, sqlite3_exec(f->db, text, NULL, NULL, NULL));
}

static enum fts_result set(struct fts *f, int name, const char *text, int64_t number)
{
    sqlite3_stmt *s = f->of[SET];
    sqlite3_bind_int(s, 1, name);
    if (text)
        sqlite3_bind_text(s, 2, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_int64(s, 2, number);
    return run(f, SET);
}

/* Reads the numbers. *lost: it was written before the machine went down, and is not closed. */
static enum fts_result read_about(struct fts *f, const char *boot, bool *lost)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(f->db, "SELECT name, value FROM about", -1, &s, NULL);
    *lost = false;
    if (code)
        return failed(f, code);
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        int name = sqlite3_column_int(s, 0);
        const char *text = name == BOOT ? (const char *)sqlite3_column_text(s, 1) : NULL;
        if (name >= 0 && name < FTS_NUMBERS)
            f->numbers[name] = (uint64_t)sqlite3_column_int64(s, 1);
        *lost |= text && *text && strcmp(text, boot) != 0;
    }
    enum fts_result r = result_of(f, code);
    sqlite3_finalize(s);
    return r;
}

static enum fts_result set_up_index(struct fts *f, const char *boot)
{
    static const char settings[] =
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; PRAGMA cell_size_check = ON;";
    bool lost = false;
    enum fts_result r = execute(f, settings);
    if (r == FTS_OK)
        r = add_relevance(f);
    int64_t format = r ? 0 : pragma(f, "PRAGMA user_version");
    if (r == FTS_OK && format == 0) {
        char version[64];
        snprintf(version, sizeof version, "PRAGMA user_version = %d;", FORMAT);
        r = execute(f, schema);
        if (r == FTS_OK)
            r = execute(f, version);
    } else if (r == FTS_OK && format != FORMAT) {
        snprintf(f->error, sizeof f->error, "it has another format");
        return FTS_DAMAGED;
    }
    for (size_t i = 0; r == FTS_OK && i < STATEMENTS; i++)
        r = result_of(f, sqlite3_prepare_v3(f->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                                            &f->of[i], NULL));
    if (r == FTS_OK)
        r = read_about(f, boot, &lost);
    if (r == FTS_OK && lost) {
        snprintf(f->error, sizeof f->error, "it was not closed when the machine went down");
        return FTS_DAMAGED;
    }
    return r ? r : set(f, BOOT, boot, 0);
}

enum fts_result fts_open(const char *path, const char *boot, struct fts **out)
{
    struct fts *f = *out = mem_zero(sizeof *f);
    int code = sqlite3_open_v2(path, &f->db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                                   SQLITE_OPEN_NOFOLLOW,
                               NULL);
    if (code)
        return failed(f, code);
    sqlite3_db_config(f->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    enum fts_result r = set_up_index(f, boot);
    f->broken = r != FTS_OK;
    return r;
}

void fts_close(struct fts *f)
{
    if (!f)
        return;
    if (!f->broken && fts_commit(f) == FTS_OK &&
        execute(f, "PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE);") == FTS_OK)
        set(f, BOOT, "", 0);
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(f->of[i]);
    sqlite3_close(f->db);
    free(f);
}

void fts_remove(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char name[4096 + 16];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

const char *fts_error(const struct fts *f)
{
    return f->error;
}

uint64_t fts_number(const struct fts *f, enum fts_number which)
{
    return f->numbers[which];
}

void fts_set_number(struct fts *f, enum fts_number which, uint64_t value)
{
    f->numbers[which] = value;
}

/* ---- changes --------------------------------------------------------------------------------- */

/* Summary and text, of which one is often the beginning of the other, without the publisher's
 * standing text. */
static void fold_body(const struct article_record *a, struct buf *out)
{
    const char *body = article_body(a), *other = body == a->text ? a->summary : a->text;
    size_t n = strlen(body);
    if (a->standing < n)
        n -= (size_t)a->standing;
    query_fold(body, utf8_cut(body, n), out);
    if (other && *other && !memmem(body, n, other, strlen(other)))
        query_fold(other, strlen(other), out);
}

static void bind_folded(sqlite3_stmt *s, int at, struct buf *text)
{
    sqlite3_bind_text(s, at, buf_text(text), (int)text->len, SQLITE_TRANSIENT);
    buf_clear(text);
}

enum fts_result fts_put(struct fts *f, const struct article_record *a)
{
    sqlite3_stmt *s = f->of[PUT];
    struct buf text;
    enum fts_result r = fts_delete(f, a->number);
    if (r != FTS_OK)
        return r;
    buf_init(&text, MAX_COLUMN);
    sqlite3_bind_int64(s, 1, (sqlite3_int64)a->number);
    sqlite3_bind_int64(s, 2, a->published);
    query_fold(a->title, strlen(a->title), &text);
    bind_folded(s, 3, &text);
    fold_body(a, &text);
    bind_folded(s, 4, &text);
    query_fold(a->source.name, strlen(a->source.name), &text);
    query_fold(a->source.domain, strlen(a->source.domain), &text);
    bind_folded(s, 5, &text);
    query_fold(codec_text(a->lang), strlen(codec_text(a->lang)), &text);
    bind_folded(s, 6, &text);
    buf_free(&text);
    r = run(f, PUT);
    f->numbers[FTS_ARTICLES] += r == FTS_OK;
    return r;
}

enum fts_result fts_delete(struct fts *f, uint64_t article)
{
    enum fts_result r = begin(f);
    if (r != FTS_OK)
        return r;
    sqlite3_bind_int64(f->of[DELETE], 1, (sqlite3_int64)article);
    r = run(f, DELETE);
    if (r == FTS_OK && sqlite3_changes(f->db) && f->numbers[FTS_ARTICLES])
        f->numbers[FTS_ARTICLES]--;
    return r;
}

enum fts_result fts_commit(struct fts *f)
{
    enum fts_result r = begin(f);
    for (int i = 0; r == FTS_OK && i < FTS_NUMBERS; i++)
        r = set(f, i, NULL, (int64_t)f->numbers[i]);
    if (r == FTS_OK)
        r = run(f, COMMIT);
    f->in_transaction = r != FTS_OK;
    return r;
}

/* FTS5 tells that there was nothing to merge by hardly changing a row. */
enum fts_result fts_merge(struct fts *f, bool *more)
{
    enum { NOTHING = 2 };
    int before = sqlite3_total_changes(f->db);
    enum fts_result r = run(f, MERGE);
    *more = r == FTS_OK && sqlite3_total_changes(f->db) - before >= NOTHING;
    return r;
}

/* ---- reading --------------------------------------------------------------------------------- */

enum fts_result fts_after(struct fts *f, uint64_t article, uint64_t *next)
{
    sqlite3_stmt *s = f->of[AFTER];
    sqlite3_bind_int64(s, 1, (sqlite3_int64)article);
    int code = sqlite3_step(s);
    *next = code == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
    enum fts_result r = result_of(f, code);
    sqlite3_reset(s);
    return r;
}

static int look_at_time(void *arg)
{
    const struct fts *f = arg;
    return f->search->stop(f->search->arg);
}

enum fts_result fts_find(struct fts *f, const struct fts_search *search, bool *all)
{
    sqlite3_stmt *s = f->of[FIND];
    bool bounded = search->since != INT64_MIN || search->until != INT64_MAX, enough = false;
    int code = SQLITE_DONE;
    f->search = search;
    sqlite3_progress_handler(f->db, STEPS, look_at_time, f);
    sqlite3_bind_text(s, 1, search->match, -1, SQLITE_STATIC);
    sqlite3_bind_int(s, 2, bounded || search->ranked);
    sqlite3_bind_int(s, 3, search->ranked);
    while (!enough && (code = sqlite3_step(s)) == SQLITE_ROW) {
        const struct fts_hit hit = {.article = (uint64_t)sqlite3_column_int64(s, 0),
                                    .published = sqlite3_column_int64(s, 1),
                                    .relevance = sqlite3_column_double(s, 2)};
        if (!bounded || (hit.published >= search->since && hit.published <= search->until))
            enough = !search->take(search->arg, &hit);
        enough = enough || search->stop(search->arg);
    }
    *all = code == SQLITE_DONE;
    enum fts_result r = FTS_OK;
    if (code == SQLITE_ERROR) { /* of the expression: the index is as good as before */
        snprintf(f->error, sizeof f->error, "%s", sqlite3_errmsg(f->db));
        r = FTS_FAILED;
    } else if (code != SQLITE_INTERRUPT) {
        r = result_of(f, code);
    }
    sqlite3_reset(s);
    sqlite3_progress_handler(f->db, 0, NULL, NULL);
    f->search = NULL;
    return r;
}
