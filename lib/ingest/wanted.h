/* Whether an article's page is asked for, and before which others. Pure. */
#ifndef INGEST_WANTED_H
#define INGEST_WANTED_H

#include <stdbool.h>
#include <stdint.h>

/* [pages] fetch, or a feed's own storyd:pages: symbol, name */
#define WANTED_MODES(M)                                                                            \
    M(OFF, "off")                                                                                  \
    M(EVENTS, "events")                                                                            \
    M(ALL, "all")

enum wanted_mode {
#define M(symbol, name) WANTED_##symbol,
    WANTED_MODES(M)
#undef M
        WANTED_MODE_COUNT
};

/* WANTED_MODE_COUNT for a text that is none; letter case does not matter. */
enum wanted_mode wanted_mode(const char *text);

struct wanted_facts {
    enum wanted_mode mode;
    bool opened;      /* an editor looks at its event */
    bool changed;     /* its feed says that it has another text than when its page was read */
    bool copy;        /* it repeats another's text, of more than a few sentences */
    uint64_t sources; /* of its event */
    double probability, threshold; /* of the likeliest event when it came */
};

/* Why, a text of its record, or NULL; the greater `rank`, the sooner. */
const char *wanted(const struct wanted_facts *f, uint64_t *rank);

#endif
