/* Events that are like one another and yet not one: what an event is about in a few terms, that can
 * be kept when it has left the window, and how much two such have in common. Precision comes first:
 * a reader must see at once why the one stands beside the other. */
#ifndef CLUSTER_SIMILAR_H
#define CLUSTER_SIMILAR_H

#include "cluster/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIGNATURE_TERMS = VECTOR_TOP_MOST,
    SIGNATURE_KEYS = 8,  /* of them, those by which it is found */
    SIGNATURE_ONE = 255, /* a share of 1 */
    ENGINE_SIMILAR = 8,
};

struct signature_term {
    uint32_t id;
    uint8_t weight; /* in the event, of the heaviest term's */
    uint8_t name;   /* how often it was a name then, a share */
};

struct signature {
    struct signature_term terms[SIGNATURE_TERMS]; /* weightiest first */
    size_t n;
};

struct likeness {
    double value; /* 0 to 1 */
    uint32_t shared[SIGNATURE_TERMS];
    size_t n; /* ids shared, names first, then the weightiest */
};

/* False, and empty, when the event is not in the window. */
bool engine_signature(struct engine *e, uint64_t event, struct signature *out);

/* The ids under which the event is put into an index, and looked for in it; how many. */
size_t signature_keys(const struct rarity *rarity, const struct signature *s,
                      uint32_t out[SIGNATURE_KEYS]);

/* Are they plainly related? Terms weigh as rare as they are today. */
bool signature_alike(const struct rarity *rarity, const struct signature *a,
                     const struct signature *b, struct likeness *out);

struct engine_similar {
    uint64_t event;
    struct likeness likeness;
};

/* Events of the window that are plainly related to one of it, the likest first; how many. Those
 * that `known` names are looked at as well as those that the index finds. Nothing is changed. */
size_t engine_similar(struct engine *e, uint64_t event, const uint64_t *known, size_t n_known,
                      struct engine_similar out[ENGINE_SIMILAR]);

/* Shared ids as words of the texts, spelt as they are there, those that stand side by side as one
 * ("Ilona Brandt, Port of Lumen, strike"); `n` ids in their order. Words that the texts have not
 * are left out. How many of the ids have been said. */
enum { SIMILAR_WHY = 120 /* bytes at most */ };
size_t engine_spell(struct engine *e, uint64_t event, const uint32_t *ids, size_t n,
                    const char *title, const char *text, struct buf *out);

#endif
