/* What a sentence claims of which another could claim the contrary: so many killed, on Friday, in
 * 2019, fired. */
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
    uint16_t article; /* the caller's number of it; 0 at first */
    uint8_t kind, group, hedge;
    bool grows, moved;
    double value;                                  /* or the day, 1 Monday; or the side */
    uint16_t at, n;                                /* where its words stand in the sentence */
    uint32_t keys[CLAIM_KEYS], names[CLAIM_NAMES]; /* terms near: of what it is claimed */
    uint8_t n_keys, n_names;
};

struct claims {
    struct claim *v;
    size_t n, cap;
};

/* Those of an article's sentences, but for questions, quotations and what is cut off;
 * CLAIMS_OF_ARTICLE at most. `lang`: its code. `out->v` is the caller's to free; it points into
 * `s`. */
void claims_of(const char *lang, const struct sentences *s, struct claims *out);
/* Neither contradicts the other: equal, or one is the other rounded, or a bound that it keeps. */
bool claims_agree(const struct claim *a, const struct claim *b);

#endif
