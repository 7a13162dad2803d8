/* The words of a sentence in their original form, and which of them are cues of
 * config/disputes.conf: what a number counts, verbs that contradict each other, days, how exact a
 * number is. */
#ifndef DIGEST_TOKEN_H
#define DIGEST_TOKEN_H

#include "digest/sentence.h"

#include <stdbool.h>
#include <stdint.h>

enum token_cue_kind {
    CUE_NONE,
    CUE_COUNT,
    CUE_OPPOSE,
    CUE_NOT,
    CUE_ABOUT,
    CUE_LEAST,
    CUE_MOST,
    CUE_PART,
    CUE_MOVED,
    CUE_SCALE,
    CUE_PERCENT,
    CUE_ANYONE,
    CUE_NUMBER,
    CUE_WEEKDAY,
    CUE_SPEECH,
    CUE_KINDS
};

struct cue {
    const char *lang, *words;
    uint8_t kind, group;
    uint32_t side; /* which of the opposed sides; or the number, the day, the scale */
    uint8_t grows;
};

enum { TOKEN_MAX = 39, TOKENS_MOST = 120, TOKEN_CUES = 4 };

struct token {
    uint16_t at, n;                     /* bytes of the sentence */
    char text[TOKEN_MAX + 1];           /* lower case, truncated */
    const struct sentence_term *term;   /* NULL: none */
    const struct cue *cues[TOKEN_CUES]; /* that begin here */
    uint8_t n_cues;
    bool number; /* digits */
    bool breaks; /* a clause ends before it */
};

struct tokens {
    struct token v[TOKENS_MOST];
    size_t n;
};

void tokens_of(const char *lang, const struct sentence *s, struct tokens *out);
/* The cue of this kind that begins at the token, or NULL. */
const struct cue *token_cue(const struct token *t, enum token_cue_kind kind);
unsigned cue_words(const struct cue *c); /* its number of words */

#endif
