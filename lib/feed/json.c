#include "feed/json.h"

#include "base/url.h"
#include "base/utf8.h"
#include "feed/store.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NUMBER = 32 };

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

/* What a member of an object is to the feed. */
struct member {
    const char *name;
    enum rules_field field;
    enum store_type type;
    int priority;
};

static const struct member of_feed[] = {
    {"title", F_TITLE, STORE_PLAIN, 20},       {"home_page_url", F_LINK, STORE_PLAIN, 20},
    {"feed_url", F_SELF, STORE_PLAIN, 20},     {"description", F_SUMMARY, STORE_PLAIN, 20},
    {"language", F_LANGUAGE, STORE_PLAIN, 20}, {"next_url", F_NEXT, STORE_PLAIN, 20},
};

static const struct member of_item[] = {
    {"id", F_ID, STORE_PLAIN, 20},
    {"url", F_LINK, STORE_PLAIN, 20},
    {"external_url", F_LINK, STORE_PLAIN, 10},
    {"title", F_TITLE, STORE_PLAIN, 20},
    {"summary", F_SUMMARY, STORE_PLAIN, 20},
    {"content_html", F_CONTENT, STORE_HTML, 20},
    {"content_text", F_CONTENT, STORE_PLAIN, 10},
    {"image", F_IMAGE, STORE_PLAIN, 20},
    {"banner_image", F_IMAGE, STORE_PLAIN, 10},
    {"date_published", F_PUBLISHED, STORE_PLAIN, 20},
    {"date_modified", F_UPDATED, STORE_PLAIN, 20},
    {"language", F_LANGUAGE, STORE_PLAIN, 20},
};

static void store_members(struct store *s, const json_t *object, const struct member *m, size_t n,
                          const char *base)
{
    char number[MAX_NUMBER];
    for (size_t i = 0; i < n; i++) {
        const char *text = as_text(json_object_get(object, m[i].name), number);
        if (text)
            store_text(s, m[i].field, text, strlen(text), m[i].type, base, m[i].priority);
    }
}

/* A name; a string instead of an object is forgiven. */
static void store_person(struct store *s, const json_t *person)
{
    char number[MAX_NUMBER];
    const char *name =
        as_text(json_is_object(person) ? json_object_get(person, "name") : person, number);
    if (!name && json_is_object(person))
        name = json_string_value(json_object_get(person, "url"));
    if (name)
        store_author(s, name, 20);
}

/* Version 1.1 has a list, 1.0 has one; some feeds have both. */
static void store_authors(struct store *s, const json_t *object)
{
    const json_t *list = json_object_get(object, "authors");
    for (size_t i = 0; i < json_array_size(list); i++)
        store_person(s, json_array_get(list, i));
    store_person(s, json_object_get(object, "author"));
}

static void store_item(struct store *s, const json_t *object, const char *base)
{
    const json_t *list;
    char number[MAX_NUMBER], length[MAX_NUMBER];
    if (!json_is_object(object) || !store_item_begin(s))
        return;
    store_members(s, object, of_item, sizeof of_item / sizeof *of_item, base);
    store_authors(s, object);
    list = json_object_get(object, "tags");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *tag = as_text(json_array_get(list, i), number);
        if (tag)
            store_category(s, tag, strlen(tag));
    }
    list = json_object_get(object, "attachments");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        const json_t *url = json_object_get(value, "url");
        store_enclosure(s, json_string_value(url), json_string_length(url),
                        json_string_value(json_object_get(value, "mime_type")),
                        as_text(json_object_get(value, "size_in_bytes"), length), base);
    }
    s->item->id_is_link = s->item->id && !s->item->link;
    store_item_end(s);
}

static void store_feed(struct store *s, const json_t *root, const char *base)
{
    const json_t *value;
    store_members(s, root, of_feed, sizeof of_feed / sizeof *of_feed, base);
    store_authors(s, root);
    value = json_object_get(json_array_get(json_object_get(root, "hubs"), 0), "url");
    if (json_is_string(value))
        store_text(s, F_HUB, json_string_value(value), json_string_length(value), STORE_PLAIN, base,
                   20);
    if (s->feed->link && url_is_absolute(s->feed->link))
        base = s->feed->link;
    const json_t *items = json_object_get(root, "items");
    for (size_t i = 0; i < json_array_size(items); i++)
        store_item(s, json_array_get(items, i), base);
    store_inherit_author(s);
}

/* It has a version that says so, or at least a list of items. */
static bool is_feed(const json_t *root)
{
    const char *version = json_string_value(json_object_get(root, "version"));
    return json_is_object(root) && ((version && strstr(version, "jsonfeed")) ||
                                    json_is_array(json_object_get(root, "items")));
}

enum feed_status json_read(const char *p, size_t n, const char *base_url, struct feed **out)
{
    struct buf clean;
    buf_init(&clean, n * 3);
    if (!utf8_valid(p, n)) {
        utf8_clean(&clean, p, n);
        p = buf_text(&clean);
        n = clean.len;
    }
    json_t *root = json_loadb(p, n, JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, NULL);
    enum feed_status status = is_feed(root) ? FEED_OK : FEED_NOT_A_FEED;
    if (status == FEED_OK) {
        struct store s;
        store_init(&s);
        store_feed(&s, root, base_url);
        *out = store_take(&s);
        store_free(&s);
    }
    json_decref(root);
    buf_free(&clean);
    return status;
}
