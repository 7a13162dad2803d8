/* Compares an event's title with the newest titles of other publishers; lead.c calls it to choose
 * the headline. Looks at term vectors only, never at text. */
#include "cluster/ballot.h"

#include "text/title_faults.h"

enum {
    BALLOT_LEAST = 3, /* titles of other publishers; with fewer there is no verdict */
    WORD_LEAST = 3, /* of these titles, how many must contain a word that the tested title lacks, */
    WORD_SHARE = 4  /* and at least (WORD_SHARE - 1) / WORD_SHARE of all must contain it */
};
/* least cosine, numbers left out, of two titles about the same thing */
static const double same_frame = 0.2;
/* least share of a title's length for a word that states what happened */
static const unsigned weighty = VECTOR_ONE / 4;

bool article_is_newer(const struct article *a, const struct article *b)
{
    return a->published != b->published ? a->published > b->published : a->number > b->number;
}

static void read_title_terms(const struct article *a, struct title *t)
{
    *t = (struct title){.article = a};
    for (size_t i = 0; i < a->vector.n && t->n < TERMS_TITLE_WORDS; i++) {
        const struct weight *w = &a->vector.v[i];
        if (!w->w[VIEW_TITLE])
            continue;
        bool number = w->flags & WEIGHT_NUMBER;
        t->v[t->n++] =
            (struct title_term){w->id, w->w[VIEW_TITLE], number,
                                (w->flags & WEIGHT_CAPITAL) && !(w->flags & WEIGHT_LOWER)};
        t->norm2 += number ? 0 : w->w[VIEW_TITLE] * w->w[VIEW_TITLE];
    }
}

static uint64_t report_number(const struct article *a)
{
    return a->copy_of ? a->copy_of : a->number;
}

void ballot_add(struct ballot *b, const struct article *a)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct article *other = b->titles[i].article;
        if (other->publisher == a->publisher || report_number(other) == report_number(a))
            return;
    }
    if (b->n < BALLOT_MOST)
        read_title_terms(a, &b->titles[b->n++]);
}

void ballot_add_first(struct ballot *b, const struct article *a)
{
    if (!b->first[0])
        b->first[0] = a;
    else if (!b->first[1] && b->first[0]->publisher != a->publisher)
        b->first[1] = a;
}

static const struct title_term *find_title_term(const struct title *t, uint32_t id)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->v[i].id == id)
            return &t->v[i];
    return NULL;
}

/* The first number at or after term `i` that the other title lacks. */
static const struct title_term *number_but(const struct title *t, const struct title *but, size_t i)
{
    while (i < t->n && (!t->v[i].number || find_title_term(but, t->v[i].id)))
        i++;
    return i < t->n ? &t->v[i] : NULL;
}

static size_t count_with(const struct title *const *titles, size_t n, uint32_t id)
{
    size_t times = 0;
    for (size_t i = 0; i < n; i++)
        times += find_title_term(titles[i], id) != NULL;
    return times;
}

/* True when most of `others` have, in place of the title's number (NULL: it has none), a number
 * that the title lacks, and at least two of them, and more than have the title's own, agree on one.
 */
static bool has_other_number(const struct title *t, const struct title_term *number,
                             const struct title *const *titles, size_t n, size_t others)
{
    size_t without = 0, agree = number ? count_with(titles, n, number->id) : 0;
    bool better = false;
    agree = agree > 1 ? agree : 1;
    for (size_t i = 0; i < n; i++) {
        const struct title_term *other = number_but(titles[i], t, 0);
        without += other && !(number && find_title_term(titles[i], number->id));
        for (; other; other = number_but(titles[i], t, (size_t)(other - titles[i]->v) + 1))
            better |= count_with(titles, n, other->id) > agree;
    }
    return better && without * 2 > others;
}

static unsigned number_against(const struct title *t, const struct title *const *titles, size_t n,
                               size_t others)
{
    bool any = false;
    for (size_t i = 0; i < t->n; i++) {
        if (t->v[i].number && has_other_number(t, &t->v[i], titles, n, others))
            return STALE_NUMBER;
        any |= t->v[i].number;
    }
    return !any && has_other_number(t, NULL, titles, n, others) ? STALE_UNNUMBERED : 0;
}

static bool is_same_frame(const struct title *a, const struct title *b)
{
    int64_t dot = 0;
    for (size_t i = 0; i < a->n; i++) {
        const struct title_term *t = a->v[i].number ? NULL : find_title_term(b, a->v[i].id);
        dot += t ? t->w * a->v[i].w : 0;
    }
    return (double)dot * (double)dot >
           same_frame * same_frame * (double)a->norm2 * (double)b->norm2;
}

static bool article_has_term(const struct article *a, uint32_t id)
{
    for (size_t i = 0; i < a->vector.n; i++)
        if (a->vector.v[i].id == id)
            return true;
    return false;
}

static bool is_new_term(const struct ballot *b, uint32_t id)
{
    return b->first[1] && !article_has_term(b->first[0], id) && !article_has_term(b->first[1], id);
}

/* True when nearly all of these titles contain a heavy word that is not a name and that appears
 * neither in the article's text nor in the event's first articles: "arrested", "dies", not merely a
 * synonym for what was already known. */
static bool lacks_word(const struct ballot *b, const struct article *a,
                       const struct title *const *titles, size_t n, size_t others)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < titles[i]->n; k++) {
            unsigned times = 0, weight = 0, names = 0;
            uint32_t id = titles[i]->v[k].id;
            for (size_t j = i; j < n; j++) {
                const struct title_term *same = find_title_term(titles[j], id);
                times += same != NULL;
                weight += same ? same->w : 0;
                names += same && same->name;
            }
            if (times >= WORD_LEAST && times * WORD_SHARE >= others * (WORD_SHARE - 1) &&
                weight > times * weighty && !names && !article_has_term(a, id) &&
                is_new_term(b, id))
                return true;
        }
    return false;
}

unsigned ballot_against(const struct ballot *b, const struct article *a, bool by_newer)
{
    struct title title;
    const struct title *titles[BALLOT_MOST];
    size_t n = 0, others = 0, done = 0;
    read_title_terms(a, &title);
    for (size_t i = 0; i < b->n; i++) {
        const struct title *t = &b->titles[i];
        if (t->article->publisher == a->publisher)
            continue;
        others++;
        if ((by_newer && !article_is_newer(t->article, a)) || !is_same_frame(&title, t))
            continue;
        titles[n++] = t;
        done += !(t->article->title_faults & HEADLINE_COMING);
    }
    if (others < BALLOT_LEAST)
        return 0;
    return number_against(&title, titles, n, others) |
           ((a->title_faults & HEADLINE_COMING) && done * 2 > others ? STALE_COMING : 0) |
           (lacks_word(b, a, titles, n, others) ? STALE_WORD : 0);
}
