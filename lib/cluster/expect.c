/* Keeps the announced articles of a document with the terms already read from them; see expect.h.
 * Called by engine.c; labels.c counts them through e->coming. */
#include "cluster/expect.h"

#include "base/hash.h"
#include "base/mem.h"
#include "cluster/describe.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of_article(const struct engine_article *in)
{
    const char *const texts[] = {in->title, in->body, in->lang, in->publisher};
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        hash = texts[i] ? hash64(texts[i], strlen(texts[i]), hash) : hash_pair(hash, i);
    return hash;
}

static void swap_terms(struct terms *a, struct terms *b)
{
    struct terms kept = *a;
    *a = *b;
    *b = kept;
}

/* Drops the first `n` expected articles; their memory is reused. */
static void drop_coming(struct engine *e, size_t n)
{
    struct coming *dropped[ENGINE_AHEAD];
    memcpy(dropped, e->coming, n * sizeof *dropped);
    e->n_coming -= n;
    memmove(e->coming, e->coming + n, e->n_coming * sizeof *e->coming);
    memcpy(e->coming + e->n_coming, dropped, n * sizeof *dropped);
}

void expect_add(struct engine *e, const struct engine_article *in)
{
    if (!in) {
        e->n_coming = 0;
        return;
    }
    if (e->n_coming == ENGINE_AHEAD)
        drop_coming(e, 1);
    struct coming **place = &e->coming[e->n_coming];
    if (!*place)
        *place = mem_zero(sizeof **place);
    struct coming *c = *place;
    struct marks marks;
    uint64_t publisher = hash64(in->publisher, strlen(in->publisher), 0);
    swap_terms(&e->terms, &c->terms);
    c->lang = describe_read(e, in, publisher);
    habits_marks(&e->terms, &marks);
    habits_keys(publisher, &marks, c->keys);
    if (!c->keys[MOULD_TEXT])
        c->keys[MOULD_ENDING] = 0; /* two words that end titles soon come from one story */
    swap_terms(&e->terms, &c->terms);
    c->hash = hash_of_article(in);
    e->n_coming++;
}

bool expect_take(struct engine *e, const struct engine_article *in, const struct lang **lang)
{
    uint64_t hash = e->n_coming ? hash_of_article(in) : 0;
    for (size_t i = 0; i < e->n_coming; i++) {
        if (e->coming[i]->hash != hash)
            continue;
        swap_terms(&e->terms, &e->coming[i]->terms);
        *lang = e->coming[i]->lang;
        drop_coming(e, i + 1);
        return true;
    }
    return false;
}

void expect_end(struct engine *e)
{
    for (size_t i = 0; i < ENGINE_AHEAD && e->coming[i]; i++) {
        terms_free(&e->coming[i]->terms);
        free(e->coming[i]);
    }
}
