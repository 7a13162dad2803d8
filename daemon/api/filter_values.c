/* Counts the values of filters; see filter_values.h. */
#include "api/filter_values.h"

#include "base/escape.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct filter_value {
    char *text, *name; /* NULL: it has none but its text */
    size_t events;
};

struct filter_values {
    struct map of[FILTER_NAMES]; /* key_of(hash) -> struct filter_value */
};

/* A map has no key 0, which a hash may be. */
static uint64_t key_of(uint32_t hash)
{
    return (uint64_t)hash + 1;
}

struct filter_values *filter_values_new(void)
{
    return mem_zero(sizeof(struct filter_values));
}

static void free_value(struct filter_value *value)
{
    free(value->text);
    free(value->name);
    free(value);
}

void filter_values_free(struct filter_values *v)
{
    for (size_t i = 0; v && i < FILTER_NAMES; i++) {
        for (size_t k = 0; k < v->of[i].slots; k++)
            if (v->of[i].v[k].key)
                free_value(v->of[i].v[k].value);
        map_free(&v->of[i]);
    }
    free(v);
}

void filter_values_add(struct filter_values *v, enum filter_name filter, uint32_t hash,
                       const char *value, const char *name)
{
    struct map *of = &v->of[filter];
    struct filter_value *known = map_get(of, key_of(hash));
    if (!known) {
        if (!*value || of->n == FILTER_VALUES_MOST)
            return;
        known = mem_zero(sizeof *known);
        known->text = mem_str(value);
        map_put(of, key_of(hash), known);
    }
    known->events++;
    if (name && (!known->name || strcmp(known->name, name) != 0)) {
        free(known->name);
        known->name = mem_str(name);
    }
}

void filter_values_drop(struct filter_values *v, enum filter_name filter, uint32_t hash)
{
    struct filter_value *known = map_get(&v->of[filter], key_of(hash));
    if (!known || --known->events)
        return;
    map_remove(&v->of[filter], key_of(hash));
    free_value(known);
}

static int most_frequent_first(const void *a, const void *b)
{
    const struct filter_value *x = *(struct filter_value *const *)a;
    const struct filter_value *y = *(struct filter_value *const *)b;
    return x->events != y->events ? (x->events < y->events) - (x->events > y->events)
                                  : strcmp(x->text, y->text);
}

static void write_values(const struct map *of, size_t most, struct buf *out)
{
    struct filter_value **all = mem_alloc((of->n + 1) * sizeof(struct filter_value *));
    size_t n = 0;
    for (size_t i = 0; i < of->slots; i++)
        if (of->v[i].key)
            all[n++] = of->v[i].value;
    qsort(all, n, sizeof *all, most_frequent_first);
    for (size_t i = 0; i < n && i < most; i++) {
        buf_adds(out, i ? ",\n{\"value\":\"" : "{\"value\":\"");
        escape_text(out, ESCAPE_JSON, all[i]->text);
        if (all[i]->name) {
            buf_adds(out, "\",\"name\":\"");
            escape_text(out, ESCAPE_JSON, all[i]->name);
        }
        buf_addf(out, "\",\"events\":%zu}", all[i]->events);
    }
    free(all);
}

void filter_values_write(const struct filter_values *v, size_t most, struct buf *out)
{
    static const char *const names[] = {
        [FILTER_NAME_CATEGORY] = "category",
        [FILTER_NAME_LANG] = "lang",
        [FILTER_NAME_SOURCE] = "source",
    };
    for (size_t i = 0; i < FILTER_NAMES; i++) {
        buf_addf(out, "%s\"%s\":[", i ? "],\n" : "{", names[i]);
        write_values(&v->of[i], most, out);
    }
    buf_adds(out, "]}\n");
}
