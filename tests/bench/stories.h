/* A stream of made-up news that is the same in every run: words as often as in real texts (Zipf),
 * stories told again in other words, copied, or told once. Written for the bench; no text of others
 * stands in it. */
#ifndef BENCH_STORIES_H
#define BENCH_STORIES_H

#include <stddef.h>
#include <stdint.h>

enum { STORIES_TITLE = 256, STORIES_BODY = 2048 };

struct story_article {
    char title[STORIES_TITLE], body[STORIES_BODY], publisher[32];
    uint64_t story; /* which one it tells */
};

struct stories;

/* A story's articles come within about a third of `window` articles. */
struct stories *stories_new(size_t window);
void stories_free(struct stories *s);
void stories_next(struct stories *s, struct story_article *out); /* 100 words, 10 of them title */

#endif
