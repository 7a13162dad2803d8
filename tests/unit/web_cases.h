/* For tests of the pages: events whose texts are hostile, and what a page says. */
#ifndef TESTS_WEB_CASES_H
#define TESTS_WEB_CASES_H

#include "unit.h"

#include "base/buf.h"

#include <jansson.h>

#define NOW 1700000000

extern const char hostile[];

/* Fail unless the page says the text, or if it does. */
void says(struct buf *b, const char *text);
void never_says(struct buf *b, const char *text);

/* Nothing of a feed may begin a tag or end an attribute, wherever it stands. */
void assert_harmless(struct buf *b);

/* The caller's: an event of n sources whose texts are this one, and n sources. */
json_t *event_of(const char *text, size_t n);
json_t *sources(size_t n, int64_t step);

#endif
