#include "event/engine.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/pool.h"
#include "event/copies.h"
#include "event/habits.h"
#include "event/split.h"
#include "sketch/index.h"
#include "text/roundup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine_table.h" /* made of config/engine.conf */

enum {
    MAX_SCORED = 32, /* events found that are looked at, those found in most bands first */
    MAX_NEIGHBOURS =
        12, /* of these, likeliest first, the ones an event is compared with to merge */
    MAX_SHARED_WORDS = 12,
    FOUND_PLACES = 1 << 11,
    SECONDS_A_DAY = 86400,
};

/* Events found by the numbers of their articles, each by how many events have begun since it did:
 * those found in most bands come first, of two found as often the newer one. */
struct found {
    uint64_t rank[INDEX_FOUND]; /* FOUND_HIT times the bands, less the age */
    size_t n;
    uint16_t places[FOUND_PLACES]; /* by age: where its rank stands, plus 1; 0 is empty */
};
#define FOUND_HIT (UINT64_C(1) << 32)

struct candidate {
    struct news_event *event;
    struct score score;
};

struct engine {
    struct engine_params params;
    struct model join, merge;
    struct langs *langs;
    struct rarity *rarity;
    struct index *index;
    struct arena memory; /* of the articles */
    struct slabs sums;   /* memory of the events' sums */
    struct article *
        *articles;       /* of the window, by number from `first`; NULL: it is not in the window */
    uint32_t *homes;     /* the ends of their events' numbers, for searches */
    size_t n, cap, gone; /* articles[gone..n) are there; before them all have expired */
    uint64_t first;      /* number of articles[0] */
    uint64_t next_article, next_event;
    uint64_t first_today; /* number of the day's first article, for the rarity */
    struct map events;    /* number -> struct news_event */
    struct pool pool;     /* memory of the events */
    int64_t clock;
    struct links links; /* what editors decided */
    struct habits habits;
    struct terms terms; /* of the article that came last, its sketch and text */
    uint32_t sketch[SKETCH_BANDS];
    struct buf text;
    struct found found;
    struct candidate candidates[MAX_SCORED];
    size_t n_candidates;
    struct glance glance; /* of that article */
    struct engine_change *changes;
    size_t n_changes, cap_changes;
    engine_watch_fn *watch;
    void *watch_arg;
};

static void begin_changes(struct engine *e)
{
    for (size_t i = 0; i < e->n_changes; i++)
        free(e->changes[i].articles);
    e->n_changes = 0;
}

/* ---- making and setting --------------------------------------------------------------------- */

struct engine *engine_new(uint64_t next_article, uint64_t next_event)
{
    struct engine *e = mem_zero(sizeof *e);
#define P(name, standard, least, most, help) e->params.name = standard;
    ENGINE_PARAMS(P)
#undef P
    e->langs = langs_new();
    e->rarity = rarity_new(e->langs, e->params.half_life, e->params.background);
    for (size_t i = 0; i < sizeof engine_table / sizeof *engine_table; i++)
        if (!engine_set(e, engine_table[i].section, engine_table[i].name, engine_table[i].value))
            abort(); /* a row of the built-in table that names nothing */
    e->index = index_new();
    e->pool.size = sizeof(struct news_event);
    buf_init(&e->text, 1 << 16);
    e->next_article = next_article;
    e->first = next_article;
    e->next_event = next_event;
    return e;
}

void engine_free(struct engine *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->events.slots; i++)
        if (e->events.v[i].value)
            news_event_end(&e->sums, e->events.v[i].value);
    map_free(&e->events);
    for (size_t i = e->gone; i < e->n; i++)
        if (e->articles[i])
            arena_put(&e->memory, e->articles[i]);
    arena_free(&e->memory);
    slabs_free(&e->sums);
    pool_free(&e->pool);
    mem_large_free(e->articles, e->cap * sizeof *e->articles);
    mem_large_free(e->homes, e->cap * sizeof *e->homes);
    index_free(e->index);
    rarity_free(e->rarity);
    langs_free(e->langs);
    terms_free(&e->terms);
    buf_free(&e->text);
    begin_changes(e);
    free(e->changes);
    habits_free(&e->habits);
    links_free(&e->links);
    free(e);
}

bool engine_set(struct engine *e, const char *section, const char *name, double value)
{
    if (!strcmp(section, "join"))
        return model_add(&e->join, name, value);
    if (!strcmp(section, "merge"))
        return model_add(&e->merge, name, value);
    if (strcmp(section, "engine") != 0)
        return false;
#define P(param, standard, least, most, help)                                                      \
    if (!strcmp(name, #param) && value >= (least) && value <= (most)) {                            \
        e->params.param = value;                                                                   \
        rarity_tune(e->rarity, e->params.half_life, e->params.background);                         \
        return true;                                                                               \
    }
    ENGINE_PARAMS(P)
#undef P
    return false;
}

void engine_clear_model(struct engine *e, const char *section)
{
    (!strcmp(section, "join") ? &e->join : &e->merge)->n = 0;
}

const struct engine_params *engine_params(const struct engine *e)
{
    return &e->params;
}

const struct model *engine_join_model(const struct engine *e)
{
    return &e->join;
}

void engine_watch(struct engine *e, engine_watch_fn *fn, void *arg)
{
    e->watch = fn;
    e->watch_arg = arg;
}

/* ---- the window ----------------------------------------------------------------------------- */

static int64_t window_seconds(const struct engine *e)
{
    return (int64_t)(e->params.window * 3600);
}

static struct engine_change *change(struct engine *e, enum engine_change_kind kind, uint64_t event)
{
    MEM_GROW(e->changes, e->n_changes, e->cap_changes);
    struct engine_change *c = &e->changes[e->n_changes++];
    *c = (struct engine_change){.kind = kind, .event = event};
    return c;
}

/* A table of `n` elements with room for `more`. */
static void *widened(void *old, size_t n, size_t more, size_t size)
{
    void *new = mem_large(more * size);
    if (n)
        memcpy(new, old, n * size);
    mem_large_free(old, n * size);
    return new;
}

static struct news_event *begin_event(struct engine *e, uint64_t number)
{
    struct news_event *event = pool_get(&e->pool);
    news_event_begin(event, number);
    return event;
}

static void end_event(struct engine *e, struct news_event *event)
{
    news_event_end(&e->sums, event);
    pool_put(&e->pool, event);
}

static void drop_event(struct engine *e, struct news_event *event)
{
    map_remove(&e->events, event->number);
    end_event(e, event);
}

/* Asks the memory for what the next articles to go will need, one step further for each. */
static void expire_ahead(const struct engine *e)
{
    enum { STEPS = 3 };
    for (size_t i = 0; i < STEPS && e->gone + i < e->n; i++) {
        const struct article *a = e->articles[e->gone + i];
        if (!a)
            continue;
        if (i == 2)
            __builtin_prefetch(a);
        else if (i == 1)
            __builtin_prefetch(a->event);
        else {
            sums_ahead(a->event->sums);
            habits_ahead(&e->habits, habits_mould(a->publisher, a->ending));
        }
    }
}

static void expire(struct engine *e)
{
    int64_t oldest = e->clock - window_seconds(e);
    for (; e->gone < e->n; e->gone++) {
        struct article *a = e->articles[e->gone];
        if (a && a->seen >= oldest && a->seen <= e->clock &&
            (double)(e->n - e->gone) < e->params.articles)
            break;
        if (!a)
            continue;
        struct news_event *event = a->event;
        news_event_remove(&e->sums, event, a);
        habits_forget(&e->habits, habits_mould(a->publisher, a->ending), a->number);
        arena_put(&e->memory, a);
        if (event->n == 0) {
            change(e, ENGINE_EXPIRED, event->number);
            drop_event(e, event);
        } else {
            news_event_ready(event);
        }
    }
    expire_ahead(e);
    if (e->gone > 1024 && e->gone * 2 > e->n) {
        memmove(e->articles, e->articles + e->gone, (e->n - e->gone) * sizeof *e->articles);
        memmove(e->homes, e->homes + e->gone, (e->n - e->gone) * sizeof *e->homes);
        e->first += e->gone;
        e->n -= e->gone;
        e->gone = 0;
    }
}

static struct article *article_of(const struct engine *e, uint64_t number)
{
    if (number < e->first + e->gone || number >= e->first + e->n)
        return NULL;
    return e->articles[number - e->first];
}

const struct article *engine_article(const struct engine *e, uint64_t number)
{
    return article_of(e, number);
}

const struct rarity *engine_rarity(const struct engine *e)
{
    return e->rarity;
}

static void make_room(struct engine *e, size_t n)
{
    if (n <= e->cap)
        return;
    size_t more = e->cap ? e->cap * 2 : 1 << 10;
    while (n > more)
        more *= 2;
    e->articles = widened(e->articles, e->cap, more, sizeof *e->articles);
    e->homes = widened(e->homes, e->cap, more, sizeof *e->homes);
    e->cap = more;
}

/* The article is in another event than before. */
static void moved(struct engine *e, const struct article *a)
{
    e->homes[a->number - e->first] = (uint32_t)a->event->number;
}

/* Numbers between are of articles that are not in the window. */
static void keep_article(struct engine *e, struct article *a)
{
    size_t at = a->number - e->first;
    make_room(e, at + 1);
    while (e->n <= at)
        e->articles[e->n++] = NULL;
    e->articles[at] = a;
    moved(e, a);
    uint64_t mould = habits_mould(a->publisher, a->ending),
             before = habits_newest(&e->habits, mould);
    a->before = before ? (uint32_t)(a->number - before) : 0;
    habits_note(&e->habits, mould, a->number);
    index_put(e->index, e->sketch, (uint32_t)a->number, (uint32_t)(e->first + e->gone));
}

static void count_rarity(struct engine *e, const struct vector *v)
{
    rarity_article(e->rarity);
    for (size_t i = 0; i < v->n; i++)
        rarity_term(e->rarity, v->v[i].id, v->v[i].flags & WEIGHT_CAPITAL,
                    v->v[i].flags & WEIGHT_LOWER);
}

static void forget_rarity(struct engine *e, const struct vector *v)
{
    rarity_forget_article(e->rarity);
    for (size_t i = 0; i < v->n; i++)
        rarity_forget_term(e->rarity, v->v[i].id, v->v[i].flags & WEIGHT_CAPITAL,
                           v->v[i].flags & WEIGHT_LOWER);
}

/* ---- an article ----------------------------------------------------------------------------- */

static void make_sketch(struct engine *e, const struct article *a)
{
    struct sketch_term terms[TERMS_TITLE_WORDS + TERMS_BODY_WORDS];
    for (size_t i = 0; i < a->vector.n; i++)
        terms[i] = (struct sketch_term){a->vector.v[i].id, a->vector.v[i].w[VIEW_ALL]};
    sketch_weighted(terms, a->vector.n, e->sketch);
}

/* Copies share their body where there is one; a title may have been written anew. */
static void make_shingles(const struct terms *t, struct shingles *out)
{
    enum { ENOUGH = 16 };
    size_t title = t->n_title_sequence, body = t->n_sequence - title;
    if (body >= ENOUGH)
        shingles_of(t->sequence + title, body, out);
    else
        shingles_of(t->sequence, t->n_sequence, out);
}

/* Leaves the article's terms in e->terms; the language they were read in. */
static const struct lang *read_terms(struct engine *e, const struct engine_article *in)
{
    struct buf *text = &e->text;
    buf_clear(text);
    buf_adds(text, in->title);
    buf_adds(text, " ");
    if (in->body)
        buf_adds(text, in->body);
    const struct lang *lang = langs_detect(e->langs, in->lang, buf_text(text), text->len);
    terms_extract(lang, in->title, in->body, &e->terms);
    const struct lang *elected = lang ? langs_elect(e->langs, lang, &e->terms.votes) : NULL;
    if (elected != lang)
        terms_extract(elected, in->title, in->body, &e->terms);
    return elected;
}

/* How much of its weight each term keeps in what this publisher writes. */
static void weigh_habits(const struct engine *e, const struct article *a, double left[VECTOR_MOST])
{
    unsigned times[VECTOR_MOST] = {0}, recent = 0;
    uint64_t number = habits_newest(&e->habits, habits_mould(a->publisher, a->ending));
    const struct article *other;
    for (; recent < HABITS_RECENT && (other = article_of(e, number));
         number = other->before ? other->number - other->before : 0) {
        if (other->number == a->number)
            continue;
        recent++;
        for (size_t i = 0, k = 0; i < e->terms.n && k < other->vector.n;) {
            uint32_t term = e->terms.v[i].id, id = other->vector.v[k].id;
            times[i] += term == id;
            i += term <= id;
            k += id <= term;
        }
    }
    for (size_t i = 0; i < e->terms.n; i++)
        left[i] = habits_left(times[i], recent);
}

/* All that follows from the article's texts, which are read, but its sketch. Its number, its
 * publisher and its ending are set. */
static void describe(struct engine *e, const struct engine_article *in, struct article *a)
{
    double left[VECTOR_MOST];
    habits_ahead(&e->habits, habits_mould(a->publisher, a->ending));
    for (size_t i = 0; i < e->terms.n; i++)
        rarity_ahead(e->rarity, e->terms.v[i].id);
    make_shingles(&e->terms, &a->shingles);
    weigh_habits(e, a, left);
    vector_make(&e->terms, e->rarity, left, &e->params, &a->vector);
    a->agency = in->agency ? hash64(in->agency, strlen(in->agency), 0) : 0;
    a->words = (uint32_t)e->terms.n_words;
    a->roundup = title_is_roundup(in->title);
    a->title_faults = (uint16_t)in->title_faults;
}

static struct article *make_article(struct engine *e, const struct engine_article *in)
{
    const struct lang *lang = read_terms(e, in);
    struct article *a = article_new(&e->memory, e->terms.n);
    a->number = e->next_article++;
    a->publisher = hash64(in->publisher, strlen(in->publisher), 0);
    a->ending = habits_ending(&e->terms);
    describe(e, in, a);
    if (lang)
        memcpy(a->lang, lang_code(lang), strlen(lang_code(lang)) + 1);
    make_sketch(e, a);
    a->seen = e->clock;
    a->published =
        in->published == INT64_MIN || in->published > e->clock ? e->clock : in->published;
    return a;
}

/* ---- candidates ----------------------------------------------------------------------------- */

static bool languages_meet(const struct engine *e, const char a[4], const char b[4])
{
    return !*a || !*b || !memcmp(a, b, 4) || e->params.mix_languages > 0;
}

static bool may_meet(const struct engine *e, const struct news_event *one,
                     const struct news_event *event)
{
    int64_t window = window_seconds(e);
    return languages_meet(e, event->lang, one->lang) && one->first - event->last <= window &&
           event->first - one->last <= window;
}

static void note_found(struct found *f, uint32_t age)
{
    _Static_assert((int)INDEX_FOUND < (int)FOUND_PLACES / 2, "a place is soon found");
    size_t place = age * 2654435769u % FOUND_PLACES;
    for (; f->places[place]; place = (place + 1) % FOUND_PLACES) {
        uint64_t *rank = &f->rank[f->places[place] - 1];
        if ((uint32_t) - *rank == age) {
            *rank += FOUND_HIT;
            return;
        }
    }
    f->rank[f->n++] = FOUND_HIT - age;
    f->places[place] = (uint16_t)f->n;
}

/* Moves the `most` greatest to the front, in no order. There is no branch on what is compared, for
 * that cannot be foretold. */
static void keep_greatest(uint64_t *v, size_t n, size_t most)
{
    while (most > 0 && n > most) {
        uint64_t pivot = v[n / 2];
        size_t greater = 0; /* v[0..greater) are */
        v[n / 2] = v[n - 1];
        for (size_t i = 0; i + 1 < n; i++) {
            uint64_t other = v[i];
            v[i] = v[greater];
            v[greater] = other;
            greater += other > pivot;
        }
        v[n - 1] = v[greater];
        v[greater++] = pivot;
        if (greater <= most) {
            v += greater;
            n -= greater;
            most -= greater;
        } else {
            n = greater - 1;
        }
    }
}

static int by_probability(const void *x, const void *y)
{
    const struct candidate *a = x, *b = y;
    if (a->score.probability < b->score.probability)
        return 1;
    if (a->score.probability > b->score.probability)
        return -1;
    return a->event->number > b->event->number ? 1 : -1;
}

/* Leaves the events of the articles that the index finds in e->found. They lie anywhere in memory,
 * so all are asked for before the first is read. */
static void find_events(struct engine *e)
{
    uint32_t numbers[INDEX_FOUND];
    size_t n = index_find(e->index, e->sketch, (uint32_t)(e->first + e->gone), numbers);
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&e->homes[numbers[i] - e->first]);
    struct found *f = &e->found;
    f->n = 0;
    memset(f->places, 0, sizeof f->places);
    for (size_t i = 0; i < n; i++)
        note_found(f, (uint32_t)e->next_event - e->homes[numbers[i] - e->first]);
}

/* Of the events found the MAX_SCORED that come first of those that the article may meet; how many.
 */
static size_t choose_events(struct engine *e, const struct news_event *one,
                            struct news_event *out[MAX_SCORED])
{
    struct found *f = &e->found;
    uint64_t numbers[MAX_SCORED];
    size_t n = 0;
    for (size_t from = 0; from < f->n && n < MAX_SCORED;) {
        size_t left = f->n - from, take = left < MAX_SCORED - n ? left : MAX_SCORED - n;
        keep_greatest(f->rank + from, left, take);
        for (size_t i = 0; i < take; i++) {
            numbers[i] = e->next_event - (uint32_t)-f->rank[from + i];
            map_ahead(&e->events, numbers[i]);
        }
        struct news_event **events = out + n;
        for (size_t i = 0; i < take; i++) {
            events[i] = map_get(&e->events, numbers[i]);
            __builtin_prefetch(events[i]);
        }
        for (size_t i = 0; i < take; i++) {
            out[n] = events[i];
            n += may_meet(e, one, out[n]);
        }
        from += take;
    }
    return n;
}

/* Leaves the scored candidates in e->candidates, likeliest first. */
static void search(struct engine *e, const struct news_event *one)
{
    struct news_event *events[MAX_SCORED];
    find_events(e);
    size_t n = choose_events(e, one, events);
    for (size_t i = 0; i < n; i++)
        glance_ahead(events[i]);
    glance_set(&e->glance, &one->members[0]->vector);
    size_t begun = 0, alike = 0;
    for (size_t i = 0; i < n; i++)
        if (glance_begins(&e->glance, events[i]) || e->params.glance <= 0)
            events[begun++] = events[i];
    for (size_t i = 0; i < begun; i++)
        if (glance_passes(&e->glance, events[i], e->params.glance, e->params.min_shared)) {
            score_ahead(events[i]);
            events[alike++] = events[i];
        }
    e->n_candidates = 0;
    for (size_t i = 0; i < alike; i++) {
        struct candidate *c = &e->candidates[e->n_candidates];
        c->event = events[i];
        if (!score_features(one, c->event, e->rarity, e->params.min_shared, &c->score))
            continue;
        c->score.probability = score_model(&e->join, c->score.f);
        if (e->watch)
            e->watch(e->watch_arg, false, one, c->event, &c->score);
        e->n_candidates++;
    }
    qsort(e->candidates, e->n_candidates, sizeof *e->candidates, by_probability);
}

/* ---- links ----------------------------------------------------------------------------------- */

/* Does a link keep the two events apart? */
static bool kept_apart(const struct engine *e, const struct news_event *a,
                       const struct news_event *b)
{
    for (size_t i = 0; i < e->links.n; i++) {
        const struct link *link = &e->links.v[i];
        if (link->kind == CANNOT_LINK &&
            ((news_event_holds(a, link->a) && news_event_holds(b, link->b)) ||
             (news_event_holds(a, link->b) && news_event_holds(b, link->a))))
            return true;
    }
    return false;
}

/* The event in which a link wants the article; NULL when none does. */
static struct news_event *linked_event(const struct engine *e, uint64_t article)
{
    for (size_t i = 0; i < e->links.n; i++) {
        const struct link *link = &e->links.v[i];
        if (link->kind != MUST_LINK || (link->a != article && link->b != article))
            continue;
        const struct article *other = article_of(e, link->a == article ? link->b : link->a);
        if (other)
            return other->event;
    }
    return NULL;
}

/* ---- joining -------------------------------------------------------------------------------- */

/* Mean cosine within a and b taken together. */
static double joint_coherence(const struct news_event *a, const struct news_event *b,
                              const struct score *s)
{
    double na = (double)a->n, nb = (double)b->n;
    double pairs = news_event_mean_cosine(a, VIEW_ALL) * na * (na - 1) / 2 +
                   news_event_mean_cosine(b, VIEW_ALL) * nb * (nb - 1) / 2 +
                   s->f[FEATURE_mean_all] * na * nb;
    return pairs / ((na + nb) * (na + nb - 1) / 2);
}

/* The less of the names they share, the likelier it must be for other reasons. */
static bool names_differ(const struct engine_params *p, const struct score *s, double threshold)
{
    double share = fmax(s->f[FEATURE_known_name], s->f[FEATURE_known_name_back]);
    if (!s->named || share >= p->names)
        return false;
    return s->probability < threshold + (p->unnamed - threshold) * (1 - share / p->names);
}

/* NULL, or what speaks against it. */
static const char *guard(const struct engine *e, const struct news_event *a,
                         const struct news_event *b, const struct score *s, double threshold)
{
    if (s->few_shared)
        return "too few terms shared";
    if (a->n + b->n > EVENT_MOST)
        return "an event holds no more articles";
    if (s->probability < threshold)
        return "not likely enough";
    if (kept_apart(e, a, b))
        return "an editor keeps them apart";
    if (names_differ(&e->params, s, threshold))
        return "they name different people, places or numbers";
    if (s->f[FEATURE_same_source] > 0 && a->roundups == a->n && b->roundups * 2 >= b->n)
        return "a publisher's round-ups are each their own";
    if (joint_coherence(a, b, s) < e->params.coherence)
        return "the articles together would resemble each other too little";
    return NULL;
}

struct shared_word {
    const struct term *term;
    int32_t weight;
};

static int by_weight(const void *x, const void *y)
{
    const struct shared_word *a = x, *b = y;
    if (a->weight != b->weight)
        return a->weight < b->weight ? 1 : -1;
    return a->term->id > b->term->id ? 1 : -1;
}

/* Keeps the MAX_SHARED_WORDS weightiest in order; how many there are now. */
static size_t keep_weightiest(struct shared_word *words, size_t n, struct shared_word new)
{
    if (n == MAX_SHARED_WORDS && by_weight(&words[n - 1], &new) < 0)
        return n;
    size_t at = n < MAX_SHARED_WORDS ? n++ : n - 1;
    for (; at > 0 && by_weight(&new, &words[at - 1]) < 0; at--)
        words[at] = words[at - 1];
    words[at] = new;
    return n;
}

static void shared_words(const struct engine *e, const struct article *a,
                         const struct news_event *event, char *out, size_t cap)
{
    struct shared_word words[MAX_SHARED_WORDS];
    size_t n = 0, len = 0;
    struct sums_of_one room;
    const struct sums *sums =
        event->sums ? event->sums : sums_of_vector(&event->members[0]->vector, &room);
    for (size_t i = 0, k = 0; i < e->terms.n && k < a->vector.n; i++) {
        const struct term *t = &e->terms.v[i];
        while (k < a->vector.n && a->vector.v[k].id < t->id)
            k++;
        if (k < a->vector.n && a->vector.v[k].id == t->id && sums_find(sums, t->id))
            n = keep_weightiest(words, n, (struct shared_word){t, a->vector.v[k].w[VIEW_ALL]});
    }
    out[0] = 0;
    for (size_t i = 0; i < n; i++) {
        const char *text = term_text(&e->terms, words[i].term);
        size_t more = strlen(text);
        if (len + more + 2 > cap)
            break;
        if (i)
            out[len++] = ' ';
        memcpy(out + len, text, more + 1);
        len += more;
    }
}

static void explain(const struct engine *e, const struct article *a, size_t chosen,
                    const char *refused, struct engine_reason *r)
{
    *r = (struct engine_reason){.threshold = e->params.join_threshold, .refused = refused};
    if (chosen >= e->n_candidates)
        return;
    const struct candidate *c = &e->candidates[chosen];
    r->event = c->event->number;
    r->probability = c->score.probability;
    for (size_t i = 0; i < e->join.n; i++)
        r->contribution[i] = model_contribution(&e->join.rows[i], c->score.f);
    size_t next = chosen == 0 ? 1 : 0;
    if (next < e->n_candidates) {
        r->runner_up = e->candidates[next].event->number;
        r->runner_up_probability = e->candidates[next].score.probability;
    }
    shared_words(e, a, c->event, r->shared, sizeof r->shared);
}

static void copied(void *arg, uint64_t article, uint64_t origin)
{
    struct engine *e = arg;
    struct engine_change *c = change(e, ENGINE_COPIED, 0);
    c->article = article;
    c->origin = origin;
}

/* ---- merging -------------------------------------------------------------------------------- */

static struct news_event *merge_events(struct engine *e, struct news_event *a, struct news_event *b,
                                       const struct score *s)
{
    bool a_stays = a->n > b->n || (a->n == b->n && a->number < b->number);
    struct news_event *into = a_stays ? a : b, *from = a_stays ? b : a;
    struct engine_change *c = change(e, ENGINE_MERGED, into->number);
    c->from = from->number;
    c->probability = s->probability;
    c->threshold = e->params.merge_threshold;
    copies_meet(into, from, &e->params, copied, e);
    for (size_t i = 0; i < from->n; i++)
        e->homes[from->members[i]->number - e->first] = (uint32_t)into->number;
    news_event_merge(&e->sums, into, from);
    drop_event(e, from);
    return into;
}

/* The event that has changed against the other candidates of the article that changed it: the
 * likeliest pair merges first, and what came of it is compared once more. */
static struct news_event *merge_pass(struct engine *e, struct news_event *changed)
{
    struct news_event *near[MAX_NEIGHBOURS];
    size_t n = 0;
    for (size_t i = 0; i < e->n_candidates && n < MAX_NEIGHBOURS; i++)
        if (e->candidates[i].event != changed &&
            e->candidates[i].score.probability >= e->params.neighbour)
            near[n++] = e->candidates[i].event;
    for (;;) {
        struct score best = {.probability = -1};
        size_t at = 0;
        for (size_t i = 0; i < n; i++) {
            struct news_event *a = changed, *b = near[i];
            if (a->n > b->n || (a->n == b->n && a->number < b->number)) {
                a = near[i];
                b = changed;
            }
            struct score s;
            if (!score_features(a, b, e->rarity, e->params.min_shared, &s))
                continue;
            s.probability = score_model(&e->merge, s.f);
            if (e->watch)
                e->watch(e->watch_arg, true, a, b, &s);
            if (s.probability > best.probability &&
                !guard(e, a, b, &s, e->params.merge_threshold)) {
                best = s;
                at = i;
            }
        }
        if (best.probability < 0)
            return changed;
        changed = merge_events(e, changed, near[at], &best);
        near[at] = near[--n];
    }
}

/* ---- splitting ------------------------------------------------------------------------------ */

static void move_members(struct engine *e, struct news_event *from, struct news_event *into,
                         const bool *moves)
{
    for (size_t i = from->n; i-- > 0;) {
        struct article *a = from->members[i];
        if (!moves[i])
            continue;
        news_event_remove(&e->sums, from, a);
        news_event_add(&e->sums, into, a);
        moved(e, a);
    }
}

/* The larger part keeps the number; of two that are equal, the one with the earliest article. */
static void larger_stays(bool *moves, size_t n)
{
    size_t moving = 0;
    for (size_t i = 0; i < n; i++)
        moving += moves[i];
    if (moving * 2 < n || (moving * 2 == n && !moves[0]))
        return;
    for (size_t i = 0; i < n; i++)
        moves[i] = !moves[i];
}

/* Parts that the links tell of are not torn: what must be with an article goes where it goes. */
static void heed_links(const struct engine *e, const struct news_event *event, bool *moves)
{
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < e->links.n; i++) {
            const struct link *link = &e->links.v[i];
            size_t a = news_event_place(event, link->a), b = news_event_place(event, link->b);
            if (link->kind != MUST_LINK || a == event->n || b == event->n || moves[a] == moves[b])
                continue;
            moves[a] = moves[b] = true;
            again = true;
        }
    }
}

static bool parts_it(const bool *moves, size_t n)
{
    size_t moving = 0;
    for (size_t i = 0; i < n; i++)
        moving += moves[i];
    return moving > 0 && moving < n;
}

static void note_split(struct engine *e, struct news_event *event, struct news_event *part,
                       double probability, double threshold)
{
    e->next_event++;
    map_put(&e->events, part->number, part);
    copies_part(event, part, copied, e);
    struct engine_change *c = change(e, ENGINE_SPLIT, part->number);
    c->from = event->number;
    c->probability = probability;
    c->threshold = threshold;
    c->n_articles = part->n;
    c->articles = mem_alloc(part->n * sizeof *c->articles);
    for (size_t i = 0; i < part->n; i++)
        c->articles[i] = part->members[i]->number;
}

/* Two stories: as events, the parts would be far from merging, and they are split_apart(). */
static bool two_stories(const struct engine *e, const struct news_event *part,
                        const struct news_event *rest, double *probability)
{
    struct score s;
    *probability = 0;
    if (score_features(part, rest, e->rarity, e->params.min_shared, &s))
        *probability = score_model(&e->merge, s.f);
    return *probability < e->params.split_threshold &&
           split_apart(s.f[FEATURE_mean_all], news_event_mean_cosine(rest, VIEW_ALL),
                       news_event_mean_cosine(part, VIEW_ALL));
}

static void try_split(struct engine *e, struct news_event *event)
{
    if (!split_due(event->n))
        return;
    bool *moves = mem_alloc(event->n * sizeof *moves);
    bool parts = split_members(&e->sums, event, e->params.min_shared, moves);
    if (parts)
        heed_links(e, event, moves);
    if (parts && parts_it(moves, event->n)) {
        larger_stays(moves, event->n);
        struct news_event *part = begin_event(e, e->next_event);
        move_members(e, event, part, moves);
        double probability;
        if (two_stories(e, part, event, &probability)) {
            note_split(e, event, part, probability, e->params.split_threshold);
        } else {
            for (size_t i = 0; i < part->n; i++)
                e->homes[part->members[i]->number - e->first] = (uint32_t)event->number;
            news_event_merge(&e->sums, event, part);
            end_event(e, part);
        }
    }
    free(moves);
}

/* ---- what editors decide -------------------------------------------------------------------- */

size_t engine_changes(const struct engine *e, const struct engine_change **out)
{
    *out = e->changes;
    return e->n_changes;
}

bool engine_link(struct engine *e, uint64_t a, uint64_t b, enum link_kind kind)
{
    return links_set(&e->links, a, b, kind);
}

bool engine_unlink(struct engine *e, uint64_t a, uint64_t b)
{
    return links_remove(&e->links, a, b);
}

static bool holds(const uint64_t *articles, size_t n, uint64_t article)
{
    for (size_t i = 0; i < n; i++)
        if (articles[i] == article)
            return true;
    return false;
}

bool engine_kept_apart(const struct engine *e, const uint64_t *articles, size_t n,
                       const uint64_t *others, size_t n_others)
{
    for (size_t i = 0; i < e->links.n; i++) {
        const struct link *link = &e->links.v[i];
        if (link->kind == CANNOT_LINK &&
            ((holds(articles, n, link->a) && holds(others, n_others, link->b)) ||
             (holds(articles, n, link->b) && holds(others, n_others, link->a))))
            return true;
    }
    return false;
}

bool engine_merge(struct engine *e, uint64_t one, uint64_t other)
{
    begin_changes(e);
    struct news_event *a = map_get(&e->events, one), *b = map_get(&e->events, other);
    if (!a || !b || a == b || kept_apart(e, a, b) || a->n + b->n > EVENT_MOST)
        return false;
    struct score sure = {.probability = 1};
    merge_events(e, a, b, &sure);
    return true;
}

/* Would a must-link be torn? */
static bool tears_links(const struct engine *e, const struct news_event *event, const bool *moves)
{
    for (size_t i = 0; i < e->links.n; i++) {
        const struct link *link = &e->links.v[i];
        size_t a = news_event_place(event, link->a), b = news_event_place(event, link->b);
        if (link->kind == MUST_LINK && a < event->n && b < event->n && moves[a] != moves[b])
            return true;
    }
    return false;
}

uint64_t engine_split(struct engine *e, uint64_t number, const uint64_t *articles, size_t n)
{
    begin_changes(e);
    struct news_event *event = map_get(&e->events, number);
    if (!event)
        return e->next_event++;
    bool *moves = mem_zero(event->n * sizeof *moves);
    size_t moving = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = news_event_place(event, articles[i]);
        if (at < event->n && !moves[at]) {
            moves[at] = true;
            moving++;
        }
    }
    uint64_t part_number = tears_links(e, event, moves) ? 0 : e->next_event;
    if (part_number && moving == 0) {
        e->next_event++;
    } else if (part_number) {
        struct news_event *part = begin_event(e, part_number);
        move_members(e, event, part, moves);
        note_split(e, event, part, 0, 0);
        if (event->n == 0) {
            change(e, ENGINE_EXPIRED, number);
            drop_event(e, event);
        }
    }
    free(moves);
    return part_number;
}

/* ---- adding --------------------------------------------------------------------------------- */

bool engine_tick(struct engine *e, int64_t now)
{
    begin_changes(e);
    if (now > e->clock || now < e->clock - window_seconds(e))
        e->clock = now;
    bool day_ended = rarity_day(e->rarity, e->clock / SECONDS_A_DAY);
    if (day_ended)
        e->first_today = e->next_article;
    expire(e);
    return day_ended;
}

/* It has no part in the window: nothing is revived by it, and its words tell nothing of today's. */
static void archive(struct engine *e, struct article *a, struct engine_result *out)
{
    out->article = a->number;
    out->event = e->next_event++;
    memcpy(out->lang, a->lang, sizeof out->lang);
    struct engine_change *c = change(e, ENGINE_CREATED, out->event);
    c->article = a->number;
    c->archived = true;
    arena_put(&e->memory, a);
}

static void place(struct engine *e, struct article *a, struct engine_result *out)
{
    struct news_event *one = begin_event(e, e->next_event);
    struct sums_of_one room;
    count_rarity(e, &a->vector);
    news_event_add(&e->sums, one, a);
    one->sums = sums_of_vector(&a->vector, &room); /* made once for all comparisons */
    search(e, one);

    size_t chosen = e->n_candidates;
    const char *refused = NULL;
    for (size_t i = 0; i < e->n_candidates && chosen == e->n_candidates; i++) {
        const struct candidate *c = &e->candidates[i];
        const char *against = guard(e, one, c->event, &c->score, e->params.join_threshold);
        if (!against)
            chosen = i;
        else if (i == 0)
            refused = against;
    }
    struct news_event *event = chosen < e->n_candidates ? e->candidates[chosen].event : NULL;
    struct news_event *wanted = linked_event(e, a->number);
    explain(e, a, event ? chosen : 0, event ? NULL : refused, &out->reason);
    one->sums = NULL;
    keep_article(e, a);
    if (wanted)
        event = wanted;
    if (event) {
        struct engine_change *c = change(e, ENGINE_JOINED, event->number);
        c->article = a->number;
        c->probability = out->reason.probability;
        c->threshold = out->reason.threshold;
        end_event(e, one);
        out->copy_of = a->copy_of = copies_origin(event, a, &e->params);
        news_event_add(&e->sums, event, a);
        moved(e, a);
        try_split(e, merge_pass(e, event));
    } else {
        e->next_event++;
        map_put(&e->events, one->number, one);
        change(e, ENGINE_CREATED, one->number)->article = a->number;
    }
    news_event_ready(a->event);
    out->article = a->number;
    out->event = a->event->number;
    memcpy(out->lang, a->lang, sizeof out->lang);
}

void engine_add(struct engine *e, const struct engine_article *in, struct engine_result *out)
{
    *out = (struct engine_result){0};
    out->day_ended = engine_tick(e, in->seen);
    struct article *a = make_article(e, in);
    if (a->published < e->clock - window_seconds(e) && !linked_event(e, a->number))
        archive(e, a, out);
    else
        place(e, a, out);
    out->changes = e->changes;
    out->n_changes = e->n_changes;
}

bool engine_why(struct engine *e, uint64_t number, uint64_t event_number, const char *title,
                const char *body, struct engine_reason *out)
{
    struct article *a = article_of(e, number);
    struct news_event *event = map_get(&e->events, event_number);
    if (!a || !event || (event == a->event && event->n == 1))
        return false;
    struct news_event *home = a->event, *one = begin_event(e, 0);
    news_event_remove(&e->sums, home, a);
    news_event_add(&e->sums, one, a);
    terms_extract(langs_get(e->langs, a->lang), title, body, &e->terms);
    struct candidate *c = &e->candidates[0];
    *c = (struct candidate){.event = event};
    e->n_candidates = 1;
    if (score_features(one, event, e->rarity, e->params.min_shared, &c->score))
        c->score.probability = score_model(&e->join, c->score.f);
    const char *against = guard(e, one, event, &c->score, e->params.join_threshold);
    explain(e, a, 0, against, out);
    news_event_remove(&e->sums, one, a);
    end_event(e, one);
    news_event_add(&e->sums, home, a);
    return true;
}

bool engine_edit(struct engine *e, uint64_t number, const struct engine_article *in)
{
    begin_changes(e);
    struct article *old = article_of(e, number);
    if (!old)
        return false;
    struct news_event *event = old->event;
    const struct lang *lang = langs_get(e->langs, old->lang);
    if (lang)
        terms_extract(lang, in->title, in->body, &e->terms);
    else
        lang = read_terms(e, in);
    struct article *a = article_new(&e->memory, e->terms.n);
    a->number = number;
    a->publisher = old->publisher;
    a->ending = old->ending; /* it stays where it is among those of its mould */
    a->before = old->before;
    describe(e, in, a);
    if (lang)
        memcpy(a->lang, lang_code(lang), strlen(lang_code(lang)) + 1);
    a->seen = old->seen;
    a->published = old->published;
    a->copy_of = old->copy_of;
    /* as a restart would have it: today's articles are counted by what they say now */
    if (old->seen / SECONDS_A_DAY == rarity_today(e->rarity)) {
        forget_rarity(e, &old->vector);
        count_rarity(e, &a->vector);
    }
    news_event_remove(&e->sums, event, old);
    news_event_add(&e->sums, event, a);
    e->articles[number - e->first] = a;
    arena_put(&e->memory, old);
    copies_edited(event, a, &e->params, copied, e);
    return true;
}

size_t engine_articles(const struct engine *e)
{
    return e->n - e->gone;
}

size_t engine_events(const struct engine *e)
{
    return e->events.n;
}

const struct news_event *engine_event(const struct engine *e, uint64_t number)
{
    return map_get(&e->events, number);
}

uint64_t engine_oldest(const struct engine *e)
{
    uint64_t in_window = e->first + e->gone;
    return e->first_today && e->first_today < in_window ? e->first_today : in_window;
}

size_t engine_keywords(struct engine *e, uint64_t number, const char *title, const char *text,
                       char out[ENGINE_KEYWORDS][ENGINE_KEYWORD_MAX])
{
    const struct news_event *event = engine_event(e, number);
    if (!event)
        return 0;
    struct terms terms = {0};
    struct shared_word words[TERMS_TITLE_WORDS + TERMS_BODY_WORDS];
    size_t n = 0;
    terms_extract(langs_get(e->langs, event->lang), title, text, &terms);
    struct sums_of_one room;
    const struct sums *sums = news_event_sums(event, &room);
    for (size_t i = 0; i < terms.n; i++) {
        const struct sum *sum = sums_find(sums, terms.v[i].id);
        if (sum && sum_of(sum, VIEW_ALL) > 0)
            words[n++] = (struct shared_word){&terms.v[i], (int32_t)sum_of(sum, VIEW_ALL)};
    }
    qsort(words, n, sizeof *words, by_weight);
    if (n > ENGINE_KEYWORDS)
        n = ENGINE_KEYWORDS;
    for (size_t i = 0; i < n; i++)
        snprintf(out[i], ENGINE_KEYWORD_MAX, "%s", term_text(&terms, words[i].term));
    terms_free(&terms);
    return n;
}

/* ---- packing -------------------------------------------------------------------------------- */

struct packed {
    uint32_t version, words, n_weights, ending;
    int64_t seen, published;
    uint64_t publisher, agency, copy_of;
    uint32_t sketch[SKETCH_BANDS];
    struct shingles shingles;
    uint16_t roundup, title_faults;
    char lang[4];
    char pad[6];
};

static void pack(const struct article *a, const uint32_t sketch[SKETCH_BANDS], struct buf *out)
{
    struct packed p = {.version = SKETCH_VERSION,
                       .words = a->words,
                       .roundup = a->roundup,
                       .title_faults = a->title_faults,
                       .ending = a->ending,
                       .n_weights = (uint32_t)a->vector.n,
                       .seen = a->seen,
                       .published = a->published,
                       .publisher = a->publisher,
                       .agency = a->agency,
                       .copy_of = a->copy_of,
                       .shingles = a->shingles};
    memcpy(p.sketch, sketch, sizeof p.sketch);
    memcpy(p.lang, a->lang, sizeof p.lang);
    buf_add(out, &p, sizeof p);
    buf_add(out, a->vector.v, a->vector.n * sizeof *a->vector.v);
}

void engine_pack(const struct engine *e, uint64_t number, struct buf *out)
{
    const struct article *a = article_of(e, number);
    if (!a || number + 1 != e->first + e->n)
        abort();
    pack(a, e->sketch, out);
}

/* The sketch is the one that it came with: it says only under which words the index has it. */
void engine_pack_again(const struct engine *e, uint64_t number, const void *bytes, size_t n,
                       struct buf *out)
{
    const struct article *a = article_of(e, number);
    struct packed p;
    if (!a || n < sizeof p)
        abort();
    memcpy(&p, bytes, sizeof p);
    pack(a, p.sketch, out);
}

/* The first article of the window is there: all up to the last one ever may follow. */
static void expect_articles(struct engine *e, uint64_t first)
{
    size_t n = first < e->next_article ? e->next_article - first : 1;
    n = n < e->params.articles ? n : (size_t)e->params.articles;
    e->first = first;
    make_room(e, n);
    index_expect(e->index, n);
}

bool engine_restore(struct engine *e, uint64_t number, uint64_t event, const void *bytes, size_t n)
{
    struct packed p;
    if (n < sizeof p)
        return false;
    memcpy(&p, bytes, sizeof p);
    if (p.version != SKETCH_VERSION || (n - sizeof p) / sizeof(struct weight) != p.n_weights ||
        p.n_weights > TERMS_TITLE_WORDS + TERMS_BODY_WORDS || p.lang[3])
        return false;
    struct article *a = article_new(&e->memory, p.n_weights);
    a->number = number;
    memcpy(a->vector.v, (const char *)bytes + sizeof p, p.n_weights * sizeof(struct weight));
    for (size_t i = 1; i < a->vector.n; i++)
        if (a->vector.v[i - 1].id >=
            a->vector.v[i].id) { /* all that adds vectors up counts on it */
            arena_put(&e->memory, a);
            return false;
        }
    a->shingles = p.shingles;
    memcpy(e->sketch, p.sketch, sizeof e->sketch);
    a->seen = p.seen;
    a->published = p.published;
    a->publisher = p.publisher;
    a->agency = p.agency;
    a->copy_of = p.copy_of;
    a->words = p.words;
    a->roundup = p.roundup;
    a->title_faults = p.title_faults;
    a->ending = p.ending;
    memcpy(a->lang, p.lang, sizeof a->lang);

    if (a->seen / SECONDS_A_DAY == rarity_today(e->rarity)) {
        count_rarity(e, &a->vector);
        if (!e->first_today)
            e->first_today = number;
    }
    if (a->seen < e->clock - window_seconds(e)) {
        arena_put(&e->memory, a);
        return true;
    }
    if (e->n == 0)
        expect_articles(e, number);
    struct news_event *ev = map_get(&e->events, event);
    if (!ev) {
        ev = begin_event(e, event);
        map_put(&e->events, event, ev);
    }
    news_event_add(&e->sums, ev, a);
    keep_article(e, a);
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
