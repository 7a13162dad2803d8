/* The daily budget of tokens for enrich.c. */
#include "enrich/budget.h"

enum { DAY = 86400 };

void budget_day(struct budget *b, int64_t now)
{
    if (b->day != now / DAY)
        *b = (struct budget){.day = now / DAY};
}

int64_t budget_next(int64_t now)
{
    return (now / DAY + 1) * DAY;
}

bool budget_take(struct budget *b, uint64_t tokens, uint64_t limit, int64_t now)
{
    budget_day(b, now);
    if (b->spent > limit || tokens > limit - b->spent)
        return false;
    b->spent += tokens;
    return true;
}

void budget_settle(struct budget *b, int64_t day, uint64_t taken, uint64_t used)
{
    if (b->day != day)
        return;
    b->spent = b->spent > taken ? b->spent - taken : 0;
    b->spent += used;
}
