/* Reads JSON Feed: locates the members and items of the document itself, and parses each with
 * jansson; see json.h. Used by parser.c. */
#include "feed/json.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/url.h"
#include "feed/fields.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_NUMBER = 32,
    MAX_MEMBER_NAME = 1000,
    MAX_HEAD = 2 << 20, /* total bytes of all members other than the items */
    MAX_ITEM = 4 << 20, /* maximum bytes of one item; longer ones are dropped */
};

/* A string, or a number as a string; NULL for anything else. */
static const char *as_text(const json_t *value, char number[MAX_NUMBER])
{
    if (json_is_integer(value))
        snprintf(number, MAX_NUMBER, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        snprintf(number, MAX_NUMBER, "%.17g", json_real_value(value));
    else
        return json_string_value(value);
    return number;
}

/* Maps a member of an object to a field. */
struct json_member {
    const char *name;
    enum rules_field field;
    enum fields_type type;
    int priority;
};

static const struct json_member of_feed[] = {
    {"title", F_TITLE, FIELDS_PLAIN, 20},       {"home_page_url", F_LINK, FIELDS_PLAIN, 20},
    {"feed_url", F_SELF, FIELDS_PLAIN, 20},     {"description", F_SUMMARY, FIELDS_PLAIN, 20},
    {"language", F_LANGUAGE, FIELDS_PLAIN, 20}, {"next_url", F_NEXT, FIELDS_PLAIN, 20},
};

static const struct json_member of_item[] = {
    {"id", F_ID, FIELDS_PLAIN, 20},
    {"url", F_LINK, FIELDS_PLAIN, 20},
    {"external_url", F_LINK, FIELDS_PLAIN, 10},
    {"title", F_TITLE, FIELDS_PLAIN, 20},
    {"summary", F_SUMMARY, FIELDS_PLAIN, 20},
    {"content_html", F_CONTENT, FIELDS_HTML, 20},
    {"content_text", F_CONTENT, FIELDS_PLAIN, 10},
    {"image", F_IMAGE, FIELDS_PLAIN, 20},
    {"banner_image", F_IMAGE, FIELDS_PLAIN, 10},
    {"date_published", F_PUBLISHED, FIELDS_PLAIN, 20},
    {"date_modified", F_UPDATED, FIELDS_PLAIN, 20},
    {"language", F_LANGUAGE, FIELDS_PLAIN, 20},
};

static void store_members(struct feed_fields *s, const json_t *object, const struct json_member *m,
                          size_t n, const char *base)
{
    char number[MAX_NUMBER];
    for (size_t i = 0; i < n; i++) {
        const char *text = as_text(json_object_get(object, m[i].name), number);
        if (text)
            fields_text(s, m[i].field, text, strlen(text), m[i].type, base, m[i].priority);
    }
}

/* Stores a name; a string instead of an object is accepted. */
static void store_person(struct feed_fields *s, const json_t *person)
{
    char number[MAX_NUMBER];
    const char *name =
        as_text(json_is_object(person) ? json_object_get(person, "name") : person, number);
    if (!name && json_is_object(person))
        name = json_string_value(json_object_get(person, "url"));
    if (name)
        fields_author(s, name, 20);
}

/* Version 1.1 has a list, 1.0 a single author; some feeds have both. */
static void store_authors(struct feed_fields *s, const json_t *object)
{
    const json_t *list = json_object_get(object, "authors");
    for (size_t i = 0; i < json_array_size(list); i++)
        store_person(s, json_array_get(list, i));
    store_person(s, json_object_get(object, "author"));
}

static void store_item(struct feed_fields *s, const json_t *object, const char *base)
{
    const json_t *list;
    char number[MAX_NUMBER], length[MAX_NUMBER];
    if (!fields_item_begin(s))
        return;
    store_members(s, object, of_item, sizeof of_item / sizeof *of_item, base);
    store_authors(s, object);
    list = json_object_get(object, "tags");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *tag = as_text(json_array_get(list, i), number);
        if (tag)
            fields_category(s, tag, strlen(tag));
    }
    list = json_object_get(object, "attachments");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        const json_t *url = json_object_get(value, "url");
        fields_enclosure(s, json_string_value(url), json_string_length(url),
                         json_string_value(json_object_get(value, "mime_type")),
                         as_text(json_object_get(value, "size_in_bytes"), length), base);
    }
    s->item->id_is_link = s->item->id && !s->item->link;
    fields_item_end(s);
}

static void store_head(struct feed_fields *s, const json_t *root, const char *base)
{
    store_members(s, root, of_feed, sizeof of_feed / sizeof *of_feed, base);
    store_authors(s, root);
    const json_t *hub = json_object_get(json_array_get(json_object_get(root, "hubs"), 0), "url");
    if (json_is_string(hub))
        fields_text(s, F_HUB, json_string_value(hub), json_string_length(hub), FIELDS_PLAIN, base,
                    20);
}

/* ---- locating the values --------------------------------------------------------------------- */

struct json_span {
    const char *p;
    size_t n;
};

/* The document is scanned once to locate its members and items; the items are read afterwards,
 * because members after the items apply to them too. */
struct json_reader {
    const char *p, *end;
    char *base_url;
    enum { IN_OBJECT, IN_ITEMS, READING, DONE } state;
    json_t *head; /* all members other than the items */
    size_t head_bytes;
    bool has_items, broken;
    bool cut; /* the document ends early or stops being valid JSON */
    struct json_span *items;
    size_t n_items, room, next;
    size_t dropped;
    struct feed_fields store;
};

static void skip_space(struct json_reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
}

static bool take_char(struct json_reader *r, char c)
{
    skip_space(r);
    if (r->p >= r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* The position after the quote that ends the string at p, or NULL if it is not closed. */
static const char *string_end(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++)
        p += *p == '\\';
    return p < end ? p + 1 : NULL;
}

/* Skips a value from its first character to its last, without validating it. */
static struct json_span skip_value(struct json_reader *r)
{
    size_t depth = 0;
    skip_space(r);
    const char *start = r->p;
    while (r->p < r->end) {
        char c = *r->p;
        if (c == '"') {
            const char *after = string_end(r->p, r->end);
            r->cut |= !after;
            r->p = after ? after : r->end;
            if (!depth)
                break;
            continue;
        }
        if (!depth && (c == ',' || c == '}' || c == ']' || c == ':'))
            break;
        r->p++;
        depth += c == '{' || c == '[';
        if ((c == '}' || c == ']') && --depth == 0)
            break;
    }
    r->cut |= depth > 0;
    return (struct json_span){start, (size_t)(r->p - start)};
}

static bool in_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* Copies the value with its longest numbers quoted as strings, so that a number beyond 64 bits
 * keeps its digits. (Letters outside strings belong to true, false and null: no number starts with
 * one.) */
static void quote_numbers(struct buf *out, struct json_span value)
{
    enum { LONG = 19 }; /* digits; the largest 64-bit number has as many */
    const char *p = value.p, *end = value.p + value.n;
    while (p < end) {
        const char *start = p, *after = *p == '"' ? string_end(p, end) : p + 1;
        bool number = *p == '-' || (*p >= '0' && *p <= '9'), quote = false;
        if (!number)
            p = after ? after : end;
        for (; number && p < end && in_number(*p); p++)
            quote |= *p == 'e' || *p == 'E' || p - start + 1 >= LONG;
        if (quote)
            buf_addc(out, '"');
        buf_add(out, start, (size_t)(p - start));
        if (quote)
            buf_addc(out, '"');
    }
}

static json_t *load_value(struct json_span value, size_t most)
{
    static const size_t flags = JSON_ALLOW_NUL | JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK;
    json_error_t error;
    if (value.n > most)
        return NULL;
    json_t *read = json_loadb(value.p, value.n, flags, &error);
    if (!read && json_error_code(&error) == json_error_numeric_overflow) {
        struct buf quoted;
        buf_init(&quoted, value.n * 2 + 2);
        quote_numbers(&quoted, value);
        read = json_loadb(buf_text(&quoted), quoted.len, flags, NULL);
        buf_free(&quoted);
    }
    return read;
}

static void take_member(struct json_reader *r, struct json_span name, struct json_span value)
{
    json_t *key = load_value(name, MAX_MEMBER_NAME), *read = NULL;
    if (value.n <= MAX_HEAD - r->head_bytes)
        read = load_value(value, MAX_HEAD);
    r->head_bytes += read ? value.n : 0;
    r->dropped += !read;
    if (read && json_is_string(key))
        json_object_set(r->head, json_string_value(key), read);
    json_decref(key);
    json_decref(read);
}

/* After a member or an item: whether another one follows. */
static bool one_more(struct json_reader *r, char close)
{
    if (r->cut || take_char(r, ','))
        return !r->cut;
    r->cut = !take_char(r, close);
    return false;
}

/* A truncated document is a feed if it has at least one complete item. */
static bool is_feed(const struct json_reader *r)
{
    const char *version = json_string_value(json_object_get(r->head, "version"));
    if (r->cut)
        return r->n_items && *r->items[0].p == '{';
    return (version && strstr(version, "jsonfeed")) || r->has_items;
}

static void end_object(struct json_reader *r)
{
    r->broken = !is_feed(r);
    r->state = r->broken ? DONE : READING;
    if (r->broken)
        return;
    store_head(&r->store, r->head, r->base_url);
    const char *link = r->store.feed->link;
    if (link && url_is_absolute(link)) {
        free(r->base_url);
        r->base_url = mem_str(link);
    }
}

static void read_feed_member(struct json_reader *r)
{
    static const char items[] = "\"items\"";
    struct json_span name = skip_value(r);
    r->cut |= !take_char(r, ':');
    if (r->cut) {
        end_object(r);
        return;
    }
    skip_space(r);
    if (name.n == sizeof items - 1 && !memcmp(name.p, items, name.n) && r->p < r->end &&
        *r->p == '[') {
        r->p++;
        r->has_items = true;
        r->n_items = 0; /* of two lists the second counts, as for all members */
        if (!take_char(r, ']')) {
            r->state = IN_ITEMS;
            return;
        }
    } else {
        struct json_span value = skip_value(r);
        r->cut |= !value.n;
        if (!r->cut)
            take_member(r, name, value);
    }
    if (!one_more(r, '}'))
        end_object(r);
}

static void find_item(struct json_reader *r)
{
    struct json_span item = skip_value(r);
    r->cut |= !item.n;
    if (r->cut) {
        end_object(r);
        return;
    }
    if (r->n_items < FEED_MAX_ITEMS) {
        MEM_GROW(r->items, r->n_items, r->room);
        r->items[r->n_items++] = item;
    } else {
        r->dropped++;
    }
    if (one_more(r, ']'))
        return;
    r->state = IN_OBJECT;
    if (r->cut || !one_more(r, '}'))
        end_object(r);
}

static void read_json_item(struct json_reader *r)
{
    if (r->next == r->n_items) {
        fields_inherit_author(&r->store);
        r->state = DONE;
        return;
    }
    json_t *item = load_value(r->items[r->next++], MAX_ITEM);
    if (json_is_object(item))
        store_item(&r->store, item, r->base_url);
    else
        r->dropped++;
    json_decref(item);
}

struct json_reader *json_reader_new(const char *p, size_t n, const char *base_url)
{
    struct json_reader *r = mem_zero(sizeof *r);
    r->p = p;
    r->end = p + n;
    r->base_url = base_url ? mem_str(base_url) : NULL;
    r->head = json_object();
    fields_init(&r->store);
    if (!take_char(r, '{')) {
        r->broken = true;
        r->state = DONE;
    } else if (take_char(r, '}')) {
        end_object(r);
    }
    return r;
}

/* The bytes are scanned twice, and each step has a minimum cost of its own. */
bool json_read(struct json_reader *r, size_t n)
{
    enum { TURN = 64 };
    for (size_t done = 0; r->state != DONE && done < n; done += TURN) {
        const char *before = r->p;
        if (r->state == IN_OBJECT) {
            read_feed_member(r);
        } else if (r->state == IN_ITEMS) {
            find_item(r);
        } else {
            done += r->next < r->n_items ? r->items[r->next].n : 0;
            read_json_item(r);
        }
        done += (size_t)(r->p - before);
    }
    return r->state != DONE;
}

enum feed_status json_reader_end(struct json_reader *r, struct feed **out)
{
    enum feed_status status = r->broken ? FEED_NOT_A_FEED : FEED_OK;
    *out = NULL;
    if (!r->broken) {
        *out = fields_take(&r->store);
        (*out)->dropped += r->dropped;
        (*out)->malformed = r->cut;
    }
    fields_free(&r->store);
    json_decref(r->head);
    free(r->items);
    free(r->base_url);
    free(r);
    return status;
}
