/* Turns texts into an article of the engine: language, terms, weights, shingles, sketch. Called by
 * engine.c, expect.c, nearest.c and renew.c. Does not add the article to the window or to an event;
 * describe_count() alone changes the rarity. */
#include "cluster/describe.h"

#include "base/hash.h"
#include "cluster/labels.h"
#include "cluster/window.h"
#include "text/roundup.h"

#include <string.h>

void describe_sketch(struct engine *e, const struct article *a)
{
    struct sketch_term terms[TERMS_TITLE_WORDS + TERMS_BODY_WORDS];
    for (size_t i = 0; i < a->vector.n; i++)
        terms[i] = (struct sketch_term){a->vector.v[i].id, a->vector.v[i].w[VIEW_ALL]};
    sketch_weighted(&e->sketching, terms, a->vector.n, e->sketch);
}

/* Copies share the body; the title may have been rewritten, so it counts only when the body is
 * short. */
static void make_shingles(const struct terms *t, struct shingles *out)
{
    enum { ENOUGH = 16 };
    size_t title = t->n_title_sequence, body = t->n_sequence - title;
    if (body >= ENOUGH)
        shingles_of(t->sequence + title, body, out);
    else
        shingles_of(t->sequence, t->n_sequence, out);
}

/* The language of three quarters of a publisher's newest articles whose language is known; NULL
 * when there are too few or the publisher writes in several. */
static const char *usual_language(const struct engine *e, uint64_t publisher)
{
    enum { ENOUGH = 3 };
    const char *langs[HABITS_RECENT];
    size_t n = 0, seen = 0;
    const struct article *a = window_newest(e, MOULD_ALL, habits_all(publisher));
    for (; a && seen < HABITS_RECENT; a = window_before(e, a, MOULD_ALL), seen++)
        if (*a->lang)
            langs[n++] = a->lang;
    for (size_t i = 0; n >= ENOUGH && i < n; i++) {
        size_t same = 0;
        for (size_t k = 0; k < n; k++)
            same += !memcmp(langs[k], langs[i], sizeof a->lang);
        if (same * 4 >= n * 3)
            return langs[i];
    }
    return NULL;
}

const struct lang *describe_read(struct engine *e, const struct engine_article *in,
                                 uint64_t publisher)
{
    struct buf *text = &e->text;
    buf_clear(text);
    buf_adds(text, in->title);
    buf_adds(text, " ");
    if (in->body)
        buf_adds(text, in->body);
    bool said = langs_get(e->langs, in->lang);
    const char *claimed = said ? in->lang : usual_language(e, publisher);
    const struct lang *lang = langs_detect(e->langs, claimed, buf_text(text), text->len);
    terms_extract(lang, in->title, in->body, &e->terms);
    if (!claimed || !lang)
        return lang;
    const struct lang *elected = langs_elect(e->langs, lang, said, &e->terms.votes, buf_text(text),
                                             text->len, strlen(in->title));
    if (elected != lang)
        terms_extract(elected, in->title, in->body, &e->terms);
    return elected;
}

void describe_article(struct engine *e, const struct engine_article *in, struct article *a)
{
    uint64_t keys[MOULDS];
    habits_keys(a->publisher, &a->marks, keys);
    habits_ahead(&e->habits, keys);
    for (size_t i = 0; i < e->terms.n; i++)
        rarity_ahead(e->rarity, e->terms.v[i].id);
    make_shingles(&e->terms, &a->shingles);
    labels_weigh(e, in->title, keys, a);
    a->agency = in->agency ? hash64(in->agency, strlen(in->agency), 0) : 0;
    a->words = (uint32_t)e->terms.n_words;
    a->frame = (uint8_t)title_frame(in->title, terms_of_title(&e->terms));
    a->title_faults = (uint8_t)in->title_faults;
}

struct article *describe_read_one(struct engine *e, const struct engine_article *in,
                                  uint64_t publisher, const struct lang *lang)
{
    struct article *a = article_new(&e->memory, e->terms.n);
    a->number = e->next_article;
    a->publisher = publisher;
    habits_marks(&e->terms, &a->marks);
    describe_article(e, in, a);
    if (lang)
        memcpy(a->lang, lang_code(lang), strlen(lang_code(lang)) + 1);
    describe_sketch(e, a);
    a->seen = e->clock;
    a->published =
        in->published == INT64_MIN || in->published > e->clock ? e->clock : in->published;
    return a;
}

void describe_count(struct engine *e, const struct vector *v)
{
    rarity_article(e->rarity);
    for (size_t i = 0; i < v->n; i++)
        rarity_term(e->rarity, v->v[i].id, v->v[i].flags & WEIGHT_CAPITAL,
                    v->v[i].flags & WEIGHT_LOWER);
}

void describe_forget(struct engine *e, const struct vector *v)
{
    rarity_forget_article(e->rarity);
    for (size_t i = 0; i < v->n; i++)
        rarity_forget_term(e->rarity, v->v[i].id, v->v[i].flags & WEIGHT_CAPITAL,
                           v->v[i].flags & WEIGHT_LOWER);
}
