/* What readers have seen, starred and follow: the private database _reading. A reader is known by
 * name only; a hash of it is stored. Used by daemon/api/me.c, store/check.c and ingest/retention.c.
 *
 * An event without an entry counts as seen if its number is at most the reader's `up_to`. A reader
 * has at most READING_MOST entries: of more, the oldest events that are neither starred nor
 * followed count as seen from then on, and `up_to` rises. */
#ifndef STORE_READING_H
#define STORE_READING_H

#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct story_view;

enum { READING_SEEN = 1, READING_STARRED = 2, READING_FOLLOWED = 4 };
enum { READING_MOST = 20000, READING_READERS = 1000 };

/* The key is the reader and the number of the event, which is 0 for the record of the reader: there
 * `seq` is `up_to`, and `time` that of the last change. */
struct reading_entry {
    uint64_t event;
    uint64_t seq;     /* of the event when it was seen */
    int64_t time;     /* of the last change of this entry */
    uint32_t sources; /* of the event when it was seen */
    unsigned flags;
};

/* Everything that a reader has; the entries are in order of event. */
struct reading_state {
    uint64_t up_to;
    struct reading_entry *v;
    size_t n, cap;
};

uint64_t reading_hash(const char *name);

/* Reads what was committed. Free it also after an error. */
int reading_load(struct story_view *view, uint64_t reader, struct reading_state *out);
void reading_free(struct reading_state *r);

/* NULL: there is no entry. */
const struct reading_entry *reading_find(const struct reading_state *r, uint64_t event);
unsigned reading_flags(const struct reading_state *r, uint64_t event);

struct reading_change {
    uint64_t event, seq;
    uint32_t sources; /* `seq` and `sources` are taken over when READING_SEEN is set */
    unsigned set, clear;
};

/* Writes changes of entries into the batch, in order, and then raises `up_to`. *stamp, which rises
 * with every call, is what reading_stamp() returns once this is committed. EUSERS: there are
 * READING_READERS others already. */
int reading_write(struct store *s, uint64_t reader, const struct reading_change *v, size_t n,
                  uint64_t up_to, int64_t now, uint64_t *stamp);
uint64_t reading_stamp(struct story_view *view);

struct reading_entry reading_entry_of(const void *key, const void *value);

#endif
