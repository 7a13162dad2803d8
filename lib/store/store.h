/* The writer's side of the store: one LMDB environment, one write transaction at a time that holds
 * a whole batch. Errors are LMDB's codes or errno values; store_strerror() has their texts.
 * A batch that cannot be written leaves the store as it was; the caller must not go on, for what it
 * holds in memory is then ahead of the store: every call fails with the same error, until
 * store_retry(). */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "store/codes.h"
#include "store/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

struct store_value {
    const void *p; /* in LMDB's memory: valid until the next write or commit */
    size_t n;
};

/* Makes the folder and the environment where there is none, and sees to it that the group may read
 * them and change nothing but LMDB's table of readers. `max_bytes` is address space, not disk.
 * STORE_BUSY when another process writes, STORE_NEWER when a later storyd has written here,
 * STORE_TRUNCATED when data.mdb was cut short. */
int store_open(const char *dir, size_t max_bytes, struct store **out);
/* The same for one reading, beside a writer or without one: puts fail. */
int store_open_reading(const char *dir, struct store **out);
void store_close(struct store *s); /* what was not committed is dropped */

int store_get(struct store *s, enum store_db db, const void *key, size_t n,
              struct store_value *out);
int store_get_u64(struct store *s, enum store_db db, uint64_t key, struct store_value *out);
int store_put(struct store *s, enum store_db db, const void *key, size_t n, const void *value,
              size_t value_n);
int store_put_u64(struct store *s, enum store_db db, uint64_t key, const void *value, size_t n);
int store_delete_u64(struct store *s, enum store_db db, uint64_t key);

/* event_articles: one article of an event more, or less. */
int store_link(struct store *s, uint64_t event, uint64_t article);
int store_unlink(struct store *s, uint64_t event, uint64_t article);

/* event_posts: the same of posts; and those of an event, in order. */
int store_link_post(struct store *s, uint64_t event, uint64_t post);
int store_unlink_post(struct store *s, uint64_t event, uint64_t post);
int store_linked_posts(struct store *s, uint64_t event, uint64_t **out, size_t *n);

/* _history: one more change of an event. */
int store_remember(struct store *s, uint64_t event, uint64_t seq);

/* _earlier: an event that is over under a term, of which it keeps the `most` newest; and those that
 * a term has, the newest first; how many. */
int store_index(struct store *s, uint64_t term, uint64_t event, size_t most);
int store_indexed(struct store *s, uint64_t term, uint64_t *out, size_t most, size_t *n);

bool store_is_empty(struct store *s, enum store_db db);

/* The articles of an event, in order; the caller frees `*out`. */
int store_linked(struct store *s, uint64_t event, uint64_t **out, size_t *n);

/* Calls back for every key from `first` on, in order, while it returns 0; what it returned last, or
 * an error. */
int store_each(struct store *s, enum store_db db, uint64_t first,
               int (*each)(void *, uint64_t key, struct store_value value), void *arg);

/* A number kept in meta as JSON; 0 where it was never set. When it cannot be read, nothing can be
 * written any more. */
uint64_t store_number(struct store *s, const char *name);
int store_set_number(struct store *s, const char *name, uint64_t value);

int store_commit(struct store *s); /* synced to the disk when it returns 0 */

/* The same without waiting for the disk, on a thread that store_start_writer() started, between two
 * batches (without one it waits). `write` is called there first, for what is still to be put. Until
 * store_commit_end(), which waits, and which any other call here does first, the batch is that
 * thread's; `fd` becomes readable when it has done its work. */
int store_start_writer(struct store *s, int *fd);
int store_commit_start(struct store *s, int (*write)(void *), void *arg);
int store_commit_end(struct store *s); /* 0 when the last batch is on the disk */
const char *store_strerror(int error);

/* Whether the error says that the disk, or what max_bytes allows, is full. */
bool store_is_full(int error);

/* What the last batch failed with, and all calls since; 0 while one is being written. */
int store_error(const struct store *s);

/* After such an error: 0 when there is room again, by a margin (room.h). Then what was not
 * committed is dropped, and all that was read must be read anew. Takes a new `max_bytes`. No view
 * of store_reader() may be open. */
int store_retry(struct store *s, size_t max_bytes);

/* The name of a file of the store that is not any more the one that was opened: removed, replaced,
 * or its folder was. What is written then is lost, or harms another's. NULL: all is well. */
const char *store_lost(struct store *s);

/* Of the table of readers (readers.h): a reader that was killed within a view would pin the pages
 * it saw for ever. Opening does it too, and every 256th commit. From the thread that opened the
 * store, also while a batch is being written. */
int store_sweep(struct store *s);
struct readers_view;
int store_views(struct store *s, struct readers_view *out, size_t cap, size_t *n);

/* The key of a feed's address in _addresses. */
enum { STORE_ADDRESS_KEY = 16 };
void store_address_key(const char *url, unsigned char key[STORE_ADDRESS_KEY]);

/* story.h's reading within the process that writes, for LMDB lets a process open an environment
 * only once. What is not committed is not seen. Close it before the store. */
struct story_db;
int store_reader(struct store *s, struct story_db **out);

#endif
