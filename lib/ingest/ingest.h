/* Connects the engine and the store: feed documents in, records out, one batch at a time. Used by
 * the daemon and by `storyctl replay`. */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "cluster/engine.h"
#include "article/article.h"
#include "ingest/news.h"
#include "ingest/restore.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ingest;

struct ingest_counts {
    uint64_t articles; /* new ones; for a social feed, posts that belong to an event */
    uint64_t known, updated, refused;
    uint64_t missing; /* partial items (feed/wire.h) that are not known here */
};

/* Takes ownership of the store (closed by ingest_free) and restores the window. `set` may be NULL;
 * otherwise it is called with the engine before anything is read, to set its parameters. 0, or an
 * error of store_strerror(). */
int ingest_open(struct store *store, restore_set_fn *set, void *arg, struct ingest **out);
void ingest_free(struct ingest *in); /* what was not committed is lost */

/* The same without the window, for a process that ingests nothing. */
struct ingest *ingest_idle(struct store *store);

/* After a store error that store_retry() has ended: discards what is not in the store and restores
 * the rest, as at a start. Documents begun before must not be continued. After an error the process
 * must not continue with `in`. */
int ingest_again(struct ingest *in, restore_set_fn *set, void *arg);

struct store *ingest_store(struct ingest *in);
const struct engine *ingest_engine(const struct ingest *in);
void ingest_on_news(struct ingest *in, void (*fn)(void *, const struct ingest_news *), void *arg);

/* Callbacks for the record of each event that a batch changed: when it is written, for data to be
 * written with it (0, or an error), and after it was written. */
struct event_record;
void ingest_on_writing(struct ingest *in, int (*fn)(void *, const struct event_record *event),
                       void *arg);
void ingest_on_written(struct ingest *in, void (*fn)(void *, const struct event_record *event),
                       void *arg);

/* Processes a document step by step, so that a caller can do other work in between. First the
 * feed's publisher is settled: `speaker` (of the feed's subscription, must outlive the document) is
 * set to what the feed's record then contains. All items are read and compared before the first is
 * processed, and the last one is processed first, because feeds list the newest on top. Takes
 * ownership of the feed; `now` is the clock. ingest_end() may be called at any time: the remaining
 * items are processed when the document comes again. */
struct ingest_document;
struct ingest_document *ingest_begin(struct ingest *in, uint64_t feed_number,
                                     const struct feed_origin *origin, struct feed_speaker *speaker,
                                     struct feed *feed, int64_t now);
int ingest_next(struct ingest_document *d, bool *more);
struct ingest_counts ingest_end(struct ingest_document *d);

/* Compares with other feeds' present claims to the feed's publisher, also when it brought nothing
 * new: sets `speaker->own`. */
int ingest_look(struct ingest *in, uint64_t feed_number, const struct feed_origin *origin,
                struct feed_speaker *speaker);

/* Articles of the window that were restored from their texts because an older version packed them.
 */
size_t ingest_older(const struct ingest *in);

/* How long the texts of articles' pages are kept, in seconds since the article was seen: at least
 * while it is in the window. */
void ingest_keep_texts(struct ingest *in, int64_t seconds);

/* Advances the clock, so that events close even when nothing arrives; `changed`: there is something
 * to commit. */
int ingest_tick(struct ingest *in, int64_t now, bool *changed);

/* New articles in the current batch. */
size_t ingest_pending(const struct ingest *in);

/* Articles and events since the store was created, with those of the current batch. */
uint64_t ingest_articles(const struct ingest *in);
uint64_t ingest_events(const struct ingest *in);

/* Writes the batch as one transaction. After an error only ingest_free() and ingest_again() may be
 * called on `in`. */
int ingest_commit(struct ingest *in);

/* The same without waiting for the disk, if the store has a writer. Until ingest_commit_end(),
 * which every call that changes `in` makes first, nothing here changes. ingest_commit_next() is one
 * step of it: the first waits for the disk, the others report what was written. */
int ingest_commit_start(struct ingest *in);
int ingest_commit_next(struct ingest *in, bool *more);
int ingest_commit_end(struct ingest *in);
bool ingest_is_committing(const struct ingest *in);

#endif
