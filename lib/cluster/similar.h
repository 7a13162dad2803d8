/* Events that resemble each other without being one: the signature, a few terms that describe an
 * event and can be kept after it has left the window, and the likeness of two signatures. Precision
 * comes first: a reader must see at once why the two are listed together. */
#ifndef CLUSTER_SIMILAR_H
#define CLUSTER_SIMILAR_H

#include "cluster/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIGNATURE_TERMS = VECTOR_TOP_MOST,
    SIGNATURE_KEYS = 8,  /* of these, how many are used as index keys */
    SIGNATURE_ONE = 255, /* represents a share of 1 */
    ENGINE_SIMILAR = 8,
};

struct signature_term {
    uint32_t id;
    uint8_t weight; /* in the event, relative to the heaviest term */
    uint8_t name;   /* share of its occurrences that were names at that time */
};

struct signature {
    struct signature_term terms[SIGNATURE_TERMS]; /* heaviest first */
    size_t n;
};

struct likeness {
    double value; /* 0 to 1 */
    uint32_t shared[SIGNATURE_TERMS];
    size_t n; /* shared ids, names first, then by weight */
};

/* False, and an empty signature, when the event is not in the window. */
bool engine_signature(struct engine *e, uint64_t event, struct signature *out);

/* The ids under which the event is put into an index and searched there; returns how many. */
size_t signature_keys(const struct rarity *rarity, const struct signature *s,
                      uint32_t out[SIGNATURE_KEYS]);

/* True when they are plainly related. Terms weigh by their present rarity. */
bool signature_alike(const struct rarity *rarity, const struct signature *a,
                     const struct signature *b, struct likeness *out);

struct engine_similar {
    uint64_t event;
    struct likeness likeness;
};

/* Events of the window that are plainly related to the given one, most similar first; returns how
 * many. Events listed in `known` are compared as well as those found by the index. Changes nothing.
 */
size_t engine_similar(struct engine *e, uint64_t event, const uint64_t *known, size_t n_known,
                      struct engine_similar out[ENGINE_SIMILAR]);

/* Writes the shared ids as words, spelt as in the texts, adjacent ones as one name ("Ilona Brandt,
 * Port of Lumen, strike"), in the order of the ids. Words missing from the texts are left out.
 * Returns how many ids were written. */
enum { SIMILAR_WHY = 120 /* most bytes */ };
size_t engine_spell(struct engine *e, uint64_t event, const uint32_t *ids, size_t n,
                    const char *title, const char *text, struct buf *out);

#endif
