/* A gap in the numbers that the store gives. An engine that takes over from another one leaves it,
 * because that one may have shown numbers that did not arrive here: a number is never given to two
 * events, articles, posts, decisions or changes. */
#ifndef INGEST_JUMP_H
#define INGEST_JUMP_H

#include "store/store.h"

#include <stdint.h>

enum { JUMP_BY = 100000 };

/* Call it before ingest_open(). An error of the store, or 0. */
int jump_numbers(struct store *s);

#endif
