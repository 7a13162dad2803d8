/* Cues: words and phrases that show what a sentence is and which kind of fact it states, compiled
 * in from config/sentences.conf, config/boilerplate.conf and config/details.conf. */
#ifndef DIGEST_CUE_H
#define DIGEST_CUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cue_kind {
    CUE_ABBREVIATION,
    CUE_OPENER,
    CUE_DANGLE,
    CUE_SAID,
    CUE_NUMBER,
    CUE_MEASURE,
    CUE_BEGIN,
    CUE_LINE,
    CUE_HAS,
    CUE_BYLINE,
    CUE_AGENCY,
    CUE_NOT,
    CUE_TELLING,
    CUE_HEDGE,
    CUE_ASIDE,
    CUE_FACTS, /* from here on: kinds of facts, in the order of digest/kinds.c */
    CUE_HAPPENED = CUE_FACTS,
    CUE_WHO,
    CUE_WHERE_WHEN,
    CUE_NUMBERS,
    CUE_REACTION,
    CUE_CAUSE,
    CUE_LEGAL,
    CUE_MONEY,
    CUE_STRATEGY,
    CUE_PARTNERSHIP,
    CUE_CONTEXT,
    CUE_NEXT,
    CUE_ANALYSIS,
    CUE_KINDS
};

struct cue_rows { /* of the table */
    int begin, end;
};

enum { CUE_BITS = 1024 };

/* The cues of one language, and those of all languages. */
struct cues {
    struct cue_rows rows[CUE_KINDS][2];
    uint64_t first[CUE_KINDS][CUE_BITS / 64]; /* a bit for the first word of each cue */
    bool unspaced[CUE_KINDS];                 /* some are in a script without spaces */
    bool ordinals;                            /* a number followed by a point is an ordinal */
};

/* `code`: of the language; NULL: English, whose boilerplate occurs everywhere. */
void cues_init(struct cues *c, const char *code);

/* Writes the text in lower case, words separated by one space, without punctuation except the
 * colon. Returns the length. */
size_t cue_fold(const char *text, size_t n, char *out, size_t cap);

/* The longest cue that begins at `at` of a folded text, in whole words. Returns its length, 0:
 * none; `value` may be NULL. */
size_t cue_at(const struct cues *c, enum cue_kind kind, const char *at, const char *end,
              const char **value);

/* The first cue anywhere in a folded text. */
const char *cue_in(const struct cues *c, enum cue_kind kind, const char *text, size_t n,
                   const char **value);

/* True when the whole folded text is one cue. */
bool cue_is(const struct cues *c, enum cue_kind kind, const char *text, size_t n,
            const char **value);

/* For each kind of fact, adds up the values of its cues in a folded text (1 for a cue without a
 * value). */
void cue_weigh_facts(const struct cues *c, const char *text, size_t n,
                     uint8_t sums[CUE_KINDS - CUE_FACTS]);

/* The value of a row of the section kind_code that is not a cue, or NULL. */
const char *cue_value(const char *kind, const char *code, const char *name);

#endif
