#include "digest/kinds.h"

#include "details_table.h" /* made of config/details.conf */
#include "digest/cue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = sizeof details_table / sizeof *details_table, ENOUGH = 2 };

/* In the order in which details are shown: as people know them, and their sections. */
static const struct {
    const char *name, *section;
} kinds[] = {
    {"what happened", "happened"},
    {"who", "who"},
    {"where and when", "where_when"},
    {"numbers", "numbers"},
    {"reaction", "reaction"},
    {"cause", "cause"},
    {"legal", "legal"},
    {"money and market", "money"},
    {"strategy and terms", "strategy"},
    {"partnership", "partnership"},
    {"context", "context"},
    {"what next", "next"},
    {"analysis", "analysis"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* A text with a blank at both ends, so that cues are found as whole words. */
struct folded {
    char text[SENTENCE_MAX_TEXT + 3];
};

static void fold(const struct sentence *s, struct folded *out)
{
    out->text[0] = ' ';
    size_t n = cue_fold(s->text, s->n, out->text + 1, SENTENCE_MAX_TEXT);
    memcpy(out->text + 1 + n, " ", 2);
}

static bool has(const struct folded *f, const char *cue)
{
    size_t n = strlen(cue);
    const char *at = f->text;
    while ((at = strstr(at + 1, cue)))
        if (at[-1] == ' ' && (at[n] == ' ' || at[n] == ','))
            return true;
    return false;
}

/* Sections are ordered by name. */
static int begin_of(const char *section)
{
    int low = 0, high = ROWS;
    while (low < high) {
        int mid = low + (high - low) / 2;
        if (strcmp(details_table[mid].section, section) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* What the cues of a section say together of a text. */
static int weigh(const struct folded *f, const char *section, const char *lang)
{
    char name[32];
    size_t n = strlen(section), sum = 0;
    if (strlen(lang) != 2 || n + 4 > sizeof name)
        return 0;
    memcpy(name, section, n);
    name[n] = '_';
    memcpy(name + n + 1, lang, 3);
    for (int i = begin_of(name); i < ROWS && !strcmp(details_table[i].section, name); i++)
        if (has(f, details_table[i].name))
            sum += *details_table[i].value ? strtoul(details_table[i].value, NULL, 10) : 1;
    return (int)sum;
}

const char *kind_of_sentence(const char *lang, const struct sentence *s)
{
    struct folded f;
    fold(s, &f);
    int best = 0, at = -1;
    for (int i = 0; i < KINDS; i++) {
        int sum = weigh(&f, kinds[i].section, lang);
        sum += !strcmp(kinds[i].name, "reaction") && s->marks & SENTENCE_QUOTES ? 2 : 0;
        if (sum > best) {
            best = sum;
            at = i;
        }
    }
    if (best < ENOUGH)
        return s->at <= 2 && best == 0 ? kinds[0].name : NULL;
    return kinds[at].name;
}

int kind_analysis(const char *lang, const struct sentence *s)
{
    struct folded f;
    fold(s, &f);
    return weigh(&f, "analysis", lang);
}

bool kind_is_aside(const char *lang, const struct sentence *s)
{
    struct folded f;
    fold(s, &f);
    return !(s->marks & SENTENCE_QUOTES) && weigh(&f, "aside", lang) > 0;
}

int kind_order(const char *kind)
{
    int i = 0;
    while (i < KINDS && (!kind || strcmp(kinds[i].name, kind) != 0))
        i++;
    return i;
}

const char *kind_name(size_t i)
{
    return i < KINDS ? kinds[i].name : NULL;
}

static const char *legend_in(const char *section, const char *kind)
{
    for (int i = begin_of(section); i < ROWS && !strcmp(details_table[i].section, section); i++)
        if (!strcmp(details_table[i].name, kind))
            return details_table[i].value;
    return NULL;
}

const char *kind_legend(const char *lang, const char *kind)
{
    char section[16];
    snprintf(section, sizeof section, "legend_%.2s", lang);
    const char *legend = legend_in(section, kind);
    return legend ? legend : legend_in("legend_en", kind);
}
