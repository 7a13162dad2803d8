/* Finds growing counts (killed, injured) whose new value replaces the same publisher's earlier one.
 * Called by develop.c. Different publishers' numbers are compared in dispute.c. */
#include "base/mem.h"
#include "digest/claims.h"
#include "digest/reports.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SENTENCES_SEEN = 3, /* of a report, including its title */
    VALUES_MOST = 400,  /* numbers examined, over all reports */
    MOST_TIMES = 40,    /* a number grows at most by this factor at once */
};

/* True for a later number of one publisher that replaces its earlier one. */
static bool replaces(const struct reports *r, const struct claim *later, const struct claim *c)
{
    return !strcmp(reports_article(r, later->article)->domain,
                   reports_article(r, c->article)->domain) &&
           later->group == c->group && later->value > c->value &&
           later->value <= MOST_TIMES * c->value &&
           (c->hedge == HEDGE_LEAST || !claims_agree(later, c)) &&
           reports_shared(later->s, c->s, false) >= 2;
}

static bool counts(const struct claim *c)
{
    return c->kind == CLAIM_COUNT && c->grows && c->group && c->s->at < SENTENCES_SEEN &&
           fmod(c->value, 1) == 0;
}

/* Growing numbers (killed, injured) of the first sentences, in order of time. `article` holds the
 * index of the report. */
static struct claims read_values(const struct reports *r)
{
    struct claims all = {0};
    for (size_t i = 0; i < r->n; i++) {
        const struct claims *of = r->v->claims[r->articles[i]];
        for (size_t k = 0; k < of->n && all.n < VALUES_MOST; k++) {
            if (!counts(&of->v[k]))
                continue;
            MEM_GROW(all.v, all.n, all.cap);
            all.v[all.n] = of->v[k];
            all.v[all.n++].article = (uint16_t)i;
        }
    }
    return all;
}

static void set_grown(struct grown *to, const struct claim *c, const struct claim *was)
{
    free(to->was);
    *to = (struct grown){.s = c->s,
                         .report = c->article,
                         .value = c->value,
                         .was = mem_strn(was->s->text + was->at, was->n)};
}

void grown_find(const struct reports *r, struct grown out[CHAPTERS_MOST])
{
    struct claims all = read_values(r);
    memset(out, 0, CHAPTERS_MOST * sizeof *out);
    for (size_t i = 0; i < all.n; i++) {
        const struct claim *c = &all.v[i], *was = NULL;
        struct grown *to = &out[r->r[c->article].chapter];
        for (size_t k = i; k > 0 && !was; k--)
            if (all.v[k - 1].article != c->article && replaces(r, c, &all.v[k - 1]))
                was = &all.v[k - 1];
        /* a number that was already known, here or in another chapter, is not new */
        for (size_t k = 0; was && k < i; k++)
            if (all.v[k].group == c->group && all.v[k].value >= c->value &&
                r->r[all.v[k].article].chapter != r->r[c->article].chapter)
                was = NULL;
        if (was && (!to->s || c->value > to->value))
            set_grown(to, c, was);
    }
    free(all.v);
}
