/* Editors' preferences: each signal on an event slightly shifts the rank of events with the same
 * publishers, categories and keywords. */
#ifndef INGEST_TASTE_H
#define INGEST_TASTE_H

#include "store/event_record.h"

struct taste;

struct taste *taste_new(void);
void taste_free(struct taste *t);

/* The features of an event that a signal on it affects: of struct decision_feature. */
struct codec_list taste_features(const struct event_record *event);

/* Adds a signal, or removes it (with the negated value). */
void taste_add(struct taste *t, const struct codec_list *features, int value);

/* Sets the event's leaning: its value is from -1 to 1; NULL: none. */
void taste_lean(const struct taste *t, struct event_record *event);

#endif
