/* Words and phrases that say what a sentence is and what kind of fact it tells:
 * config/sentences.conf, config/boilerplate.conf and config/details.conf, built in. */
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
    CUE_FACTS, /* from here on: of kinds of facts, in the order of digest/kinds.c */
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

/* The cues of one language, and those of all. */
struct cues {
    struct cue_rows rows[CUE_KINDS][2];
    uint64_t first[CUE_KINDS][CUE_BITS / 64]; /* a bit for each word that one begins with */
    bool unspaced[CUE_KINDS];                 /* they are of a script without blanks */
    bool ordinals;                            /* a number with a point is an ordinal one */
};

/* `code`: of the language, NULL: English is taken, whose boilerplate is everywhere. */
void cues_init(struct cues *c, const char *code);

/* A text in lower case, words one blank apart, without marks but the colon. How long it is. */
size_t cue_fold(const char *text, size_t n, char *out, size_t cap);

/* The longest cue that stands at `at` of a folded text in whole words. Its length, 0: none; `value`
 * may be NULL. */
size_t cue_at(const struct cues *c, enum cue_kind kind, const char *at, const char *end,
              const char **value);

/* The first cue anywhere in a folded text. */
const char *cue_in(const struct cues *c, enum cue_kind kind, const char *text, size_t n,
                   const char **value);

/* Is the folded text one cue? */
bool cue_is(const struct cues *c, enum cue_kind kind, const char *text, size_t n,
            const char **value);

/* Adds up, for each kind of fact, what its cues in a folded text say (their values; 1 without one).
 */
void cue_weigh_facts(const struct cues *c, const char *text, size_t n,
                     uint8_t sums[CUE_KINDS - CUE_FACTS]);

/* The value of a row of the section kind_code, or NULL: for what is no cue. */
const char *cue_value(const char *kind, const char *code, const char *name);

#endif
