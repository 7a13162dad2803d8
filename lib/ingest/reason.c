/* Converts the engine's reasons to those of records and ranks the features in them; see reason.h.
 * Called by ingest.c, daemon/web and storyctl. */
#include "ingest/reason.h"

#include "base/mem.h"
#include "cluster/engine.h"
#include "ingest/restore.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double rounded(double x, double to)
{
    return round(x / to) * to;
}

/* What each feature added, products of two counted with their first: a reason is written with every
 * article, so what is less than the hundredth of a logit, most of it nothing at all, is left out.
 */
static json_t *features_json(const struct model *m, const double contribution[MODEL_ROWS])
{
    static const double logit = 1e-2;
    double sums[FEATURES] = {0};
    json_t *features = json_object();
    for (size_t i = 0; i < m->n; i++)
        sums[m->rows[i].feature] += contribution[i];
    for (int i = 0; i < FEATURES; i++) {
        const struct model_row row = {.feature = i, .second = -1};
        char name[64];
        if (fabs(sums[i]) < logit)
            continue;
        model_row_name(&row, name, sizeof name);
        json_object_set_new(features, name, json_real(rounded(sums[i], logit)));
    }
    return features;
}

struct article_reason *reason_new(const struct engine *e, const struct engine_reason *r)
{
    static const double probability = 1e-6;
    struct article_reason *why = mem_zero(sizeof *why);
    why->compared_with = r->event;
    why->probability = rounded(r->probability, probability);
    why->threshold = rounded(r->threshold, probability);
    codec_set_text(&why->refused, r->refused);
    codec_set_string(&why->shared, r->shared);
    why->features = r->event ? features_json(engine_join_model(e), r->contribution) : NULL;
    why->runner_up = r->runner_up;
    why->runner_up_probability = rounded(r->runner_up_probability, probability);
    return why;
}

void reason_free(struct article_reason *why)
{
    if (why)
        codec_free(&article_reason_table, why);
    free(why);
}

/* Restores all that the store still has of the window, whatever its configured length. */
static void widen_window(void *arg, struct engine *engine)
{
    (void)arg;
    engine_set(engine, "engine", "window", ENGINE_WINDOW_MOST);
}

int reason_now(struct store *store, const struct article_record *article, uint64_t event,
               struct article_reason **out)
{
    struct engine *engine;
    struct engine_reason reason;
    *out = NULL;
    int error = restore_engine(store, widen_window, NULL, &engine, NULL);
    if (error)
        return error;
    if (engine_why(engine, article->number, event, article->title, article_body(article), &reason))
        *out = reason_new(engine, &reason);
    engine_free(engine);
    return 0;
}

static int by_logit_size(const void *x, const void *y)
{
    double a = fabs(((const struct counted *)x)->logits);
    double b = fabs(((const struct counted *)y)->logits);
    return (a < b) - (a > b);
}

size_t reason_counted(const struct article_reason *why, struct counted out[REASON_COUNTED])
{
    size_t n = 0;
    const char *name;
    json_t *value;
    json_object_foreach(why->features, name, value)
    {
        const char *words = model_row_words(name);
        size_t at = 0;
        words = words ? words : name;
        while (at < n && strcmp(out[at].words, words) != 0)
            at++;
        if (at == REASON_COUNTED)
            continue;
        if (at == n)
            out[n++] = (struct counted){words, 0};
        out[at].logits += json_real_value(value);
    }
    qsort(out, n, sizeof *out, by_logit_size);
    return n;
}
