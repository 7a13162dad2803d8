/* The read API over an environment that the caller opened and closes. */
#ifndef STORE_READER_H
#define STORE_READER_H

#include <stddef.h>
#include <stdint.h>

struct MDB_env;
struct readers_view;
struct story_db;
struct story_list;
struct story_view;

int reader_over(struct MDB_env *env, struct story_db **out);

/* The changes of one event, including those in which it gave articles to another or received some.
 * Only for a reader made by reader_over(): the database is private. */
int reader_history(struct story_view *view, uint64_t event, struct story_list **out);

/* Like story_changes_since(), but records are not parsed: an entry's `number` is that of the
 * change, like its `seq`. For callers that pass records on unchanged. */
int reader_changes_since(struct story_view *view, uint64_t seq, struct story_list **out);

/* The entries of _reading that belong to one reader, in order of key (store/reading.h). Only for a
 * reader made by reader_over(). */
int reader_each_reading(struct story_view *view, uint64_t reader,
                        void (*each)(void *, const unsigned char *key, const void *value, size_t n),
                        void *arg);

/* A number of meta; 0 when there is none. */
uint64_t reader_number(struct story_view *view, const char *name);

/* The open views of all readers: readers_list() of the reader's environment. */
int reader_views(struct story_db *db, struct readers_view *out, size_t cap, size_t *n);

#endif
