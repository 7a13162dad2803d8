/* Maintains the signatures of events and their lists of similar events; see related.h. Called by
 * apply.c. The comparison itself is in cluster/similar.c. */
#include "ingest/related.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "ingest/batch.h"
#include "digest/digest.h"
#include "cluster/similar.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_TITLE = STORE_SIGNATURE_TITLE,
    MOST_EARLIER = 64, /* events listed under one term of the index */
    MOST_READ = 32,    /* events found there that are compared with one */
    MOST_SIMILAR = DIGEST_SIMILAR,
    MOST_TEXT = 4096, /* bytes of the event's digest that are searched for words */
};

/* ---- stored signatures ----------------------------------------------------------------------- */

/* The value in _signatures: time of the last update, number of terms, the terms, and the title. */
struct kept_signature {
    int64_t updated;
    struct signature signature;
    char title[MOST_TITLE + 1];
};

enum { HEAD = STORE_SIGNATURE_HEAD, A_TERM = STORE_SIGNATURE_TERM };

static int keep_signature(struct store *s, uint64_t event, int64_t updated,
                          const struct signature *of, const char *title)
{
    unsigned char bytes[HEAD + SIGNATURE_TERMS * A_TERM + MOST_TITLE], *p = bytes + HEAD;
    memcpy(bytes, &updated, sizeof updated);
    bytes[HEAD - 1] = (unsigned char)of->n;
    for (size_t i = 0; i < of->n; i++, p += A_TERM) {
        const struct signature_term *t = &of->terms[i];
        memcpy(p, &t->id, sizeof t->id);
        p[4] = t->weight;
        p[5] = t->name;
    }
    size_t n = strlen(title);
    n = n > MOST_TITLE ? utf8_cut(title, MOST_TITLE) : n;
    memcpy(p, title, n);
    return store_put_u64(s, STORE_SIGNATURES, event, bytes, (size_t)(p - bytes) + n);
}

static int read_kept(struct store *s, uint64_t event, struct kept_signature *out)
{
    struct store_value v;
    int error = store_get_u64(s, STORE_SIGNATURES, event, &v);
    if (error)
        return error;
    const unsigned char *p = v.p, *end = p + v.n;
    *out = (struct kept_signature){0};
    if (v.n < HEAD || p[HEAD - 1] > SIGNATURE_TERMS || v.n - HEAD < (size_t)p[HEAD - 1] * A_TERM ||
        v.n - HEAD - (size_t)p[HEAD - 1] * A_TERM > MOST_TITLE)
        return STORE_CORRUPT;
    memcpy(&out->updated, p, sizeof out->updated);
    out->signature.n = p[HEAD - 1];
    p += HEAD;
    for (size_t i = 0; i < out->signature.n; i++, p += A_TERM) {
        struct signature_term *t = &out->signature.terms[i];
        memcpy(&t->id, p, sizeof t->id);
        t->weight = p[4];
        t->name = p[5];
    }
    memcpy(out->title, p, (size_t)(end - p));
    return 0;
}

int similar_drop(struct ingest *in, uint64_t event)
{
    int error = store_delete_u64(batch_store(in), STORE_SIGNATURES, event);
    return error == STORE_NOT_FOUND ? 0 : error;
}

int similar_expired(struct ingest *in, const struct event_record *event)
{
    uint32_t keys[SIGNATURE_KEYS];
    uint64_t number = event->number;
    struct kept_signature kept;
    if (event->source_count < 2)
        return similar_drop(in, number);
    int error = read_kept(batch_store(in), number, &kept);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error;
    size_t n = signature_keys(engine_rarity(batch_engine(in)), &kept.signature, keys);
    for (size_t i = 0; !error && i < n; i++)
        error = store_index(batch_store(in), keys[i], number, MOST_EARLIER);
    return error;
}

/* ---- finding --------------------------------------------------------------------------------- */

struct near_event {
    uint64_t event;
    bool earlier;
    struct likeness likeness;
    struct kept_signature kept;
};

struct looking {
    struct ingest *in;
    struct event_record *event;
    uint64_t number;
    struct signature own;
    uint64_t before[MOST_SIMILAR]; /* listed in the record before */
    size_t n_before;
    struct near_event near[MOST_SIMILAR];
    size_t n;
};

/* The most similar open events first; then ended ones, of equal likeness the newest. */
static int open_ones(struct looking *l)
{
    struct engine_similar found[ENGINE_SIMILAR];
    size_t n = engine_similar(batch_engine(l->in), l->number, l->before, l->n_before, found);
    int error = 0;
    for (size_t i = 0; !error && i < n && l->n < MOST_SIMILAR; i++) {
        struct near_event *near = &l->near[l->n];
        *near = (struct near_event){.event = found[i].event, .likeness = found[i].likeness};
        error = read_kept(batch_store(l->in), near->event, &near->kept);
        l->n += !error;
        error = error == STORE_NOT_FOUND ? 0 : error;
    }
    return error;
}

static int newest_number_first(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

/* Events of the index that share at least two terms, newest first; those already listed in the
 * record are always included. */
static int find_earlier(struct looking *l, uint64_t out[MOST_READ], size_t *n)
{
    uint32_t keys[SIGNATURE_KEYS];
    uint64_t all[SIGNATURE_KEYS * MOST_EARLIER + 2 * MOST_SIMILAR];
    size_t found = 0, some,
           n_keys = signature_keys(engine_rarity(batch_engine(l->in)), &l->own, keys);
    int error = 0;
    *n = 0;
    for (size_t i = 0; !error && i < n_keys; i++) {
        error = store_indexed(batch_store(l->in), keys[i], all + found, MOST_EARLIER, &some);
        found += some;
    }
    for (size_t i = 0; i < l->n_before; i++)
        all[found] = all[found + 1] = l->before[i], found += 2;
    qsort(all, found, sizeof *all, newest_number_first);
    for (size_t i = 0; i + 1 < found && *n < MOST_READ; i++)
        if (all[i] == all[i + 1] && (!*n || out[*n - 1] != all[i]))
            out[(*n)++] = all[i];
    return error;
}

static void take_earlier(struct looking *l, size_t first, const struct near_event *new)
{
    size_t at = first;
    while (at < l->n && l->near[at].likeness.value >= new->likeness.value)
        at++; /* at equal likeness the newer one comes first */
    if (at == MOST_SIMILAR)
        return;
    l->n += l->n < MOST_SIMILAR;
    memmove(l->near + at + 1, l->near + at, (l->n - 1 - at) * sizeof *l->near);
    l->near[at] = *new;
}

static int earlier_ones(struct looking *l)
{
    uint64_t found[MOST_READ];
    size_t n, first = l->n;
    const struct engine *e = batch_engine(l->in);
    int error = find_earlier(l, found, &n);
    for (size_t i = 0; !error && i < n; i++) {
        struct near_event new = {.event = found[i], .earlier = true};
        if (found[i] == l->number || engine_has_event(e, found[i]))
            continue;
        error = read_kept(batch_store(l->in), found[i], &new.kept);
        if (!error &&
            signature_alike(engine_rarity(e), &l->own, &new.kept.signature, &new.likeness))
            take_earlier(l, first, &new);
        error = error == STORE_NOT_FOUND ? 0 : error; /* merged since */
    }
    return error;
}

/* ---- the record ------------------------------------------------------------------------------ */

/* The event's summary and keywords, then the other's title, which also contains the shared words.
 */
static void add_texts(const struct looking *l, const struct near_event *near, struct buf *out)
{
    const struct codec_list *summary = &l->event->part[EVENT_SUMMARY];
    const struct digest_statement *said = summary->v;
    char *const *keywords = l->event->keywords.v;
    for (size_t i = 0; i < summary->n; i++) {
        buf_adds(out, codec_text(said[i].text));
        buf_adds(out, ". ");
    }
    buf_adds(out, near->kept.title);
    for (size_t i = 0; i < l->event->keywords.n; i++) {
        buf_adds(out, ". ");
        buf_adds(out, keywords[i]);
    }
}

/* False when there are no words to say what they share. */
static bool related_entry(const struct looking *l, const struct near_event *near,
                          struct digest_similar *out)
{
    struct buf text, why;
    buf_init(&text, MOST_TEXT);
    buf_init(&why, SIMILAR_WHY + 1);
    add_texts(l, near, &text);
    bool any = engine_spell(batch_engine(l->in), l->number, near->likeness.shared, near->likeness.n,
                            l->event->title, buf_text(&text), &why) > 0;
    if (any)
        *out = (struct digest_similar){.event = near->event,
                                       .title = mem_str(near->kept.title),
                                       .updated = near->kept.updated,
                                       .kind = mem_str(near->earlier ? "earlier" : "similar"),
                                       .why = mem_str(buf_text(&why))};
    buf_free(&text);
    buf_free(&why);
    return any;
}

static void remember_before(struct looking *l)
{
    const struct digest_similar *before = l->event->similar.v;
    for (size_t i = 0; i < l->event->similar.n && l->n_before < MOST_SIMILAR; i++)
        l->before[l->n_before++] = before[i].event;
}

static void write_record(struct looking *l)
{
    codec_free_list(&digest_similar_table, &l->event->similar);
    for (size_t i = 0; i < l->n; i++) {
        struct digest_similar made;
        if (related_entry(l, &l->near[i], &made))
            *(struct digest_similar *)codec_add(&l->event->similar, sizeof made) = made;
    }
}

/* Updates only its title and time. */
static int keep_title(struct ingest *in, const struct event_record *event)
{
    struct kept_signature kept;
    uint64_t number = event->number;
    int error = read_kept(batch_store(in), number, &kept);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error;
    return keep_signature(batch_store(in), number, event->updated, &kept.signature, event->title);
}

int similar_refresh(struct ingest *in, struct event_record *event)
{
    struct looking *l = mem_zero(sizeof *l);
    l->in = in;
    l->event = event;
    l->number = event->number;
    int error;
    if (!engine_signature(batch_engine(in), l->number, &l->own)) {
        error = keep_title(in, event);
    } else {
        remember_before(l);
        error = keep_signature(batch_store(in), l->number, event->updated, &l->own, event->title);
        if (!error)
            error = open_ones(l);
        if (!error)
            error = earlier_ones(l);
        if (!error)
            write_record(l);
    }
    free(l);
    return error;
}
