/* The read API over an environment that somebody else opened, and closes. */
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

/* The changes of one event, also those in which it gave to or took from another. Only of such a
 * reader, for the database behind it is private. */
int reader_history(struct story_view *view, uint64_t event, struct story_list **out);

/* As story_changes_since(), for those who hand records on as they are: they are not parsed, so that
 * an entry's `number` is that of the change, as its `seq` is. */
int reader_changes_since(struct story_view *view, uint64_t seq, struct story_list **out);

/* A number of meta; 0 where there is none. */
uint64_t reader_number(struct story_view *view, const char *name);

/* Who else reads: readers_list() of any reader's environment. */
int reader_views(struct story_db *db, struct readers_view *out, size_t cap, size_t *n);

#endif
