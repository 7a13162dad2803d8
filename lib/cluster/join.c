/* Decides whether two events may become one: the guards that veto what the model finds probable,
 * and the explanation of the decision. Called by engine.c, nearest.c, regroup.c and renew.c.
 * Scoring is in score.c; moving articles is the callers' work. */
#include "cluster/bound.h"
#include "cluster/join.h"

#include "cluster/series.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_SHARED_WORDS = 12,
    WORD_LEAST = 2, /* idf; rarer than the topics of the day */
};

/* Mean cosine within the union of a and b. */
static double joint_coherence(const struct news_event *a, const struct news_event *b,
                              const struct score *s)
{
    double na = (double)a->n, nb = (double)b->n;
    double pairs = news_event_mean_cosine(a, VIEW_ALL) * na * (na - 1) / 2 +
                   news_event_mean_cosine(b, VIEW_ALL) * nb * (nb - 1) / 2 +
                   s->f[FEATURE_mean_all] * na * nb;
    return pairs / ((na + nb) * (na + nb - 1) / 2);
}

/* The smaller the share of common names, the higher the probability must be. */
static bool names_differ(const struct engine_params *p, const struct score *s, double threshold)
{
    double share = fmax(s->f[FEATURE_known_name], s->f[FEATURE_known_name_back]);
    if (!s->named || share >= p->names)
        return false;
    return s->probability < threshold + (p->unnamed - threshold) * (1 - share / p->names);
}

static bool about_others(const struct news_event *a, const struct news_event *b)
{
    enum { FEW = 1 };
    unsigned both = 0;
    for (size_t i = 0; i < a->n_tops && i < EVENT_TOPS_FEW; i++)
        for (size_t k = 0; k < b->n_tops && k < EVENT_TOPS_FEW; k++)
            both += a->tops[i] == b->tops[k];
    return both <= FEW;
}

bool join_far_apart(const struct engine_params *p, const struct news_event *a,
                    const struct news_event *b, const struct score *s)
{
    enum { MANY = 32 }; /* articles; from here mean cosines are reliable */
    if (a->n < 2 || b->n < 2 || a->n + b->n < MANY)
        return false;
    double within = fmin(news_event_mean_cosine(a, VIEW_ALL), news_event_mean_cosine(b, VIEW_ALL));
    double apart = about_others(a, b) ? p->apart_others : p->apart;
    return s->probability * s->f[FEATURE_mean_all] < apart * within;
}

double join_least(const struct engine *e, size_t articles, double threshold)
{
    return articles == 2 ? fmax(threshold, e->params.pair_threshold) : threshold;
}

const char *join_guard(const struct engine *e, const struct news_event *a,
                       const struct news_event *b, const struct score *s, double threshold)
{
    if (s->few_shared)
        return "too few terms shared";
    if (a->n + b->n > EVENT_MOST)
        return "the event is full";
    if (s->probability < join_least(e, a->n + b->n, threshold))
        return "not likely enough";
    if (bound_apart(e, a, b))
        return "separated by an editor";
    if (names_differ(&e->params, s, threshold))
        return "different people, places or numbers named";
    if (s->one_shared && s->probability < e->params.named)
        return "only one word shared";
    if (s->word < WORD_LEAST && s->probability < e->params.named)
        return "only names and numbers shared";
    if (s->f[FEATURE_same_source] > 0 && a->roundups == a->n && b->roundups * 2 >= b->n)
        return "separate round-ups of one publisher";
    if (series_of_both(e, a, b))
        return "different names in a recurring template of the publisher";
    if (join_far_apart(&e->params, a, b, s))
        return "each has words of its own that the other lacks";
    if (joint_coherence(a, b, s) < e->params.coherence)
        return "the articles together would be too dissimilar";
    return NULL;
}

struct shared_word {
    const struct term *term;
    int32_t weight;
};

static bool word_comes_before(const struct shared_word *a, const struct shared_word *b)
{
    return a->weight != b->weight ? a->weight > b->weight : a->term->id < b->term->id;
}

static bool is_outdone(const struct shared_word *words, size_t n, size_t most,
                       const struct shared_word *new)
{
    return n == most && word_comes_before(&words[n - 1], new);
}

/* Keeps the `most` heaviest, in order; returns how many there are now. */
static size_t keep_weightiest(struct shared_word *words, size_t n, size_t most,
                              struct shared_word new)
{
    if (is_outdone(words, n, most, &new))
        return n;
    size_t at = n < most ? n++ : n - 1;
    for (; at > 0 && word_comes_before(&new, &words[at - 1]); at--)
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
    const struct sums *sums = news_event_sums(event, &room);
    for (size_t i = 0, k = 0; i < e->terms.n && k < a->vector.n; i++) {
        const struct term *t = &e->terms.v[i];
        while (k < a->vector.n && a->vector.v[k].id < t->id)
            k++;
        if (k == a->vector.n || a->vector.v[k].id != t->id)
            continue;
        struct shared_word word = {t, a->vector.v[k].w[VIEW_ALL]};
        if (!is_outdone(words, n, MAX_SHARED_WORDS, &word) && sums_find(sums, t->id).n)
            n = keep_weightiest(words, n, MAX_SHARED_WORDS, word);
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

void join_explain(const struct engine *e, const struct article *a, size_t chosen,
                  const char *refused, struct engine_reason *r)
{
    *r = (struct engine_reason){.threshold = e->params.join_threshold, .refused = refused};
    if (chosen >= e->n_candidates)
        return;
    const struct candidate *c = &e->candidates[chosen];
    r->event = c->event->number;
    r->probability = c->score.probability;
    r->threshold = join_least(e, 1 + c->event->n, e->params.join_threshold);
    for (size_t i = 0; i < e->join.n; i++)
        r->contribution[i] = model_contribution(&e->join.rows[i], c->score.f);
    size_t next = chosen == 0 ? 1 : 0;
    if (next < e->n_candidates) {
        r->runner_up = e->candidates[next].event->number;
        r->runner_up_probability = e->candidates[next].score.probability;
    }
    shared_words(e, a, c->event, r->shared, sizeof r->shared);
}
