/* The names and flags of the databases; storyd-db(5) documents what they hold. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stdint.h>

/* Raised when a reader of the version before would misread the store. */
#define STORE_SCHEMA_VERSION 1

/* The group reads; to do so it writes to LMDB's table of readers, and to nothing else. */
enum { STORE_DIR_MODE = 0750, STORE_DATA_MODE = 0640, STORE_LOCK_MODE = 0660 };

/* Held by the one writer, and written to after each commit, for those who wait for it: they need to
 * read it. */
#define STORE_WRITER_LOCK "writer.lock"

/* symbol, name, LMDB flags (schema.c alone expands them). Keys of public databases are 64-bit
 * big-endian, but for meta's names.
 */
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
    D(FEEDS, "feeds", 0)                                                                           \
    D(META, "meta", 0)                                                                             \
    D(ITEMS, "_items", 0) /* identity of an item, 16 bytes -> article number, hash of its text */  \
    D(POST_ITEMS, "_post_items", 0) /* feed and guid, 16 bytes -> post number, hash of its text */ \
    D(PACKED, "_packed", 0)         /* article number -> the engine's part of it */                \
    D(RARITY, "_rarity", 0)         /* "day" -> the engine's rarity as of the last whole day */    \
    D(ADDRESSES, "_addresses", 0)   /* feed address, its hash -> feed number */                    \
    D(ALERTS, "_alerts", 0) /* hash of an alert's name, event number -> nothing: it was raised */  \
    D(DELIVERIES, "_deliveries", 0) /* number -> what an alert still has to do, as JSON */         \
    D(HISTORY, "_history", MDB_DUPSORT | MDB_DUPFIXED) /* event number -> its change sequences */  \
    D(DOCUMENTS, "_documents", 0)   /* feed number -> hashes of the last document's items */       \
    D(SECRETS, "_secrets", 0)       /* "hubs" -> the key that all secrets of WebSub follow from */ \
    D(SIGNATURES, "_signatures", 0) /* event number -> its weightiest terms, its title */          \
    D(FULL_TEXTS, "_full_texts", 0) /* article number -> the text of its page (full_text.h) */     \
    D(SITES, "_sites", 0)           /* host -> what its site asks of robots, as JSON */            \
    D(EARLIER, "_earlier", MDB_DUPSORT | MDB_DUPFIXED) /* term -> events that are over */

/* Bytes of values that only one file makes, for those who check them: what a guid or address stands
 * for, a post's likewise, each item of a feed's last document, and the key of "hubs". */
enum { STORE_SIGHTING = 16, STORE_POSTED = 16, STORE_RECALLED = 24, STORE_HUBS_KEY = 32 };

/* The same of _full_texts: a time and what may be shown, before the text; and of _signatures: a
 * time, how many terms follow, those, and a title. */
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
