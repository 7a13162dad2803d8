#include "store/filter.h"

#include "text/words.h"

#include <string.h>

static int64_t integer(const json_t *event, const char *field)
{
    return json_integer_value(json_object_get(event, field));
}

/* The same words in the same order. */
static bool same_words(const char *a, size_t a_length, const char *b)
{
    struct words in_a, in_b;
    struct word x, y;
    words_init(&in_a, a, a_length);
    words_init(&in_b, b, strlen(b));
    for (;;) {
        bool more = words_next(&in_a, &x);
        if (words_next(&in_b, &y) != more)
            return false;
        if (!more)
            return true;
        if (strcmp(x.text, y.text) != 0)
            return false;
    }
}

/* "a, b": whether any of them is the value, or all is. */
static bool any_is(const char *wanted, const json_t *value)
{
    const char *text = json_string_value(value);
    if (text && same_words(wanted, strlen(wanted), text))
        return true;
    for (const char *p = wanted; text && *p; p += *p == ',') {
        size_t length = strcspn(p, ",");
        if (length && same_words(p, length, text))
            return true;
        p += length;
    }
    return false;
}

static bool has_category(const char *wanted, const json_t *event)
{
    size_t i;
    const json_t *category;
    json_array_foreach(json_object_get(event, "categories"), i,
                       category) if (any_is(wanted, category)) return true;
    return false;
}

static bool has_source(const char *wanted, const json_t *event)
{
    size_t i;
    const json_t *source;
    json_array_foreach(json_object_get(event, "sources"), i,
                       source) if (any_is(wanted, json_object_get(source, "domain")) ||
                                   any_is(wanted, json_object_get(source, "name"))) return true;
    return false;
}

/* Also "année" begins a word of "l'année". */
static bool text_has(const json_t *value, const struct word *wanted)
{
    struct words in;
    struct word w;
    const char *text = json_string_value(value);
    words_init(&in, text ? text : "", text ? strlen(text) : 0);
    while (words_next(&in, &w)) {
        const char *elided = strchr(w.text, '\'');
        if (!strncmp(w.text, wanted->text, wanted->len) ||
            (elided && !strncmp(elided + 1, wanted->text, wanted->len)))
            return true;
    }
    return false;
}

static bool event_has(const json_t *event, const struct word *wanted)
{
    size_t i;
    const json_t *value;
    if (text_has(json_object_get(event, "title"), wanted))
        return true;
    json_array_foreach(json_object_get(event, "keywords"), i,
                       value) if (text_has(value, wanted)) return true;
    json_array_foreach(json_object_get(event, "summary"), i,
                       value) if (text_has(json_object_get(value, "text"), wanted)) return true;
    return false;
}

static bool has_words(const char *wanted, const json_t *event)
{
    struct words in;
    struct word w;
    words_init(&in, wanted, strlen(wanted));
    while (words_next(&in, &w))
        if (!event_has(event, &w))
            return false;
    return true;
}

bool filter_too_old(const struct story_filter *f, const json_t *event)
{
    return integer(event, "updated") < f->since;
}

bool filter_takes(const struct story_filter *f, const json_t *event)
{
    return integer(event, "source_count") >= f->min_sources && !filter_too_old(f, event) &&
           (!f->status || any_is(f->status, json_object_get(event, "status"))) &&
           (!f->lang || any_is(f->lang, json_object_get(event, "lang"))) &&
           (!f->category || has_category(f->category, event)) &&
           (!f->source || has_source(f->source, event)) &&
           (!f->words || has_words(f->words, event));
}
