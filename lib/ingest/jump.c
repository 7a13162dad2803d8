/* Leaves gaps in the counters of the store; see jump.h. Each is recorded in meta, for the check:
 * "gap_events_7" is the last of the numbers from 7 on that are not given. */
#include "ingest/jump.h"

#include <inttypes.h>
#include <stdio.h>

int jump_numbers(struct store *s)
{
    static const char *const counters[] = {"events", "articles", "posts", "decisions", "seq"};
    int error = 0;
    for (size_t i = 0; !error && i < sizeof counters / sizeof *counters; i++) {
        char name[64];
        uint64_t last = store_number(s, counters[i]);
        snprintf(name, sizeof name, "gap_%s_%" PRIu64, counters[i], last + 1);
        error = store_set_number(s, name, last + JUMP_BY);
        if (!error)
            error = store_set_number(s, counters[i], last + JUMP_BY);
    }
    return error ? error : store_error(s);
}
