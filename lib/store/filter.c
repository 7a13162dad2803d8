/* Matches event records against a story_filter; see filter.h. Called by read.c, the alerts and the
 * API. */
#include "store/filter.h"

#include <stdint.h>
#include <string.h>

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

typedef bool text_test(void *, const char *text);

static bool any_text(const struct codec_list *texts, text_test *fn, void *arg)
{
    char *const *text = texts->v;
    for (size_t i = 0; i < texts->n; i++)
        if (fn(arg, text[i]))
            return true;
    return false;
}

static bool any_source(const struct event_record *event, text_test *fn, void *arg)
{
    const struct event_source *sources = event->sources.v;
    for (size_t i = 0; i < event->sources.n; i++)
        if (fn(arg, sources[i].domain))
            return true;
    for (size_t i = 0; i < event->sources.n; i++)
        if (fn(arg, sources[i].name))
            return true;
    return false;
}

bool filter_any(const struct event_record *event, enum filter_of of, text_test *fn, void *arg)
{
    switch (of) {
    case FILTER_CATEGORY:
        return any_text(&event->categories, fn, arg) || any_text(&event->tags, fn, arg);
    case FILTER_SOURCE:
        return any_source(event, fn, arg);
    case FILTER_WORDS:
        return fn(arg, event->title) || any_text(&event->tags, fn, arg) ||
               any_text(&event->keywords, fn, arg);
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

static bool event_has_words(const char *wanted, const struct event_record *event)
{
    struct words in;
    struct word w;
    words_init(&in, wanted, strlen(wanted));
    while (words_next(&in, &w))
        if (!filter_any(event, FILTER_WORDS, text_has, &w))
            return false;
    return true;
}

bool filter_too_old(const struct story_filter *f, const struct event_record *event)
{
    return event->updated < f->since;
}

bool filter_takes(const struct story_filter *f, const struct event_record *event)
{
    void *category = (void *)(uintptr_t)f->category, *source = (void *)(uintptr_t)f->source;
    return (int64_t)event->source_count >= f->min_sources && !filter_too_old(f, event) &&
           (!f->status || any_is((void *)(uintptr_t)f->status, event->status)) &&
           (!f->lang || (event->lang && any_is((void *)(uintptr_t)f->lang, event->lang))) &&
           (!category || filter_any(event, FILTER_CATEGORY, any_is, category)) &&
           (!source || filter_any(event, FILTER_SOURCE, any_is, source)) &&
           (!f->words || event_has_words(f->words, event));
}
