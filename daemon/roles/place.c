/* Reads and writes the place of a copy in the log; see place.h. */
#include "roles/place.h"

#include "base/hex.h"
#include "roles/bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Its value is a term, as a number. */
static const char led_key[] = "led";

static const struct {
    const char *name;
    size_t at;
} place_numbers[] = {{"epoch", offsetof(struct log_place, epoch)},
                     {"term", offsetof(struct log_place, term)},
                     {"batch", offsetof(struct log_place, batch)},
                     {"stream", offsetof(struct log_place, stream)}};
enum { NUMBERS = sizeof place_numbers / sizeof *place_numbers };

void place_random(char *out, size_t digits)
{
    unsigned char random[PLACE_CLUSTER / 2];
    if (digits > 2 * sizeof random || getrandom(random, digits / 2, 0) != (ssize_t)(digits / 2))
        abort(); /* it does not fail */
    hex_write(out, random, digits / 2);
}

json_t *place_write(const struct log_place *p)
{
    json_t *o = json_object();
    json_object_set_new(o, "cluster", json_string(p->cluster));
    for (size_t i = 0; i < NUMBERS; i++)
        json_object_set_new(
            o, place_numbers[i].name,
            json_integer(*(const json_int_t *)((const char *)p + place_numbers[i].at)));
    return o;
}

void place_read(const json_t *o, struct log_place *out)
{
    const char *cluster = json_string_value(json_object_get(o, "cluster"));
    *out = (struct log_place){0};
    snprintf(out->cluster, sizeof out->cluster, "%s", cluster ? cluster : "");
    for (size_t i = 0; i < NUMBERS; i++)
        *(uint64_t *)((char *)out + place_numbers[i].at) =
            (uint64_t)json_integer_value(json_object_get(o, place_numbers[i].name));
}

json_t *place_describe(const struct log_place *p, const struct bus *b, const char *role,
                       const char *engine)
{
    static const char *const of_some[] = {"fetchers", "fetcher", "lag_ms"};
    json_t *o = place_write(p);
    json_object_set_new(o, "role", json_string(role));
    json_object_set_new(o, "name", json_string(bus_cluster(b)));
    json_object_set_new(o, "member", json_string(bus_name(b)));
    json_object_set_new(o, "engine", engine ? json_string(engine) : json_null());
    json_object_set_new(o, "connected", json_boolean(bus_is_connected(b)));
    json_object_set_new(o, "copying", json_false());
    for (size_t i = 0; i < sizeof of_some / sizeof *of_some; i++)
        json_object_set_new(o, of_some[i], json_null());
    return o;
}

int place_load(struct store *s, struct log_place *out)
{
    struct store_value v;
    int error = store_get(s, STORE_CLUSTER, store_place, strlen(store_place), &v);
    json_t *o = error ? NULL : json_loadb(v.p, v.n, 0, NULL);
    place_read(o, out);
    json_decref(o);
    return error == STORE_NOT_FOUND ? 0 : error;
}

int place_save(struct store *s, const struct log_place *p)
{
    json_t *o = place_write(p);
    char *text = json_dumps(o, JSON_COMPACT);
    int error = store_put(s, STORE_CLUSTER, store_place, strlen(store_place), text, strlen(text));
    free(text);
    json_decref(o);
    return error;
}

int place_is_alone(struct store *s, bool *alone)
{
    struct store_value v;
    int error = store_get(s, STORE_CLUSTER, store_alone, strlen(store_alone), &v);
    *alone = !error;
    return error == STORE_NOT_FOUND ? 0 : error;
}

int place_rejoin(struct store *s)
{
    int error = store_delete(s, STORE_CLUSTER, store_alone, strlen(store_alone));
    return error == STORE_NOT_FOUND ? 0 : error;
}

int place_led(struct store *s, uint64_t *term)
{
    struct store_value v;
    int error = store_get(s, STORE_CLUSTER, led_key, strlen(led_key), &v);
    *term = !error && v.n == 8 ? store_from_u64(v.p) : 0;
    return error == STORE_NOT_FOUND ? 0 : error;
}

int place_note_led(struct store *s, uint64_t term)
{
    unsigned char number[8];
    store_u64(term, number);
    return store_put(s, STORE_CLUSTER, led_key, strlen(led_key), number, sizeof number);
}
