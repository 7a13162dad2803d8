/* The developments of a large event: the chapters of its reports (chapters.h), each with its best
 * title and the sentences that first reported what it added. One of the parts that digest.c calls.
 */
#include "base/mem.h"
#include "digest/reports.h"
#include "text/title_faults.h"
#include "text/roundup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHAPTER_SEEN = 16,  /* reports of a chapter whose sentences are read: the first */
    SENTENCES_SEEN = 4, /* of a report */
    NEW_WORDS = 45,     /* of a sentence that reports something new */
    AGAIN_PERCENT = 60, /* of the title's terms; from here another title says the same */
};

/* How titles and sentences are chosen. */
static const struct development_policy {
    double alone, agreed;  /* of a term: subtracted from the number of reports with it; exponent of
                              their share */
    double rare;           /* exponent of its weight */
    double common;         /* weight of a term that was reported before */
    double length, words;  /* fixed cost of a title, of a sentence, in addition to its terms */
    double fault, coming;  /* factor for a title that is no good headline */
    double foreign;        /* factor for a title in another language than most */
    double kept;           /* factor for one that was shown before */
    double title;          /* factor for a sentence that is a title */
    double in_title, told; /* share left of a term in the title, or in a previous sentence */
    double least;          /* share of the first sentence's score that the second needs */
    double same;           /* share of it that an earlier sentence must contain */
} policy = {.alone = .6,
            .agreed = 1.8,
            .rare = .5,
            .common = .4,
            .length = 4,
            .words = 10,
            .fault = .4,
            .coming = .9,
            .foreign = .7,
            .kept = 1.5,
            .title = .7,
            .in_title = .25,
            .told = .15,
            .least = .35,
            .same = .7};

struct story {
    const struct reports *r;
    struct chapters c;
    size_t order[CHAPTERS_MOST]; /* of chapters, by their beginning */
    double *fresh; /* for each chapter and term its weight: by how many of the chapter's reports
                      contain it, and how many more than in earlier chapters */
    struct grown grown[CHAPTERS_MOST];
};

/* ---- what is new ----------------------------------------------------------------------------- */

/* Compared with all chapters that began earlier. */
static void find_fresh(struct story *s)
{
    uint32_t *earlier = mem_zero((s->r->n_terms + 1) * sizeof *earlier);
    double n = 0;
    s->fresh = mem_zero((s->c.n * s->r->n_terms + 1) * sizeof *s->fresh);
    for (size_t i = 0; i < s->c.n; i++) {
        const uint32_t *times = s->c.times + s->order[i] * s->r->n_terms;
        double *fresh = s->fresh + s->order[i] * s->r->n_terms, its = s->c.reports[s->order[i]];
        for (size_t t = 0; t < s->r->n_terms; t++) {
            if (!times[t])
                continue;
            double is = (times[t] - policy.alone) / its, was = n > 0 ? earlier[t] / n : 0;
            double counts = (is > was ? is - was : 0) + policy.common * is;
            fresh[t] = pow(s->r->weights[t], policy.rare) * pow(counts, policy.agreed);
            earlier[t] += times[t];
        }
        n += its;
    }
    free(earlier);
}

static void order_chapters(struct story *s)
{
    size_t n = 0;
    bool taken[CHAPTERS_MOST] = {false};
    for (size_t i = 0; i < s->r->n; i++)
        if (!taken[s->r->r[i].chapter]) {
            taken[s->r->r[i].chapter] = true;
            s->order[n++] = s->r->r[i].chapter;
        }
}

/* ---- titles ---------------------------------------------------------------------------------- */

static double weigh_sentence(const struct story *s, const struct sentence *x, size_t chapter,
                             const double *left)
{
    const double *fresh = s->fresh + chapter * s->r->n_terms;
    double sum = 0;
    for (size_t i = 0; i < x->n_terms; i++) {
        size_t at = reports_term(s->r, x->terms[i].id);
        if (at)
            sum += fresh[at - 1] * (left ? left[at - 1] : 1);
    }
    return sum;
}

static bool is_sentence_text(const struct sentence *x, const char *text)
{
    return text && strlen(text) == x->n && !memcmp(x->text, text, x->n);
}

/* By its terms, higher when it was shown before. Faults are examined only when the score could win.
 */
static double title_score(const struct story *s, size_t report, size_t chapter, double most)
{
    const struct digest_development *was = reports_before(s->r, s->c.before[chapter]);
    const struct digest_article *a = reports_article(s->r, report);
    const struct sentence *title = reports_title(s->r, report);
    double words = policy.length, score = weigh_sentence(s, title, chapter, NULL) + 1e-6;
    for (size_t i = 0; i < title->n_terms; i++)
        words += !reports_term_of_most(s->r, title->terms[i].id);
    score /= words;
    if (was && was->article == a->number && is_sentence_text(title, was->title))
        score *= policy.kept;
    score *= reports_is_foreign(s->r, report) ? policy.foreign : 1;
    if (score <= most)
        return score;
    unsigned faults = headline_faults(a->title);
    if (faults & ~(unsigned)HEADLINE_COMING || title->marks & (SENTENCE_ASKS | SENTENCE_CUT) ||
        title_frame(a->title, title->n_terms) != FRAME_NONE)
        score *= policy.fault;
    return faults & HEADLINE_COMING ? score * policy.coming : score;
}

static bool title_stands(const struct sentence *title, const struct digest_development *all,
                         size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_sentence_text(title, all[i].title))
            return true;
    return false;
}

/* The report whose title describes the chapter best; titles of the first `n` chapters are excluded.
 */
static size_t choose_title(const struct story *s, size_t chapter,
                           const struct digest_development *all, size_t n)
{
    size_t best = s->r->n, first = s->r->n;
    double most = 0;
    for (size_t i = 0; i < s->r->n; i++) {
        if (s->r->r[i].chapter != chapter)
            continue;
        first = first == s->r->n ? i : first;
        const struct sentence *title = reports_title(s->r, i);
        double score = title && !title_stands(title, all, n) ? title_score(s, i, chapter, most) : 0;
        if (score > most) {
            most = score;
            best = i;
        }
    }
    return best < s->r->n ? best : first;
}

/* ---- sentences ------------------------------------------------------------------------------- */

struct sentence_candidate {
    const struct sentence *x;
    size_t report;
    bool out;
};

/* A title qualifies only when it is worded differently from the chapter's title. */
static bool may_tell(const struct sentence *x, const struct sentence *title)
{
    unsigned no = SENTENCE_ASKS | SENTENCE_CUT | SENTENCE_HEADING | SENTENCE_DANGLES |
                  SENTENCE_QUOTED | SENTENCE_ASIDE;
    if (x->marks & no || x->n_terms < 4 || x->words > NEW_WORDS || x == title)
        return false;
    size_t fewer = title && title->n_terms < x->n_terms ? title->n_terms : x->n_terms;
    return !title || !(x->marks & SENTENCE_TITLE) ||
           reports_shared(x, title, true) * 100 < fewer * AGAIN_PERCENT;
}

static size_t find_chapter_candidates(const struct story *s, size_t chapter,
                                      const struct sentence *title, struct sentence_candidate *out)
{
    size_t n = 0, seen = 0;
    for (size_t i = 0; i < s->r->n && seen < CHAPTER_SEEN; i++) {
        const struct sentences *t = reports_texts(s->r, i);
        if (s->r->r[i].chapter != chapter)
            continue;
        seen++;
        for (size_t k = 0; k < t->n && k < SENTENCES_SEEN; k++)
            if (may_tell(&t->v[k], title))
                out[n++] = (struct sentence_candidate){&t->v[k], i, false};
    }
    return n;
}

static bool stood_before(const struct digest_development *was, const struct sentence *x)
{
    for (size_t i = 0; was && i < was->news.n; i++)
        if (is_sentence_text(x, ((const struct digest_new *)was->news.v)[i].text))
            return true;
    return false;
}

static struct digest_new *tell_sentence(const struct story *s, struct digest_development *d,
                                        size_t report, const struct sentence *x)
{
    const struct digest_article *a = reports_article(s->r, report);
    struct digest_new *to = codec_add(&d->news, sizeof *to);
    to->text = mem_strn(x->text, x->n);
    to->article = a->number;
    to->source = mem_str(a->source);
    to->url = *a->url ? mem_str(a->url) : NULL;
    to->time = a->published;
    return to;
}

static void take_off(const struct story *s, const struct sentence *x, double by, double *left)
{
    for (size_t i = 0; x && i < x->n_terms; i++) {
        size_t at = reports_term(s->r, x->terms[i].id);
        if (at)
            left[at - 1] *= by;
    }
}

/* The earliest sentence with the content of the best one; for a title, a title. */
static size_t first_told(const struct story *s, size_t chapter,
                         const struct sentence_candidate *all, size_t best, double *left)
{
    double *only = mem_zero((s->r->n_terms + 1) * sizeof *only);
    size_t first = best;
    for (size_t i = 0; i < all[best].x->n_terms; i++) {
        size_t at = reports_term(s->r, all[best].x->terms[i].id);
        if (at)
            only[at - 1] = left[at - 1];
    }
    double most = weigh_sentence(s, all[best].x, chapter, only);
    for (size_t i = 0; i < best && first == best; i++)
        if (!all[i].out && all[i].report != all[best].report &&
            !((all[i].x->marks ^ all[best].x->marks) & SENTENCE_TITLE) &&
            weigh_sentence(s, all[i].x, chapter, only) >= policy.same * most)
            first = i;
    free(only);
    return first;
}

/* The score of what it adds to the text so far, relative to its length. */
static double candidate_worth(const struct story *s, size_t chapter,
                              const struct sentence_candidate *c, const double *left)
{
    if (c->out)
        return 0;
    return weigh_sentence(s, c->x, chapter, left) / (policy.words + c->x->words) *
           (c->x->marks & SENTENCE_TITLE ? policy.title : 1);
}

/* The best of them, `n` if there is none. */
static size_t choose_new(const struct story *s, size_t chapter,
                         const struct sentence_candidate *all, size_t n, const double *left)
{
    const struct digest_development *was = reports_before(s->r, s->c.before[chapter]);
    size_t best = n;
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double is = candidate_worth(s, chapter, &all[i], left);
        is *= is > 0 && stood_before(was, all[i].x) ? policy.kept : 1;
        if (is > most) {
            most = is;
            best = i;
        }
    }
    return best;
}

static void in_order_of_time(struct codec_list *news)
{
    struct digest_new *v = news->v;
    if (news->n == 2 && v[1].time < v[0].time) {
        struct digest_new t = v[0];
        v[0] = v[1];
        v[1] = t;
    }
}

static void say_new(const struct story *s, size_t chapter, size_t titled,
                    struct digest_development *d)
{
    struct sentence_candidate all[CHAPTER_SEEN * SENTENCES_SEEN];
    const struct grown *grown = &s->grown[chapter];
    size_t n = find_chapter_candidates(s, chapter, reports_title(s->r, titled), all);
    double *left = mem_zero((s->r->n_terms + 1) * sizeof *left), first = 0;
    for (size_t i = 0; i < s->r->n_terms; i++)
        left[i] = 1;
    take_off(s, reports_title(s->r, titled), policy.in_title, left);
    if (grown->s) {
        tell_sentence(s, d, grown->report, grown->s)->was = mem_str(grown->was);
        take_off(s, grown->s, policy.told, left);
        for (size_t i = 0; i < n; i++)
            all[i].out |= all[i].x == grown->s;
    }
    while (d->news.n < DIGEST_NEW) {
        size_t best = choose_new(s, chapter, all, n, left);
        double is = best < n ? candidate_worth(s, chapter, &all[best], left) : 0;
        if (best == n || is < policy.least * first)
            break;
        first = first > 0 ? first : is;
        size_t told = first_told(s, chapter, all, best, left);
        tell_sentence(s, d, all[told].report, all[told].x);
        take_off(s, all[best].x, policy.told, left);
        all[best].out = all[told].out = true;
    }
    in_order_of_time(&d->news);
    free(left);
}

/* ---- chapters -------------------------------------------------------------------------------- */

static void add_new_source(struct codec_list *to, const char *name)
{
    for (size_t i = 0; i < to->n; i++)
        if (!strcmp(((char **)to->v)[i], name))
            return;
    codec_add_text(to, name, strlen(name));
}

/* All articles of a chapter, including copies, in order of time. */
static void list_articles(const struct story *s, size_t chapter, struct digest_development *d)
{
    struct reports_dated *all = mem_zero((s->r->v->n + 1) * sizeof *all);
    uint8_t *in = mem_zero(s->r->v->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->r->n; i++)
        in[s->r->articles[i]] = s->r->r[i].chapter == chapter;
    for (size_t i = 0; i < s->r->v->n; i++)
        if (in[s->r->origin[i]])
            all[n++] = (struct reports_dated){s->r->v->articles[i].published, (uint32_t)i};
    qsort(all, n, sizeof *all, reports_by_time);
    for (size_t i = 0; i < n; i++) {
        const struct digest_article *a = &s->r->v->articles[all[i].article];
        *(uint64_t *)codec_add(&d->articles, sizeof(uint64_t)) = a->number;
        add_new_source(&d->sources, a->source);
    }
    d->from = all[0].time;
    d->until = all[n - 1].time;
    free(all);
    free(in);
}

static void make_chapter(const struct story *s, size_t chapter, struct digest_development *all,
                         size_t n)
{
    struct digest_development *d = &all[n];
    size_t titled = choose_title(s, chapter, all, n);
    const struct digest_article *a = reports_article(s->r, titled);
    d->title = mem_str(a->title);
    d->article = a->number;
    d->source = mem_str(a->source);
    d->url = *a->url ? mem_str(a->url) : NULL;
    list_articles(s, chapter, d);
    say_new(s, chapter, titled, d);
}

static int newest_development_first(const void *a, const void *b)
{
    const struct digest_development *x = a, *y = b;
    if (x->from != y->from)
        return x->from > y->from ? -1 : 1;
    return x->article > y->article ? -1 : x->article < y->article;
}

static void tell_story(struct story *s, struct digest *out)
{
    struct digest_development all[CHAPTERS_MOST] = {0};
    order_chapters(s);
    find_fresh(s);
    grown_find(s->r, s->grown);
    for (size_t i = 0; i < s->c.n; i++)
        make_chapter(s, s->order[i], all, i);
    qsort(all, s->c.n, sizeof *all, newest_development_first);
    for (size_t i = 0; i < s->c.n; i++)
        *(struct digest_development *)codec_add(&out->developments, sizeof *all) = all[i];
    for (size_t i = 0; i < CHAPTERS_MOST; i++)
        free(s->grown[i].was);
    free(s->fresh);
}

void develop_make(const struct digest_view *v, struct digest *out)
{
    struct reports reports;
    struct story s = {.r = &reports};
    reports_find(v, &reports);
    if (reports.r) {
        chapters_find(reports.r, reports.n, reports.weights, reports.n_terms, &s.c);
        if (s.c.n)
            tell_story(&s, out);
        chapters_free(&s.c);
    }
    reports_free(&reports);
}
