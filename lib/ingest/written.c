/* Validates an editor's text and merges it into an event's `written`; see written.h. Called by
 * decide.c. */
#include "ingest/written.h"

#include "base/mem.h"
#include "digest/digest.h"
#include "digest/kinds.h"
#include "store/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_TEXT = 600, MAX_HEADING = 120 };

static const struct written_field {
    const char *name;
    size_t most; /* items */
} fields[] = {
    {"summary", DIGEST_BULLETS}, {"meaning", DIGEST_MEANING}, {"details", DIGEST_DETAILS}};
enum { N_FIELDS = sizeof fields / sizeof *fields };

struct written_reading {
    char *message;
    size_t n;
};

static bool refuse_text(struct written_reading *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse_text(struct written_reading *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->message, r->n, fmt, ap);
    va_end(ap);
    return false;
}

static const struct written_field *field_of(const char *name)
{
    for (size_t i = 0; i < N_FIELDS; i++)
        if (!strcmp(fields[i].name, name))
            return &fields[i];
    return NULL;
}

static bool refuse_type(struct written_reading *r)
{
    char all[400] = "";
    size_t n = 0;
    for (size_t i = 0; kind_name(i); i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", i ? ", " : "", kind_name(i));
    return refuse_text(r, "type: expected one of %s", all);
}

static bool says_something(const char *text)
{
    return text[strspn(text, " \t\r\n")] != 0;
}

/* One item, as a statement by `who`. */
static json_t *statement(const json_t *item, const char *who, int64_t now)
{
    const char *type = record_text(item, "type"), *heading = record_text(item, "heading");
    struct digest_statement s = {
        .text = mem_str(record_text(item, "text")),
        .time = now,
        .type = *type ? mem_str(type) : NULL,
        .heading = *heading ? mem_str(heading) : NULL,
        .by = mem_str(who),
        .kind = mem_str("written"),
    };
    json_t *record = codec_write(&digest_statement_table, &s);
    codec_free(&digest_statement_table, &s);
    return record;
}

static bool is_text_of(const json_t *item, const char *field, size_t most)
{
    const json_t *text = json_object_get(item, field);
    return !text || json_is_null(text) ||
           (json_is_string(text) && json_string_length(text) <= most);
}

static bool check_written_item(struct written_reading *r, const json_t *item, bool is_detail)
{
    const char *type = record_text(item, "type");
    if (!json_is_object(item) || !is_text_of(item, "text", MAX_TEXT) ||
        !says_something(record_text(item, "text")))
        return refuse_text(r, "items: expected objects, each with a text of 1 to %d bytes",
                           MAX_TEXT);
    if (!is_text_of(item, "heading", MAX_HEADING))
        return refuse_text(r, "heading: expected a text of at most %d bytes", MAX_HEADING);
    if (!is_text_of(item, "type", MAX_TEXT) || (*type && !kind_name((size_t)kind_order(type))))
        return refuse_type(r);
    if (!is_detail && (*type || *record_text(item, "heading")))
        return refuse_text(r, "items: type and heading are allowed in details only");
    return true;
}

static bool read_items(struct written_reading *r, const json_t *items,
                       const struct written_field *f, const char *who, int64_t now, json_t *out)
{
    size_t n = json_array_size(items);
    if (n < 1 || n > f->most)
        return refuse_text(
            r, "items: expected an array of 1 to %zu objects with a text, or a field text",
            f->most);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(items, i);
        if (!check_written_item(r, item, !strcmp(f->name, "details")))
            return false;
        json_array_append_new(out, statement(item, who, now));
    }
    return true;
}

static bool read_place(struct written_reading *r, const json_t *ask, const json_t *event,
                       struct written *out)
{
    const json_t *place = json_object_get(ask, "place");
    size_t n = json_array_size(json_object_get(event, "details"));
    out->place = -1;
    if (!place || json_is_null(place))
        return true;
    if (strcmp(out->field, "details") != 0)
        return refuse_text(r, "place: allowed for details only");
    if (json_array_size(out->items) != 1)
        return refuse_text(r, "items: expected one item for one place");
    if (n == 0)
        return refuse_text(r, "place: the event has no details to replace; omit it");
    out->place = json_integer_value(place);
    if (!json_is_integer(place) || out->place < 0 || (size_t)out->place >= n)
        return refuse_text(r, "place: expected the index of a detail, 0 to %zu", n - 1);
    return true;
}

bool written_read(const json_t *ask, const json_t *event, const char *who, int64_t now,
                  struct written *out, char *message, size_t n)
{
    struct written_reading r = {message, n};
    const struct written_field *f = field_of(record_text(ask, "field"));
    const json_t *text = json_object_get(ask, "text");
    json_t *items = json_object_get(ask, "items");
    if (!f)
        return refuse_text(&r, "field: expected summary, meaning or details");
    items = items ? json_incref(items) : text ? json_pack("[{s:O}]", "text", text) : NULL;
    *out = (struct written){.field = f->name, .items = json_array()};
    bool ok = read_items(&r, items, f, who, now, out->items) && read_place(&r, ask, event, out);
    json_decref(items);
    if (!ok) {
        json_decref(out->items);
        out->items = NULL;
    }
    return ok;
}

/* ---- an event's `written` -------------------------------------------------------------------- */

/* The row of `places` that is shown as this detail; the number of rows when there is none. */
static size_t place_of_detail(const json_t *places, const json_t *detail)
{
    size_t i = 0;
    while (i < json_array_size(places) &&
           !json_equal(json_object_get(json_array_get(places, i), "statement"), detail))
        i++;
    return i;
}

static json_t *array_in(json_t *object, const char *field)
{
    if (!json_is_array(json_object_get(object, field)))
        json_object_set_new(object, field, json_array());
    return json_object_get(object, field);
}

/* Replaces one detail: one of those written all at once, one that was replaced before, or an
 * extracted one, which is identified by its text from then on. */
static bool set_place(json_t *written, const json_t *event, size_t at, json_t *item)
{
    json_t *all = json_object_get(written, "details");
    if (json_array_size(all))
        return !json_array_set(all, at, item);
    const json_t *shown = json_array_get(json_object_get(event, "details"), at);
    json_t *places = array_in(written, "places");
    size_t row = place_of_detail(places, shown);
    if (row < json_array_size(places))
        return !json_object_set(json_array_get(places, row), "statement", item);
    if (row >= RECORD_MAX_PLACES)
        return false;
    return !json_array_append_new(places,
                                  json_pack("{s:I,s:s,s:O}", "place", (json_int_t)at, "instead",
                                            record_text(shown, "text"), "statement", item));
}

json_t *written_with(const json_t *event, const struct written *w)
{
    const json_t *before = json_object_get(event, "written");
    json_t *written = json_is_object(before) ? json_deep_copy(before) : json_object();
    bool ok = true;
    if (w->place >= 0)
        ok = set_place(written, event, (size_t)w->place, json_array_get(w->items, 0));
    else
        json_object_set(written, w->field, w->items);
    if (w->place < 0 && !strcmp(w->field, "details"))
        json_object_del(written, "places");
    if (ok)
        return written;
    json_decref(written);
    return NULL;
}
