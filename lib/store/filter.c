/* Matches event records against a story_filter; see filter.h. Called by read.c, the alerts and the
 * API. */
#include "store/filter.h"

#include <stdint.h>
#include <string.h>

static int64_t integer(const json_t *event, const char *field)
{
    return json_integer_value(json_object_get(event, field));
}

/* True when both have the same words in the same order. */
static bool same_text_words(const char *a, size_t a_length, const char *b)
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

static const struct {
    enum filter_of of;
    const char *field, *name; /* `name`: the member of each object in the field's array */
} texts[] = {
    {FILTER_CATEGORY, "categories", NULL}, {FILTER_CATEGORY, "tags", NULL},
    {FILTER_SOURCE, "sources", "domain"},  {FILTER_SOURCE, "sources", "name"},
    {FILTER_WORDS, "title", NULL},         {FILTER_WORDS, "tags", NULL},
    {FILTER_WORDS, "keywords", NULL},
};

bool filter_any(const json_t *event, enum filter_of of, bool (*fn)(void *, const char *text),
                void *arg)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].of != of)
            continue;
        const json_t *field = json_object_get(event, texts[i].field), *one = field;
        size_t n = json_is_array(field) ? json_array_size(field) : 1;
        for (size_t k = 0; k < n; k++) {
            if (json_is_array(field))
                one = json_array_get(field, k);
            const json_t *value = texts[i].name ? json_object_get(one, texts[i].name) : one;
            if (json_is_string(value) && fn(arg, json_string_value(value)))
                return true;
        }
    }
    return false;
}

const char *filter_elided(const struct word *w)
{
    const char *mark = memchr(w->text, '\'', w->len);
    return mark ? mark + 1 : NULL;
}

/* For "a, b": true when one of them is the text. A name may itself contain commas ("crime, law and
 * justice"), so several parts may form one. */
static bool any_is(void *arg, const char *text)
{
    const char *wanted = arg;
    if (same_text_words(wanted, strlen(wanted), text))
        return true;
    for (const char *p = wanted; *p; p += *p == ',') {
        size_t length = strcspn(p, ",");
        for (size_t parts = 1, n = length; n && parts <= FILTER_PARTS; parts++) {
            if (same_text_words(p, n, text))
                return true;
            if (!p[n])
                break;
            n += 1 + strcspn(p + n + 1, ",");
        }
        p += length;
    }
    return false;
}

static bool any_field_is(const json_t *event, const char *field, const char *wanted)
{
    const char *text = json_string_value(json_object_get(event, field));
    return text && any_is((void *)(uintptr_t)wanted, text);
}

static bool text_has(void *arg, const char *text)
{
    const struct word *wanted = arg;
    struct words in;
    struct word w;
    words_init(&in, text, strlen(text));
    while (words_next(&in, &w)) {
        const char *elided = filter_elided(&w);
        if (!strncmp(w.text, wanted->text, wanted->len) ||
            (elided && !strncmp(elided, wanted->text, wanted->len)))
            return true;
    }
    return false;
}

static bool event_has_words(const char *wanted, const json_t *event)
{
    struct words in;
    struct word w;
    words_init(&in, wanted, strlen(wanted));
    while (words_next(&in, &w))
        if (!filter_any(event, FILTER_WORDS, text_has, &w))
            return false;
    return true;
}

bool filter_too_old(const struct story_filter *f, const json_t *event)
{
    return integer(event, "updated") < f->since;
}

bool filter_takes(const struct story_filter *f, const json_t *event)
{
    void *category = (void *)(uintptr_t)f->category, *source = (void *)(uintptr_t)f->source;
    return integer(event, "source_count") >= f->min_sources && !filter_too_old(f, event) &&
           (!f->status || any_field_is(event, "status", f->status)) &&
           (!f->lang || any_field_is(event, "lang", f->lang)) &&
           (!category || filter_any(event, FILTER_CATEGORY, any_is, category)) &&
           (!source || filter_any(event, FILTER_SOURCE, any_is, source)) &&
           (!f->words || event_has_words(f->words, event));
}
