/* Where the engine and the store meet: feed documents in, records out, one batch at a time. The
 * daemon and `storyctl replay` both go through here. */
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
    uint64_t articles; /* new ones; of a social feed, posts that are of an event */
    uint64_t known, updated, refused;
};

/* Takes the store (closed by ingest_free) and reads back the window. `set` may be NULL; else it is
 * called with the engine before anything is read, to set its parameters. 0, or an error of
 * store_strerror(). */
int ingest_open(struct store *store, restore_set_fn *set, void *arg, struct ingest **out);
void ingest_free(struct ingest *in); /* what was not committed is dropped */

/* After an error of the store that store_retry() has ended: drops what is not in the store, and
 * reads all else back, as at a start. No document may go on from before. After an error the process
 * must not go on with `in`. */
int ingest_again(struct ingest *in, restore_set_fn *set, void *arg);

struct store *ingest_store(struct ingest *in);
const struct engine *ingest_engine(const struct ingest *in);
void ingest_on_news(struct ingest *in, void (*fn)(void *, const struct ingest_news *), void *arg);

/* Calls back for the record of each event that a batch changed: as it is written, for what is to be
 * written with it (0, or an error), and once it is. */
struct json_t;
void ingest_on_writing(struct ingest *in, int (*fn)(void *, const struct json_t *event), void *arg);
void ingest_on_written(struct ingest *in, void (*fn)(void *, const struct json_t *event),
                       void *arg);

/* A document, step by step, so that a caller can do other things between them. Whom its feed speaks
 * for is settled first: `speaker` (of the feed's subscription, outlives the document) is set to
 * what the feed's record then has. Its items are all read and compared before the first is taken,
 * and the last is taken first, for feeds have their newest on top. The feed is the document's from
 * then on; `now` is the clock. ingest_end() at any time: items not taken by then are taken when the
 * document comes again. */
struct ingest_document;
struct ingest_document *ingest_begin(struct ingest *in, uint64_t feed_number,
                                     const struct feed_origin *origin, struct feed_speaker *speaker,
                                     struct feed *feed, int64_t now);
int ingest_next(struct ingest_document *d, bool *more);
struct ingest_counts ingest_end(struct ingest_document *d);

/* What other feeds say now of the publisher that a feed speaks for, also where it brought nothing
 * new: sets `speaker->own`. */
int ingest_look(struct ingest *in, uint64_t feed_number, const struct feed_origin *origin,
                struct feed_speaker *speaker);

/* Articles of the window that could not be read back, for an older version packed them: their
 * events are closed. */
size_t ingest_older(const struct ingest *in);

/* How long the texts of articles' pages are kept, in seconds, from when the article was seen: at
 * least as long as it is in the window. */
void ingest_keep_texts(struct ingest *in, int64_t seconds);

/* Lets time pass, so that events are closed also when nothing comes; `changed`: there is something
 * to commit. */
int ingest_tick(struct ingest *in, int64_t now, bool *changed);

/* New articles in the batch in hand. */
size_t ingest_pending(const struct ingest *in);

/* Writes the batch as one transaction. After an error nothing may be done with `in` but to free it
 * or ingest_again(). */
int ingest_commit(struct ingest *in);

/* The same without waiting for the disk, where the store has a writer: until ingest_commit_end(),
 * which whatever changes `in` calls first, all here stays as it is. ingest_commit_next() is a step
 * of it: the first one waits for the disk, the others tell what was written. */
int ingest_commit_start(struct ingest *in);
int ingest_commit_next(struct ingest *in, bool *more);
int ingest_commit_end(struct ingest *in);
bool ingest_is_committing(const struct ingest *in);

#endif
