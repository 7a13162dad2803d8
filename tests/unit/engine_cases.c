#include "engine_cases.h"

#include <stdlib.h>

struct engine_result add(struct engine *e, const char *title, const char *body, const char *lang,
                         const char *publisher, int64_t seen)
{
    struct engine_article in = {.title = title,
                                .body = body,
                                .lang = lang,
                                .publisher = publisher,
                                .published = seen,
                                .seen = seen};
    struct engine_result out;
    engine_add(e, &in, &out);
    return out;
}

void pack_again(struct kept *k, const struct engine *e, uint64_t article)
{
    if (!engine_article(e, article))
        return; /* it has left the window */
    struct buf again;
    buf_init(&again, 1 << 20);
    engine_pack_again(e, article, k->packed[article].p, k->packed[article].len, &again);
    buf_free(&k->packed[article]);
    k->packed[article] = again;
}

void keep(struct kept *k, const struct engine *e, const struct engine_result *out)
{
    if (out->day_ended) {
        buf_clear(&k->rarity);
        engine_save_rarity(e, &k->rarity);
    }
    for (size_t i = 0; i < out->n_changes; i++) {
        const struct engine_change *c = &out->changes[i];
        for (size_t a = 1; a <= k->n; a++)
            if (c->kind == ENGINE_MERGED && k->event[a] == c->from)
                k->event[a] = c->event;
        if (c->kind == ENGINE_COPIED && c->article <= k->n)
            pack_again(k, e, c->article);
        for (size_t a = 0; a < c->n_articles; a++)
            k->event[c->articles[a]] = c->event;
    }
    k->n = out->article;
    k->event[k->n] = out->event;
    buf_init(&k->packed[k->n], 1 << 20);
    engine_pack(e, k->n, &k->packed[k->n]);
}

struct engine *restart(const struct kept *k, uint64_t next_event, int64_t clock)
{
    struct engine *e = engine_new(k->n + 1, next_event);
    assert_true(engine_restore_rarity(e, k->rarity.p, k->rarity.len));
    engine_set_clock(e, clock);
    for (size_t a = 1; a <= k->n; a++)
        assert_true(engine_restore(e, a, k->event[a], k->packed[a].p, k->packed[a].len));
    return e;
}

void free_kept(struct kept *k)
{
    for (size_t a = 1; a <= k->n; a++)
        buf_free(&k->packed[a]);
    buf_free(&k->rarity);
    free(k);
}

const char *const quake[3] = {
    "Earthquake in Chile: Talca counts damaged homes after magnitude 7.1",
    "Chile earthquake damages hundreds of homes in Talca",
    "Magnitude 7.1 earthquake in Chile: Talca homes damaged, rescuers search",
};
