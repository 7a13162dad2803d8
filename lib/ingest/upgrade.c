/* Upgrades a store; see upgrade.h. Called by the daemon and ingest_open(). A change of the schema
 * is a row of the table `upgrades`; rows are never removed, so that every older store can be
 * opened. */
#include "ingest/upgrade.h"

#include "ingest/batch.h"

enum { SLICE = 1000 /* records */ };

/* ---- schema 2: each event has its history --------------------------------------------------- */

static bool lacks_histories(struct store *s)
{
    return store_is_empty(s, STORE_HISTORY);
}

static int remember_old_change(struct store *s, uint64_t seq, struct store_value v)
{
    struct change_record change;
    bool is = codec_load(&change_table, v.p, v.n, &change);
    change.seq = seq;
    int error = is ? batch_remember(s, &change) : STORE_CORRUPT;
    codec_free(&change_table, &change);
    return error;
}

/* ---- the table ------------------------------------------------------------------------------- */

/* In the order of their schemas. `convert` may put the record itself and records of other
 * databases, and gives the same result when it is repeated. */
static const struct upgrade {
    uint64_t schema;
    const char *what;
    bool (*needed)(struct store *s);
    enum store_db records;
    const char *last; /* the counter in meta that has the number of the last record */
    int (*convert)(struct store *s, uint64_t number, struct store_value v);
} upgrades[] = {
    {2, "histories of events", lacks_histories, STORE_CHANGES, "seq", remember_old_change},
};
enum { UPGRADES = sizeof upgrades / sizeof *upgrades };

struct slice {
    struct store *store;
    const struct upgrade *upgrade;
    uint64_t next;
    int left;
};

static int convert_next(void *arg, uint64_t number, struct store_value v)
{
    struct slice *s = arg;
    if (s->left-- == 0)
        return STORE_NOT_FOUND; /* ends the walk */
    s->next = number + 1;
    return s->upgrade->convert(s->store, number, v);
}

/* meta's upgrade_row and upgrade_from: the row at work, counted from 1, and the next record. */
static int keep_place(struct store *s, uint64_t row, uint64_t from)
{
    int error = store_set_number(s, "upgrade_row", row);
    if (!error)
        error = store_set_number(s, "upgrade_from", from);
    return error ? error : store_commit(s);
}

static int convert_all(struct store *s, uint64_t row, upgrade_progress *progress, void *arg)
{
    const struct upgrade *u = &upgrades[row - 1];
    uint64_t last = store_number(s, u->last), from = store_number(s, "upgrade_from");
    int error = 0;
    while (!error && from <= last) {
        struct slice slice = {s, u, last + 1, SLICE};
        error = store_each(s, u->records, from, convert_next, &slice);
        from = slice.next;
        if (!error)
            error = keep_place(s, row, from);
        if (!error && progress)
            progress(arg, u->what, from - 1, last);
    }
    return error;
}

int upgrade_store(struct store *s, upgrade_progress *progress, void *arg)
{
    const uint64_t schema = store_number(s, "schema"), at = store_number(s, "upgrade_row");
    int error = 0;
    for (uint64_t row = at ? at : 1; !error && schema < STORE_SCHEMA_VERSION && row <= UPGRADES;
         row++) {
        const struct upgrade *u = &upgrades[row - 1];
        if (row != at && (u->schema <= schema || !u->needed(s)))
            continue;
        if (row != at)
            error = keep_place(s, row, 1);
        if (!error)
            error = convert_all(s, row, progress, arg);
    }
    if (error || schema == STORE_SCHEMA_VERSION)
        return error;
    error = store_set_number(s, "schema", STORE_SCHEMA_VERSION);
    return error ? error : keep_place(s, 0, 0);
}
