/* Claims of a sentence that another sentence could contradict: so many killed, on Friday, in 2019,
 * fired. */
#ifndef DIGEST_CLAIMS_H
#define DIGEST_CLAIMS_H

#include "digest/sentence.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum claim_kind {
    CLAIM_COUNT,
    CLAIM_PERCENT,
    CLAIM_MONEY,
    CLAIM_AGE,
    CLAIM_YEAR,
    CLAIM_DAY,
    CLAIM_SIDE
};
enum claim_hedge { HEDGE_NONE, HEDGE_ABOUT, HEDGE_LEAST, HEDGE_MOST };
enum { CLAIM_KEYS = 10, CLAIM_NAMES = 6, CLAIMS_OF_ARTICLE = 400 };

struct claim {
    const struct sentence *s;
    uint16_t article; /* index set by the caller; initially 0 */
    uint8_t kind, group, hedge;
    bool grows, moved;
    double value;   /* or the day, 1: Monday; or the side */
    uint16_t at, n; /* position and length of its words in the sentence */
    uint32_t keys[CLAIM_KEYS], names[CLAIM_NAMES]; /* terms nearby: what the claim is about */
    uint8_t n_keys, n_names;
};

struct claims {
    struct claim *v;
    size_t n, cap;
};

/* Claims of an article's sentences, except questions, quotations and cut-off sentences; at most
 * CLAIMS_OF_ARTICLE. `lang`: its code. The caller frees `out->v`, which points into `s`. */
void claims_of(const char *lang, const struct sentences *s, struct claims *out);
/* True when neither contradicts the other: they are equal, or one is the other rounded, or a bound
 * that the other satisfies. */
bool claims_agree(const struct claim *a, const struct claim *b);

#endif
