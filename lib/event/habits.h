/* What a publisher always writes: the name of a programme at the end of each title, a line below
 * each text that asks to subscribe. Articles of one publisher that end in the same words are of one
 * mould: the terms that most of them have tell none of them from another, and weigh little in the
 * next. Its long texts are of one more, however they end, in which only what all of them have is a
 * habit. */
#ifndef EVENT_HABITS_H
#define EVENT_HABITS_H

#include "base/map.h"
#include "text/terms.h"

#include <stddef.h>
#include <stdint.h>

enum { HABITS_RECENT = 8 }; /* newest articles of a mould that are looked at */
enum { MOULD_ENDING, MOULD_LONG, MOULDS };

struct habits {
    struct map newest; /* mould -> number of its newest article */
};

/* How a text ends, or where there is none the title: a hash of its last words, odd if it is long.
 */
uint32_t habits_ending(const struct terms *t);

/* The numbers of the newest articles of a publisher's moulds, 0 none. */
void habits_newest(const struct habits *h, uint64_t publisher, uint32_t ending,
                   uint64_t out[MOULDS]);
void habits_ahead(const struct habits *h, uint64_t publisher, uint32_t ending);
/* An article comes, or leaves the window. `before`: how many numbers before it the one before it of
 * each mould is, 0 none. */
void habits_note(struct habits *h, uint64_t publisher, uint32_t ending, uint64_t article,
                 uint32_t before[MOULDS]);
void habits_forget(struct habits *h, uint64_t publisher, uint32_t ending, uint64_t article);
void habits_free(struct habits *h);

/* 0 to 1: how much of its weight is left to a term that `times` of `recent` articles of its
 * MOULD_ENDING or MOULD_LONG have. */
double habits_left(size_t mould, unsigned times, unsigned recent);

#endif
