/* Decides whether an article's page is fetched, and in which order. Pure. */
#ifndef INGEST_WANTED_H
#define INGEST_WANTED_H

#include <stdbool.h>
#include <stdint.h>

/* values of [pages] fetch and of a feed's storyd:pages: symbol, name */
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

/* WANTED_MODE_COUNT for an unknown name; letter case does not matter. */
enum wanted_mode wanted_mode(const char *text);

struct wanted_facts {
    enum wanted_mode mode;
    bool opened;      /* an editor views its event */
    bool changed;     /* its feed has another text than when its page was read */
    bool copy;        /* it copies another article's text of more than a few sentences */
    uint64_t sources; /* of its event */
    double probability, threshold; /* of the most probable event at its arrival */
};

/* The reason, for the page's record, or NULL; a greater `rank` comes first. */
const char *wanted(const struct wanted_facts *f, uint64_t *rank);

#endif
