/* Writes and reads feed documents as JSON, by tables of their texts and numbers; see wire.h. */
#include "feed/wire.h"

#include "base/mem.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct wire_field {
    const char *name;
    size_t at;
};

#define ITEM(member)                                                                               \
    {                                                                                              \
#member, offsetof(struct feed_item, member)                                                \
    }
#define FEED(member)                                                                               \
    {                                                                                              \
#member, offsetof(struct feed, member)                                                     \
    }
static const struct wire_field item_texts[] = {ITEM(id),      ITEM(title),        ITEM(title_html),
                                               ITEM(link),    ITEM(orig_link),    ITEM(summary),
                                               ITEM(content), ITEM(source_title), ITEM(source_url),
                                               ITEM(image),   ITEM(language),     {NULL, 0}};
static const struct wire_field item_times[] = {ITEM(published), ITEM(updated), {NULL, 0}};
static const struct wire_field feed_texts[] = {
    FEED(title),      FEED(link), FEED(id),  FEED(description), FEED(language),     FEED(encoding),
    FEED(title_html), FEED(self), FEED(hub), FEED(next),        FEED(prev_archive), {NULL, 0}};
static const struct wire_field feed_times[] = {FEED(published), FEED(updated), {NULL, 0}};

static void write_wire_texts(json_t *to, const struct wire_field *f, const void *of)
{
    for (; f->name; f++) {
        const char *text = *(char *const *)((const char *)of + f->at);
        if (text)
            json_object_set_new(to, f->name, json_string(text));
    }
}

static void write_times(json_t *to, const struct wire_field *f, const void *of)
{
    for (; f->name; f++) {
        int64_t time = *(const int64_t *)((const char *)of + f->at);
        if (time != FEED_NO_TIME)
            json_object_set_new(to, f->name, json_integer(time));
    }
}

static void read_wire_texts(const json_t *from, const struct wire_field *f, struct texts *texts,
                            void *of)
{
    for (; f->name; f++) {
        const char *text = json_string_value(json_object_get(from, f->name));
        if (text)
            *(char **)((char *)of + f->at) = texts_add(texts, text);
    }
}

static void read_times(const json_t *from, const struct wire_field *f, void *of)
{
    for (; f->name; f++) {
        const json_t *time = json_object_get(from, f->name);
        *(int64_t *)((char *)of + f->at) =
            json_is_integer(time) ? json_integer_value(time) : FEED_NO_TIME;
    }
}

json_t *wire_item(const struct feed_item *item)
{
    json_t *o = json_object();
    write_wire_texts(o, item_texts, item);
    write_times(o, item_times, item);
    if (item->author)
        json_object_set_new(o, "author", json_string(item->author));
    if (item->id_is_link)
        json_object_set_new(o, "id_is_link", json_true());
    json_t *categories = json_array(), *enclosures = json_array();
    for (size_t i = 0; i < item->n_categories; i++)
        json_array_append_new(categories, json_string(item->categories[i]));
    for (size_t i = 0; i < item->n_enclosures; i++) {
        const struct feed_enclosure *e = &item->enclosures[i];
        json_array_append_new(enclosures, json_pack("{s:s*, s:s*, s:I}", "url", e->url, "type",
                                                    e->type, "length", (json_int_t)e->length));
    }
    json_object_set_new(o, "categories", categories);
    json_object_set_new(o, "enclosures", enclosures);
    return o;
}

json_t *wire_known(const struct feed_item *item)
{
    const struct feed_item known = {.id = item->id,
                                    .id_is_link = item->id_is_link,
                                    .title = item->title,
                                    .link = item->link,
                                    .orig_link = item->orig_link,
                                    .published = item->published,
                                    .updated = item->updated};
    json_t *o = wire_item(&known);
    json_object_set_new(o, "partial", json_true());
    return o;
}

json_t *wire_feed(const struct feed *feed)
{
    json_t *o = json_object();
    write_wire_texts(o, feed_texts, feed);
    write_times(o, feed_times, feed);
    if (feed->author)
        json_object_set_new(o, "author", json_string(feed->author));
    return o;
}

static char *copy_author(const json_t *from)
{
    const char *author = json_string_value(json_object_get(from, "author"));
    return author ? mem_str(author) : NULL;
}

static void read_lists(const json_t *from, struct texts *texts, struct feed_item *item)
{
    const json_t *categories = json_object_get(from, "categories"),
                 *enclosures = json_object_get(from, "enclosures"), *e;
    size_t i, n = json_array_size(categories), m = json_array_size(enclosures);
    item->categories = mem_zero((n + 1) * sizeof *item->categories);
    item->enclosures = mem_zero((m + 1) * sizeof *item->enclosures);
    json_array_foreach(categories, i, e) if (json_is_string(e))
        item->categories[item->n_categories++] = texts_add(texts, json_string_value(e));
    json_array_foreach(enclosures, i, e)
    {
        const char *url = json_string_value(json_object_get(e, "url")),
                   *type = json_string_value(json_object_get(e, "type"));
        item->enclosures[item->n_enclosures++] = (struct feed_enclosure){
            .url = url ? texts_add(texts, url) : NULL,
            .type = type ? texts_add(texts, type) : NULL,
            .length = json_integer_value(json_object_get(e, "length")),
        };
    }
}

struct feed *wire_read(const json_t *feed, const json_t *items)
{
    const json_t *from;
    size_t i, n = json_array_size(items);
    if (!json_is_object(feed) || !json_is_array(items) || n > FEED_MAX_ITEMS)
        return NULL;
    struct feed *f = mem_zero(sizeof *f);
    f->items = mem_zero((n + 1) * sizeof *f->items);
    read_wire_texts(feed, feed_texts, &f->texts, f);
    read_times(feed, feed_times, f);
    f->author = copy_author(feed);
    json_array_foreach(items, i, from)
    {
        struct feed_item *item = &f->items[f->n_items++];
        read_wire_texts(from, item_texts, &f->texts, item);
        read_times(from, item_times, item);
        item->author = copy_author(from);
        item->id_is_link = json_is_true(json_object_get(from, "id_is_link"));
        item->partial = json_is_true(json_object_get(from, "partial"));
        read_lists(from, &f->texts, item);
    }
    return f;
}
