#include "digest/kinds.h"

#include "digest/cue.h"

#include <stdio.h>
#include <string.h>

enum { ENOUGH = 2 };

/* In the order in which details are shown, and cues are summed (enum cue_kind). */
static const char *const kinds[] = {
    "what happened",      "who",         "where and when", "numbers",
    "reaction",           "cause",       "legal",          "money and market",
    "strategy and terms", "partnership", "context",        "what next",
    "analysis",
};
#define KINDS (int)(sizeof kinds / sizeof *kinds)

_Static_assert(sizeof kinds / sizeof *kinds == SENTENCE_FACTS, "a name for each kind of fact");

const char *kind_of_sentence(const struct sentence *s)
{
    int best = 0, at = -1;
    for (int i = 0; i < KINDS; i++) {
        int sum = s->facts[i];
        sum += !strcmp(kinds[i], "reaction") && s->marks & SENTENCE_QUOTES ? 2 : 0;
        if (sum > best) {
            best = sum;
            at = i;
        }
    }
    if (best < ENOUGH)
        return s->at <= 2 && best == 0 ? kinds[0] : NULL;
    return kinds[at];
}

int kind_order(const char *kind)
{
    int i = 0;
    while (i < KINDS && (!kind || strcmp(kinds[i], kind) != 0))
        i++;
    return i;
}

const char *kind_name(size_t i)
{
    return i < KINDS ? kinds[i] : NULL;
}

const char *kind_legend(const char *lang, const char *kind)
{
    char code[3];
    snprintf(code, sizeof code, "%s", lang);
    const char *legend = cue_value("legend", code, kind);
    return legend ? legend : cue_value("legend", "en", kind);
}
