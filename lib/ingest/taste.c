/* Adds up editors' signals by publisher, category and keyword, and computes an event's leaning; see
 * taste.h. Called by decide.c, opening.c and apply.c. Ranking uses the result in store/record.c. */
#include "ingest/taste.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/decision_record.h"
#include "store/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct taste {
    struct map sums; /* hash of kind and name -> long: the sum of the signals that name it */
};

enum { MAX_OF_A_KIND = 8, MAX_BECAUSE = 8 };

/* The features through which a signal affects other events, and how much one signal counts. */
static const struct signal_kind {
    const char *what, *field, *name; /* `name`: the member of an object in the field */
    double weight;
} kinds[] = {
    {"publisher", "sources", "domain", 0.02}, /* low, because large publishers are in most events */
    {"category", "categories", NULL, 0.10},
    {"keyword", "keywords", NULL, 0.10},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

struct taste *taste_new(void)
{
    return mem_zero(sizeof(struct taste));
}

void taste_free(struct taste *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->sums.slots; i++)
        free(t->sums.v[i].value);
    map_free(&t->sums);
    free(t);
}

static const char *taste_name(const struct signal_kind *k, const json_t *event, size_t i)
{
    const json_t *one = json_array_get(json_object_get(event, k->field), i);
    const char *name = k->name ? record_text(one, k->name) : json_string_value(one);
    return name && *name ? name : NULL;
}

static uint64_t taste_key(const char *what, const char *name)
{
    return hash64(name, strlen(name), hash64(what, strlen(what), 0)) | 1;
}

struct codec_list taste_features(const json_t *event)
{
    struct codec_list all = {0};
    for (size_t k = 0; k < N_KINDS; k++)
        for (size_t i = 0; i < MAX_OF_A_KIND; i++) {
            const char *name = taste_name(&kinds[k], event, i);
            if (name)
                *(struct decision_feature *)codec_add(&all, sizeof(struct decision_feature)) =
                    (struct decision_feature){mem_str(kinds[k].what), mem_str(name)};
        }
    return all;
}

void taste_add(struct taste *t, const struct codec_list *features, int value)
{
    const struct decision_feature *f = features->v;
    for (size_t i = 0; i < features->n; i++) {
        uint64_t key = taste_key(f[i].what, f[i].name);
        long *sum = map_get(&t->sums, key);
        if (!sum)
            map_put(&t->sums, key, sum = mem_zero(sizeof *sum));
        *sum += value;
    }
}

/* Signals on other events: the event's own signal does not contribute to its leaning. */
static long signals_of(const struct taste *t, const struct signal_kind *k, const char *name,
                       const json_t *event)
{
    const long *sum = map_get(&t->sums, taste_key(k->what, name));
    json_int_t own = json_integer_value(json_object_get(event, "signal"));
    if (!sum)
        return 0;
    return own > 0 && *sum > 0 ? *sum - 1 : own < 0 && *sum < 0 ? *sum + 1 : *sum;
}

json_t *taste_of(const struct taste *t, const json_t *event)
{
    double all = 0;
    json_t *because = json_array();
    for (size_t k = 0; k < N_KINDS; k++)
        for (size_t i = 0; i < MAX_OF_A_KIND; i++) {
            const char *name = taste_name(&kinds[k], event, i);
            long signals = name ? signals_of(t, &kinds[k], name, event) : 0;
            if (!signals)
                continue;
            double value = kinds[k].weight * (double)signals;
            all += value;
            if (json_array_size(because) < MAX_BECAUSE)
                json_array_append_new(because, json_pack("{s:s,s:s,s:f}", "what", kinds[k].what,
                                                         "name", name, "value", value));
        }
    if (!json_array_size(because)) {
        json_decref(because);
        return json_null();
    }
    return json_pack("{s:f,s:o}", "value", fmax(-1, fmin(1, all)), "because", because);
}
