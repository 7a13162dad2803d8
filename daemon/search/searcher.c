/* Keeps the index up with the store, and searches it; see searcher.h. */
#define _GNU_SOURCE /* memmem */
#include "search/searcher.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "log.h"
#include "must.h"
#include "search/fts.h"
#include "search/snippet.h"
#include "store/article_record.h"
#include "store/change_record.h"
#include "store/reader.h"

#include <event2/event.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    SLICE_US = 3000,
    FIND_US = 15000,    /* to the first hit, and again for others; what was found is shown */
    PAUSE_US = 1000,    /* between two slices, for what else waits */
    COMMIT_EVERY = 200, /* articles, while the index is made */
    LOG_MS = 10000,
    MAX_PATH = 4096,
    MAX_REMAKES = 3, /* since the start: a disk that damages it each time does not get better */
};

struct searcher {
    story_db *db;
    char path[MAX_PATH], boot[64];
    struct fts *fts; /* NULL: given up */
    struct event *step;
    uint64_t *dropped; /* articles that are no longer in the store, or will not be */
    size_t n_dropped, cap_dropped;
    uint64_t swept, sweep_to; /* at the start: entries between may be of deleted articles */
    uint64_t of;              /* the number of the store's last article */
    size_t uncommitted, remakes;
    bool unmerged;         /* since a commit */
    int64_t began, logged; /* ms */
};

/* FTS_NEXT: while the index is made, the next article to look at; 0 when it is complete. */
static bool is_complete(const struct searcher *s)
{
    return !fts_number(s->fts, FTS_NEXT);
}

static void step_soon(struct searcher *s)
{
    const struct timeval soon = {0, PAUSE_US};
    if (!evtimer_pending(s->step, NULL))
        evtimer_add(s->step, &soon);
}

/* ---- making it anew -------------------------------------------------------------------------- */

static void stop_searching(struct searcher *s)
{
    log_line(LOG_ERR, "search_failed",
             "the search index cannot be used; free disk space or correct its permissions, and "
             "restart storyd",
             LOG_T("path", s->path),
             LOG_T("error", s->fts ? fts_error(s->fts) : "too often damaged"));
    fts_close(s->fts);
    s->fts = NULL;
    evtimer_del(s->step);
}

static uint64_t mark_of_change(const struct story_entry *change)
{
    return hash64(change->json, change->length, 0) >> 1;
}

/* From here on the change log says what is new; all articles are to be looked at. */
static void begin_anew(struct searcher *s, story_view *view)
{
    story_list *list = NULL;
    struct story_entry e;
    uint64_t last = story_last_seq(view), mark = 0;
    if (last && !reader_changes_since(view, last - 1, &list) && !story_next(list, &e))
        mark = mark_of_change(&e);
    story_list_free(list);
    fts_set_number(s->fts, FTS_SEQ, last);
    fts_set_number(s->fts, FTS_MARK, mark);
    fts_set_number(s->fts, FTS_NEXT, 1);
    s->sweep_to = 0;
    s->began = s->logged = monotonic_ms();
}

static void make_anew(struct searcher *s, story_view *view, const char *why)
{
    log_line(LOG_INFO, "search_made_anew", "the search index is made anew", LOG_T("why", why),
             LOG_N("articles", reader_number(view, "articles")));
    fts_close(s->fts);
    s->fts = NULL;
    fts_remove(s->path);
    if (s->remakes++ == MAX_REMAKES || fts_open(s->path, s->boot, &s->fts) != FTS_OK)
        stop_searching(s);
    else
        begin_anew(s, view);
}

static void index_failed(struct searcher *s, story_view *view, enum fts_result r)
{
    char why[256];
    snprintf(why, sizeof why, "%s", fts_error(s->fts));
    if (r == FTS_DAMAGED)
        make_anew(s, view, why);
    else if (r == FTS_FAILED)
        stop_searching(s);
}

/* Whether the change up to which it is indexed is the store's: else this is the index of another
 * store, or of one that a backup has replaced. */
static const char *what_is_wrong(const struct searcher *s, story_view *view)
{
    story_list *list = NULL;
    struct story_entry e = {.seq = 0};
    uint64_t seq = fts_number(s->fts, FTS_SEQ);
    if (!seq)
        return story_last_seq(view) || fts_number(s->fts, FTS_ARTICLES) ? "there is none" : NULL;
    int error = reader_changes_since(view, seq - 1, &list);
    if (!error)
        error = story_next(list, &e);
    bool same = !error && e.seq == seq && mark_of_change(&e) == fts_number(s->fts, FTS_MARK);
    story_list_free(list);
    if (error == STORY_GONE)
        return "changes since then are deleted";
    return same ? NULL : "it is of another store";
}

/* ---- following the store --------------------------------------------------------------------- */

/* As it is in the view; what is not there is not in the index. */
static enum fts_result index_article(struct searcher *s, story_view *view, uint64_t number)
{
    struct story_entry e;
    struct article_record a;
    enum fts_result r;
    s->uncommitted++;
    if (story_article(view, number, &e) || !codec_load(&article_table, e.json, e.length, &a))
        return fts_delete(s->fts, number);
    r = fts_put(s->fts, &a);
    codec_free(&article_table, &a);
    return r;
}

/* Deleted articles whose deletion is committed. */
static enum fts_result take_dropped(struct searcher *s, story_view *view, int64_t until)
{
    enum fts_result r = FTS_OK;
    struct story_entry e;
    size_t kept = 0, i = 0;
    for (; r == FTS_OK && i < s->n_dropped && monotonic_us() < until; i++) {
        if (!story_article(view, s->dropped[i], &e)) {
            s->dropped[kept++] = s->dropped[i];
            continue;
        }
        r = fts_delete(s->fts, s->dropped[i]);
        s->uncommitted++;
    }
    if (i > kept)
        memmove(s->dropped + kept, s->dropped + i, (s->n_dropped - i) * sizeof *s->dropped);
    s->n_dropped -= i - kept;
    return r;
}

/* An article's number is in the change that made it, edited it or took its text away. Where it is
 * moved is read from the store with each hit. */
static enum fts_result take_changes(struct searcher *s, story_view *view, int64_t until, bool *more)
{
    story_list *list = NULL;
    struct story_entry e;
    enum fts_result r = FTS_OK;
    int error = reader_changes_since(view, fts_number(s->fts, FTS_SEQ), &list);
    *more = true;
    if (error == STORY_GONE) {
        make_anew(s, view, "changes since then are deleted");
        return FTS_OK;
    }
    while (!error && r == FTS_OK && monotonic_us() < until && !(error = story_next(list, &e))) {
        struct change_record c;
        codec_load(&change_table, e.json, e.length, &c);
        uint64_t next = fts_number(s->fts, FTS_NEXT);
        if (c.article && (!next || c.article < next))
            r = index_article(s, view, c.article);
        codec_free(&change_table, &c);
        fts_set_number(s->fts, FTS_SEQ, e.seq);
        fts_set_number(s->fts, FTS_MARK, mark_of_change(&e));
    }
    story_list_free(list);
    *more = !error;
    return r;
}

static void log_progress(struct searcher *s)
{
    int64_t now = monotonic_ms();
    bool done = is_complete(s);
    if (done)
        log_line(LOG_INFO, "search_complete", "the search index is complete",
                 LOG_N("articles", fts_number(s->fts, FTS_ARTICLES)), LOG_N("ms", now - s->began));
    else if (now >= s->logged + LOG_MS)
        log_line(LOG_INFO, "search_progress", "making the search index",
                 LOG_N("done", fts_number(s->fts, FTS_NEXT)), LOG_N("of", s->of));
    else
        return;
    s->logged = now;
}

/* The next articles of all, while the index is made. */
static enum fts_result take_all_articles(struct searcher *s, story_view *view, int64_t until)
{
    enum fts_result r = FTS_OK;
    uint64_t next = fts_number(s->fts, FTS_NEXT);
    s->of = reader_number(view, "articles");
    while (r == FTS_OK && next <= s->of && monotonic_us() < until)
        r = index_article(s, view, next++);
    fts_set_number(s->fts, FTS_NEXT, next > s->of ? 0 : next);
    if (r == FTS_OK)
        log_progress(s);
    return r;
}

/* At the start: articles that were deleted just before the last end. */
static enum fts_result sweep_deleted(struct searcher *s, story_view *view, int64_t until)
{
    struct story_entry e;
    enum fts_result r = FTS_OK;
    while (r == FTS_OK && s->sweep_to && monotonic_us() < until) {
        r = fts_after(s->fts, s->swept, &s->swept);
        if (r == FTS_OK && (!s->swept || s->swept >= s->sweep_to))
            s->sweep_to = 0;
        else if (r == FTS_OK && story_article(view, s->swept, &e)) {
            r = fts_delete(s->fts, s->swept);
            s->uncommitted++;
        }
    }
    return r;
}

static enum fts_result merge_some(struct searcher *s, int64_t until)
{
    enum fts_result r = FTS_OK;
    while (r == FTS_OK && s->unmerged && monotonic_us() < until)
        r = fts_merge(s->fts, &s->unmerged);
    return r;
}

/* One slice; true when there is more to do at once. */
static bool follow(struct searcher *s)
{
    story_view *view;
    bool more = false;
    int64_t until = monotonic_us() + SLICE_US;
    if (!s->fts || story_view_begin(s->db, &view))
        return false;
    uint64_t seq = fts_number(s->fts, FTS_SEQ);
    enum fts_result r = take_dropped(s, view, until);
    if (r == FTS_OK)
        r = take_changes(s, view, until, &more);
    if (r == FTS_OK && s->fts && s->unmerged)
        r = merge_some(s, until);
    else if (r == FTS_OK && s->fts && !is_complete(s))
        r = take_all_articles(s, view, until);
    if (r == FTS_OK && s->fts && s->sweep_to)
        r = sweep_deleted(s, view, until);
    if (s->fts && r == FTS_OK) {
        more |= !is_complete(s) || s->sweep_to;
        if (s->uncommitted >= COMMIT_EVERY ||
            (!more && (s->uncommitted || seq != fts_number(s->fts, FTS_SEQ)))) {
            r = fts_commit(s->fts);
            s->uncommitted = 0;
            s->unmerged = true;
        }
        more |= s->unmerged;
    }
    if (r != FTS_OK) {
        index_failed(s, view, r);
        more = true;
    }
    story_view_end(view);
    return more && s->fts;
}

static void on_step(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct searcher *s = arg;
    if (follow(s))
        step_soon(s);
}

void searcher_committed(struct searcher *s)
{
    if (s && s->fts)
        step_soon(s);
}

void searcher_drop(struct searcher *s, uint64_t article)
{
    if (!s || !s->fts)
        return;
    MEM_GROW(s->dropped, s->n_dropped, s->cap_dropped);
    s->dropped[s->n_dropped++] = article;
}

/* ---- start and stop -------------------------------------------------------------------------- */

/* The machine's present run, which the kernel numbers. */
static void read_boot(char out[64])
{
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (!f || !fgets(out, 64, f))
        snprintf(out, 64, "unknown");
    if (f)
        fclose(f);
}

struct searcher *searcher_new(struct event_base *base, story_db *db, const char *store)
{
    struct searcher *s = mem_zero(sizeof *s);
    story_view *view = NULL;
    s->db = db;
    s->step = must_event(evtimer_new(base, on_step, s));
    read_boot(s->boot);
    snprintf(s->path, sizeof s->path, "%s/search.db", store);
    enum fts_result r = fts_open(s->path, s->boot, &s->fts);
    if (story_view_begin(db, &view)) {
        stop_searching(s);
        return s;
    }
    const char *wrong = r == FTS_OK ? what_is_wrong(s, view) : NULL;
    if (r != FTS_OK)
        index_failed(s, view, r);
    else if (wrong)
        make_anew(s, view, wrong);
    else
        s->sweep_to = reader_number(view, "articles_from");
    story_view_end(view);
    s->began = s->logged = monotonic_ms();
    searcher_committed(s);
    return s;
}

void searcher_free(struct searcher *s)
{
    if (!s)
        return;
    fts_close(s->fts);
    event_free(s->step);
    free(s->dropped);
    free(s);
}

static int64_t file_bytes(const char *path, const char *end)
{
    char name[MAX_PATH + 8];
    struct stat st;
    snprintf(name, sizeof name, "%s%s", path, end);
    return stat(name, &st) ? 0 : (int64_t)st.st_blocks * 512;
}

struct searcher_facts searcher_facts(const struct searcher *s)
{
    struct searcher_facts f = {.on = s && s->fts};
    if (!f.on)
        return f;
    f.complete = is_complete(s);
    f.articles = fts_number(s->fts, FTS_ARTICLES);
    f.done = fts_number(s->fts, FTS_NEXT);
    f.of = s->of;
    f.bytes = file_bytes(s->path, "") + file_bytes(s->path, "-wal");
    return f;
}

/* ---- searching ------------------------------------------------------------------------------- */

struct hit_groups {
    story_view *view;
    struct searcher_result *out;
    enum searcher_order order;
    struct map places; /* event -> its place in the result, and one */
    size_t cap, taken;
    int64_t until; /* us */
};

/* An article's record begins with its number and its event (store/article_record.c). */
static uint64_t event_of_hit(const struct story_entry *e)
{
    enum { HEAD = 80 };
    static const char field[] = "\"event\":";
    const char *p = memmem(e->json, e->length < HEAD ? e->length : HEAD, field, sizeof field - 1);
    uint64_t event = 0;
    for (p = p ? p + sizeof field - 1 : ""; *p >= '0' && *p <= '9'; p++)
        event = event * 10 + (uint64_t)(*p - '0');
    return event;
}

/* In thousandths of a doubling. What depends on the present time would move between two pages. */
static int64_t relevance_key(const struct fts_hit *hit)
{
    enum { HALF = 90 * 86400 };
    double least = 1e-3; /* matched by conditions alone, such as lang: */
    return llround(1000 * (log2(fmax(hit->relevance, least)) + (double)hit->published / HALF));
}

static void add_matching(struct searcher_event *of, const struct fts_hit *hit,
                         enum searcher_order order)
{
    if (order == SEARCHER_NEWEST) {
        if (of->n_articles < SEARCHER_SHOWN)
            of->articles[of->n_articles++] = hit->article;
        of->key = (int64_t)of->articles[0];
    } else if (!of->n || relevance_key(hit) > of->key) {
        of->key = relevance_key(hit);
        of->articles[0] = hit->article;
        of->n_articles = 1;
    }
    of->n++;
}

static bool take_hit(void *arg, const struct fts_hit *hit)
{
    struct hit_groups *f = arg;
    struct searcher_result *out = f->out;
    struct story_entry e;
    if (!f->taken++) /* however long it took to find the first one */
        f->until = monotonic_us() + FIND_US;
    if (story_article(f->view, hit->article, &e))
        return true; /* deleted since */
    uint64_t event = event_of_hit(&e);
    if (!event)
        return true;
    size_t place = (size_t)(uintptr_t)map_get(&f->places, event);
    if (!place) {
        MEM_GROW(out->events, out->n, f->cap);
        out->events[out->n] = (struct searcher_event){.event = event};
        place = ++out->n;
        map_put(&f->places, event, (void *)(uintptr_t)place);
    }
    add_matching(&out->events[place - 1], hit, f->order);
    return f->taken < SEARCHER_MOST;
}

static bool is_time_up(void *arg)
{
    const struct hit_groups *f = arg;
    return monotonic_us() >= f->until;
}

static enum fts_result find_hits(struct searcher *s, story_view *view, const struct query *q,
                                 const char *match, enum searcher_order order,
                                 struct searcher_result *out)
{
    struct hit_groups f = {
        .view = view, .out = out, .order = order, .until = monotonic_us() + FIND_US};
    bool all = false;
    const struct fts_search search = {.match = match,
                                      .since = q->since,
                                      .until = q->until,
                                      .ranked = order == SEARCHER_RELEVANCE,
                                      .take = take_hit,
                                      .stop = is_time_up,
                                      .arg = &f};
    enum fts_result r = fts_find(s->fts, &search, &all);
    map_free(&f.places);
    out->cut |= !all;
    return r;
}

static int by_key_down(const void *a, const void *b)
{
    const struct searcher_event *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key) - (x->key > y->key)
                            : (x->event < y->event) - (x->event > y->event);
}

bool searcher_find(struct searcher *s, story_view *view, const struct query *q,
                   enum searcher_order order, struct searcher_result *out)
{
    struct buf whole;
    *out = (struct searcher_result){.n = 0};
    if (s && evtimer_pending(s->step, NULL))
        follow(s); /* what was committed just now */
    if (!s || !s->fts)
        return false;
    enum fts_result r = FTS_OK;
    buf_init(&whole, q->match.max);
    if (query_whole(q, &whole))
        r = find_hits(s, view, q, buf_text(&whole), order, out);
    if (r == FTS_OK && !out->cut) { /* all that match the whole word match its prefix too */
        searcher_result_free(out);
        r = find_hits(s, view, q, buf_text(&q->match), order, out);
    }
    if (out->n)
        qsort(out->events, out->n, sizeof *out->events, by_key_down);
    buf_free(&whole);
    if (r == FTS_DAMAGED) {
        index_failed(s, view, r);
        searcher_committed(s);
    } else if (r == FTS_FAILED) {
        log_line(LOG_ERR, "search_refused", "a search failed", LOG_T("error", fts_error(s->fts)));
    }
    return r == FTS_OK;
}

void searcher_result_free(struct searcher_result *r)
{
    free(r->events);
    *r = (struct searcher_result){.n = 0};
}

int searcher_best(story_view *view, const struct query *q, const struct searcher_event *e,
                  struct article_record *article, struct snippet *out)
{
    size_t best = 0;
    int error = STORY_NOT_FOUND;
    *article = (struct article_record){.number = 0};
    for (size_t i = 0; i < e->n_articles; i++) {
        struct story_entry entry;
        struct article_record a;
        struct snippet in_title, in_body;
        if (story_article(view, e->articles[i], &entry) ||
            !codec_load(&article_table, entry.json, entry.length, &a))
            continue;
        snippet_of(q, a.title, SNIPPET_BYTES, &in_title);
        snippet_of(q, article_body(&a), SNIPPET_BYTES, &in_body);
        size_t worth = 1 + 2 * in_title.words + in_body.words;
        if (worth > best) {
            codec_free(&article_table, article);
            *article = a;
            *out = in_body;
            best = worth;
            error = 0;
        } else {
            codec_free(&article_table, &a);
        }
    }
    return error;
}
