/* Reads and writes the private database of readers' state; see reading.h. */
#include "store/reading.h"

#include "base/hash.h"
#include "base/mem.h"
#include "store/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char stamp_name[] = "reading";

uint64_t reading_hash(const char *name)
{
    return hash64(name, strlen(name), 0);
}

static void reading_key(uint64_t reader, uint64_t event, unsigned char key[STORE_READING_KEY])
{
    store_u64(reader, key);
    store_u64(event, key + 8);
}

struct reading_entry reading_entry_of(const void *key, const void *value)
{
    const unsigned char *v = value;
    const uint64_t last = store_from_u64(v + 16);
    return (struct reading_entry){.event = store_from_u64((const unsigned char *)key + 8),
                                  .seq = store_from_u64(v),
                                  .time = (int64_t)store_from_u64(v + 8),
                                  .sources = (uint32_t)(last >> 8),
                                  .flags = last & 0xff};
}

/* ---- reading --------------------------------------------------------------------------------- */

static void take_reading(void *arg, const unsigned char *key, const void *value, size_t n)
{
    struct reading_state *r = arg;
    if (n != STORE_READING_VALUE)
        return; /* `storyctl check` reports it */
    const struct reading_entry e = reading_entry_of(key, value);
    if (!e.event) {
        r->up_to = e.seq;
        return;
    }
    MEM_GROW(r->v, r->n, r->cap);
    r->v[r->n++] = e;
}

int reading_load(struct story_view *view, uint64_t reader, struct reading_state *out)
{
    *out = (struct reading_state){0};
    return reader_each_reading(view, reader, take_reading, out);
}

void reading_free(struct reading_state *r)
{
    free(r->v);
    *r = (struct reading_state){0};
}

static int reading_by_event(const void *key, const void *entry)
{
    const uint64_t event = *(const uint64_t *)key,
                   other = ((const struct reading_entry *)entry)->event;
    return (event > other) - (event < other);
}

const struct reading_entry *reading_find(const struct reading_state *r, uint64_t event)
{
    return r->n ? bsearch(&event, r->v, r->n, sizeof *r->v, reading_by_event) : NULL;
}

unsigned reading_flags(const struct reading_state *r, uint64_t event)
{
    const struct reading_entry *e = reading_find(r, event);
    return e ? e->flags : event <= r->up_to ? READING_SEEN : 0;
}

uint64_t reading_stamp(struct story_view *view)
{
    return reader_number(view, stamp_name);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The entries of one reader: counts them, or drops the first ones. */
struct reading_walk {
    uint64_t reader;
    size_t n, drop;
    unsigned keep;    /* entries with one of these flags are not dropped */
    uint64_t dropped; /* the last event */
};

static enum store_verdict judge_own(void *arg, struct store_value key, struct store_value value)
{
    struct reading_walk *w = arg;
    if (key.n != STORE_READING_KEY || store_from_u64(key.p) != w->reader)
        return STORE_STOP;
    w->n++;
    if (!w->drop || value.n != STORE_READING_VALUE)
        return STORE_KEEP;
    const struct reading_entry e = reading_entry_of(key.p, value.p);
    if (e.flags & w->keep)
        return STORE_KEEP;
    w->drop--;
    w->dropped = e.event;
    return STORE_DROP;
}

/* Begins behind the record of the reader. */
static int walk_reading(struct store *s, struct reading_walk *w)
{
    struct store_place place = {.n = STORE_READING_KEY};
    bool more;
    reading_key(w->reader, 0, place.key);
    return store_walk(s, STORE_READING, &place, SIZE_MAX, judge_own, w, &more);
}

static int trim_reading(struct store *s, uint64_t reader, size_t excess, uint64_t *up_to)
{
    struct reading_walk w = {
        .reader = reader, .drop = excess, .keep = READING_STARRED | READING_FOLLOWED};
    int error = excess ? walk_reading(s, &w) : 0;
    *up_to = w.dropped > *up_to ? w.dropped : *up_to;
    w.keep = 0;
    return error || !w.drop ? error : walk_reading(s, &w);
}

/* Counts records of readers: from each one, goes to the next. */
struct readers_count {
    uint64_t reader;
    bool any;
};

static enum store_verdict judge_reader(void *arg, struct store_value key, struct store_value value)
{
    struct readers_count *c = arg;
    (void)value;
    c->any = key.n == STORE_READING_KEY;
    c->reader = c->any ? store_from_u64(key.p) : 0;
    return STORE_STOP;
}

static int count_reading_readers(struct store *s, size_t *n)
{
    struct store_place place = {.n = 0};
    struct readers_count c = {.any = true};
    bool more;
    int error = 0;
    for (*n = 0; !error && *n <= READING_READERS; ++*n) {
        c.any = false;
        error = store_walk(s, STORE_READING, &place, 1, judge_reader, &c, &more);
        if (!c.any)
            break;
        place.n = STORE_READING_KEY;
        reading_key(c.reader, UINT64_MAX, place.key);
    }
    return error;
}

static int put_reading(struct store *s, uint64_t reader, const struct reading_entry *e)
{
    unsigned char key[STORE_READING_KEY], value[STORE_READING_VALUE];
    reading_key(reader, e->event, key);
    store_u64(e->seq, value);
    store_u64((uint64_t)e->time, value + 8);
    store_u64((uint64_t)e->sources << 8 | e->flags, value + 16);
    return store_put(s, STORE_READING, key, sizeof key, value, sizeof value);
}

/* *there is false for an entry that is not in the store. */
static int get_reading(struct store *s, uint64_t reader, struct reading_entry *e, bool *there)
{
    unsigned char key[STORE_READING_KEY];
    struct store_value v;
    reading_key(reader, e->event, key);
    int error = store_get(s, STORE_READING, key, sizeof key, &v);
    *there = !error && v.n == STORE_READING_VALUE;
    if (*there)
        *e = reading_entry_of(key, v.p);
    return error == STORE_NOT_FOUND ? 0 : error;
}

static int change_reading(struct store *s, uint64_t reader, const struct reading_change *c,
                          uint64_t up_to, int64_t now, size_t *n)
{
    struct reading_entry e = {.event = c->event, .flags = c->event <= up_to ? READING_SEEN : 0};
    bool there;
    int error = get_reading(s, reader, &e, &there);
    if (error)
        return error;
    e.flags = (e.flags | c->set) & ~c->clear;
    e.time = now;
    if (c->set & READING_SEEN) {
        e.seq = c->seq;
        e.sources = c->sources;
    }
    *n += !there;
    return put_reading(s, reader, &e);
}

int reading_write(struct store *s, uint64_t reader, const struct reading_change *v, size_t n,
                  uint64_t up_to, int64_t now, uint64_t *stamp)
{
    struct reading_entry own = {.event = 0};
    struct reading_walk w = {.reader = reader};
    size_t readers = 0;
    bool there;
    int error = get_reading(s, reader, &own, &there);
    if (!error && !there)
        error = count_reading_readers(s, &readers);
    if (!error && readers >= READING_READERS)
        return EUSERS;
    if (!error)
        error = walk_reading(s, &w);
    for (size_t i = 0; !error && i < n; i++)
        error = change_reading(s, reader, &v[i], own.seq, now, &w.n);
    if (!error)
        error = trim_reading(s, reader, w.n > READING_MOST ? w.n - READING_MOST : 0, &own.seq);
    own.seq = up_to > own.seq ? up_to : own.seq;
    own.time = now;
    if (!error)
        error = put_reading(s, reader, &own);
    *stamp = store_number(s, stamp_name) + 1;
    return error ? error : store_set_number(s, stamp_name, *stamp);
}
