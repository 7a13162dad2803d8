/* Determines which articles of an event are reports, and the terms that distinguish them; see
 * reports.h. Called by develop.c and grown.c. say.c groups reports differently, by publisher. */
#include "digest/reports.h"

#include "base/mem.h"
#include "text/rarity.h"

#include <stdlib.h>
#include <string.h>

enum {
    REPORT_TERMS = 28,   /* terms of a report: its title's, then its first sentence's */
    UPDATES_SEEN = 3,    /* previous reports of one publisher that a later one may update */
    UPDATES_BACK = 64,   /* articles before it that are searched for them */
    UPDATE_PERCENT = 80, /* share of the two titles that must be equal */
    COMMON_PERCENT = 70, /* a term in more reports does not distinguish them */
    OF_MOST = 1 << 24, /* value in `places` of a term in most reports, and of a term in only one */
    OF_ONE,
};
#define TIME_MOST (INT64_C(1) << 50)

const struct digest_article *reports_article(const struct reports *r, size_t report)
{
    return &r->v->articles[r->articles[report]];
}

const struct sentences *reports_texts(const struct reports *r, size_t report)
{
    return r->v->texts[r->articles[report]];
}

static const struct sentence *title_sentence(const struct sentences *t)
{
    return t->n && t->v[0].marks & SENTENCE_TITLE ? &t->v[0] : NULL;
}

const struct sentence *reports_title(const struct reports *r, size_t report)
{
    return title_sentence(reports_texts(r, report));
}

static int64_t bounded_time(const struct digest_article *a)
{
    return a->published > TIME_MOST    ? TIME_MOST
           : a->published < -TIME_MOST ? -TIME_MOST
                                       : a->published;
}

static size_t find_article(const struct digest_view *v, uint64_t number)
{
    size_t low = 0, high = v->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (v->articles[mid].number < number)
            low = mid + 1;
        else
            high = mid;
    }
    return low < v->n && v->articles[low].number == number ? low : v->n;
}

int reports_by_time(const void *a, const void *b)
{
    const struct reports_dated *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->article < y->article ? -1 : x->article > y->article;
}

size_t reports_shared(const struct sentence *a, const struct sentence *b, bool numbers)
{
    size_t shared = 0;
    for (size_t i = 0; i < a->n_terms; i++)
        for (size_t k = 0; (numbers || a->terms[i].kind != WORD_NUMBER) && k < b->n_terms; k++)
            shared += a->terms[i].id == b->terms[k].id;
    return shared;
}

/* The same title, including numbers: a new version of the report with a word changed. */
static bool is_update(const struct sentence *a, const struct sentence *b)
{
    if (!a || !b)
        return false;
    size_t shared = reports_shared(a, b, true), all = a->n_terms + b->n_terms - shared;
    return shared > 1 && shared * 100 >= all * UPDATE_PERCENT;
}

/* The article that this one updates, among its publisher's last reports; else itself. */
static size_t updated(const struct reports *r, size_t article)
{
    const struct digest_view *v = r->v;
    for (size_t i = article, seen = 0; i + UPDATES_BACK > article && i > 0 && seen < UPDATES_SEEN;
         i--) {
        if (r->origin[i - 1] != i - 1 ||
            strcmp(v->articles[i - 1].domain, v->articles[article].domain) != 0)
            continue;
        seen++;
        if (is_update(title_sentence(v->texts[i - 1]), title_sentence(v->texts[article])))
            return i - 1;
    }
    return article;
}

static void find_reports(struct reports *r)
{
    const struct digest_view *v = r->v;
    struct reports_dated *all = mem_zero((v->n + 1) * sizeof *all);
    r->origin = mem_zero((v->n + 1) * sizeof *r->origin);
    r->articles = mem_zero((v->n + 1) * sizeof *r->articles);
    for (size_t i = 0; i < v->n; i++) {
        size_t at = v->articles[i].copy_of ? find_article(v, v->articles[i].copy_of) : v->n;
        r->origin[i] = at < i ? r->origin[at] : updated(r, i); /* only an earlier one */
        if (r->origin[i] == i)
            all[r->n++] = (struct reports_dated){bounded_time(&v->articles[i]), (uint32_t)i};
    }
    qsort(all, r->n, sizeof *all, reports_by_time);
    for (size_t i = 0; i < r->n; i++)
        r->articles[i] = all[i].article;
    free(all);
}

static bool of_one_publisher(const struct reports *r)
{
    for (size_t i = 1; i < r->n; i++)
        if (strcmp(reports_article(r, i)->domain, reports_article(r, 0)->domain) != 0)
            return false;
    return true;
}

size_t reports_term(const struct reports *r, uint32_t id)
{
    size_t at = (size_t)(uintptr_t)map_get(&r->places, (uint64_t)id + 1);
    return at >= OF_MOST ? 0 : at;
}

bool reports_term_of_most(const struct reports *r, uint32_t id)
{
    return (size_t)(uintptr_t)map_get(&r->places, (uint64_t)id + 1) == OF_MOST;
}

static void add_terms(const struct sentence *from, uint32_t *ids, size_t *n)
{
    for (size_t i = 0; from && i < from->n_terms && *n < REPORT_TERMS; i++) {
        size_t k = 0;
        while (k < *n && ids[k] != from->terms[i].id)
            k++;
        if (k == *n)
            ids[(*n)++] = from->terms[i].id;
    }
}

static size_t terms_of(const struct reports *r, size_t report, uint32_t ids[REPORT_TERMS])
{
    const struct sentences *t = reports_texts(r, report);
    size_t n = 0, lead = reports_title(r, report) ? 1 : 0;
    add_terms(reports_title(r, report), ids, &n);
    add_terms(lead < t->n ? &t->v[lead] : NULL, ids, &n);
    return n;
}

struct seen_term {
    uint32_t id, reports;
};

/* Terms in more than one report, but not in most. */
static void number_terms(struct reports *r, const uint32_t *ids, const size_t *ends)
{
    struct seen_term *seen = mem_zero((ends[r->n] + 1) * sizeof *seen);
    size_t n = 0;
    double sum = 0;
    for (size_t i = 0; i < ends[r->n]; i++) {
        size_t at = reports_term(r, ids[i]);
        if (!at) {
            seen[n++].id = ids[i];
            map_put(&r->places, (uint64_t)ids[i] + 1, (void *)(uintptr_t)(at = n));
        }
        seen[at - 1].reports++;
    }
    r->weights = mem_zero((n + 1) * sizeof *r->weights);
    for (size_t i = 0; i < n; i++) {
        bool most = seen[i].reports * 100 > r->n * COMMON_PERCENT;
        if (most || seen[i].reports < 2) {
            map_put(&r->places, (uint64_t)seen[i].id + 1,
                    (void *)(uintptr_t)(most ? OF_MOST : OF_ONE));
            continue;
        }
        double idf = r->v->rarity ? rarity_idf(r->v->rarity, seen[i].id) : 5;
        r->weights[r->n_terms++] = idf < 1 ? 1 : idf > 9 ? 9 : idf;
        sum += r->weights[r->n_terms - 1];
        map_put(&r->places, (uint64_t)seen[i].id + 1, (void *)(uintptr_t)r->n_terms);
    }
    for (size_t i = 0; i < r->n_terms; i++)
        r->weights[i] *= (double)r->n_terms / sum;
    free(seen);
}

const struct digest_development *reports_before(const struct reports *r, size_t i)
{
    const struct codec_list *all = r->v->before ? &r->v->before->developments : NULL;
    return all && i < all->n && i < CHAPTERS_MOST ? (const struct digest_development *)all->v + i
                                                  : NULL;
}

static void find_before(struct reports *r)
{
    uint8_t *was = mem_alloc(r->v->n + 1);
    memset(was, CHAPTER_NONE, r->v->n + 1);
    const struct digest_development *d;
    for (size_t i = 0; (d = reports_before(r, i)); i++)
        for (size_t k = 0; k < d->articles.n; k++)
            was[find_article(r->v, ((const uint64_t *)d->articles.v)[k])] = (uint8_t)i;
    for (size_t i = 0; i < r->n; i++)
        r->r[i].before = was[r->articles[i]];
    free(was);
}

static void gather_terms(struct reports *r)
{
    uint32_t *ids = mem_zero((r->n + 1) * REPORT_TERMS * sizeof *ids);
    size_t *ends = mem_zero((r->n + 1) * sizeof *ends), n = 0;
    for (size_t i = 0; i < r->n; i++)
        ends[i + 1] = ends[i] + terms_of(r, i, ids + ends[i]);
    number_terms(r, ids, ends);
    r->r = mem_zero((r->n + 1) * sizeof *r->r);
    r->terms = mem_zero((ends[r->n] + 1) * sizeof *r->terms);
    for (size_t i = 0; i < r->n; i++) {
        size_t first = n;
        for (size_t k = ends[i]; k < ends[i + 1]; k++) {
            size_t at = reports_term(r, ids[k]);
            if (at)
                r->terms[n++] = (uint32_t)(at - 1);
        }
        r->r[i] = (struct chapter_report){
            .time = bounded_time(reports_article(r, i)), .terms = r->terms + first, .n = n - first};
    }
    find_before(r);
    free(ids);
    free(ends);
}

/* By the majority vote algorithm of Boyer and Moore. */
static const char *main_lang(const struct reports *r)
{
    const char *lang = "";
    size_t votes = 0, all = 0;
    for (size_t i = 0; i < r->n; i++) {
        bool same = !strcmp(reports_article(r, i)->lang, lang);
        if (votes == 0)
            lang = reports_article(r, i)->lang;
        votes = votes == 0 || same ? votes + 1 : votes - 1;
    }
    for (size_t i = 0; i < r->n; i++)
        all += !strcmp(reports_article(r, i)->lang, lang);
    return all * 2 > r->n ? lang : NULL;
}

bool reports_is_foreign(const struct reports *r, size_t report)
{
    return r->lang && strcmp(reports_article(r, report)->lang, r->lang) != 0;
}

void reports_find(const struct digest_view *v, struct reports *out)
{
    *out = (struct reports){.v = v};
    find_reports(out);
    if (out->n >= CHAPTERS_REPORTS && !of_one_publisher(out))
        gather_terms(out);
    out->lang = main_lang(out);
}

void reports_free(struct reports *r)
{
    map_free(&r->places);
    free(r->origin);
    free(r->articles);
    free(r->r);
    free(r->terms);
    free(r->weights);
}
