/* What a model said of an event, in its record: `generated`. It stands only as long as the
 * sentences that it rests on do. */
#ifndef STORE_GENERATED_H
#define STORE_GENERATED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes `generated`, which has model, time, sources (how many the event had) and arrays of
 * statements; the event says it. */
void generated_set(json_t *event, json_t *generated);

/* Leaves what cites none but these articles, in order of number: those that the event has. */
void generated_keep(json_t *event, const uint64_t *articles, size_t n);

/* Drops what cites this article, whose texts have changed. */
void generated_uncite(json_t *event, uint64_t article);

/* Whether a model is to be asked: the event is open, has `least` sources, and twice those, or three
 * more, that it had when one was asked last; or what it rested on has gone since. */
bool generated_is_due(const json_t *event, uint64_t least);
/* The same rule, of an event that had so many sources when it was asked for; 0: it never was. */
bool generated_has_grown(uint64_t before, uint64_t now);

/* Whether a statement of an event is a model's. */
bool generated_is(const json_t *statement);

/* How many of them there are. */
size_t generated_count(const json_t *event);

#endif
