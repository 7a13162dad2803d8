/* Editors' preferences: each signal on an event slightly shifts the rank of events with the same
 * publishers, categories and keywords. */
#ifndef INGEST_TASTE_H
#define INGEST_TASTE_H

#include "base/codec.h"

struct taste;

struct taste *taste_new(void);
void taste_free(struct taste *t);

/* The features of an event that a signal on it affects: of struct decision_feature. */
struct codec_list taste_features(const json_t *event);

/* Adds a signal, or removes it (with the negated value). */
void taste_add(struct taste *t, const struct codec_list *features, int value);

/* The event's leaning, for its record: {value, because: [{what, name, value}]}, -1 to 1, or null.
 */
json_t *taste_of(const struct taste *t, const json_t *event);

#endif
