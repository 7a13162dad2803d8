/* Tokens that a model may cost a day, of UTC. Pure. */
#ifndef ENRICH_BUDGET_H
#define ENRICH_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
    int64_t day; /* since 1970 */
    uint64_t spent;
};

/* Another day than that begins with nothing spent; also one before, by a clock that was set back.
 */
void budget_day(struct budget *b, int64_t now);
int64_t budget_next(int64_t now); /* when the next day begins */

/* Sets so many aside before they are spent; false: so many are not left. */
bool budget_take(struct budget *b, uint64_t tokens, uint64_t limit, int64_t now);

/* Of those set aside on `day` it was `used` that were spent. */
void budget_settle(struct budget *b, int64_t day, uint64_t taken, uint64_t used);

#endif
