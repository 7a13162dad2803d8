/* What the filters of lists can be set to: the categories, languages and publishers of the listed
 * events, with the number of events of each. Kept up by listing.c, which knows an event's texts by
 * their hashes. */
#ifndef API_FILTER_VALUES_H
#define API_FILTER_VALUES_H

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

enum filter_name { FILTER_NAME_CATEGORY, FILTER_NAME_LANG, FILTER_NAME_SOURCE, FILTER_NAMES };

enum {
    FILTER_VALUES_MOST = 20000, /* of a filter; further ones are not counted */
    FILTER_VALUES_SHOWN = 200,
};

struct filter_values;
struct filter_values *filter_values_new(void);
void filter_values_free(struct filter_values *v);

/* One more event has the value with that hash; and one fewer. `name` is that of a publisher,
 * whose value is its domain; else NULL. The last name stays. */
void filter_values_add(struct filter_values *v, enum filter_name filter, uint32_t hash,
                       const char *value, const char *name);
void filter_values_drop(struct filter_values *v, enum filter_name filter, uint32_t hash);

/* As JSON, {"category":[...],"lang":[...],"source":[...]}: of each the most frequent ones, at most
 * `most`, which is at most FILTER_VALUES_SHOWN. */
void filter_values_write(const struct filter_values *v, size_t most, struct buf *out);

#endif
