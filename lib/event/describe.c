#include "event/describe.h"

#include "base/hash.h"
#include "event/expect.h"
#include "event/labels.h"
#include "text/roundup.h"

#include <string.h>

void describe_sketch(struct engine *e, const struct article *a)
{
    struct sketch_term terms[TERMS_TITLE_WORDS + TERMS_BODY_WORDS];
    for (size_t i = 0; i < a->vector.n; i++)
        terms[i] = (struct sketch_term){a->vector.v[i].id, a->vector.v[i].w[VIEW_ALL]};
    sketch_weighted(&e->sketching, terms, a->vector.n, e->sketch);
}

/* Copies share their body where there is one; a title may have been written anew. */
static void make_shingles(const struct terms *t, struct shingles *out)
{
    enum { ENOUGH = 16 };
    size_t title = t->n_title_sequence, body = t->n_sequence - title;
    if (body >= ENOUGH)
        shingles_of(t->sequence + title, body, out);
    else
        shingles_of(t->sequence, t->n_sequence, out);
}

const struct lang *describe_read(struct engine *e, const struct engine_article *in)
{
    struct buf *text = &e->text;
    buf_clear(text);
    buf_adds(text, in->title);
    buf_adds(text, " ");
    if (in->body)
        buf_adds(text, in->body);
    const struct lang *lang = langs_detect(e->langs, in->lang, buf_text(text), text->len);
    terms_extract(lang, in->title, in->body, &e->terms);
    if (!langs_get(e->langs, in->lang) || !lang)
        return lang;
    const struct lang *elected = langs_elect(e->langs, lang, true, &e->terms.votes, buf_text(text),
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
    labels_weigh(e, in->title, a);
    a->agency = in->agency ? hash64(in->agency, strlen(in->agency), 0) : 0;
    a->words = (uint32_t)e->terms.n_words;
    a->roundup = title_is_roundup(in->title);
    a->title_faults = (uint16_t)in->title_faults;
}

struct article *describe_new(struct engine *e, const struct engine_article *in)
{
    const struct lang *lang;
    if (!expect_take(e, in, &lang))
        lang = describe_read(e, in);
    struct article *a = article_new(&e->memory, e->terms.n);
    a->number = e->next_article++;
    a->publisher = hash64(in->publisher, strlen(in->publisher), 0);
    habits_marks(&e->terms, &a->marks);
    describe_article(e, in, a);
    if (lang)
        memcpy(a->lang, lang_code(lang), strlen(lang_code(lang)) + 1);
    describe_sketch(e, a);
    index_ahead(e->index, e->sketch);
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
