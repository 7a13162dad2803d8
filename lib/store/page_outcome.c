/* Lookup in the table of page outcomes; see page_outcome.h. */
#include "store/page_outcome.h"

#include <string.h>

static const struct {
    const char *state, *why, *text;
} outcomes[PAGE_OUTCOME_COUNT] = {
#define O(symbol, state, why, text) {state, why, text},
    PAGE_OUTCOMES(O)
#undef O
};

const char *page_outcome_state(enum page_outcome outcome)
{
    return outcomes[outcome].state;
}

const char *page_outcome_why(enum page_outcome outcome)
{
    return outcomes[outcome].why;
}

const char *page_outcome_text(enum page_outcome outcome)
{
    return outcomes[outcome].text;
}

enum page_outcome page_outcome_of(const char *state, const char *why)
{
    enum page_outcome o = 0;
    while (o < PAGE_OUTCOME_COUNT && (strcmp(outcomes[o].state, state) != 0 ||
                                      strcmp(outcomes[o].why ? outcomes[o].why : "", why) != 0))
        o++;
    return o;
}
