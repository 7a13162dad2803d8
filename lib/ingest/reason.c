/* Converts the engine's reasons to JSON and ranks the features in them; see reason.h. Called by
 * ingest.c, daemon/web and storyctl. */
#include "ingest/reason.h"

#include "cluster/engine.h"
#include "ingest/restore.h"
#include "store/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *rounded(double x, double to)
{
    return json_real(round(x / to) * to);
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
        json_object_set_new(features, name, rounded(sums[i], logit));
    }
    return features;
}

json_t *reason_json(const struct engine *e, const struct engine_reason *r)
{
    static const double probability = 1e-6;
    json_t *features =
        r->event ? features_json(engine_join_model(e), r->contribution) : json_object();
    json_t *why = json_object();
    json_object_set_new(why, "compared_with",
                        r->event ? json_integer((json_int_t)r->event) : json_null());
    json_object_set_new(why, "probability", rounded(r->probability, probability));
    json_object_set_new(why, "threshold", rounded(r->threshold, probability));
    json_object_set_new(why, "refused", r->refused ? json_string(r->refused) : json_null());
    json_object_set_new(why, "shared", json_string(r->shared));
    json_object_set_new(why, "features", features);
    json_object_set_new(why, "runner_up",
                        r->runner_up ? json_integer((json_int_t)r->runner_up) : json_null());
    json_object_set_new(why, "runner_up_probability",
                        rounded(r->runner_up_probability, probability));
    return why;
}

/* Restores all that the store still has of the window, whatever its configured length. */
static void widen_window(void *arg, struct engine *engine)
{
    (void)arg;
    engine_set(engine, "engine", "window", ENGINE_WINDOW_MOST);
}

int reason_now(struct store *store, const json_t *article, uint64_t event, json_t **out)
{
    struct engine *engine;
    struct engine_reason reason;
    *out = NULL;
    int error = restore_engine(store, widen_window, NULL, &engine, NULL);
    if (error)
        return error;
    if (engine_why(engine, record_number(article, "id"), event, record_text(article, "title"),
                   record_body(article), &reason))
        *out = reason_json(engine, &reason);
    engine_free(engine);
    return 0;
}

static int by_logit_size(const void *x, const void *y)
{
    double a = fabs(((const struct counted *)x)->logits);
    double b = fabs(((const struct counted *)y)->logits);
    return (a < b) - (a > b);
}

size_t reason_counted(const json_t *why, struct counted out[REASON_COUNTED])
{
    size_t n = 0;
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(why, "features"), name, value)
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
