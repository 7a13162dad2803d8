/* The wall clock for what is planned and kept, the other for what takes time. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

static inline int64_t clock_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static inline int64_t wall_clock(void)
{
    return (int64_t)time(NULL);
}

static inline int64_t wall_clock_ms(void)
{
    return clock_us(CLOCK_REALTIME) / 1000;
}

static inline int64_t monotonic_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

static inline int64_t monotonic_ms(void)
{
    return monotonic_us() / 1000;
}

/* The same, perhaps some milliseconds behind, at less cost: for deadlines. */
static inline int64_t coarse_ms(void)
{
    return clock_us(CLOCK_MONOTONIC_COARSE) / 1000;
}

/* Whether something that has happened is said to have happened later than now: then the clock was
 * set back since, nobody knows how long ago it was, and whatever waits for so long after it waits
 * no more. A minute is no more than a clock that is put right. Seconds since 1970. */
static inline bool clock_was_set_back(int64_t happened, int64_t now)
{
    return happened > now + 60;
}

#endif
