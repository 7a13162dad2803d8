/* For tests of the engine: articles that come to it, and what a store would keep of them. */
#ifndef TESTS_ENGINE_CASES_H
#define TESTS_ENGINE_CASES_H

#include "unit.h"

#include "base/buf.h"
#include "cluster/engine.h"

enum { NOON = 1700000000, HOUR = 3600, DAY = 86400 };

/* Three reports of one earthquake. */
extern const char *const quake[3];

struct engine_result add(struct engine *e, const char *title, const char *body, const char *lang,
                         const char *publisher, int64_t seen);

/* What a store keeps: each article's bytes and event, and the rarity at the last day's end. */
struct kept {
    struct buf packed[4096], rarity;
    uint64_t event[4096];
    size_t n;
};

void pack_again(struct kept *k, const struct engine *e, uint64_t article);
void keep(struct kept *k, const struct engine *e, const struct engine_result *out);
struct engine *restart(const struct kept *k, uint64_t next_event, int64_t clock);
void free_kept(struct kept *k);

#endif
