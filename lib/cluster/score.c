/* Computes the features of a pair of events and the models' probability; see score.h. Called by
 * search.c, regroup.c, join.c and the fitting tools. Decides nothing: join.c does. */
#include "cluster/score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const feature_names[FEATURES] = {
#define F(name, words, help) #name,
    SCORE_FEATURES(F)
#undef F
};
enum { SECONDS_A_DAY = 86400, RECURS_AFTER = 18 * 3600 };

/* A few ids, and how many of them the other event has. */
struct few {
    const uint32_t *ids;
    size_t n, known;
    uint64_t bits; /* filter by the low bits of the ids: most other ids fail it */
};

struct overlap {
    struct few tops_a, tops_b, names_a, names_b;
    int64_t dot[VIEWS];
    int64_t title_a, title_a_known, title_b, title_b_known;
    int64_t name_a, name_a_known, name_b, name_b_known;
    int64_t core_b, core_b_known;
    unsigned shared, counts; /* terms in both; those of them that are counts */
    double word, title_rarity, name_rarity, title_words, core_words, rarest, second;
};

/* True when a third of the event's articles contain the term. */
static bool is_core(size_t times, const struct news_event *e)
{
    return times * 3 >= e->n;
}

static struct few few_of(const uint32_t *ids, size_t n)
{
    struct few f = {.ids = ids, .n = n};
    for (size_t i = 0; i < n; i++)
        f.bits |= UINT64_C(1) << ids[i] % 64;
    return f;
}

static void note_known(struct few *f, uint32_t id)
{
    if (f->bits >> id % 64 & 1)
        for (size_t i = 0; i < f->n; i++)
            f->known += f->ids[i] == id;
}

static void note_few(struct overlap *o, uint32_t id, struct sum a, struct sum b)
{
    if (sum_of(b.w, VIEW_ALL) > 0) {
        note_known(&o->tops_a, id);
        note_known(&o->names_a, id);
    }
    if (sum_of(a.w, VIEW_ALL) > 0) {
        note_known(&o->tops_b, id);
        note_known(&o->names_b, id);
    }
}

/* Names tell who and where, words tell what happened: a topic that stays in the news for days keeps
 * its names, while its stories differ in their words. */
static void meet_term(uint32_t id, struct sum a, struct sum b, const struct news_event *event_b,
                      const struct rarity *rarity, struct overlap *o)
{
    for (int view = 0; view < VIEWS; view++)
        o->dot[view] += sum_of(a.w, view) * sum_of(b.w, view);
    note_few(o, id, a, b);
    if (sum_weighs_nothing(a) || sum_weighs_nothing(b))
        return;
    double idf = rarity_idf(rarity, id), name = rarity_name(rarity, id), word = idf * (1 - name);
    int64_t a_title = sum_of(a.w, VIEW_TITLE), a_name = sum_of(a.w, VIEW_NAME);
    int64_t b_title = sum_of(b.w, VIEW_TITLE), b_name = sum_of(b.w, VIEW_NAME);
    o->shared++;
    if (name < 0.5)
        o->word = fmax(o->word, idf);
    o->counts += term_is_count(id);
    o->second = fmax(o->second, fmin(idf, o->rarest));
    o->rarest = fmax(o->rarest, idf);
    o->title_a_known += a_title;
    o->title_b_known += b_title;
    o->name_a_known += a_name;
    o->name_b_known += b_name;
    if (a_title > 0 && b_title > 0) {
        o->title_rarity += idf;
        o->title_words += word;
    }
    if (a_name > 0 && b_name > 0)
        o->name_rarity += idf;
    if (is_core(b.n, event_b)) {
        o->core_b_known += sum_of(b.w, VIEW_ALL);
        o->core_words += word;
    }
}

static struct few tops_of(const struct news_event *e)
{
    return few_of(e->tops, e->n_tops < EVENT_TOPS_FEW ? e->n_tops : EVENT_TOPS_FEW);
}

static void overlap_of(const struct news_event *event_a, const struct sums *a,
                       const struct news_event *event_b, const struct sums *b,
                       const struct rarity *rarity, struct overlap *o)
{
    *o = (struct overlap){.tops_a = tops_of(event_a),
                          .tops_b = tops_of(event_b),
                          .names_a = few_of(a->top_names, a->n_top_names),
                          .names_b = few_of(b->top_names, b->n_top_names),
                          .title_a = a->total[VIEW_TITLE],
                          .title_b = b->total[VIEW_TITLE],
                          .name_a = a->total[VIEW_NAME],
                          .name_b = b->total[VIEW_NAME]};
    for (size_t i = 0; i < b->n; i++)
        o->core_b += is_core(b->times[i], event_b) ? sum_of(b->w[i], VIEW_ALL) : 0;
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        uint32_t id_a = a->ids[i], id_b = b->ids[k];
        if (id_a == id_b)
            meet_term(id_a, sum_at(a, i), sum_at(b, k), event_b, rarity, o);
        i += id_a <= id_b; /* no branch, which would be mispredicted */
        k += id_b <= id_a;
    }
}

/* Counts are left out: a name and a number of people occur in any two stories. A count shows how
 * alike they are but does not make them alike. */
static bool shares_few(const struct overlap *o, size_t terms, double min_shared)
{
    return o->shared - o->counts < min_shared && o->shared < terms;
}

void score_ahead(const struct news_event *e)
{
    enum { LINE = 64, TERMS = 48 }; /* as many as most articles have */
    for (size_t i = news_event_newest(e, EVENT_RECENT); i < e->n; i++)
        __builtin_prefetch(e->members[i]);
    if (e->sums) {
        sums_ahead(e->sums);
        return;
    }
    for (size_t i = LINE; i < sizeof(struct article) + TERMS * sizeof(struct weight); i += LINE)
        __builtin_prefetch((const char *)e->members[0] + i);
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static double share_known(const struct few *f)
{
    return share((double)f->known, (double)f->n);
}

/* An event's inner mean cosine, smoothed by one extra pair of average likeness: an event of one
 * article has no pair, an event of two only one. */
static double cosine_within(const struct news_event *e, enum view view)
{
    static const double usual = 0.3;
    double pairs = (double)e->n * ((double)e->n - 1) / 2;
    return (news_event_mean_cosine(e, view) * pairs + usual) / (pairs + 1);
}

/* Long articles of one story resemble each other more than headlines do, so the likeness between a
 * and b is measured relative to that within them. */
static double likeness_between(const struct news_event *a, const struct news_event *b,
                               enum view view, double between)
{
    static const double least = 0.02; /* avoids ln(0) */
    double in_b = cosine_within(b, view), in_a = a->n > 1 ? cosine_within(a, view) : in_b;
    return log((between + least) / (sqrt(in_a * in_b) + least));
}

static double recurs(const struct news_event *a, const struct news_event *b)
{
    double best = 0;
    for (size_t i = news_event_newest(a, EVENT_RECENT_FEW); i < a->n; i++)
        for (size_t k = news_event_newest(b, EVENT_RECENT); k < b->n; k++) {
            const struct article *x = a->members[i], *y = b->members[k];
            if (x->publisher == y->publisher && llabs(x->published - y->published) >= RECURS_AFTER)
                best = fmax(best, vector_cosine(&x->vector, &y->vector, VIEW_TITLE));
        }
    return best;
}

static double gap_days(const struct news_event *a, const struct news_event *b)
{
    int64_t gap = a->first > b->last   ? a->first - b->last
                  : b->first > a->last ? b->first - a->last
                                       : 0;
    return (double)gap / SECONDS_A_DAY;
}

bool score_features(struct news_event *a, struct news_event *b, const struct rarity *rarity,
                    double min_shared, struct score *out)
{
    struct sums_of_one room_a, room_b;
    struct sums *sums_a = news_event_sums(a, &room_a), *sums_b = news_event_sums(b, &room_b);
    news_event_ready(a);
    news_event_ready(b);
    sums_find_names(sums_a);
    sums_find_names(sums_b);
    struct overlap o;
    overlap_of(a, sums_a, b, sums_b, rarity, &o);
    double *f = out->f, one = (double)VECTOR_ONE * VECTOR_ONE;
    double pairs = (double)a->n * (double)b->n * one;
    *out = (struct score){.few_shared = shares_few(&o, sums_a->n, min_shared),
                          .word = o.word,
                          .one_shared = shares_few(&o, sums_a->n, 2),
                          .named = sums_a->n_top_names && sums_b->n_top_names};
    if (out->few_shared)
        return false;
    f[FEATURE_bias] = 1;
    f[FEATURE_mean_all] = (double)o.dot[VIEW_ALL] / pairs;
    f[FEATURE_alike] = likeness_between(a, b, VIEW_ALL, f[FEATURE_mean_all]);
    f[FEATURE_alike_title] = likeness_between(a, b, VIEW_TITLE, (double)o.dot[VIEW_TITLE] / pairs);
    f[FEATURE_known_title] = share((double)o.title_a_known, (double)o.title_a);
    f[FEATURE_known_back] = share((double)o.title_b_known, (double)o.title_b);
    f[FEATURE_known_name] = share((double)o.name_a_known, (double)o.name_a);
    f[FEATURE_known_name_back] = share((double)o.name_b_known, (double)o.name_b);
    f[FEATURE_core_back] = share((double)o.core_b_known, (double)o.core_b);
    f[FEATURE_top_in_a] = share_known(&o.tops_b);
    f[FEATURE_top_in_b] = share_known(&o.tops_a);
    f[FEATURE_rarest_second] = o.second / 10;
    f[FEATURE_title_rarity] = log1p(o.title_rarity);
    f[FEATURE_name_rarity] = log1p(o.name_rarity);
    f[FEATURE_title_words] = log1p(o.title_words);
    f[FEATURE_core_words] = log1p(o.core_words);
    f[FEATURE_unshared] = log1p((double)(sums_a->n - o.shared) / (double)a->n);
    f[FEATURE_no_names] =
        o.names_a.n >= 2 && o.names_b.n >= 2 && !o.names_a.known && !o.names_b.known;
    f[FEATURE_log_n] = log((double)b->n);
    f[FEATURE_log_n_a] = log((double)a->n);
    f[FEATURE_log_words] = log1p((double)a->words / (double)a->n);
    f[FEATURE_log_words_b] = log1p((double)b->words / (double)b->n);
    f[FEATURE_coherent_title] = news_event_mean_cosine(b, VIEW_TITLE);
    f[FEATURE_gap] = gap_days(a, b);
    f[FEATURE_slack] =
        log1p(f[FEATURE_gap] / ((double)(b->last - b->first) / SECONDS_A_DAY / (double)b->n + 0.1));
    f[FEATURE_age] = log1p(fmax(0, (double)(a->last - b->first) / SECONDS_A_DAY));
    f[FEATURE_roundup] =
        fmax((double)a->roundups / (double)a->n, (double)b->roundups / (double)b->n);
    f[FEATURE_recurs] = recurs(a, b);
    f[FEATURE_variety] =
        (double)news_event_variety(b) / (double)(b->n < EVENT_RECENT ? b->n : EVENT_RECENT);
    f[FEATURE_same_source] = news_event_has_publisher(b, a->members[0]->publisher);
    return true;
}

static int feature_by_name(const char *name, size_t n)
{
    for (int i = 0; i < FEATURES; i++)
        if (strlen(feature_names[i]) == n && !memcmp(feature_names[i], name, n))
            return i;
    return -1;
}

bool model_add(struct model *m, const char *name, double weight)
{
    const char *star = strchr(name, '*');
    struct model_row row = {.second = -1, .weight = weight};
    row.feature = feature_by_name(name, star ? (size_t)(star - name) : strlen(name));
    if (star)
        row.second = feature_by_name(star + 1, strlen(star + 1));
    if (row.feature < 0 || (star && row.second < 0) || m->n == MODEL_ROWS)
        return false;
    m->rows[m->n++] = row;
    return true;
}

void model_row_name(const struct model_row *row, char *out, size_t cap)
{
    if (row->second < 0)
        snprintf(out, cap, "%s", feature_names[row->feature]);
    else
        snprintf(out, cap, "%s*%s", feature_names[row->feature], feature_names[row->second]);
}

const char *model_row_words(const char *name)
{
    static const char *const words[FEATURES] = {
#define F(name, words, help) words,
        SCORE_FEATURES(F)
#undef F
    };
    int feature = feature_by_name(name, strcspn(name, "*"));
    return feature < 0 ? NULL : words[feature];
}

double model_contribution(const struct model_row *row, const double f[FEATURES])
{
    return row->weight * f[row->feature] * (row->second < 0 ? 1 : f[row->second]);
}

double score_model(const struct model *m, const double f[FEATURES])
{
    double logit = 0;
    for (size_t i = 0; i < m->n; i++)
        logit += model_contribution(&m->rows[i], f);
    return 1 / (1 + exp(-logit));
}
