/* Remembers the events on which editors have decided; see held.h. Called by opening.c for the
 * decisions of the store, then by decide.c and apply.c. */
#define _GNU_SOURCE /* memmem */
#include "ingest/held.h"

#include "ingest/ingest_state.h"
#include "store/event_record.h"

#include <string.h>

/* A record is parsed only to follow a merge. */
static int merged_into(struct ingest *in, uint64_t event, uint64_t *into)
{
    static const char not_merged[] = "\"merged_into\":null";
    const struct event_record *in_batch = map_get(&in->events, event);
    struct event_record head;
    struct store_value v;
    *into = in_batch ? in_batch->merged_into : 0;
    if (in_batch)
        return 0;
    int error = store_get_u64(in->store, STORE_EVENTS, event, &v);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error; /* it was deleted */
    if (memmem(v.p, v.n, not_merged, sizeof not_merged - 1))
        return 0;
    codec_load(&event_head_table, v.p, v.n, &head);
    *into = head.merged_into;
    codec_free(&event_head_table, &head);
    return 0;
}

int held_decided(struct ingest *in, uint64_t event)
{
    enum { MOST_REDIRECTS = 1000 };
    int error = 0;
    for (int i = 0; !error && event; i++) {
        if (i == MOST_REDIRECTS)
            return STORE_CORRUPT;
        map_put(&in->held, event, in);
        error = merged_into(in, event, &event);
    }
    return error;
}

void held_merged(struct ingest *in, uint64_t from, uint64_t into)
{
    if (held_is(in, from))
        map_put(&in->held, into, in);
}

bool held_is(const struct ingest *in, uint64_t event)
{
    return map_get(&in->held, event);
}
