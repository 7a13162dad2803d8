/* A model's statements about an event, in its record: `generated`. Each is kept only as long as the
 * sentences that it cites. */
#ifndef STORE_GENERATED_H
#define STORE_GENERATED_H

#include "store/event_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes what `generated` has, and shows it in the event. */
void generated_set(struct event_record *event, struct event_generated *generated);

/* Keeps only statements that cite these articles, which are sorted by number: those of the event.
 */
void generated_keep(struct event_record *event, const uint64_t *articles, size_t n);

/* Drops statements that cite this article, whose texts have changed. */
void generated_uncite(struct event_record *event, uint64_t article);

/* True when a model should be asked: the event is open, not muted and has `least` sources, and its
 * number of sources has doubled or grown by three since the last request; or cited articles have
 * gone. */
bool generated_is_due(const struct event_record *event, uint64_t least);
/* The same rule for an event that had so many sources at the last request; 0: there was none. */
bool generated_has_grown(uint64_t before, uint64_t now);

/* True when a statement of an event was generated. */
bool generated_is(const struct digest_statement *statement);

/* Number of generated statements. */
size_t generated_count(const struct event_record *event);

#endif
