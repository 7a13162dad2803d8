/* Daily budget of tokens for a model; days in UTC. Pure. */
#ifndef ENRICH_BUDGET_H
#define ENRICH_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
    int64_t day; /* since 1970 */
    uint64_t spent;
};

/* Resets the budget if the day has changed, in either direction (the clock may be set back). */
void budget_day(struct budget *b, int64_t now);
int64_t budget_next(int64_t now); /* the start of the next day */

/* Reserves tokens. Returns false if fewer are left. */
bool budget_take(struct budget *b, uint64_t tokens, uint64_t limit, int64_t now);

/* Replaces a reservation of `taken` tokens, made on `day`, by the tokens actually used. */
void budget_settle(struct budget *b, int64_t day, uint64_t taken, uint64_t used);

#endif
