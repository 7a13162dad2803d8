/* Finds claims of different publishers about one thing at about one time that cannot both be true.
 * Two claims are about one thing when they have the same kind and counted group, the words next to
 * them agree, and their sentences share much of their content. Missing a real difference costs less
 * than showing a false one. One of the parts that digest.c calls. */
#include "base/mem.h"
#include "digest/claims.h"
#include "digest/view.h"
#include "text/rarity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ABOUT_ONE_TIME = 24 * 3600, /* most seconds between two articles that differ */
    SAME_HOURS = 6 * 3600,      /* seconds within which a growing number counts as unchanged */
    READ_ARTICLES = 80,         /* the newest reports that are read */
    CLAIMS_MOST = 1200,
    GROUP_MOST = 250, /* claims of one kind that are compared */
    VALUES_MOST = 4,
    VALUE_BYTES = 160,
    WHAT_BYTES = 80,
};

/* Numbers further apart than this factor are about different things. */
#define MOST_RATIO 2.5

struct search {
    const struct digest_view *v;
    struct claims claims;
    uint16_t *publisher; /* for each article, the first one of the same publisher */
};

struct pair {
    const struct claim *a, *b; /* in order of the articles */
    double score;
};

struct pairs {
    struct pair *v;
    size_t n, cap;
};

static double term_weight(const struct search *f, uint32_t id)
{
    return f->v->rarity ? rarity_idf(f->v->rarity, id) : 5;
}

static const struct sentence_term *term_of(const struct sentence *s, uint32_t id)
{
    for (size_t i = 0; i < s->n_terms; i++)
        if (s->terms[i].id == id)
            return &s->terms[i];
    return NULL;
}

static bool ids_have(const uint32_t *ids, size_t n, uint32_t id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static size_t shared_of(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    size_t shared = 0;
    for (size_t i = 0; i < n; i++)
        shared += ids_have(b, m, a[i]);
    return shared;
}

static size_t shared_keys(const struct claim *a, const struct claim *b)
{
    return shared_of(a->keys, a->n_keys, b->keys, b->n_keys);
}

static size_t shared_names(const struct claim *a, const struct claim *b)
{
    return shared_of(a->names, a->n_names, b->names, b->n_names);
}

/* True when one of the names beside a claim is in the other's sentence or title. */
static bool name_known(const struct search *f, const struct claim *a, const struct claim *b)
{
    const struct sentences *t = f->v->texts[b->article];
    for (size_t i = 0; i < a->n_names; i++)
        if (term_of(b->s, a->names[i]) || (t->n && term_of(&t->v[0], a->names[i])))
            return true;
    return !a->n_names;
}

/* Of the same kind, and the words next to them agree. */
static bool same_thing(const struct claim *a, const struct claim *b)
{
    if (a->kind != b->kind || a->group != b->group)
        return false;
    switch ((enum claim_kind)a->kind) {
    case CLAIM_COUNT:
        return a->group || shared_keys(a, b) >= 1;
    case CLAIM_PERCENT:
    case CLAIM_MONEY:
        return shared_keys(a, b) >= 3;
    case CLAIM_AGE:
        return shared_names(a, b) >= 1;
    case CLAIM_YEAR:
    case CLAIM_DAY:
        return shared_keys(a, b) >= 1;
    case CLAIM_SIDE:
        return shared_names(a, b) >= 1 || shared_keys(a, b) >= 3;
    }
    return false;
}

/* Weighted overlap of the two sentences relative to the shorter; 0 when it is too small. */
static double overlap(const struct search *f, const struct claim *a, const struct claim *b)
{
    static const struct {
        size_t terms;
        double share;
    } least[] = {
        [CLAIM_COUNT] = {2, 0.25}, [CLAIM_PERCENT] = {4, 0.35}, [CLAIM_MONEY] = {4, 0.35},
        [CLAIM_AGE] = {3, 0.3},    [CLAIM_YEAR] = {2, 0.25},    [CLAIM_DAY] = {3, 0.3},
        [CLAIM_SIDE] = {2, 0.15},
    };
    double of_a = 0, of_b = 0, both = 0;
    size_t n = 0;
    for (size_t i = 0; i < b->s->n_terms; i++)
        if (b->s->terms[i].kind != WORD_NUMBER)
            of_b += term_weight(f, b->s->terms[i].id);
    for (size_t i = 0; i < a->s->n_terms; i++) {
        const struct sentence_term *t = &a->s->terms[i];
        if (t->kind == WORD_NUMBER)
            continue;
        double w = term_weight(f, t->id);
        of_a += w;
        if (term_of(b->s, t->id)) {
            both += w;
            n++;
        }
    }
    double share = both / fmax(1, fmin(of_a, of_b));
    return n >= least[a->kind].terms && share >= least[a->kind].share ? share * (double)n : 0;
}

/* True when a number that grows over time has grown: a development, not a dispute. */
static bool has_grown(const struct search *f, const struct claim *a, const struct claim *b)
{
    int64_t ta = f->v->articles[a->article].published, tb = f->v->articles[b->article].published;
    const struct claim *early = ta <= tb ? a : b, *late = ta <= tb ? b : a;
    int64_t gap = ta <= tb ? tb - ta : ta - tb;
    return a->grows && late->value > early->value && (gap > SAME_HOURS || late->moved);
}

static bool may_differ(const struct search *f, const struct claim *a, const struct claim *b)
{
    const struct digest_article *x = &f->v->articles[a->article], *y = &f->v->articles[b->article];
    int64_t gap = x->published - y->published;
    if (f->publisher[a->article] == f->publisher[b->article] || gap > ABOUT_ONE_TIME ||
        gap < -ABOUT_ONE_TIME || !same_thing(a, b) || claims_agree(a, b))
        return false;
    if (a->kind < CLAIM_YEAR && fmax(a->value, b->value) > MOST_RATIO * fmin(a->value, b->value))
        return false;
    return !has_grown(f, a, b) && name_known(f, a, b) && name_known(f, b, a);
}

/* True when the publisher of `a` also states what `b` states. */
static bool tells_both(const struct search *f, const struct claim *a, const struct claim *b)
{
    for (size_t i = 0; i < f->claims.n; i++) {
        const struct claim *c = &f->claims.v[i];
        if (f->publisher[c->article] == f->publisher[a->article] && same_thing(c, b) &&
            claims_agree(c, b))
            return true;
    }
    return false;
}

static int by_claim_kind(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->article != y->article)
        return x->article < y->article ? -1 : 1;
    if (x->s->at != y->s->at)
        return x->s->at < y->s->at ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int by_pair_score(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->score < y->score || x->score > y->score)
        return x->score > y->score ? -1 : 1;
    int c = by_claim_kind(x->a, y->a);
    return c ? c : by_claim_kind(x->b, y->b);
}

static void compare_claims(struct search *f, size_t from, size_t until, struct pairs *out)
{
    for (size_t i = from; i < until; i++)
        for (size_t k = i + 1; k < until; k++) {
            const struct claim *a = &f->claims.v[i], *b = &f->claims.v[k];
            if (!may_differ(f, a, b))
                continue;
            double score = overlap(f, a, b);
            if (score <= 0 || tells_both(f, a, b) || tells_both(f, b, a))
                continue;
            MEM_GROW(out->v, out->n, out->cap);
            out->v[out->n++] = (struct pair){a, b, score};
        }
}

static void gather_claims(struct search *f)
{
    size_t read = 0;
    for (size_t i = f->v->n; i > 0 && read < READ_ARTICLES; i--) {
        const struct claims *its = f->v->claims[i - 1];
        if (f->v->articles[i - 1].copy_of)
            continue;
        read++;
        for (size_t k = 0; k < its->n && f->claims.n < CLAIMS_MOST; k++) {
            MEM_GROW(f->claims.v, f->claims.n, f->claims.cap);
            f->claims.v[f->claims.n] = its->v[k];
            f->claims.v[f->claims.n++].article = (uint16_t)(i - 1);
        }
    }
    if (f->claims.n)
        qsort(f->claims.v, f->claims.n, sizeof *f->claims.v, by_claim_kind);
}

static void number_publishers(struct search *f)
{
    const struct digest_article *a = f->v->articles;
    f->publisher = mem_zero((f->v->n + 1) * sizeof *f->publisher);
    for (size_t i = 0; i < f->v->n; i++) {
        size_t k = 0;
        while (k < i && strcmp(a[k].domain, a[i].domain))
            k++;
        f->publisher[i] = (uint16_t)k;
    }
}

static bool is_blank_byte(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

/* The text around a claim: its sentence, or of a long one a part that can be read by itself. */
static void add_value_text(struct digest_value *to, const struct claim *c)
{
    const char *s = c->s->text;
    size_t from = 0, until = c->s->n, end = (size_t)c->at + c->n;
    if (until > VALUE_BYTES && end > VALUE_BYTES * 2 / 3) {
        size_t earliest = end > VALUE_BYTES * 2 / 3 ? end - VALUE_BYTES * 2 / 3 : 0, blank = c->at;
        for (size_t i = c->at; i > earliest; i--) {
            if (!is_blank_byte(s[i - 1]))
                continue;
            blank = i;
            if (i > 1 && strchr(",;:", s[i - 2]) && c->at - i > VALUE_BYTES / 4)
                break;
        }
        from = blank;
    }
    if (until - from > VALUE_BYTES) {
        size_t i = from + VALUE_BYTES;
        while (i > end && !is_blank_byte(s[i]))
            i--;
        until = i;
        while (i > end && !strchr(",;", s[i - 1]))
            i--;
        if (i > end && i - from > VALUE_BYTES / 2)
            until = i - 1;
    }
    if (until < end)
        until = end;
    to->value = mem_strn(s + from, until - from);
}

/* The words of one sentence that the other also contains, in order, with an ellipsis where words
 * are left out. */
static char *what_of(const struct claim *a, const struct claim *b)
{
    char out[WHAT_BYTES + 1];
    size_t n = 0, end = 0;
    for (size_t i = 0; i < a->s->n_terms; i++) {
        const struct sentence_term *t = &a->s->terms[i];
        const char *between = t->at == end + 1 ? " " : " \u2026 ";
        size_t m = n ? strlen(between) : 0;
        if (t->kind == WORD_NUMBER || !term_of(b->s, t->id) || n + m + t->n > WHAT_BYTES)
            continue;
        memcpy(out + n, between, m);
        memcpy(out + n + m, a->s->text + t->at, t->n);
        n += m + t->n;
        end = (size_t)t->at + t->n;
    }
    return mem_strn(out, n);
}

static void add_value_source(struct codec_list *to, const char *source)
{
    char *const *v = to->v;
    for (size_t i = 0; i < to->n; i++)
        if (!strcmp(v[i], source))
            return;
    codec_add_text(to, source, strlen(source));
}

/* Lists all publishers that state the same. */
static void add_value(const struct search *f, struct digest_dispute *to, const struct claim *c,
                      const struct claim *other)
{
    struct digest_value *value = codec_add(&to->values, sizeof *value);
    const struct digest_article *a = &f->v->articles[c->article];
    add_value_text(value, c);
    value->article = a->number;
    value->time = a->published;
    add_value_source(&value->sources, a->source);
    for (size_t i = 0; i < f->claims.n; i++) {
        const struct claim *k = &f->claims.v[i];
        if (f->publisher[k->article] != f->publisher[other->article] && same_thing(k, c) &&
            claims_agree(k, c) && !claims_agree(k, other) && overlap(f, k, c) > 0)
            add_value_source(&value->sources, f->v->articles[k->article].source);
    }
}

struct shown {
    const struct claim *values[VALUES_MOST];
    size_t n;
};

/* True when it is about the same thing as one that is shown. */
static bool is_shown(const struct shown *d, const struct claim *c)
{
    for (size_t i = 0; i < d->n; i++)
        if (same_thing(d->values[i], c))
            return true;
    return false;
}

/* Adds further values that differ from both. */
static void add_further(const struct pairs *p, struct shown *d)
{
    for (size_t i = 0; i < p->n && d->n < VALUES_MOST; i++) {
        const struct claim *sides[] = {p->v[i].a, p->v[i].b};
        for (size_t k = 0; k < 2 && d->n < VALUES_MOST; k++) {
            bool apart = true, of_it = false;
            for (size_t j = 0; j < d->n; j++) {
                apart &= !claims_agree(sides[k], d->values[j]);
                of_it |= d->values[j] == sides[1 - k];
            }
            if (apart && of_it)
                d->values[d->n++] = sides[k];
        }
    }
}

static int by_claim_time(const struct search *f, const struct claim *a, const struct claim *b)
{
    int64_t x = f->v->articles[a->article].published, y = f->v->articles[b->article].published;
    return x != y ? (x > y) - (x < y) : by_claim_kind(a, b);
}

static void show(const struct search *f, struct shown *d, struct digest *out)
{
    struct digest_dispute *to = codec_add(&out->disputed, sizeof *to);
    to->what = what_of(d->values[0], d->values[1]);
    const struct claim *first = d->values[0], *second = d->values[1];
    for (size_t i = 1; i < d->n; i++)
        for (size_t k = i; k > 0 && by_claim_time(f, d->values[k], d->values[k - 1]) < 0; k--) {
            const struct claim *t = d->values[k];
            d->values[k] = d->values[k - 1];
            d->values[k - 1] = t;
        }
    for (size_t i = 0; i < d->n; i++)
        add_value(f, to, d->values[i], d->values[i] == first ? second : first);
}

static void choose_disputes(const struct search *f, const struct pairs *p, struct digest *out)
{
    struct shown shown[DIGEST_DISPUTED];
    size_t n = 0;
    for (size_t i = 0; i < p->n && n < DIGEST_DISPUTED; i++) {
        bool new = true;
        for (size_t k = 0; k < n; k++)
            new = new && !is_shown(&shown[k], p->v[i].a) && !is_shown(&shown[k], p->v[i].b);
        if (!new)
            continue;
        shown[n] = (struct shown){{p->v[i].a, p->v[i].b}, 2};
        add_further(p, &shown[n]);
        show(f, &shown[n++], out);
    }
}

void dispute_find(const struct digest_view *v, struct digest *out)
{
    struct search f = {.v = v};
    struct pairs pairs = {0};
    if (v->n < 2 || v->n > UINT16_MAX)
        return;
    gather_claims(&f);
    number_publishers(&f);
    for (size_t i = 0, k; i < f.claims.n; i = k) {
        for (k = i; k < f.claims.n && f.claims.v[k].kind == f.claims.v[i].kind &&
                    f.claims.v[k].group == f.claims.v[i].group;
             k++)
            ;
        compare_claims(&f, i, k - i > GROUP_MOST ? i + GROUP_MOST : k, &pairs);
    }
    if (pairs.n)
        qsort(pairs.v, pairs.n, sizeof *pairs.v, by_pair_score);
    choose_disputes(&f, &pairs, out);
    free(pairs.v);
    free(f.claims.v);
    free(f.publisher);
}
