/* The names and flags of the databases; storyd-db(5) documents their contents. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

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

/* symbol, name, LMDB flags (expanded in schema.c only). Keys of public databases are 64-bit
 * big-endian, except for meta's names. */
#define STORE_DATABASES(D)                                                                         \
    D(EVENTS, "events", 0)                                                                         \
    D(EVENTS_BY_UPDATE, "events_by_update", 0)                                                     \
    D(ARTICLES, "articles", 0)                                                                     \
    D(EVENT_ARTICLES, "event_articles", MDB_DUPSORT | MDB_DUPFIXED)                                \
    D(CHANGES, "changes", 0)                                                                       \
    D(DECISIONS, "decisions", 0)                                                                   \
    D(POSTS, "posts", 0)                                                                           \
    D(EVENT_POSTS, "event_posts", MDB_DUPSORT | MDB_DUPFIXED)                                      \
    D(PAGES, "pages", 0)                                                                           \
    D(TOMBSTONES, "tombstones", 0)                                                                 \
    D(FEEDS, "feeds", 0)                                                                           \
    D(META, "meta", 0)                                                                             \
    D(ITEMS, "_items", 0) /* identity of an item, 16 bytes -> article number, hash of its text */  \
    D(POST_ITEMS, "_post_items", 0) /* feed and guid, 16 bytes -> post number, hash of its text */ \
    D(PACKED, "_packed", 0)         /* article number -> its event and packed form */              \
    D(RARITY, "_rarity", 0)         /* "day" -> the engine's rarity at the last end of a day */    \
    D(ADDRESSES, "_addresses", 0)   /* hash of a feed address -> feed number */                    \
    D(ALERTS, "_alerts", 0) /* hash of an alert's name, event number -> empty: it was raised */    \
    D(DELIVERIES, "_deliveries", 0) /* number -> a pending delivery of an alert, as JSON */        \
    D(HISTORY, "_history", MDB_DUPSORT | MDB_DUPFIXED) /* event number -> its change sequences */  \
    D(DOCUMENTS, "_documents", 0) /* feed number -> hashes of the last document's items */         \
    D(SECRETS, "_secrets", 0) /* "hubs" -> the key from which all WebSub secrets are derived */    \
    D(SIGNATURES, "_signatures", 0) /* event number -> its heaviest terms, its title */            \
    D(FULL_TEXTS, "_full_texts", 0) /* article number -> the text of its page (full_text.h) */     \
    D(SITES, "_sites", 0)           /* host -> the site's data, as JSON (ingest/site.h) */         \
    D(EARLIER, "_earlier", MDB_DUPSORT | MDB_DUPFIXED) /* term -> events that have ended */

/* Sizes in bytes of values that only one file writes, for the check: what a guid or address
 * identifies, the same for a post, each item of a feed's last document, and the key of "hubs". */
enum { STORE_SIGHTING = 16, STORE_POSTED = 16, STORE_RECALLED = 24, STORE_HUBS_KEY = 32 };

/* The same for _full_texts: a time and the permitted length, before the text; and for _signatures:
 * a time, the number of terms, the terms, and a title. */
enum { STORE_FULL_TEXT_HEAD = 16 };
enum { STORE_SIGNATURE_HEAD = 9, STORE_SIGNATURE_TERM = 6, STORE_SIGNATURE_TITLE = 300 };

enum store_db {
#define D(symbol, name, flags) STORE_##symbol,
    STORE_DATABASES(D)
#undef D
        STORE_DATABASE_COUNT
};

extern const struct store_database {
    const char *name;
    unsigned flags;
} store_databases[STORE_DATABASE_COUNT];

/* Numbers as keys. */
void store_u64(uint64_t number, unsigned char key[8]); /* big-endian */
uint64_t store_from_u64(const void *key);

#endif
