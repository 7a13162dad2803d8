/* What came of an article's page: the state and the reason that its record, and its article's,
 * have, and what they are to a person. */
#ifndef STORE_PAGE_OUTCOME_H
#define STORE_PAGE_OUTCOME_H

#include <stddef.h>

/* symbol, state, why (NULL none), what it is to a person */
#define PAGE_OUTCOMES(O)                                                                           \
    O(READ, "read", NULL, "read")                                                                  \
    O(ROBOTS, "refused", "robots", "not asked for: its site's robots.txt says no")                 \
    O(TDM, "refused", "tdm", "not used: its publisher reserves text and data mining")              \
    O(LOGIN, "refused", "login", "refused: the server wants a login or refuses us")                \
    O(NETWORK, "failed", "network", "failed: the server did not answer as it should")              \
    O(STATUS, "failed", "status", "failed: the server has no such page")                           \
    O(BUSY, "failed", "busy", "failed: the server had too much to do, more than once")             \
    O(TYPE, "failed", "type", "not used: it is no HTML")                                           \
    O(SIZE, "failed", "size", "not used: it is too long")                                          \
    O(WALL, "failed", "wall", "not used: a challenge or a consent wall stands in its place")       \
    O(EMPTY, "failed", "empty", "not used: no article was found on it")                            \
    O(STOPPED, "failed", "stopped", "unknown: storyd was stopped while it was asked for")          \
    O(WHOLE, "left", "whole", "not asked for: its feed gives the whole text")                      \
    O(ADDRESS, "left", "address", "not asked for: it has no address that can be")                  \
    O(OFF, "left", "off", "not asked for: fetch in [pages], or its feed's storyd:pages, is off")   \
    O(OLD, "left", "old", "not asked for: it waited too long")

enum page_outcome {
#define O(symbol, state, why, text) PAGE_##symbol##_OUTCOME,
    PAGE_OUTCOMES(O)
#undef O
        PAGE_OUTCOME_COUNT
};

const char *page_outcome_state(enum page_outcome outcome);
const char *page_outcome_why(enum page_outcome outcome); /* NULL: read */

/* The outcome of a record's state and why; PAGE_OUTCOME_COUNT for those that have none yet. */
enum page_outcome page_outcome_of(const char *state, const char *why);
const char *page_outcome_text(enum page_outcome outcome);

#endif
