/* What a publisher always writes: the name of a programme at the end of each title, a line below
 * each text that asks to subscribe. Articles of one publisher that end in the same words are of one
 * mould: the terms that most of them have tell none of them from another, and weigh little in the
 * next. */
#ifndef EVENT_HABITS_H
#define EVENT_HABITS_H

#include "base/map.h"
#include "text/terms.h"

#include <stddef.h>
#include <stdint.h>

enum { HABITS_RECENT = 8 }; /* newest articles of a mould that are looked at */

struct habits {
    struct map newest; /* mould -> number of its newest article */
};

/* How a text ends, or where there is none the title: a hash of its last words. */
uint32_t habits_ending(const struct terms *t);
uint64_t habits_mould(uint64_t publisher, uint32_t ending);

uint64_t habits_newest(const struct habits *h, uint64_t mould); /* 0 none */
void habits_ahead(const struct habits *h, uint64_t mould);      /* asks the memory for it */
void habits_note(struct habits *h, uint64_t mould, uint64_t article);

void habits_forget(struct habits *h, uint64_t mould, uint64_t article); /* that leaves the window */
void habits_free(struct habits *h);

/* 0 to 1: how much of its weight is left to a term that `times` of `recent` articles have. */
double habits_left(unsigned times, unsigned recent);

#endif
