/* The outcome of reading an article's page: the state and the reason in its record and in its
 * article's, and a description for people. */
#ifndef STORE_PAGE_OUTCOME_H
#define STORE_PAGE_OUTCOME_H

#include <stddef.h>

/* symbol, state, why (NULL: none), description for people */
#define PAGE_OUTCOMES(O)                                                                           \
    O(READ, "read", NULL, "read")                                                                  \
    O(ROBOTS, "refused", "robots", "not fetched: its site's robots.txt disallows it")              \
    O(TDM, "refused", "tdm", "not used: its publisher reserves text and data mining")              \
    O(FORGOTTEN, "refused", "forgotten", "removed on request")                                     \
    O(LOGIN, "refused", "login", "refused: the server requires a login or denies access")          \
    O(NETWORK, "failed", "network", "failed: the server did not respond correctly")                \
    O(STATUS, "failed", "status", "failed: the server has no such page")                           \
    O(BUSY, "failed", "busy", "failed: the server was overloaded, more than once")                 \
    O(TYPE, "failed", "type", "not used: it is not HTML")                                          \
    O(SIZE, "failed", "size", "not used: it is too long")                                          \
    O(WALL, "failed", "wall", "not used: the server sent a challenge or a consent wall")           \
    O(EMPTY, "failed", "empty", "not used: it contains no article")                                \
    O(STOPPED, "failed", "stopped", "unknown: storyd was stopped during the request")              \
    O(WHOLE, "left", "whole", "not fetched: its feed contains the whole text")                     \
    O(ADDRESS, "left", "address", "not fetched: it has no usable address")                         \
    O(OFF, "left", "off", "not fetched: fetch in [pages], or its feed's storyd:pages, is off")     \
    O(OLD, "left", "old", "not fetched: it waited too long")

enum page_outcome {
#define O(symbol, state, why, text) PAGE_##symbol##_OUTCOME,
    PAGE_OUTCOMES(O)
#undef O
        PAGE_OUTCOME_COUNT
};

const char *page_outcome_state(enum page_outcome outcome);
const char *page_outcome_why(enum page_outcome outcome); /* NULL: read */

/* The outcome for a record's state and why; PAGE_OUTCOME_COUNT when there is none yet. */
enum page_outcome page_outcome_of(const char *state, const char *why);
const char *page_outcome_text(enum page_outcome outcome);

#endif
