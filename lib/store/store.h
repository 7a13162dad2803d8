/* The writing side of the store: one LMDB environment, and one write transaction at a time that
 * contains a whole batch. Errors are LMDB's codes or errno values; store_strerror() describes them.
 * A batch that cannot be written leaves the store unchanged. The caller must not continue, because
 * its state in memory is then ahead of the store: every call fails with the same error until
 * store_retry(). */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "store/codes.h"
#include "store/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* Creates the folder and the environment if necessary, and makes sure that the group may read them
 * and change only LMDB's table of readers. `max_bytes` is address space, not disk; 0: as before.
 * STORE_BUSY when another process writes, STORE_NEWER when a later storyd has written here,
 * STORE_TRUNCATED when data.mdb was truncated. */
int store_open(const char *dir, size_t max_bytes, struct store **out);
/* Opens it for reading, with or without a writer: puts fail. */
int store_open_reading(const char *dir, struct store **out);
/* STORE_BUSY when a process writes the store; else 0, or an error. */
int store_is_busy(const char *dir);
void store_close(struct store *s); /* what was not committed is lost */

int store_get(struct store *s, enum store_db db, const void *key, size_t n,
              struct store_value *out);
int store_get_u64(struct store *s, enum store_db db, uint64_t key, struct store_value *out);
int store_put(struct store *s, enum store_db db, const void *key, size_t n, const void *value,
              size_t value_n);
int store_put_u64(struct store *s, enum store_db db, uint64_t key, const void *value, size_t n);
int store_delete(struct store *s, enum store_db db, const void *key, size_t n);
int store_delete_u64(struct store *s, enum store_db db, uint64_t key);

/* The last number that is a key; 0: none. */
int store_last(struct store *s, enum store_db db, uint64_t *key);

/* True when a number is listed under another: in event_articles, event_posts or _history. */
bool store_has(struct store *s, enum store_db db, uint64_t under, uint64_t number);

/* event_articles: adds or removes an article of an event. */
int store_link(struct store *s, uint64_t event, uint64_t article);
int store_unlink(struct store *s, uint64_t event, uint64_t article);

/* event_posts: the same for posts; and the posts of an event, in order. */
int store_link_post(struct store *s, uint64_t event, uint64_t post);
int store_unlink_post(struct store *s, uint64_t event, uint64_t post);
int store_linked_posts(struct store *s, uint64_t event, uint64_t **out, size_t *n);

/* _history: adds or removes a change of an event. */
int store_remember(struct store *s, uint64_t event, uint64_t seq);
int store_unremember(struct store *s, uint64_t event,
                     uint64_t seq); /* 0 also when it is not there */

/* _earlier: adds an ended event to a term, which keeps the `most` newest; and the events of a term,
 * newest first; returns how many. */
int store_index(struct store *s, uint64_t term, uint64_t event, size_t most);
int store_indexed(struct store *s, uint64_t term, uint64_t *out, size_t most, size_t *n);

bool store_is_empty(struct store *s, enum store_db db);

/* The articles of an event, in order; the caller frees `*out`. */
int store_linked(struct store *s, uint64_t event, uint64_t **out, size_t *n);

/* Calls back for every key from `first` on, in order, as long as it returns 0; returns the last
 * result, or an error. */
int store_each(struct store *s, enum store_db db, uint64_t first,
               int (*each)(void *, uint64_t key, struct store_value value), void *arg);

/* A key in a walk through a database; zeros: before the first one. */
struct store_place {
    unsigned char key[16];
    size_t n;
};

/* Calls back for up to `most` entries from the first key after `place` on, with all values of each
 * key, deletes those for which it returns STORE_DROP, and moves `place` on. STORE_STOP ends the
 * walk before that entry. *more is false when the walk has ended. `judge` may read the store but
 * not change it. */
enum store_verdict { STORE_KEEP, STORE_DROP, STORE_STOP };
typedef enum store_verdict store_judge(void *arg, struct store_value key, struct store_value value);
int store_walk(struct store *s, enum store_db db, struct store_place *place, size_t most,
               store_judge *judge, void *arg, bool *more);

/* A number stored in meta as JSON; 0 when it was never set. After a failure to read it nothing more
 * can be written. */
uint64_t store_number(struct store *s, const char *name);
int store_set_number(struct store *s, const char *name, uint64_t value);

int store_commit(struct store *s); /* on the disk when it returns 0 */

/* The same without waiting for the disk, on a thread that store_start_writer() started between two
 * batches (without the thread it waits). `write` is called there first, to put the rest. Until
 * store_commit_end(), which waits and which every other call here makes first, the batch belongs to
 * that thread; `fd` becomes readable when it has finished. */
int store_start_writer(struct store *s, int *fd);
int store_commit_start(struct store *s, int (*write)(void *), void *arg);
int store_commit_end(struct store *s); /* 0 when the last batch is on the disk */
const char *store_strerror(int error);

/* True when the error means that the disk or max_bytes is exhausted. */
bool store_is_full(int error);

/* The error of the last batch and of all calls since; 0 while one is being written. */
int store_error(const struct store *s);

/* After such an error: 0 when there is room again, with a margin (room.h). Then uncommitted data is
 * discarded, and everything read before must be read again. Accepts a new `max_bytes`. No view of
 * store_reader() may be open. */
int store_retry(struct store *s, size_t max_bytes);

/* Bytes: of the map, whose size is max_bytes, and of the file system that holds it (room.h). */
struct store_room {
    uint64_t map_used, map_size, disk_used, disk_size;
};
int store_room(struct store *s, struct store_room *out);

/* Changes max_bytes while no batch is open, else does nothing: the caller tries again after a
 * commit. No view of store_reader() may be open. A size below what is used is raised to that by
 * LMDB. */
int store_resize(struct store *s, size_t max_bytes);

/* The name of a file of the store that is no longer the one that was opened: it, or its folder, was
 * removed or replaced. What is written now is lost, or damages another store. NULL: all are intact.
 */
const char *store_lost(struct store *s);

/* Frees the slots of dead readers (readers.h): a reader killed within a view would pin its pages
 * permanently. Opening does this too, and every 256th commit. Call from the thread that opened the
 * store; allowed while a batch is being written. */
int store_sweep(struct store *s);
struct readers_view;
int store_views(struct store *s, struct readers_view *out, size_t cap, size_t *n);

/* The key of a feed's address in _addresses. */
void store_address_key(const char *url, unsigned char key[STORE_ADDRESS_KEY]);

/* The changes that each batch made, before it is committed and on the thread that commits it
 * (oplog.h). An error discards the batch as a failed write does. It may put values into local
 * databases. Set it before the first batch. */
typedef int store_log(void *arg, const char *changes, size_t n);
void store_set_log(struct store *s, store_log *log, void *arg);

/* Makes such changes, as part of the batch. */
int store_apply(struct store *s, const char *changes, size_t n);

/* Keys of the database _cluster: what its owner keeps, and a mark that the store was changed
 * outside the cluster since. Once there is a place, each batch sets the mark, until store_join().
 */
extern const char store_place[], store_alone[];
void store_join(struct store *s);

/* Begins a view of the whole store for a copy (dump.h), on any thread. */
struct dump;
int store_dump(struct store *s, struct dump **out);

/* The read API of story.h within the writing process, because a process may open an LMDB
 * environment only once. Uncommitted data is not visible. Close it before the store. */
struct story_db;
int store_reader(struct store *s, struct story_db **out);

#endif
