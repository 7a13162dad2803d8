#include "poll/when.h"

#include "base/date.h"

#include <stdlib.h>
#include <string.h>

enum { DAY = 86400, HOUR = 3600 };

static int64_t seconds(struct config_value v)
{
    return (v.number + 999) / 1000;
}

static int64_t backoff(const struct config *c, uint64_t errors)
{
    int64_t wait = seconds(c->poll_interval), most = seconds(c->poll_max_backoff);
    for (uint64_t i = 1; i < errors && wait < most; i++)
        wait *= 2;
    return wait < most ? wait : most;
}

int64_t when_next(const struct config *c, enum when_outcome outcome, uint64_t errors,
                  int64_t retry_after, double chance)
{
    int64_t wait = 0;
    switch (outcome) {
    case WHEN_NEW:
        wait = seconds(c->poll_interval);
        break;
    case WHEN_UNCHANGED:
        wait = seconds(c->poll_interval_unchanged);
        break;
    case WHEN_FAILED:
        wait = backoff(c, errors);
        break;
    case WHEN_BUSY: {
        /* a server that says it has too much to do and not for how long is left alone for hours */
        int64_t asked = retry_after >= 0 ? retry_after : 4 * HOUR, least = backoff(c, errors);
        wait = asked > DAY ? DAY : asked > least ? asked : least;
        break;
    }
    }
    return wait + (int64_t)((double)wait * chance / 10);
}

bool when_asks_anew(int64_t document_time, int64_t now)
{
    return now - document_time >= 30 * DAY;
}

int64_t when_retry_after(const char *header, int64_t now)
{
    char *end;
    if (!header)
        return -1;
    long long n = strtoll(header, &end, 10);
    if (end != header && !*end)
        return n >= 0 ? n : -1;
    int64_t date = date_parse(header);
    return date == DATE_NONE || date < now ? -1 : date - now;
}
