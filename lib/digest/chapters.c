/* Divides the reports of an event into chapters; see chapters.h. Called by develop.c, which names
 * the chapters. Sees term ids and times only, no text. */
#include "digest/chapters.h"

#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECES_MOST = 56,  /* the time line has so many pieces; cuts lie between them */
    CHAPTER_LEAST = 2, /* least reports of a chapter, and of a chapter of a large event */
    CHAPTER_LEAST_LARGE = 3,
    LARGE = 14,
    PASSES = 2, /* rounds in which reports are moved */
};

/* Costs and bonuses of cuts and moves, in nats. */
static const struct chapter_policy {
    double chapter, least; /* cost of a chapter, times ln of the number of terms; its minimum */
    double gap;            /* bonus for a long silence before it */
    double before;         /* bonus when it was a chapter before */
    double early, late;    /* cost of a report that lies that long before or after a chapter */
    double move, stay;     /* margin for another chapter to win; bonus for the previous one */
} policy = {.chapter = 1.3,
            .least = 6.5,
            .gap = 3,
            .before = 3,
            .early = 6,
            .late = 3,
            .move = 2,
            .stay = 1};

struct book {
    struct chapter_report *r;
    size_t n;
    const double *weights;
    size_t n_terms, n_tokens;
    double *power, *ln;            /* k ln(k + 1); ln k */
    size_t edges[PIECES_MOST + 1]; /* pieces: reports from edges[i] to edges[i + 1] */
    size_t n_pieces;
    double bonus[PIECES_MOST]; /* for each piece, the bonus when a chapter begins with it */
    struct chapters *out;
    size_t tokens[CHAPTERS_MOST]; /* of each chapter's reports */
    int64_t from[CHAPTERS_MOST], until[CHAPTERS_MOST], step;
};

/* ---- cutting the line ------------------------------------------------------------------------ */

/* The bonus for a chapter that begins with this report. `began`: one of the previous chapters began
 * with it. */
static double bonus(const struct book *b, size_t at, bool began)
{
    double gap = at ? (double)(b->r[at].time - b->r[at - 1].time) : 0;
    double span = (double)(b->r[b->n - 1].time - b->r[0].time) / (double)b->n * 4 + 1;
    return policy.gap * gap / (gap + span) + (began ? policy.before : 0);
}

/* Pieces of about equally many reports; each beginning of a previous chapter begins one too. */
static void part(struct book *b)
{
    bool told[CHAPTERS_MOST] = {false};
    size_t even = PIECES_MOST - CHAPTERS_MOST, last = even;
    for (size_t i = 0; i < b->n; i++) {
        size_t piece = b->n <= even ? i : i * even / b->n;
        uint8_t was = b->r[i].before;
        bool began = was < CHAPTERS_MOST && !told[was];
        if (began)
            told[was] = true;
        if (piece != last || began) {
            b->bonus[b->n_pieces] = bonus(b, i, began || i == 0);
            b->edges[b->n_pieces++] = i;
        }
        last = piece;
    }
    b->edges[b->n_pieces] = b->n;
}

struct count {
    uint32_t *times; /* of each term */
    double tokens, weight, sure;
};

static void add_report_terms(const struct book *b, struct count *c, const struct chapter_report *r)
{
    for (size_t i = 0; i < r->n; i++) {
        double w = b->weights[r->terms[i]];
        uint32_t k = c->times[r->terms[i]]++;
        c->sure += w * (b->power[k + 1] - b->power[k]);
        c->weight += w;
    }
    c->tokens += (double)r->n;
}

static size_t least_of(const struct book *b)
{
    return b->n < LARGE ? CHAPTER_LEAST : CHAPTER_LEAST_LARGE;
}

static double cost_of(const struct book *b, const struct count *c)
{
    return c->weight * log(c->tokens + (double)b->n_terms) - c->sure;
}

/* costs[from * PIECES_MOST + until]: the cost of a chapter of those pieces, the last included. */
static double *find_costs(const struct book *b)
{
    double *costs = mem_alloc(PIECES_MOST * PIECES_MOST * sizeof *costs);
    struct count c = {.times = mem_zero((b->n_terms + 1) * sizeof *c.times)};
    for (size_t from = 0; from < b->n_pieces; from++) {
        memset(c.times, 0, b->n_terms * sizeof *c.times);
        c.tokens = c.weight = c.sure = 0;
        for (size_t until = from; until < b->n_pieces; until++) {
            for (size_t i = b->edges[until]; i < b->edges[until + 1]; i++)
                add_report_terms(b, &c, &b->r[i]);
            bool few = b->edges[until + 1] - b->edges[from] < least_of(b);
            costs[from * PIECES_MOST + until] = few ? INFINITY : cost_of(b, &c);
        }
    }
    free(c.times);
    return costs;
}

static double price(const struct book *b)
{
    return fmax(policy.least, policy.chapter * log((double)b->n_tokens + 2));
}

static size_t most_chapters(size_t reports)
{
    static const size_t enough[] = {0, 12, 16, 32, 64, 128};
    size_t most = CHAPTERS_LEAST;
    while (most < CHAPTERS_MOST && reports >= enough[most - CHAPTERS_LEAST + 1])
        most++;
    return most;
}

/* The most probable cuts, by dynamic programming. Returns the number of chapters; 1: no cut is more
 * probable. */
static size_t cut_chapters(const struct book *b, size_t *begins)
{
    double *costs = find_costs(b);
    static const double worst = INFINITY;
    double best[CHAPTERS_MOST + 1][PIECES_MOST + 1];
    size_t from[CHAPTERS_MOST + 1][PIECES_MOST + 1], most = most_chapters(b->n), n = 1;
    for (size_t k = 0; k <= most; k++)
        for (size_t i = 0; i <= b->n_pieces; i++) {
            best[k][i] = k == 0 && i == 0 ? 0 : worst;
            from[k][i] = 0;
        }
    for (size_t k = 1; k <= most; k++)
        for (size_t i = 1; i <= b->n_pieces; i++)
            for (size_t j = k - 1; j < i; j++) {
                double c = best[k - 1][j] + costs[j * PIECES_MOST + i - 1] + price(b) - b->bonus[j];
                if (c < best[k][i]) {
                    best[k][i] = c;
                    from[k][i] = j;
                }
            }
    for (size_t k = 2; k <= most; k++)
        if (best[k][b->n_pieces] < best[n][b->n_pieces])
            n = k;
    if (n == 2 && best[3][b->n_pieces] < best[1][b->n_pieces])
        n = CHAPTERS_LEAST;
    for (size_t k = n, at = b->n_pieces; k > 0; k--)
        begins[k - 1] = at = from[k][at];
    free(costs);
    return n;
}

/* ---- assignment of reports ------------------------------------------------------------------- */

static uint32_t *chapter_times(const struct book *b, size_t chapter)
{
    return b->out->times + chapter * b->n_terms;
}

static void recount(struct book *b)
{
    struct chapters *c = b->out;
    memset(c->times, 0, CHAPTERS_MOST * b->n_terms * sizeof *c->times);
    memset(c->reports, 0, sizeof c->reports);
    memset(b->tokens, 0, sizeof b->tokens);
    for (size_t i = 0; i < b->n; i++) {
        const struct chapter_report *r = &b->r[i];
        if (c->reports[r->chapter]++ == 0)
            b->from[r->chapter] = r->time;
        b->until[r->chapter] = r->time;
        b->tokens[r->chapter] += r->n;
        for (size_t k = 0; k < r->n; k++)
            chapter_times(b, r->chapter)[r->terms[k]]++;
    }
}

/* Each chapter continues the previous one that it shares most reports with, if the choice is
 * mutual. */
static void match(struct book *b)
{
    size_t shared[CHAPTERS_MOST][CHAPTERS_MOST] = {0};
    for (size_t i = 0; i < b->n; i++)
        if (b->r[i].before < CHAPTERS_MOST)
            shared[b->r[i].chapter][b->r[i].before]++;
    for (size_t c = 0; c < CHAPTERS_MOST; c++) {
        size_t best = 0;
        for (size_t o = 1; o < CHAPTERS_MOST; o++)
            if (shared[c][o] > shared[c][best])
                best = o;
        bool mutual = shared[c][best] > 0;
        for (size_t k = 0; k < CHAPTERS_MOST; k++)
            mutual &= k == c || shared[k][best] < shared[c][best] ||
                      (shared[k][best] == shared[c][best] && k > c);
        b->out->before[c] = mutual ? (uint8_t)best : CHAPTER_NONE;
    }
}

/* Log-likelihood that the report belongs to the chapter: by its terms, the report itself left out,
 * and by time. */
static double report_likelihood(const struct book *b, const struct chapter_report *r,
                                size_t chapter)
{
    const uint32_t *times = chapter_times(b, chapter);
    bool in = r->chapter == chapter;
    double sum = 0, all = log((double)(b->tokens[chapter] - (in ? r->n : 0) + b->n_terms + 1));
    for (size_t i = 0; i < r->n; i++)
        sum += b->weights[r->terms[i]] * (b->ln[times[r->terms[i]] + (in ? 0 : 1)] - all);
    if (r->time < b->from[chapter])
        sum -= policy.early * fmin(1, (double)(b->from[chapter] - r->time) / (double)b->step);
    else if (r->time > b->until[chapter])
        sum -= policy.late * fmin(1, (double)(r->time - b->until[chapter]) / (double)b->step);
    if (r->before != CHAPTER_NONE && b->out->before[chapter] == r->before)
        sum += policy.stay;
    return sum;
}

static void move_report(struct book *b, struct chapter_report *r, size_t chapter)
{
    for (size_t k = 0; k < r->n; k++) {
        chapter_times(b, r->chapter)[r->terms[k]]--;
        chapter_times(b, chapter)[r->terms[k]]++;
    }
    b->tokens[r->chapter] -= r->n;
    b->tokens[chapter] += r->n;
    b->out->reports[r->chapter]--;
    b->out->reports[chapter]++;
    r->chapter = (uint8_t)chapter;
}

/* The chapter that fits best; its own unless another wins by the margin. */
static size_t best_for(const struct book *b, const struct chapter_report *r)
{
    double most = report_likelihood(b, r, r->chapter) + policy.move;
    size_t best = r->chapter;
    for (size_t c = 0; c < b->out->n; c++) {
        double is = c == r->chapter ? -INFINITY : report_likelihood(b, r, c);
        if (is > most) {
            most = is;
            best = c;
        }
    }
    return best;
}

static void move_reports(struct book *b)
{
    for (size_t i = 0; i < b->n; i++) {
        struct chapter_report *r = &b->r[i];
        size_t best = b->out->reports[r->chapter] > least_of(b) ? best_for(b, r) : r->chapter;
        if (best != r->chapter)
            move_report(b, r, best);
    }
    recount(b);
}

/* The cost of the two chapters together, from their counts. */
static double cost_together(const struct book *b, size_t one, size_t other)
{
    double tokens = 0, weight = 0, sure = 0;
    for (size_t i = 0; i < b->n_terms; i++) {
        uint32_t k = chapter_times(b, one)[i] + (one == other ? 0 : chapter_times(b, other)[i]);
        tokens += k;
        weight += b->weights[i] * k;
        sure += b->weights[i] * b->power[k];
    }
    return weight * log(tokens + (double)b->n_terms) - sure;
}

/* The first of the two absorbs the other. */
static void merge(struct book *b, size_t one, size_t other)
{
    for (size_t i = 0; i < b->n; i++) {
        uint8_t *c = &b->r[i].chapter;
        if (*c == other)
            *c = (uint8_t)one;
        else if (*c > other)
            --*c;
    }
    b->out->n--;
    recount(b);
    match(b);
}

/* Merges the most similar chapters, even when others lie between them. */
static bool merge_likest(struct book *b)
{
    double most = 0;
    size_t one = 0, other = 0;
    for (size_t i = 0; i < b->out->n; i++)
        for (size_t k = i + 1; k < b->out->n; k++) {
            double gain =
                cost_together(b, i, i) + cost_together(b, k, k) + price(b) - cost_together(b, i, k);
            if (b->out->before[i] != CHAPTER_NONE && b->out->before[k] != CHAPTER_NONE)
                gain -= policy.before;
            if (b->from[k] > b->until[i])
                gain -= policy.late * b->out->reports[k] *
                        fmin(1, (double)(b->from[k] - b->until[i]) / (double)b->step);
            if (gain > most) {
                most = gain;
                one = i;
                other = k;
            }
        }
    if (other)
        merge(b, one, other);
    return other;
}

void chapters_find(struct chapter_report *reports, size_t n, const double *weights, size_t n_terms,
                   struct chapters *out)
{
    struct book b = {.r = reports, .n = n, .weights = weights, .n_terms = n_terms, .out = out};
    size_t begins[CHAPTERS_MOST];
    *out = (struct chapters){.n = 0};
    if (n < CHAPTERS_REPORTS)
        return;
    b.power = mem_zero((n + 2) * sizeof *b.power);
    b.ln = mem_zero((n + 2) * sizeof *b.ln);
    for (size_t i = 1; i < n + 2; i++) {
        b.power[i] = (double)i * log((double)i + 1);
        b.ln[i] = log((double)i);
    }
    for (size_t i = 0; i < n; i++)
        b.n_tokens += reports[i].n;
    part(&b);
    out->n = cut_chapters(&b, begins);
    out->times = mem_zero(CHAPTERS_MOST * (n_terms + 1) * sizeof *out->times);
    for (size_t i = 0, c = 0; i < n; i++) {
        while (c + 1 < out->n && b.edges[begins[c + 1]] <= i)
            c++;
        reports[i].chapter = (uint8_t)c;
    }
    b.step = (reports[n - 1].time - reports[0].time) / (int64_t)(out->n + 1) + 1;
    recount(&b);
    match(&b);
    for (int pass = 0; pass < PASSES && out->n >= CHAPTERS_LEAST; pass++)
        move_reports(&b);
    while (out->n > CHAPTERS_LEAST && merge_likest(&b))
        ;
    match(&b);
    if (out->n < CHAPTERS_LEAST)
        out->n = 0;
    free(b.power);
    free(b.ln);
}

void chapters_free(struct chapters *c)
{
    free(c->times);
    *c = (struct chapters){.n = 0};
}
