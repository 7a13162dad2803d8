/* Clocks: the wall clock for schedules and stored times, the monotonic clock for durations. */
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

/* Cheaper than monotonic_ms() but possibly some milliseconds behind; for deadlines. */
static inline int64_t coarse_ms(void)
{
    return clock_us(CLOCK_MONOTONIC_COARSE) / 1000;
}

/* Whether a recorded past time is in the future: the clock has been set back since then, the
 * elapsed time is unknown, and whatever waits for a delay after `happened` should stop waiting. A
 * difference of up to a minute is treated as a normal clock correction. Seconds since 1970. */
static inline bool clock_was_set_back(int64_t happened, int64_t now)
{
    return happened > now + 60;
}

#endif
