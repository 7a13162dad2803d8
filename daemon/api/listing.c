/* Keeps the table and selects a page of it for a query. Does not read the store: lists.c feeds
 * it. */
#include "api/listing.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/nfc.h"
#include "api/ask.h"
#include "digest/topic.h"
#include "store/filter.h"
#include "store/record.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOUR = 3600,
    RISING_HALF = 7200, /* twice the publishers count as much as two hours */
    MAX_TAGS = 500,     /* categories, and twice the sources */
    MAX_TEXT = 2000,
};

/* Above any score: pinned events are at the top. */
static const int64_t on_top = (int64_t)1 << 40;

/* What a filter seldom looks at. */
struct more {
    uint16_t n_categories, n_domains, n_sources; /* the domains are the first of the sources */
    uint32_t tags[]; /* categories and editors' tags, then names and domains of sources; then the
                        folded text */
};

struct listed_event {
    uint64_t number;
    int64_t seq, score, rising, updated, last_source;
    uint32_t sources, velocity, lang, category;
    bool muted;
    struct more *more;
};

struct listing {
    struct listed_event *v;
    size_t n, cap;
    struct map places; /* number -> its place, and one */
    struct filter_values *values;
    uint64_t version;
};

/* ---- folded texts --------------------------------------------------------------------------- */

/* The words of a text, each with a blank before it, as far as there is room; in NFC, which what is
 * looked for need not be, nor what an older version stored. */
static void fold_text(const char *text, struct buf *out)
{
    struct words w;
    struct word word;
    char *composed = nfc_str(text);
    words_init(&w, composed, strlen(composed));
    while (words_next(&w, &word)) {
        const char *elided = filter_elided(&word);
        buf_addc(out, ' ');
        buf_add(out, word.text, word.len);
        if (elided)
            buf_addf(out, " %s", elided);
    }
    free(composed);
}

static uint32_t fold_hash(const char *text)
{
    struct buf b;
    buf_init(&b, MAX_TEXT);
    fold_text(text, &b);
    uint32_t hash = (uint32_t)hash64(buf_text(&b), b.len, 0);
    buf_free(&b);
    return hash;
}

uint32_t listing_tag(const char *text)
{
    return fold_hash(text);
}

/* ---- entries -------------------------------------------------------------------------------- */

struct tags {
    uint32_t v[MAX_TAGS];
    size_t n;
};

static bool add_listing_tag(void *arg, const char *text)
{
    struct tags *t = arg;
    if (t->n < MAX_TAGS)
        t->v[t->n++] = fold_hash(text);
    return false;
}

static bool add_folded_text(void *arg, const char *text)
{
    fold_text(text, arg);
    return false;
}

static struct more *read_more(const struct event_record *event)
{
    struct tags tags = {.n = 0};
    struct buf text;
    buf_init(&text, MAX_TEXT);
    filter_any(event, FILTER_CATEGORY, add_listing_tag, &tags);
    size_t categories = tags.n;
    filter_any(event, FILTER_SOURCE, add_listing_tag, &tags);
    filter_any(event, FILTER_WORDS, add_folded_text, &text);
    struct more *m = mem_alloc(sizeof *m + tags.n * sizeof *tags.v + text.len + 1);
    m->n_categories = (uint16_t)categories;
    m->n_sources = (uint16_t)(tags.n - categories);
    m->n_domains = m->n_sources < event->sources.n ? m->n_sources : (uint16_t)event->sources.n;
    memcpy(m->tags, tags.v, tags.n * sizeof *tags.v);
    memcpy(m->tags + tags.n, buf_text(&text), text.len + 1);
    buf_free(&text);
    return m;
}

static const char *folded_text(const struct more *m)
{
    return (const char *)(m->tags + m->n_categories + m->n_sources);
}

static void read_entry(const struct event_record *event, struct listed_event *e)
{
    const struct event_source *sources = event->sources.v;
    char *const *categories = event->categories.v;
    *e = (struct listed_event){
        .number = event->number,
        .seq = (int64_t)event->seq,
        .score = event->score + (event->pinned ? on_top : 0),
        .muted = event->muted,
        .updated = event->updated,
        .sources = (uint32_t)event->source_count,
        .velocity = (uint32_t)event->velocity,
        .lang = fold_hash(codec_text(event->lang)),
        .category =
            event->categories.n && topic_code(categories[0]) ? listing_tag(categories[0]) : 0,
        .more = read_more(event),
    };
    for (size_t i = 0; i < event->sources.n; i++)
        if (sources[i].first > e->last_source)
            e->last_source = sources[i].first;
    e->rising =
        llround(1000 * (log2(1 + (double)e->velocity) + (double)e->last_source / RISING_HALF));
}

/* ---- what filters can be set to ------------------------------------------------------------- */

/* Of muted events nothing is counted: lists leave them out. */
static void count_values(struct filter_values *v, const struct listed_event *e,
                         const struct event_record *event)
{
    char *const *categories = event->categories.v, *const *tags = event->tags.v;
    const struct event_source *sources = event->sources.v;
    const struct more *m = e->more;
    if (e->muted)
        return;
    for (size_t i = 0; i < m->n_categories; i++)
        filter_values_add(v, FILTER_NAME_CATEGORY, m->tags[i],
                          i < event->categories.n ? categories[i] : tags[i - event->categories.n],
                          NULL);
    for (size_t i = 0; i < m->n_domains; i++)
        filter_values_add(v, FILTER_NAME_SOURCE, m->tags[m->n_categories + i], sources[i].domain,
                          sources[i].name);
    filter_values_add(v, FILTER_NAME_LANG, e->lang, codec_text(event->lang), NULL);
}

static void uncount_values(struct filter_values *v, const struct listed_event *e)
{
    const struct more *m = e->more;
    if (e->muted)
        return;
    for (size_t i = 0; i < m->n_categories; i++)
        filter_values_drop(v, FILTER_NAME_CATEGORY, m->tags[i]);
    for (size_t i = 0; i < m->n_domains; i++)
        filter_values_drop(v, FILTER_NAME_SOURCE, m->tags[m->n_categories + i]);
    filter_values_drop(v, FILTER_NAME_LANG, e->lang);
}

const struct filter_values *listing_values(const struct listing *l)
{
    return l->values;
}

/* ---- the table ------------------------------------------------------------------------------ */

static void free_listed(struct listing *l, struct listed_event *e)
{
    uncount_values(l->values, e);
    free(e->more);
}

/* The last entry takes the place. */
static void remove_at(struct listing *l, size_t place)
{
    map_remove(&l->places, l->v[place].number);
    free_listed(l, &l->v[place]);
    if (place != --l->n) {
        l->v[place] = l->v[l->n];
        map_put(&l->places, l->v[place].number, (void *)(uintptr_t)(place + 1));
    }
}

static int by_seq_down(const void *a, const void *b)
{
    const struct listed_event *x = a, *y = b;
    return (x->seq < y->seq) - (x->seq > y->seq);
}

/* Lets go of a tenth at once, those not updated for longest. */
static void make_listing_room(struct listing *l)
{
    qsort(l->v, l->n, sizeof *l->v, by_seq_down);
    while (l->n > LISTING_MAX - LISTING_MAX / 10)
        free_listed(l, &l->v[--l->n]);
    map_free(&l->places);
    l->places = (struct map){0};
    for (size_t i = 0; i < l->n; i++)
        map_put(&l->places, l->v[i].number, (void *)(uintptr_t)(i + 1));
}

void listing_take(struct listing *l, const struct event_record *event)
{
    const char *status = event->status;
    uint64_t number = event->number;
    size_t place = (size_t)(uintptr_t)map_get(&l->places, number);
    l->version++;
    if (strcmp(status, "open") != 0 && strcmp(status, "closed") != 0) {
        if (place)
            remove_at(l, place - 1);
        return;
    }
    if (!place) {
        if (l->n == LISTING_MAX)
            make_listing_room(l);
        MEM_GROW(l->v, l->n, l->cap);
        place = ++l->n;
        map_put(&l->places, number, (void *)(uintptr_t)place);
    } else {
        free_listed(l, &l->v[place - 1]);
    }
    read_entry(event, &l->v[place - 1]);
    count_values(l->values, &l->v[place - 1], event);
}

void listing_drop(struct listing *l, uint64_t event)
{
    size_t place = (size_t)(uintptr_t)map_get(&l->places, event);
    if (!place)
        return;
    l->version++;
    remove_at(l, place - 1);
}

struct listing *listing_new(void)
{
    struct listing *l = mem_zero(sizeof *l);
    l->values = filter_values_new();
    return l;
}

void listing_free(struct listing *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i].more);
    map_free(&l->places);
    filter_values_free(l->values);
    free(l->v);
    free(l);
}

uint64_t listing_version(const struct listing *l)
{
    return l->version;
}

size_t listing_size(const struct listing *l)
{
    return l->n;
}

size_t listing_rank(const struct listing *l, uint64_t number)
{
    size_t place = (size_t)(uintptr_t)map_get(&l->places, number), rank = 1;
    if (!place)
        return 0;
    const struct listed_event *e = &l->v[place - 1];
    for (size_t i = 0; i < l->n; i++)
        rank +=
            l->v[i].score > e->score || (l->v[i].score == e->score && l->v[i].number > e->number);
    return rank;
}

static struct listing_event event_of_entry(const struct listed_event *e)
{
    return (struct listing_event){.number = e->number,
                                  .seq = e->seq,
                                  .updated = e->updated,
                                  .sources = e->sources,
                                  .category = e->category,
                                  .tags = e->more->tags,
                                  .n_tags = e->more->n_categories};
}

bool listing_get(const struct listing *l, uint64_t number, struct listing_event *out)
{
    size_t place = (size_t)(uintptr_t)map_get(&l->places, number);
    if (place)
        *out = event_of_entry(&l->v[place - 1]);
    return place;
}

void listing_each(const struct listing *l, void (*each)(void *, const struct listing_event *),
                  void *arg)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct listing_event e = event_of_entry(&l->v[i]);
        if (!l->v[i].muted)
            each(arg, &e);
    }
}

/* ---- queries -------------------------------------------------------------------------------- */

static int64_t order_key(const struct listed_event *e, enum listing_order order)
{
    switch (order) {
    case LISTING_TOP:
        return e->score;
    case LISTING_RISING:
        return e->rising;
    case LISTING_UPDATED:
        return e->seq;
    case LISTING_NEW:
    case LISTING_RELEVANCE:
        break;
    }
    return 0; /* the number alone */
}

bool listing_is_growing(uint64_t velocity, int64_t last_source, int64_t now)
{
    enum { LEAST = 2 };
    return velocity >= LEAST && last_source >= now - HOUR;
}

static bool is_among(uint32_t tag, const uint32_t *tags, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tags[i] == tag)
            return true;
    return false;
}

static bool share_a_tag(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    for (size_t i = 0; i < n; i++)
        if (is_among(a[i], b, m))
            return true;
    return false;
}

/* Each word of the search begins a word of the text. */
static bool text_has_words(const char *text, const char *search)
{
    char word[WORD_MAX + 2];
    for (const char *p = search; *p;) {
        size_t n = 1 + strcspn(p + 1, " ");
        memcpy(word, p, n);
        word[n] = 0;
        if (!strstr(text, word))
            return false;
        p += n;
    }
    return true;
}

static bool passes(const struct listed_event *e, const struct listing_query *q, int64_t now)
{
    const struct more *m = e->more;
    if (e->muted != q->muted)
        return false;
    if (e->sources < q->min_sources || e->updated < q->since || e->updated > q->until)
        return false;
    if (q->order == LISTING_RISING && e->sources < 2)
        return false; /* one publisher's news spreads nowhere */
    if (q->growing && !listing_is_growing(e->velocity, e->last_source, now))
        return false;
    if (q->n_langs && !is_among(e->lang, q->langs, q->n_langs))
        return false;
    if (q->n_categories && !share_a_tag(q->categories, q->n_categories, m->tags, m->n_categories))
        return false;
    if (q->n_sources &&
        !share_a_tag(q->sources, q->n_sources, m->tags + m->n_categories, m->n_sources))
        return false;
    return true;
}

static bool has_words(const struct listed_event *e, const struct listing_query *q)
{
    return !*q->search || text_has_words(folded_text(e->more), q->search);
}

static const struct listed_event *listed_entry(const struct listing *l, uint64_t number)
{
    size_t place = (size_t)(uintptr_t)map_get(&l->places, number);
    return place ? &l->v[place - 1] : NULL;
}

bool listing_has(const struct listing *l, uint64_t number)
{
    return listed_entry(l, number) != NULL;
}

bool listing_passes(const struct listing *l, const struct listing_query *q, int64_t now,
                    uint64_t number)
{
    const struct listed_event *e = listed_entry(l, number);
    return e && passes(e, q, now);
}

bool listing_would_pass(const struct listing_query *q, int64_t now,
                        const struct event_record *event)
{
    struct listed_event e;
    read_entry(event, &e);
    bool would = passes(&e, q, now);
    free(e.more);
    return would;
}

static bool is_before(struct listing_place a, struct listing_place b)
{
    return a.key > b.key || (a.key == b.key && a.number > b.number);
}

/* A heap of the best entries, the worst of them at the root. */
static void sink(struct listing_place *heap, size_t n, size_t i)
{
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && is_before(heap[child], heap[child + 1]))
            child++;
        if (!is_before(heap[i], heap[child]))
            return;
        struct listing_place other = heap[i];
        heap[i] = heap[child];
        heap[child] = other;
    }
}

static void rise(struct listing_place *heap, size_t i)
{
    for (size_t parent; i > 0 && is_before(heap[parent = (i - 1) / 2], heap[i]); i = parent) {
        struct listing_place other = heap[i];
        heap[i] = heap[parent];
        heap[parent] = other;
    }
}

static int best_first(const void *a, const void *b)
{
    return is_before(*(const struct listing_place *)a, *(const struct listing_place *)b) ? -1 : 1;
}

size_t listing_find(const struct listing *l, const struct listing_query *q, int64_t now,
                    struct listing_place places[LISTING_MAX_PAGE], bool *more)
{
    struct listing_place heap[LISTING_MAX_PAGE + 1], cursor = {q->cursor_key, q->cursor_number};
    size_t n = 0, wanted = q->limit + 1; /* one more shows whether there are more */
    for (size_t i = 0; i < l->n; i++) {
        const struct listed_event *e = &l->v[i];
        struct listing_place p = {order_key(e, q->order), e->number};
        if ((n == wanted && !is_before(p, heap[0])) || (q->has_cursor && !is_before(cursor, p)) ||
            !passes(e, q, now) || !has_words(e, q))
            continue;
        if (n < wanted) {
            heap[n] = p;
            rise(heap, n++);
        } else {
            heap[0] = p;
            sink(heap, n, 0);
        }
    }
    qsort(heap, n, sizeof *heap, best_first);
    *more = n == wanted;
    n -= *more;
    memcpy(places, heap, n * sizeof *heap);
    return n;
}

void listing_cursor(struct listing_place p, char out[LISTING_CURSOR])
{
    snprintf(out, LISTING_CURSOR, "%" PRId64 ".%" PRIu64, p.key, p.number);
}

/* ---- parameters ----------------------------------------------------------------------------- */

static bool read_order(const char *text, struct listing_query *out, struct reply *error)
{
    static const struct {
        const char *name;
        bool of_list, of_search;
    } orders[] = {
        [LISTING_TOP] = {"top", true, false},
        [LISTING_NEW] = {"new", true, true},
        [LISTING_RISING] = {"rising", true, false},
        [LISTING_UPDATED] = {"updated", true, false},
        [LISTING_RELEVANCE] = {"relevance", false, true},
    };
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (!strcmp(text, orders[i].name) &&
            (out->searches ? orders[i].of_search : orders[i].of_list)) {
            out->order = (enum listing_order)i;
            return true;
        }
    reply_problem(error, 400, "order=%.40s; expected %s", text,
                  out->searches ? "new or relevance" : "top, new, rising or updated");
    return false;
}

/* "a,b,c" matches any of them; as in any_is() of store/filter.c, a value may contain commas. */
static bool read_any(const char *name, const char *text, uint32_t hashes[LISTING_VALUES], size_t *n,
                     struct reply *error)
{
    _Static_assert(LISTING_VALUES == LISTING_ANY * FILTER_PARTS + 1, "room for each run of parts");
    enum { MOST = 255 };
    char one[(MOST + 1) * FILTER_PARTS];
    size_t given = 0;
    for (const char *p = text; *p; p += *p == ',') {
        size_t length = strcspn(p, ",");
        if (given++ == LISTING_ANY || length > MOST) {
            reply_problem(error, 400, "%s: expected at most %d values with commas between them",
                          name, LISTING_ANY);
            return false;
        }
        for (size_t parts = 1, m = length; m && m < sizeof one && parts <= FILTER_PARTS; parts++) {
            memcpy(one, p, m);
            one[m] = 0;
            hashes[(*n)++] = fold_hash(one);
            if (!p[m])
                break;
            m += 1 + strcspn(p + m + 1, ",");
        }
        p += length;
    }
    if (given > FILTER_PARTS)
        hashes[(*n)++] = fold_hash(text);
    return true;
}

bool listing_read_category(const char *text, struct listing_query *out, struct reply *error)
{
    out->n_categories = 0;
    return read_any("category", text, out->categories, &out->n_categories, error);
}

static bool read_cursor(const char *text, struct listing_query *out, struct reply *error)
{
    char *dot = NULL, *end = NULL;
    out->cursor_key = strtoll(text, &dot, 10);
    if (dot != text && *dot == '.' && dot[1] >= '0' && dot[1] <= '9')
        out->cursor_number = strtoull(dot + 1, &end, 10);
    out->has_cursor = end && !*end;
    if (!out->has_cursor)
        reply_problem(error, 400, "cursor=%.40s; expected the value of next of another page", text);
    return out->has_cursor;
}

static bool read_search(const char *text, struct listing_query *out, struct reply *error)
{
    struct buf b;
    buf_init(&b, sizeof out->search - 1);
    fold_text(text, &b);
    snprintf(out->search, sizeof out->search, "%s", buf_text(&b));
    bool ok = !b.full;
    buf_free(&b);
    if (!ok)
        reply_problem(error, 400, "q is too long; expected at most %d bytes", LISTING_MAX_SEARCH);
    return ok;
}

static bool read_yes(const char *name, const char *text, bool *out, struct reply *error)
{
    *out = !strcmp(text, "yes");
    if (*out || !strcmp(text, "no"))
        return true;
    reply_problem(error, 400, "%s=%.40s; expected yes or no", name, text);
    return false;
}

static const char *given(const struct request *r, const char *name)
{
    const char *text = request_parameter(r, name);
    return text && *text ? text : NULL;
}

bool listing_read(const struct request *r, struct listing_query *out, struct reply *error)
{
    static const char *const known[] = {"order", "min_sources", "category", "lang",  "source",
                                        "since", "until",       "growing",  "muted", "q",
                                        "limit", "cursor",      NULL};
    const char *text;
    int64_t limit = LISTING_PAGE;
    *out = (struct listing_query){
        .order = out->order, .searches = out->searches, .until = INT64_MAX, .since = INT64_MIN};
    if (!ask_only(r, known, error))
        return false;
    if ((text = given(r, "order")) && !read_order(text, out, error))
        return false;
    if ((text = given(r, "min_sources")) &&
        !ask_number("min_sources", text, 0, 1000000, &out->min_sources, error))
        return false;
    if ((text = given(r, "since")) && !ask_moment("since", text, false, &out->since, error))
        return false;
    if ((text = given(r, "until")) && !ask_moment("until", text, true, &out->until, error))
        return false;
    if ((text = given(r, "limit")) &&
        !ask_number("limit", text, 1, LISTING_MAX_PAGE, &limit, error))
        return false;
    if ((text = given(r, "category")) &&
        !read_any("category", text, out->categories, &out->n_categories, error))
        return false;
    if ((text = given(r, "source")) &&
        !read_any("source", text, out->sources, &out->n_sources, error))
        return false;
    if ((text = given(r, "lang")) && !read_any("lang", text, out->langs, &out->n_langs, error))
        return false;
    if ((text = given(r, "growing")) && !read_yes("growing", text, &out->growing, error))
        return false;
    if ((text = given(r, "muted")) && !read_yes("muted", text, &out->muted, error))
        return false;
    if (!out->searches && (text = given(r, "q")) && !read_search(text, out, error))
        return false;
    if ((text = given(r, "cursor")) && !read_cursor(text, out, error))
        return false;
    out->limit = (size_t)limit;
    return true;
}
