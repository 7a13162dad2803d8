/* What editors want more and less of, as their signals on events tell: each leans, by a little, on
 * events of the same publishers, categories and keywords. */
#ifndef INGEST_TASTE_H
#define INGEST_TASTE_H

#include <jansson.h>

struct taste;

struct taste *taste_new(void);
void taste_free(struct taste *t);

/* What of an event a signal on it leans on others by: an array of {what, name}. */
json_t *taste_features(const json_t *event);

/* Takes a signal into account, or (with the value turned about) out again. */
void taste_add(struct taste *t, const json_t *features, int value);

/* How the event leans, for its record: {value, because: [{what, name, value}]}, -1 to 1, or null.
 */
json_t *taste_of(const struct taste *t, const json_t *event);

#endif
