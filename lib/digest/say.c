/* Summary, details and meaning: sentences of the sources, chosen greedily by how much each adds,
 * relative to its length, of what independent reports share (after Lin & Bilmes, "A Class of
 * Submodular Functions for Document Summarization", 2011). One of the parts that digest.c calls. */
#include "base/map.h"
#include "base/mem.h"
#include "digest/kinds.h"
#include "digest/view.h"
#include "text/rarity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    REPORTS_MOST = 64,    /* reports that are distinguished */
    SENTENCES_MOST = 600, /* of an event, sentences that are used */
    COMMON = 150,         /* a term in more sentences is ignored when two of them are compared */
    MEANING_SEEN = 200,   /* sentences that are searched for interpretation */
    ANALYSIS = 3,         /* cues of a sentence that interprets */
    STEADY_PERCENT = 50,  /* margin by which a summary sentence must be beaten to be replaced */
};

/* How sentences are chosen. */
struct choice_policy {
    size_t most, words; /* in total: pieces and their words */
    double decay;       /* share of a term's weight that remains after each mention */
    double rare;        /* exponent of the idf in a term's weight */
    double alone;       /* subtracted from the number of reports with the term */
    double length;      /* fixed cost of a piece, in words */
    double near;        /* a piece is a repetition when another contains a larger share of it */
    double title, dangles, aside, analysis;
    double least_gain;  /* share of the first piece's gain, required after three pieces */
    bool pairs, titles; /* whether a piece may be two sentences; a title */
    size_t pair_words;
    double quoted; /* 0: a quotation alone does not qualify */
    double new_power;
};
static const struct choice_policy for_summary = {.most = DIGEST_BULLETS,
                                                 .words = DIGEST_BULLETS_WORDS,
                                                 .decay = .2,
                                                 .rare = 0,
                                                 .alone = .7,
                                                 .length = 15,
                                                 .near = .5,
                                                 .title = .4,
                                                 .dangles = .6,
                                                 .aside = .3,
                                                 .analysis = .5,
                                                 .least_gain = .05,
                                                 .titles = true};
static const struct choice_policy for_details = {.most = DIGEST_DETAILS,
                                                 .words = DIGEST_DETAILS_WORDS,
                                                 .decay = .4,
                                                 .rare = .3,
                                                 .alone = .3,
                                                 .length = 20,
                                                 .near = .6,
                                                 .title = 0,
                                                 .dangles = .6,
                                                 .aside = .3,
                                                 .analysis = .5,
                                                 .pairs = true,
                                                 .pair_words = 70,
                                                 .quoted = .5,
                                                 .new_power = .5};

struct said_term {
    uint64_t reports; /* a bit for each report that has it */
    uint32_t titles, times, seen;
    uint32_t *in, n_in, cap_in; /* sentences that have it */
    double idf, weight;
    bool number;
};

struct said {
    const struct sentence *s;
    uint32_t article, report;
    uint32_t *terms;  /* indices in what.terms */
    double idf;       /* sum over its terms */
    double support;   /* the share of it that other reports contain, 0 to 1 */
    uint64_t told_by; /* reports that contain it */
    bool overtaken, event_title, kept_from_before, used;
};

struct what {
    const struct digest_view *v;
    struct said_term *terms;
    size_t n_terms, cap_terms;
    struct map places; /* id + 1 -> index in terms + 1 */
    struct said *said;
    size_t n;
    uint32_t *report_of;           /* of each article */
    size_t first_of[REPORTS_MOST]; /* each report's first article */
    size_t n_reports;
    double *told; /* for each term: the decay to the power of its mentions */
};

/* ---- reading --------------------------------------------------------------------------------- */

/* Articles of one publisher are one report; a copy belongs to the report of its origin. */
static void number_reports(struct what *w)
{
    const struct digest_view *v = w->v;
    w->report_of = mem_zero((v->n + 1) * sizeof *w->report_of);
    for (size_t i = 0; i < v->n; i++) {
        size_t k = 0;
        while (k < i && strcmp(v->articles[k].domain, v->articles[i].domain) != 0 &&
               (!v->articles[i].copy_of || v->articles[i].copy_of != v->articles[k].number))
            k++;
        if (k < i)
            w->report_of[i] = w->report_of[k];
        else if (w->n_reports < REPORTS_MOST) {
            w->first_of[w->n_reports] = i;
            w->report_of[i] = (uint32_t)w->n_reports++;
        } else
            w->report_of[i] = REPORTS_MOST - 1;
    }
}

static uint32_t place_of_term(struct what *w, const struct sentence_term *t)
{
    uintptr_t at = (uintptr_t)map_get(&w->places, (uint64_t)t->id + 1);
    if (at)
        return (uint32_t)at - 1;
    MEM_GROW(w->terms, w->n_terms, w->cap_terms);
    double idf = rarity_idf(w->v->rarity, t->id);
    w->terms[w->n_terms] =
        (struct said_term){.idf = idf > 9 ? 9 : idf, .number = t->kind == WORD_NUMBER};
    map_put(&w->places, (uint64_t)t->id + 1, (void *)(uintptr_t)(w->n_terms + 1));
    return (uint32_t)w->n_terms++;
}

static void add_sentence(struct what *w, size_t article, const struct sentence *s)
{
    struct said *x = &w->said[w->n];
    *x = (struct said){.s = s, .article = (uint32_t)article, .report = w->report_of[article]};
    x->terms = mem_zero((s->n_terms + 1U) * sizeof *x->terms);
    for (size_t i = 0; i < s->n_terms; i++) {
        uint32_t at = x->terms[i] = place_of_term(w, &s->terms[i]);
        struct said_term *t = &w->terms[at];
        t->reports |= UINT64_C(1) << x->report;
        t->times++;
        t->titles += s->marks & SENTENCE_TITLE ? 1 : 0;
        MEM_GROW(t->in, t->n_in, t->cap_in);
        t->in[t->n_in++] = (uint32_t)w->n;
        x->idf += t->idf;
    }
    x->event_title = strlen(w->v->title) == s->n && !memcmp(w->v->title, s->text, s->n);
    w->n++;
}

static void gather_sentences(struct what *w)
{
    const struct digest_view *v = w->v;
    size_t all = 0;
    for (size_t i = 0; i < v->n; i++)
        all += v->texts[i]->n;
    size_t each = all > SENTENCES_MOST ? SENTENCES_MOST / v->n + 1 : SENTENCE_MOST;
    each = each < 2 ? 2 : each;
    w->said = mem_zero((all + 1) * sizeof *w->said);
    for (size_t i = 0; i < v->n; i++)
        if (!v->articles[i].copy_of)
            for (size_t k = 0; k < v->texts[i]->n && k < each; k++)
                add_sentence(w, i, &v->texts[i]->v[k]);
    if (w->n == 0) /* all are copies of articles that have left the window */
        for (size_t k = 0; k < v->texts[0]->n; k++)
            add_sentence(w, 0, &v->texts[0]->v[k]);
}

static bool said_has_term(const struct said *x, uint32_t term)
{
    for (size_t i = 0; i < x->s->n_terms; i++)
        if (x->terms[i] == term)
            return true;
    return false;
}

/* True when one has numbers and the other lacks all of them. */
static bool differ_in_numbers(const struct what *w, const struct said *a, const struct said *b)
{
    bool any = false;
    for (size_t i = 0; i < a->s->n_terms; i++) {
        if (!w->terms[a->terms[i]].number)
            continue;
        if (said_has_term(b, a->terms[i]))
            return false;
        any = true;
    }
    return any;
}

/* True when the later one is the same with newer numbers. */
static bool overtakes(const struct what *w, const struct said *later, const struct said *x)
{
    return w->v->articles[later->article].published > w->v->articles[x->article].published &&
           differ_in_numbers(w, x, later) && differ_in_numbers(w, later, x);
}

/* For each sentence, the share that each other report contains in one of its sentences. */
static void find_support(struct what *w)
{
    static const double told = .5, same = .55;
    double *shared = mem_zero((w->n + 1) * sizeof *shared);
    uint32_t *touched = mem_zero((w->n + 1) * sizeof *touched);
    for (size_t i = 0; i < w->n; i++) {
        struct said *x = &w->said[i];
        size_t n_touched = 0;
        double by_report[REPORTS_MOST] = {0};
        for (size_t k = 0; k < x->s->n_terms; k++) {
            const struct said_term *t = &w->terms[x->terms[k]];
            if (t->n_in > COMMON)
                continue;
            for (size_t j = 0; j < t->n_in; j++) {
                if (shared[t->in[j]] == 0)
                    touched[n_touched++] = t->in[j];
                shared[t->in[j]] += t->idf + 1e-9;
            }
        }
        for (size_t j = 0; j < n_touched; j++) {
            const struct said *o = &w->said[touched[j]];
            double share = x->idf > 0 ? shared[touched[j]] / x->idf : 0;
            shared[touched[j]] = 0;
            if (o->report != x->report && share > by_report[o->report])
                by_report[o->report] = share > 1 ? 1 : share;
            x->overtaken |= share > same && overtakes(w, o, x);
        }
        x->told_by = UINT64_C(1) << x->report;
        for (size_t r = 0; r < w->n_reports; r++) {
            x->support += by_report[r];
            x->told_by |= by_report[r] >= told ? UINT64_C(1) << r : 0;
        }
        x->support /= w->n_reports > 1 ? (double)(w->n_reports - 1) : 1;
    }
    free(shared);
    free(touched);
}

/* For each article, the share of its title that the others contain. */
static void tell_titles(const struct what *w)
{
    for (size_t i = 0; i < w->v->n; i++)
        w->v->told[i] = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->said[i].s->marks & SENTENCE_TITLE)
            w->v->told[w->said[i].article] = w->said[i].support;
}

static void free_what(struct what *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->said[i].terms);
    for (size_t i = 0; i < w->n_terms; i++)
        free(w->terms[i].in);
    free(w->said);
    free(w->terms);
    free(w->report_of);
    free(w->told);
    map_free(&w->places);
}

/* ---- choosing -------------------------------------------------------------------------------- */

static void weigh_terms(struct what *w, const struct choice_policy *p)
{
    double reports = (double)w->n_reports;
    for (size_t i = 0; i < w->n_terms; i++) {
        struct said_term *t = &w->terms[i];
        double has = (double)__builtin_popcountll(t->reports) - p->alone;
        double agreed = w->n_reports > 1 ? has / reports : .5;
        t->weight = agreed * pow(t->idf, p->rare) *
                    (1 + 2.0 * (double)t->titles / (double)w->v->n) * (t->number ? 2 : 1);
    }
}

/* One sentence, or two consecutive ones. */
struct said_piece {
    size_t at, n;
};

static size_t words_of_piece(const struct what *w, struct said_piece u)
{
    return w->said[u.at].s->words + (u.n > 1 ? w->said[u.at + 1].s->words : 0U);
}

static bool can_be(const struct what *w, struct said_piece u, const struct choice_policy *p)
{
    if (u.at + u.n > w->n)
        return false;
    for (size_t i = u.at; i < u.at + u.n; i++) {
        const struct said *x = &w->said[i];
        unsigned no = SENTENCE_ASKS | SENTENCE_CUT | SENTENCE_HEADING;
        if (x->used || x->event_title || x->s->marks & no || x->s->n_terms < 3 ||
            (x->s->marks & SENTENCE_TITLE && !p->titles))
            return false;
        if (x->s->marks & SENTENCE_QUOTED && p->quoted == 0)
            return false;
    }
    const struct said *x = &w->said[u.at];
    return u.n == 1 ||
           (u.at + 1 < w->n && x[1].article == x->article && x[1].s->at == x->s->at + 1 &&
            !(x->s->marks & SENTENCE_TITLE) && words_of_piece(w, u) <= p->pair_words);
}

/* The share of its terms that the chosen ones contain together, and the largest share that one of
 * them contains. */
static void told_already(const struct what *w, struct said_piece u, const struct said_piece *chosen,
                         size_t n, double *all, double *one)
{
    double idf = 0, old = 0, per[DIGEST_BULLETS + DIGEST_DETAILS] = {0};
    for (size_t i = u.at; i < u.at + u.n; i++)
        for (size_t k = 0; k < w->said[i].s->n_terms; k++) {
            uint32_t t = w->said[i].terms[k];
            bool any = false;
            idf += w->terms[t].idf;
            for (size_t c = 0; c < n; c++) {
                const struct said *x = &w->said[chosen[c].at];
                bool there = said_has_term(x, t) || (chosen[c].n > 1 && said_has_term(x + 1, t));
                per[c] += there ? w->terms[t].idf : 0;
                any |= there;
            }
            old += any ? w->terms[t].idf : 0;
        }
    *all = idf > 0 ? old / idf : 1;
    *one = 0;
    for (size_t c = 0; c < n; c++) {
        double its =
            w->said[chosen[c].at].idf + (chosen[c].n > 1 ? w->said[chosen[c].at + 1].idf : 0);
        double least = its < idf ? its : idf;
        if (least > 0 && per[c] / least > *one)
            *one = per[c] / least;
    }
}

static double gain_of(const struct what *w, struct said_piece u, const struct choice_policy *p)
{
    const struct said *x = &w->said[u.at];
    double sum = 0, support = x->support;
    for (size_t i = u.at; i < u.at + u.n; i++)
        for (size_t k = 0; k < w->said[i].s->n_terms; k++)
            sum += w->terms[w->said[i].terms[k]].weight * w->told[w->said[i].terms[k]];
    if (u.n > 1 && x[1].support > support)
        support = x[1].support;
    double by = x->s->marks & SENTENCE_TITLE ? p->title : 1 + exp(-((double)x->s->at - 1) / 8);
    by *= x->s->marks & SENTENCE_DANGLES ? p->dangles : 1;
    by *= x->s->marks & SENTENCE_QUOTED ? p->quoted : 1;
    by *= (x->s->marks | (u.n > 1 ? x[1].s->marks : 0)) & SENTENCE_ASIDE ? p->aside : 1;
    by *= x->s->facts[KIND_ANALYSIS] >= ANALYSIS ||
                  (u.n > 1 && x[1].s->facts[KIND_ANALYSIS] >= ANALYSIS)
              ? p->analysis
              : 1;
    by *= x->overtaken ? .3 : 1;
    by *= x->kept_from_before ? 1 + STEADY_PERCENT / 100.0 : 1;
    by *= 1 + .5 * support;
    return sum * by / (p->length + (double)words_of_piece(w, u));
}

/* Continues after the `n` chosen ones; returns how many there are then. */
static size_t choose_pieces(struct what *w, const struct choice_policy *p,
                            struct said_piece *chosen, size_t n)
{
    static const double least_new = .2, least_new_title = .3;
    size_t first = n, words = 0;
    double first_gain = 0;
    weigh_terms(w, p);
    for (size_t i = 0; i < w->n_terms; i++)
        w->told[i] = 1;
    for (size_t c = 0; c < n; c++)
        for (size_t k = 0; k < w->said[chosen[c].at].s->n_terms; k++)
            w->told[w->said[chosen[c].at].terms[k]] *= p->decay;
    while (n - first < p->most) {
        struct said_piece best = {0, 0};
        double most = 0;
        for (size_t i = 0; i < w->n; i++)
            for (size_t two = 1; two <= (p->pairs ? 2U : 1U); two++) {
                struct said_piece u = {i, two};
                const struct said *x = &w->said[i];
                if (!can_be(w, u, p) || words + words_of_piece(w, u) > p->words ||
                    (n == 0 && x->s->marks & SENTENCE_DANGLES))
                    continue;
                double gain = gain_of(w, u, p), all, one;
                if (gain <= most)
                    continue;
                told_already(w, u, chosen, n, &all, &one);
                gain *= pow(1 - all, p->new_power);
                if (1 - all < (x->s->marks & SENTENCE_TITLE ? least_new_title : least_new) ||
                    one > p->near || gain <= most)
                    continue;
                most = gain;
                best = u;
            }
        if (!best.n || (n - first >= 3 && most < p->least_gain * first_gain))
            break;
        first_gain = n == first ? most : first_gain;
        words += words_of_piece(w, best);
        for (size_t i = best.at; i < best.at + best.n; i++) {
            w->said[i].used = true;
            for (size_t k = 0; k < w->said[i].s->n_terms; k++)
                w->told[w->said[i].terms[k]] *= p->decay;
        }
        chosen[n++] = best;
    }
    return n;
}

/* ---- output ---------------------------------------------------------------------------------- */

static void add_article_source(const struct what *w, struct codec_list *sources, size_t article)
{
    const char *name = w->v->articles[article].source;
    codec_add_text(sources, name, strlen(name));
}

static struct digest_statement *state(const struct what *w, struct said_piece u,
                                      struct codec_list *into)
{
    const struct said *x = &w->said[u.at];
    const struct digest_article *a = &w->v->articles[x->article];
    const struct sentence *last = w->said[u.at + u.n - 1].s;
    struct digest_statement *s = codec_add(into, sizeof *s);
    s->text = u.n > 1 ? mem_zero((size_t)x->s->n + last->n + 2) : mem_strn(x->s->text, x->s->n);
    if (u.n > 1) {
        memcpy(s->text, x->s->text, x->s->n);
        s->text[x->s->n] = ' ';
        memcpy(s->text + x->s->n + 1, last->text, last->n);
    }
    s->article = a->number;
    s->source = mem_str(a->source);
    s->url = *a->url ? mem_str(a->url) : NULL;
    s->time = a->published;
    s->kind = mem_str("extracted");
    add_article_source(w, &s->sources, x->article);
    for (size_t r = 0; r < w->n_reports; r++)
        if (r != x->report && x->told_by >> r & 1)
            add_article_source(w, &s->sources, w->first_of[r]);
    return s;
}

static size_t characters(const struct sentence *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += ((unsigned char)s->text[i] & 0xC0) != 0x80;
    return n;
}

/* A title that summarises the sentence. It must be a title as somebody wrote it, not a truncated
 * one. */
static char *heading_of_piece(const struct what *w, struct said_piece u, bool *taken)
{
    static const double within = .7;
    const struct said *x = &w->said[u.at];
    double best = within;
    size_t at = w->n;
    for (size_t i = 0; i < w->n; i++) {
        const struct said *t = &w->said[i];
        double shared = 0;
        if (!(t->s->marks & SENTENCE_TITLE) || t->s->marks & (SENTENCE_ASKS | SENTENCE_CUT) ||
            t->event_title || taken[i] || t->s->n_terms < 3 || characters(t->s) > DIGEST_HEADING)
            continue;
        for (size_t k = 0; k < t->s->n_terms; k++)
            shared += said_has_term(x, t->terms[k]) ? w->terms[t->terms[k]].idf : 0;
        if (t->idf > 0 && shared / t->idf > best) {
            best = shared / t->idf;
            at = i;
        }
    }
    if (at == w->n)
        return NULL;
    taken[at] = true;
    return mem_strn(w->said[at].s->text, w->said[at].s->n);
}

struct typed {
    struct said_piece piece;
    const char *kind;
    size_t rank;
};

static int by_detail_kind(const void *a, const void *b)
{
    const struct typed *x = a, *y = b;
    int left = kind_order(x->kind), right = kind_order(y->kind);
    return left != right ? (left < right ? -1 : 1) : (x->rank < y->rank ? -1 : x->rank > y->rank);
}

static void say_details(struct what *w, const struct said_piece *chosen, size_t n,
                        struct digest *out)
{
    struct typed all[DIGEST_DETAILS];
    bool *taken = mem_zero(w->n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct said *x = &w->said[chosen[i].at];
        all[i] = (struct typed){chosen[i], kind_of(w->v->texts[x->article], x->s, chosen[i].n), i};
    }
    qsort(all, n, sizeof *all, by_detail_kind);
    for (size_t i = 0; i < n; i++) {
        struct digest_statement *s = state(w, all[i].piece, &out->details);
        s->type = all[i].kind ? mem_str(all[i].kind) : NULL;
        s->heading = heading_of_piece(w, all[i].piece, taken);
    }
    free(taken);
}

/* Sentences that interpret or look ahead and are not shown yet. */
static void say_meaning(struct what *w, struct said_piece *chosen, size_t n, struct digest *out)
{
    static const double near = .6;
    for (size_t found = 0; found < DIGEST_MEANING; found++) {
        struct said_piece best = {0, 0};
        double most = 0;
        for (size_t i = 0; i < w->n && i < MEANING_SEEN; i++) {
            const struct said *x = &w->said[i];
            const struct said_piece u = {i, 1};
            unsigned no = SENTENCE_TITLE | SENTENCE_ASKS | SENTENCE_CUT | SENTENCE_HEADING |
                          SENTENCE_DANGLES | SENTENCE_QUOTED | SENTENCE_ASIDE;
            if (x->used || x->s->marks & no || x->s->n_terms < 4)
                continue;
            int cues = x->s->facts[KIND_ANALYSIS];
            double all, one, score = cues * (1 + x->support);
            if (cues < ANALYSIS || score <= most)
                continue;
            told_already(w, u, chosen, n, &all, &one);
            if (one > near)
                continue;
            most = score;
            best = u;
        }
        if (!best.n)
            return;
        w->said[best.at].used = true;
        state(w, best, &out->meaning);
    }
}

static void keep_from_before(struct what *w)
{
    const struct digest *before = w->v->before;
    for (size_t i = 0; before && i < w->n; i++)
        for (size_t k = 0; k < before->summary.n; k++) {
            const struct digest_statement *s = (struct digest_statement *)before->summary.v + k;
            w->said[i].kept_from_before |= s->text && strlen(s->text) == w->said[i].s->n &&
                                           !memcmp(s->text, w->said[i].s->text, w->said[i].s->n);
        }
}

void say_make(const struct digest_view *v, struct digest *out)
{
    struct what w = {.v = v};
    struct said_piece chosen[DIGEST_BULLETS + DIGEST_DETAILS];
    number_reports(&w);
    gather_sentences(&w);
    find_support(&w);
    if (v->told)
        tell_titles(&w);
    keep_from_before(&w);
    w.told = mem_zero((w.n_terms + 1) * sizeof *w.told);
    size_t n = choose_pieces(&w, &for_summary, chosen, 0);
    for (size_t i = 0; i < n; i++)
        state(&w, chosen[i], &out->summary);
    say_meaning(&w, chosen, n, out);
    /* with a single report, readers can read the report itself */
    size_t all = w.n_reports > 1 ? choose_pieces(&w, &for_details, chosen, n) : n;
    say_details(&w, chosen + n, all - n, out);
    free_what(&w);
}
