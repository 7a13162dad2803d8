/* Decides whether an article's page is fetched and its rank; see wanted.h. Called by daemon/pages
 * and daemon/config.c. */
#include "ingest/wanted.h"

#include <stddef.h>
#include <strings.h>

enum { RANK_ALL = 1, RANK_UNCERTAIN = 3, RANK_CHANGED = 5, RANK_MOST = 900, RANK_OPENED = 1000 };

/* A range around the threshold in which a title and a sentence are too little evidence. */
static const double below = .30, above = .20;

enum wanted_mode wanted_mode(const char *text)
{
    static const char *const names[] = {
#define M(symbol, name) name,
        WANTED_MODES(M)
#undef M
    };
    enum wanted_mode mode = 0;
    while (mode < WANTED_MODE_COUNT && strcasecmp(names[mode], text) != 0)
        mode++;
    return mode;
}

static bool is_uncertain(const struct wanted_facts *f)
{
    return f->probability > f->threshold - below && f->probability < f->threshold + above;
}

const char *wanted(const struct wanted_facts *f, uint64_t *rank)
{
    enum { SEVERAL = 2 };
    uint64_t sources = f->sources < RANK_MOST ? f->sources : RANK_MOST;
    *rank = f->opened               ? RANK_OPENED
            : f->changed            ? RANK_CHANGED
            : f->sources >= SEVERAL ? sources
            : is_uncertain(f)       ? RANK_UNCERTAIN
                                    : RANK_ALL;
    if (f->mode == WANTED_OFF)
        return NULL;
    if (f->opened)
        return "opened";
    if (f->changed)
        return "changed";
    if (f->copy)
        return f->mode == WANTED_ALL ? "all" : NULL;
    if (f->sources >= SEVERAL)
        return "event";
    if (is_uncertain(f))
        return "uncertain";
    return f->mode == WANTED_ALL ? "all" : NULL;
}
