/* Finds faults of titles by the phrases of config/headlines.conf and by capitals and punctuation;
 * see title_faults.h. Used by lib/cluster, lib/digest, lib/ingest and storyctl. */
#include "text/title_faults.h"

#include "base/utf8.h"
#include "text/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "headlines_table.h" /* generated from config/headlines.conf */

enum {
    MAX_FOLDED = 1024,
    LIST_BEGIN = 4, /* the number of a list is among so many first words */
    MOST_LISTED = 2 /* maximum digits of that number */
};

struct folded {
    char text[MAX_FOLDED]; /* " word word " */
    size_t n, words;
    size_t number_end; /* offset after an early number, where the next word begins; 0: none */
    bool begins[UINT8_MAX + 1]; /* set of first_two() of all words */
    bool unspaced;              /* it contains a script without blanks */
};

static unsigned char first_two(const char *p)
{
    return (unsigned char)(p[0] * 31 + p[1]);
}

static bool is_unspaced_cue(const char *cue)
{
    return (unsigned char)*cue >= 0xE3;
}

static void fold_title(const char *title, struct folded *f)
{
    struct words w;
    struct word word;
    *f = (struct folded){.text = " ", .n = 1};
    words_init(&w, title, strlen(title));
    while (words_next(&w, &word) && f->n + word.len + 2 < sizeof f->text) {
        memcpy(f->text + f->n, word.text, word.len);
        f->n += word.len;
        f->text[f->n++] = ' ';
        f->text[f->n] = 0;
        f->begins[first_two(f->text + f->n - word.len - 1)] = true;
        f->unspaced |= is_unspaced_cue(word.text);
        if (word.number && word.len <= MOST_LISTED && f->words < LIST_BEGIN && !f->number_end)
            f->number_end = f->n;
        f->words++;
    }
}

/* Whether the folded text has the cue as whole words at `at`; a blank precedes it. */
static bool stands_at(const char *at, const char *cue)
{
    size_t n = strlen(cue);
    return !strncmp(at, cue, n) && at[n] == ' ';
}

/* A cue that starts with a hyphen is the end of a word. For other cues, the set of first two bytes
 * excludes most of those that are absent. */
static bool title_has_cue(const struct folded *f, const char *title, const char *cue)
{
    if (is_unspaced_cue(cue))
        return f->unspaced && strstr(title, cue);
    bool end = *cue == '-';
    cue += end;
    if (!end && !f->begins[first_two(cue)])
        return false;
    for (const char *p = f->text; (p = strstr(p, cue)); p++)
        if ((p[-1] == ' ') != end && stands_at(p, cue))
            return true;
    return false;
}

/* Whether the title announces a list: "10 things", "5 best ways". */
static bool is_list(const struct folded *f, const char *title, const char *cue)
{
    (void)title;
    if (!f->number_end)
        return false;
    const char *first = f->text + f->number_end, *second = strchr(first, ' ');
    return stands_at(first, cue) || (second && stands_at(second + 1, cue));
}

static bool is_labelled(const struct folded *f, const char *title, const char *cue)
{
    (void)f;
    size_t n = strlen(cue);
    for (size_t i = 0; i < n; i++) { /* the cue is in lower case; the title may have a capital */
        char c = title[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != cue[i])
            return false;
    }
    while (title[n] == ' ')
        n++;
    return title[n] == ':' || title[n] == '|' || !strncmp(title + n, "：", strlen("："));
}

static bool title_shouts(const char *title)
{
    size_t upper = 0, lower = 0;
    uint32_t c;
    for (const char *end = title + strlen(title); title < end;) {
        size_t n = utf8_decode(title, end, &c);
        if (!n)
            return false;
        title += n;
        utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
        upper += k == UTF8PROC_CATEGORY_LU;
        lower += k == UTF8PROC_CATEGORY_LL;
    }
    return upper > 8 && upper > lower * 3;
}

static bool ends_in(const char *title, const char *mark)
{
    size_t n = strlen(title), m = strlen(mark);
    while (n && title[n - 1] == ' ')
        n--;
    return n >= m && !memcmp(title + n - m, mark, m);
}

static bool teases(const char *title)
{
    static const char *const marks[] = {"?", "？", "؟", "...", "…"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (ends_in(title, marks[i]))
            return true;
    return false;
}

static const struct {
    int begin, end; /* rows of the table */
    bool (*has)(const struct folded *f, const char *title, const char *cue);
    unsigned fault;
} sections[] = {
    {HEADLINES_BAIT, HEADLINES_BAIT_END, title_has_cue, HEADLINE_BAIT},
    {HEADLINES_COUNTED, HEADLINES_COUNTED_END, title_has_cue, HEADLINE_BAIT},
    {HEADLINES_LIST, HEADLINES_LIST_END, is_list, HEADLINE_BAIT},
    {HEADLINES_LABEL, HEADLINES_LABEL_END, is_labelled, HEADLINE_LABELLED},
    {HEADLINES_COMING, HEADLINES_COMING_END, title_has_cue, HEADLINE_COMING},
};

unsigned headline_faults(const char *title)
{
    struct folded f;
    fold_title(title, &f);
    unsigned faults = (title_shouts(title) ? HEADLINE_SHOUTS : 0) |
                      (teases(title) ? HEADLINE_TEASES : 0) | (f.words < 3 ? HEADLINE_LABELLED : 0);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        for (int k = sections[i].begin; k < sections[i].end && !(faults & sections[i].fault); k++)
            if (sections[i].has(&f, title, headlines_table[k].name))
                faults |= sections[i].fault;
    return faults;
}
