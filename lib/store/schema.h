/* The names and flags of the databases; storyd-db(5) documents their contents. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

/* Increased when a program of the previous version would misread the store. 2: records may have
 * been deleted (ingest/retention.h). */
#define STORE_SCHEMA_VERSION 2

/* The group may read; for that it needs to write to LMDB's table of readers, and to nothing else.
 */
enum { STORE_DIR_MODE = 0750, STORE_DATA_MODE = 0640, STORE_LOCK_MODE = 0660 };

/* Locked by the single writer, and written to after each commit to notify waiting readers, who need
 * read access. */
#define STORE_WRITER_LOCK "writer.lock"

/* The size of a value, unless it is a number of bytes: any, or a JSON object. */
enum { STORE_ANY = -1, STORE_JSON = -2 };

/* Sizes in bytes of keys and values that only one file writes: a hash of a feed's address, what a
 * guid or address identifies, the same for a post, each item of a feed's last document, and the key
 * of "hubs". */
enum {
    STORE_ADDRESS_KEY = 16,
    STORE_SIGHTING = 16,
    STORE_POSTED = 16,
    STORE_RECALLED = 24,
    STORE_HUBS_KEY = 32
};

/* The same for _reading, which reading.h describes. */
enum { STORE_READING_KEY = 16, STORE_READING_VALUE = 24 };

/* The same for _full_texts: a time and the permitted length, before the text; and for _signatures:
 * a time, the number of terms, the terms, and a title. */
enum { STORE_ARRIVALS_KEY = 16 };
enum { STORE_FULL_TEXT_HEAD = 16 };
enum { STORE_SIGNATURE_HEAD = 9, STORE_SIGNATURE_TERM = 6, STORE_SIGNATURE_TITLE = 300 };

/* symbol, name, LMDB flags (expanded in schema.c only), size of keys (8: a number, 0: a name) and
 * of values. Numbers as keys are 64-bit big-endian. The order is part of the format of oplog.h: a
 * new database is added at the end. */
#define STORE_DATABASES(D)                                                                         \
    D(EVENTS, "events", 0, 8, STORE_JSON)                                                          \
    D(EVENTS_BY_UPDATE, "events_by_update", 0, 8, 8)                                               \
    D(ARTICLES, "articles", 0, 8, STORE_JSON)                                                      \
    D(EVENT_ARTICLES, "event_articles", MDB_DUPSORT | MDB_DUPFIXED, 8, 8)                          \
    D(CHANGES, "changes", 0, 8, STORE_JSON)                                                        \
    D(DECISIONS, "decisions", 0, 8, STORE_JSON)                                                    \
    D(POSTS, "posts", 0, 8, STORE_JSON)                                                            \
    D(EVENT_POSTS, "event_posts", MDB_DUPSORT | MDB_DUPFIXED, 8, 8)                                \
    D(PAGES, "pages", 0, 8, STORE_JSON)                                                            \
    D(TOMBSTONES, "tombstones", 0, 8, STORE_JSON)                                                  \
    D(FEEDS, "feeds", 0, 8, STORE_JSON)                                                            \
    D(META, "meta", 0, 0, STORE_ANY)                                                               \
    /* identity of an item -> article number, hash of its text */                                  \
    D(ITEMS, "_items", 0, 16, STORE_SIGHTING)                                                      \
    /* feed and guid -> post number, hash of its text */                                           \
    D(POST_ITEMS, "_post_items", 0, 16, STORE_POSTED)                                              \
    D(PACKED, "_packed", 0, 8, STORE_ANY) /* article number -> its event and packed form */        \
    /* "day" -> the engine's rarity at the last end of a day */                                    \
    D(RARITY, "_rarity", 0, 0, STORE_ANY)                                                          \
    /* hash of a feed address -> feed number */                                                    \
    D(ADDRESSES, "_addresses", 0, STORE_ADDRESS_KEY, 8)                                            \
    D(ALERTS, "_alerts", 0, 16, 0) /* hash of an alert's name, event number: it was raised */      \
    D(DELIVERIES, "_deliveries", 0, 8, STORE_JSON) /* number -> a pending delivery of an alert */  \
    /* event number -> its change sequences */                                                     \
    D(HISTORY, "_history", MDB_DUPSORT | MDB_DUPFIXED, 8, 8)                                       \
    /* feed number -> hashes of the last document's items */                                       \
    D(DOCUMENTS, "_documents", 0, 8, STORE_ANY)                                                    \
    /* "hubs" -> the key from which all WebSub secrets are derived */                              \
    D(SECRETS, "_secrets", 0, 0, STORE_ANY)                                                        \
    D(SIGNATURES, "_signatures", 0, 8, STORE_ANY) /* event number -> its heaviest terms, title */  \
    /* article number -> the text of its page (full_text.h) */                                     \
    D(FULL_TEXTS, "_full_texts", 0, 8, STORE_ANY)                                                  \
    D(SITES, "_sites", 0, 0, STORE_JSON) /* host -> the site's data (ingest/site.h) */             \
    /* reader and event -> what the reader has seen (reading.h) */                                 \
    D(READING, "_reading", 0, STORE_READING_KEY, STORE_READING_VALUE)                              \
    /* term -> events that have ended */                                                           \
    D(EARLIER, "_earlier", MDB_DUPSORT | MDB_DUPFIXED, 8, 8)                                       \
    /* this process's place in a cluster; not part of copies of the store */                       \
    D(CLUSTER, "_cluster", 0, 0, STORE_ANY)                                                        \
    /* a fetcher's store -> the last of its entries that is stored here */                         \
    D(ARRIVALS, "_arrivals", 0, STORE_ARRIVALS_KEY, 8)                                             \
    /* number -> what a fetcher has not been told is stored (daemon/roles/outbox.h); local too */  \
    D(OUTBOX, "_outbox", 0, 8, STORE_ANY)

enum store_db {
#define D(symbol, name, flags, key, value) STORE_##symbol,
    STORE_DATABASES(D)
#undef D
        STORE_DATABASE_COUNT
};

/* A key or a value. What store.h returns is in LMDB's memory: valid until the next write or commit.
 */
struct store_value {
    const void *p;
    size_t n;
};

/* Databases that belong to this copy of the store alone. */
static inline int store_is_local(enum store_db db)
{
    return db == STORE_CLUSTER || db == STORE_OUTBOX;
}

extern const struct store_database {
    const char *name;
    unsigned flags;
    size_t key;
    int value;
} store_databases[STORE_DATABASE_COUNT];

/* Numbers as keys. */
void store_u64(uint64_t number, unsigned char key[8]); /* big-endian */
uint64_t store_from_u64(const void *key);

#endif
