/* Adds up editors' signals by publisher, category and keyword, and computes an event's leaning; see
 * taste.h. Called by decide.c, opening.c and apply.c. Ranking uses the result in
 * store/event_record.c. */
#include "ingest/taste.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/decision_record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct taste {
    struct map sums; /* hash of kind and name -> long: the sum of the signals that name it */
};

enum { MAX_OF_A_KIND = 8, MAX_BECAUSE = 8 };

static const char *publisher_at(const struct event_record *e, size_t i)
{
    const struct event_source *sources = e->sources.v;
    return i < e->sources.n ? sources[i].domain : NULL;
}

static const char *category_at(const struct event_record *e, size_t i)
{
    return i < e->categories.n ? ((char **)e->categories.v)[i] : NULL;
}

static const char *keyword_at(const struct event_record *e, size_t i)
{
    return i < e->keywords.n ? ((char **)e->keywords.v)[i] : NULL;
}

/* The features through which a signal affects other events, and how much one signal counts. */
static const struct signal_kind {
    const char *what;
    const char *(*name)(const struct event_record *e, size_t i); /* NULL behind the last */
    double weight;
} kinds[] = {
    {"publisher", publisher_at, 0.02}, /* low, because large publishers are in most events */
    {"category", category_at, 0.10},
    {"keyword", keyword_at, 0.10},
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

static const char *taste_name(const struct signal_kind *k, const struct event_record *event,
                              size_t i)
{
    const char *name = k->name(event, i);
    return name && *name ? name : NULL;
}

static uint64_t taste_key(const char *what, const char *name)
{
    return hash64(name, strlen(name), hash64(what, strlen(what), 0)) | 1;
}

struct codec_list taste_features(const struct event_record *event)
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
                       const struct event_record *event)
{
    const long *sum = map_get(&t->sums, taste_key(k->what, name));
    if (!sum)
        return 0;
    return event->signal > 0 && *sum > 0   ? *sum - 1
           : event->signal < 0 && *sum < 0 ? *sum + 1
                                           : *sum;
}

void taste_lean(const struct taste *t, struct event_record *event)
{
    struct event_leaning leaning = {.value = 0};
    for (size_t k = 0; k < N_KINDS; k++)
        for (size_t i = 0; i < MAX_OF_A_KIND; i++) {
            const char *name = taste_name(&kinds[k], event, i);
            long signals = name ? signals_of(t, &kinds[k], name, event) : 0;
            if (!signals)
                continue;
            double value = kinds[k].weight * (double)signals;
            leaning.value += value;
            if (leaning.because.n < MAX_BECAUSE)
                *(struct event_cause *)codec_add(&leaning.because, sizeof(struct event_cause)) =
                    (struct event_cause){mem_str(kinds[k].what), mem_str(name), value};
        }
    leaning.value = fmax(-1, fmin(1, leaning.value));
    event_record_lean(event, &leaning);
}
