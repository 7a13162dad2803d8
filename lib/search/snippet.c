/* Finds the words of a search in a text; see snippet.h. */
#include "search/snippet.h"

#include "base/utf8.h"

#include <string.h>

enum { MOST_FOUND = 256, BEFORE = 60 /* bytes of context before the first mark */ };

struct found_words {
    struct snippet_mark v[MOST_FOUND];
    size_t n;
    bool has[QUERY_MAX_WORDS];
};

static bool is_word_of(const struct query_word *w, const char *folded)
{
    return w->prefix ? !strncmp(folded, w->text, strlen(w->text)) : !strcmp(folded, w->text);
}

/* "année" is also found in "l'année". */
static bool is_searched(const struct query *q, const char *folded, struct found_words *found)
{
    const char *mark = strchr(folded, '\'');
    bool any = false;
    for (size_t i = 0; i < q->n_words; i++)
        if (is_word_of(&q->words[i], folded) || (mark && is_word_of(&q->words[i], mark + 1)))
            any = found->has[i] = true;
    return any;
}

/* A word of the splitter ends before what the splitter went on to skip. */
static const char *end_of_word(const struct words *words, const struct word *w)
{
    uint32_t c;
    const char *end = words->p;
    if (w->pair) {
        end = w->at;
        for (int i = 0; i < 2 && end < words->end; i++)
            end += utf8_decode(end, words->end, &c);
        return end;
    }
    while (end > w->at + 1 && !(end[-1] & 0x80) && strchr(" \t\n.,;:!?'\"()", end[-1]))
        end--;
    return end;
}

static void find_words(const struct query *q, const char *text, struct found_words *out)
{
    struct words words;
    struct word w;
    char folded[WORD_MAX + 9];
    words_init(&words, text, strlen(text));
    while (out->n < MOST_FOUND && words_next(&words, &w)) {
        query_fold_word(&w, folded);
        if (!is_searched(q, folded, out))
            continue;
        size_t begin = (size_t)(w.at - text), end = (size_t)(end_of_word(&words, &w) - text);
        if (out->n && out->v[out->n - 1].end >= begin)
            out->v[out->n - 1].end = end;
        else
            out->v[out->n++] = (struct snippet_mark){begin, end};
    }
}

/* The mark after which the most others follow closely. */
static size_t best_place(const struct found_words *f, size_t most)
{
    size_t best = 0, best_n = 0;
    for (size_t i = 0; i < f->n; i++) {
        size_t n = 0;
        while (i + n < f->n && f->v[i + n].end <= f->v[i].begin + most - BEFORE)
            n++;
        if (n > best_n) {
            best = i;
            best_n = n;
        }
    }
    return best;
}

void snippet_of(const struct query *q, const char *text, size_t most, struct snippet *out)
{
    struct found_words f = {.n = 0};
    size_t length = strlen(text), begin = 0;
    *out = (struct snippet){.n = 0};
    find_words(q, text, &f);
    for (size_t i = 0; i < q->n_words; i++)
        out->words += f.has[i];
    size_t first = best_place(&f, most);
    if (f.n && f.v[first].begin > BEFORE && length > most) {
        begin = utf8_cut(text, f.v[first].begin - BEFORE);
        const char *blank = memchr(text + begin, ' ', f.v[first].begin - begin);
        begin = blank ? (size_t)(blank + 1 - text) : begin;
    }
    out->begin = begin;
    out->end = length - begin > most ? begin + utf8_cut(text + begin, most) : length;
    for (size_t i = 0; i < f.n && out->n < SNIPPET_MARKS; i++)
        if (f.v[i].begin >= out->begin && f.v[i].end <= out->end)
            out->marks[out->n++] = f.v[i];
}

void snippet_each(const struct snippet *s, const char *text,
                  void (*part)(void *arg, const char *p, size_t n, bool match), void *arg)
{
    size_t at = s->begin;
    for (size_t i = 0; i < s->n; i++) {
        if (s->marks[i].begin > at)
            part(arg, text + at, s->marks[i].begin - at, false);
        part(arg, text + s->marks[i].begin, s->marks[i].end - s->marks[i].begin, true);
        at = s->marks[i].end;
    }
    if (s->end > at)
        part(arg, text + at, s->end - at, false);
}
