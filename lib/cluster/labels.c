/* Reduces the weight of terms that an article shares with the others of its templates: first with
 * those of its publisher, then with those of all publishers. Called by describe.c. Finding the
 * template is done in habits.c. */
#include "cluster/labels.h"

#include "cluster/window.h"

#include <math.h>
#include <string.h>

enum { COUNTED = 24, ENOUGH = 3 /* others needed for a judgement */ };

/* Other articles of the template: those of the window, newest first, then the expected ones. */
struct others {
    struct vector v[HABITS_RECENT];
    struct weight room[HABITS_RECENT][VECTOR_MOST]; /* for the vectors of expected articles */
    unsigned n;
};

static void gather_others(const struct engine *e, const struct article *a, size_t mould,
                          uint64_t key, struct others *o)
{
    o->n = 0;
    const struct article *other = window_newest(e, mould, key);
    for (; other && o->n < HABITS_RECENT; other = window_before(e, other, mould))
        if (other->number != a->number)
            o->v[o->n++] = other->vector;
    for (size_t i = 0; i < e->n_coming && o->n < HABITS_RECENT; i++) {
        const struct coming *c = e->coming[i];
        if (c->keys[mould] != key)
            continue;
        o->v[o->n].v = o->room[o->n];
        vector_make(&c->terms, e->rarity, NULL, &e->params, &o->v[o->n]);
        o->n++;
    }
}

/* For each of the article's terms, how many of the others contain it. */
static void count_shared(const struct terms *t, const struct others *o, unsigned times[VECTOR_MOST])
{
    memset(times, 0, t->n * sizeof *times);
    for (unsigned n = 0; n < o->n; n++) {
        const struct vector *v = &o->v[n];
        for (size_t i = 0, k = 0; i < t->n && k < v->n;) {
            uint32_t term = t->v[i].id, id = v->v[k].id;
            times[i] += term == id;
            i += term <= id;
            k += id <= term;
        }
    }
}

/* ---- of one publisher ------------------------------------------------------------------------ */

/* A page contains more than the article, even after extraction. What all pages of a publisher
 * contain is a habit, as in long texts. */
static void gather_pages(const struct engine *e, const struct article *a, uint64_t publishers,
                         struct others *o)
{
    enum { LOOKED_AT = 1 << 10 };
    const struct article *other = window_newest(e, MOULD_ALL, publishers);
    o->n = 0;
    for (size_t i = 0; other && i < LOOKED_AT && o->n < HABITS_RECENT; i++) {
        if (other->pages && other->number != a->number)
            o->v[o->n++] = other->vector;
        other = window_before(e, other, MOULD_ALL);
    }
}

static void weigh_own(const struct engine *e, const struct article *a, const uint64_t keys[MOULDS],
                      struct others *o, double left[VECTOR_MOST])
{
    unsigned times[VECTOR_MOST];
    if (a->pages) {
        gather_pages(e, a, keys[MOULD_ALL], o);
        count_shared(&e->terms, o, times);
        for (size_t i = 0; i < e->terms.n; i++)
            left[i] = habits_left(MOULD_LONG, times[i], o->n);
    }
    for (size_t mould = 0; mould < MOULDS_OWN; mould++) {
        if (!keys[mould] || mould == MOULD_ALL)
            continue;
        gather_others(e, a, mould, keys[mould], o);
        if (!o->n)
            continue;
        count_shared(&e->terms, o, times);
        for (size_t i = 0; i < e->terms.n; i++)
            left[i] = fmin(left[i], habits_left(mould, times[i], o->n));
    }
}

/* ---- of all publishers ----------------------------------------------------------------------- */

static bool terms_have(const struct terms *t, uint32_t id)
{
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (t->v[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->n && t->v[low].id == id;
}

/* Articles of the last days and expected ones that contain the term. */
static double times_of_term(const struct engine *e, uint32_t id)
{
    double times = rarity_times(e->rarity, id);
    for (size_t i = 0; i < e->n_coming; i++)
        times += terms_have(&e->coming[i]->terms, id);
    return times;
}

/* True when most articles with the rarer word of a title's opening or closing have it in that
 * place. A name in the news begins many titles, but is in the middle of more. */
static bool is_of_mould(const struct engine *e, const struct article *a, size_t mould, uint64_t key)
{
    static const double share = 0.7;
    const struct term *t = e->terms.gathered;
    unsigned n = 0;
    if (e->terms.n < 2 || !t[1].in_title)
        return false; /* an edit left nothing of the original title */
    for (size_t i = 0; i < e->n_coming; i++)
        n += e->coming[i]->keys[mould] == key;
    if (!n && !window_newest(e, mould, key))
        return false;
    size_t at = 0;
    while (mould == MOULD_CLOSING && at + 2 < e->terms.n && t[at + 2].in_title)
        at++;
    double all = rarity_articles(e->rarity), window = (double)(e->n - e->gone);
    double need = share * fmin(times_of_term(e, t[at].id), times_of_term(e, t[at + 1].id));
    need *= all > window ? window / all : 1;
    const struct article *other = window_newest(e, mould, key);
    for (; other; other = window_before(e, other, mould)) {
        n += other->number != a->number;
        if (n >= need && n >= ENOUGH)
            return true;
        double in_window = n * window / (double)(a->number - other->number + 1);
        if (n >= COUNTED || (n >= ENOUGH && in_window * 4 < need))
            return n >= COUNTED && in_window >= need;
    }
    return n >= need && n >= ENOUGH;
}

/* The vector without some of the article's terms, scaled to length 1 again. */
static void take_rest(const struct engine *e, const struct vector *v, const bool *without,
                      struct vector *out)
{
    double norm2 = 0;
    const struct terms *t = &e->terms;
    out->n = 0;
    for (size_t i = 0, k = 0; k < v->n; k++) {
        while (i < t->n && t->v[i].id < v->v[k].id)
            i++;
        if (i < t->n && t->v[i].id == v->v[k].id && without[i])
            continue;
        out->v[out->n++] = v->v[k];
        norm2 += v->v[k].w[VIEW_ALL] * v->v[k].w[VIEW_ALL];
    }
    for (size_t k = 0; k < out->n && norm2 > 0; k++)
        out->v[k].w[VIEW_ALL] = (uint8_t)(out->v[k].w[VIEW_ALL] * VECTOR_ONE / sqrt(norm2) + 0.5);
}

/* True when the articles share nothing but these terms. One story may be among them twice, so no
 * pair counts for more than `most`. An article with no other terms counts as alike. */
static bool is_unlike(const struct engine *e, const struct vector *own, const struct others *o,
                      const bool *common)
{
    static const double unlike = 0.03, most = 0.25;
    struct weight room[HABITS_RECENT + 1][VECTOR_MOST];
    struct vector rest[HABITS_RECENT + 1];
    double sum = 0;
    for (unsigned i = 0; i <= o->n; i++) {
        rest[i].v = room[i];
        take_rest(e, i < o->n ? &o->v[i] : own, common, &rest[i]);
        for (unsigned k = 0; k < i; k++)
            sum += rest[i].n && rest[k].n ? fmin(vector_cosine(&rest[i], &rest[k], VIEW_ALL), most)
                                          : most;
    }
    return sum < unlike * o->n * (o->n + 1) / 2;
}

/* Marks the terms that most of a template of all publishers contain; those of a text's beginning or
 * end must not be in the title. False when they are no label because they make up most of the
 * title. */
static bool find_common(const struct engine *e, const struct others *o, bool text, bool *common)
{
    enum { SHORT = 2 };
    unsigned times[VECTOR_MOST];
    size_t n = 0, others = 0;
    count_shared(&e->terms, o, times);
    for (size_t i = 0; i < e->terms.n; i++) {
        common[i] = times[i] * 4 >= o->n * 3 && !e->terms.v[i].in_title == text;
        n += common[i];
        others += e->terms.v[i].in_title && !common[i];
    }
    return n > 0 && (text || n <= SHORT || n < others);
}

/* A name may be the only thing that the reports on it have in common, so it keeps slightly more
 * weight when no punctuation separates it from the rest of the title. */
static double label_left(const struct term *t, const char *title)
{
    return t->capital > t->lower && !strpbrk(title, ":|[(") ? 0.1 : 0.03;
}

/* A label before the title and a notice in place of the text may occur together: what remains
 * without both must be unlike. */
static bool weigh_anyones(const struct engine *e, const struct article *a, const char *title,
                          const uint64_t keys[MOULDS], struct others *o, double left[VECTOR_MOST])
{
    static const double habit = 0.5; /* a term below this share says little */
    bool common[MOULDS][VECTOR_MOST], without[VECTOR_MOST], of_mould[MOULDS] = {0}, any = false;
    for (size_t i = 0; i < e->terms.n; i++)
        without[i] = left[i] < habit;
    for (size_t mould = MOULDS_OWN; mould < MOULDS; mould++) {
        bool text = mould >= MOULD_HEAD;
        if (!keys[mould] || (!text && !is_of_mould(e, a, mould, keys[mould])))
            continue;
        gather_others(e, a, mould, keys[mould], o);
        of_mould[mould] = o->n >= ENOUGH && find_common(e, o, text, common[mould]);
        for (size_t i = 0; of_mould[mould] && i < e->terms.n; i++)
            without[i] |= common[mould][i];
    }
    for (size_t mould = MOULDS_OWN; mould < MOULDS; mould++) {
        if (!of_mould[mould])
            continue;
        gather_others(e, a, mould, keys[mould], o);
        if (!is_unlike(e, &a->vector, o, without))
            continue;
        for (size_t i = 0; i < e->terms.n; i++)
            if (common[mould][i])
                left[i] = fmin(left[i], label_left(&e->terms.v[i], title));
        any = true;
    }
    return any;
}

void labels_weigh(const struct engine *e, const char *title, const uint64_t keys[MOULDS],
                  struct article *a)
{
    double left[VECTOR_MOST];
    struct others o;
    for (size_t i = 0; i < e->terms.n; i++)
        left[i] = 1;
    weigh_own(e, a, keys, &o, left);
    vector_make(&e->terms, e->rarity, left, &e->params, &a->vector);
    if (weigh_anyones(e, a, title, keys, &o, left))
        vector_make(&e->terms, e->rarity, left, &e->params, &a->vector);
}
