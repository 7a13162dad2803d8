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
} fields[EVENT_PARTS] = {[EVENT_SUMMARY] = {"summary", DIGEST_BULLETS},
                         [EVENT_DETAILS] = {"details", DIGEST_DETAILS},
                         [EVENT_MEANING] = {"meaning", DIGEST_MEANING}};

const char *written_field(enum event_part part)
{
    return fields[part].name;
}

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

/* EVENT_PARTS: none */
static enum event_part part_of(const char *name)
{
    enum event_part part = 0;
    while (part < EVENT_PARTS && strcmp(fields[part].name, name) != 0)
        part++;
    return part;
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

static bool read_items(struct written_reading *r, const json_t *items, enum event_part part,
                       const char *who, int64_t now, json_t *out)
{
    size_t n = json_array_size(items), most = fields[part].most;
    if (n < 1 || n > most)
        return refuse_text(
            r, "items: expected an array of 1 to %zu objects with a text, or a field text", most);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(items, i);
        if (!check_written_item(r, item, part == EVENT_DETAILS))
            return false;
        json_array_append_new(out, statement(item, who, now));
    }
    return true;
}

static bool read_place(struct written_reading *r, const json_t *ask,
                       const struct event_record *event, struct written *out)
{
    const json_t *place = json_object_get(ask, "place");
    size_t n = event->part[EVENT_DETAILS].n;
    out->place = -1;
    if (!place || json_is_null(place))
        return true;
    if (out->part != EVENT_DETAILS)
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

bool written_read(const json_t *ask, const struct event_record *event, const char *who, int64_t now,
                  struct written *out, char *message, size_t n)
{
    struct written_reading r = {message, n};
    enum event_part part = part_of(record_text(ask, "field"));
    const json_t *text = json_object_get(ask, "text");
    json_t *items = json_object_get(ask, "items");
    if (part == EVENT_PARTS)
        return refuse_text(&r, "field: expected summary, meaning or details");
    items = items ? json_incref(items) : text ? json_pack("[{s:O}]", "text", text) : NULL;
    *out = (struct written){.part = part, .items = json_array()};
    bool ok = read_items(&r, items, part, who, now, out->items) && read_place(&r, ask, event, out);
    json_decref(items);
    if (!ok) {
        json_decref(out->items);
        out->items = NULL;
    }
    return ok;
}

/* ---- an event's `written` -------------------------------------------------------------------- */

/* The row of `places` that is shown as this detail; the number of rows when there is none. */
static size_t place_of_detail(const struct codec_list *places,
                              const struct digest_statement *detail)
{
    const struct event_place *place = places->v;
    json_t *shown = codec_write(&digest_statement_table, detail);
    size_t i = 0;
    while (i < places->n && !json_equal(place[i].statement, shown))
        i++;
    json_decref(shown);
    return i;
}

/* Replaces one detail: one of those written all at once, one that was replaced before, or an
 * extracted one, which is identified by its text from then on. */
static bool set_place(struct event_written *written, const struct event_record *event, size_t at,
                      json_t *item)
{
    json_t *all = written->texts.part[EVENT_DETAILS];
    if (json_array_size(all))
        return !json_array_set(all, at, item);
    const struct digest_statement *shown = event->part[EVENT_DETAILS].v;
    size_t row = place_of_detail(&written->places, &shown[at]);
    if (row >= written->places.n && row >= EVENT_MAX_PLACES)
        return false;
    struct event_place *place;
    if (row < written->places.n) {
        place = (struct event_place *)written->places.v + row;
        json_decref(place->statement);
    } else {
        place = codec_add(&written->places, sizeof *place);
        place->place = at;
        codec_set_string(&place->instead, shown[at].text);
    }
    place->statement = json_incref(item);
    return true;
}

json_t *written_with(const struct event_record *event, const struct written *w)
{
    struct event_written written;
    json_t *before = event->written ? codec_write(&event_written_table, event->written) : NULL;
    json_t *own = json_deep_copy(before), *made = NULL;
    bool ok = true;
    codec_read(&event_written_table, own, &written);
    if (w->place >= 0) {
        ok = set_place(&written, event, (size_t)w->place, json_array_get(w->items, 0));
    } else {
        json_decref(written.texts.part[w->part]);
        written.texts.part[w->part] = json_incref(w->items);
        if (w->part == EVENT_DETAILS)
            codec_set(&event_written_table, &written, "places", NULL);
    }
    if (ok)
        made = codec_write(&event_written_table, &written);
    codec_free(&event_written_table, &written);
    json_decref(own);
    json_decref(before);
    return made;
}
