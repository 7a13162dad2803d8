/* Converts an article to the bytes that a restart needs, and back; the persistence part of
 * engine.h. Called by ingest, which stores the bytes, and store/check.c. Bytes are in host byte
 * order. */
#include "cluster/engine.h"
#include "cluster/describe.h"
#include "cluster/window.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

/* Version of this format; never less than SKETCH_VERSION, since a new sketch requires a new format.
 */
enum { PACKED_VERSION = 9 };
_Static_assert((int)PACKED_VERSION >= (int)SKETCH_VERSION, "a new sketch is packed in a new form");

struct packed {
    uint32_t version, words, n_weights;
    struct marks marks;
    int64_t seen, published;
    uint64_t publisher, agency, copy_of;
    uint32_t sketch[SKETCH_BANDS];
    struct shingles shingles;
    uint16_t frame, title_faults;
    char lang[4];
    uint8_t pages; /* sketches behind the weights; 0 in data packed before they were introduced */
    char pad[5];
};

static void pack(const struct article *a, const uint32_t sketch[SKETCH_BANDS], uint8_t pages,
                 struct buf *out)
{
    struct packed p = {.version = PACKED_VERSION,
                       .words = a->words,
                       .frame = a->frame,
                       .title_faults = a->title_faults,
                       .marks = a->marks,
                       .n_weights = (uint32_t)a->vector.n,
                       .seen = a->seen,
                       .published = a->published,
                       .publisher = a->publisher,
                       .agency = a->agency,
                       .copy_of = a->copy_of,
                       .shingles = a->shingles,
                       .pages = pages};
    memcpy(p.sketch, sketch, sizeof p.sketch);
    memcpy(p.lang, a->lang, sizeof p.lang);
    buf_add(out, &p, sizeof p);
    buf_add(out, a->vector.v, a->vector.n * sizeof *a->vector.v);
}

void engine_pack(const struct engine *e, uint64_t number, struct buf *out)
{
    const struct article *a = window_article(e, number);
    if (!a || number + 1 != e->first + e->n)
        abort();
    pack(a, e->sketch, 0, out);
}

/* The page sketches in previously packed bytes; NULL when the size does not match. */
static const char *pages_of(const struct packed *p, const void *bytes, size_t n)
{
    size_t weights = (size_t)p->n_weights * sizeof(struct weight);
    size_t pages = p->pages * sizeof p->sketch;
    if (p->n_weights > TERMS_TITLE_WORDS + TERMS_BODY_WORDS || n != sizeof *p + weights + pages)
        return NULL;
    return (const char *)bytes + sizeof *p + weights;
}

/* Keeps the original sketch and those of the pages, which only tell under which words the index has
 * the article. `page`: NULL, or a further one. */
static void pack_again(const struct article *a, const void *bytes, size_t n,
                       const uint32_t page[SKETCH_BANDS], struct buf *out)
{
    struct packed p;
    if (!a || n < sizeof p)
        abort();
    memcpy(&p, bytes, sizeof p);
    const char *pages = pages_of(&p, bytes, n);
    if (!pages)
        abort();
    pack(a, p.sketch, (uint8_t)(p.pages + (page != NULL)), out);
    buf_add(out, pages, p.pages * sizeof p.sketch);
    if (page)
        buf_add(out, page, sizeof p.sketch);
}

void engine_pack_again(const struct engine *e, uint64_t number, const void *bytes, size_t n,
                       struct buf *out)
{
    pack_again(window_article(e, number), bytes, n, NULL, out);
}

void engine_pack_page(const struct engine *e, uint64_t number, const void *bytes, size_t n,
                      struct buf *out)
{
    const struct article *a = window_article(e, number);
    struct packed p = {0};
    if (n >= sizeof p)
        memcpy(&p, bytes, sizeof p);
    pack_again(a, bytes, n, a && a->pages > p.pages ? e->sketch : NULL, out);
}

/* The first article of the window is being restored: reserves room for all up to the last number.
 */
static void expect_articles(struct engine *e, uint64_t first)
{
    size_t n = first < e->next_article ? e->next_article - first : 1;
    n = n < e->params.articles ? n : (size_t)e->params.articles;
    e->first = first;
    window_make_room(e, n);
    index_expect(e->index, n);
}

bool engine_packed_before(const void *bytes, size_t n)
{
    uint32_t version = PACKED_VERSION;
    if (n >= sizeof version)
        memcpy(&version, bytes, sizeof version);
    return version > 0 && version < PACKED_VERSION;
}

void engine_pack_nothing(struct buf *out)
{
    const uint32_t older = 1;
    buf_add(out, &older, sizeof older);
}

/* Puts the article into its event and, by e->sketch, into the index. False, and it is freed, when
 * it is too old for the window. */
static bool hold_article(struct engine *e, struct article *a, uint64_t event)
{
    if (a->seen / SECONDS_A_DAY == rarity_today(e->rarity)) {
        describe_count(e, &a->vector);
        if (!e->first_today)
            e->first_today = a->number;
    }
    if (a->seen < e->clock - window_seconds(e)) {
        arena_put(&e->memory, a);
        return false;
    }
    if (e->n == 0)
        expect_articles(e, a->number);
    struct news_event *ev = map_get(&e->events, event);
    if (!ev) {
        ev = window_begin_event(e, event);
        map_put(&e->events, event, ev);
    }
    news_event_hold(ev, a);
    window_keep(e, a);
    return true;
}

void engine_rebuild(struct engine *e, uint64_t number, uint64_t event, uint64_t copy_of,
                    const struct engine_article *in, struct buf *out)
{
    uint64_t publisher = hash64(in->publisher, strlen(in->publisher), 0);
    const struct lang *lang = describe_read(e, in, publisher);
    struct article *a = describe_read_one(e, in, publisher, lang);
    a->number = number;
    a->seen = in->seen;
    a->published =
        in->published == INT64_MIN || in->published > in->seen ? in->seen : in->published;
    a->copy_of = copy_of;
    pack(a, e->sketch, 0, out);
    hold_article(e, a, event);
}

bool engine_restore(struct engine *e, uint64_t number, uint64_t event, const void *bytes, size_t n)
{
    struct packed p;
    if (n < sizeof p)
        return false;
    memcpy(&p, bytes, sizeof p);
    const char *pages = pages_of(&p, bytes, n);
    if (p.version != PACKED_VERSION || !pages || p.pages > PAGES_MOST || p.lang[3])
        return false;
    struct article *a = article_new(&e->memory, p.n_weights);
    a->number = number;
    memcpy(a->vector.v, (const char *)bytes + sizeof p, p.n_weights * sizeof(struct weight));
    for (size_t i = 1; i < a->vector.n; i++)
        if (a->vector.v[i - 1].id >=
            a->vector.v[i].id) { /* adding vectors relies on ascending ids */
            arena_put(&e->memory, a);
            return false;
        }
    a->shingles = p.shingles;
    memcpy(e->sketch, p.sketch, sizeof e->sketch);
    index_ahead(e->index, e->sketch);
    a->seen = p.seen;
    a->published = p.published;
    a->publisher = p.publisher;
    a->agency = p.agency;
    a->copy_of = p.copy_of;
    a->words = p.words;
    a->frame = (uint8_t)p.frame;
    a->title_faults = (uint8_t)p.title_faults;
    a->pages = p.pages;
    a->marks = p.marks;
    memcpy(a->lang, p.lang, sizeof a->lang);
    if (!hold_article(e, a, event))
        return true;
    for (size_t i = 0; i < p.pages; i++) {
        memcpy(e->sketch, pages + i * sizeof e->sketch, sizeof e->sketch);
        window_index(e, a);
    }
    return true;
}

void engine_save_rarity(const struct engine *e, struct buf *out)
{
    rarity_save(e->rarity, out);
}

bool engine_restore_rarity(struct engine *e, const void *bytes, size_t n)
{
    return rarity_load(e->rarity, bytes, n);
}

int64_t engine_clock(const struct engine *e)
{
    return e->clock;
}

void engine_set_clock(struct engine *e, int64_t seen)
{
    e->clock = seen;
}
