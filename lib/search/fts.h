/* The full-text index of articles: a file of SQLite beside the store, with FTS5. It holds folded
 * words of title, text and source, never the text of a page, and nothing that is not in the store:
 * it may be deleted at any time. One process writes and reads it, on one thread.
 *
 * It is not synced to the disk. After a kill it is as of its last fts_commit(); fts_open() refuses
 * one that was not closed before the machine went down. */
#ifndef SEARCH_FTS_H
#define SEARCH_FTS_H

#include "store/article_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fts;

/* DAMAGED: to be removed and made anew, as is an index of another format. FAILED: the disk is full,
 * a permission is missing; fts_error() says more. */
enum fts_result { FTS_OK, FTS_DAMAGED, FTS_FAILED };

/* Opens the file, or creates it with mode 0640 less the umask. `boot` identifies the machine's
 * present run. */
enum fts_result fts_open(const char *path, const char *boot, struct fts **out);
void fts_close(struct fts *f); /* commits and syncs, unless something failed before */
void fts_remove(const char *path);
const char *fts_error(const struct fts *f);

/* A number that is kept with the articles, 0 where it was never set. */
enum fts_number { FTS_SEQ, FTS_MARK, FTS_NEXT, FTS_ARTICLES, FTS_NUMBERS };
uint64_t fts_number(const struct fts *f, enum fts_number which);
void fts_set_number(struct fts *f, enum fts_number which, uint64_t value);

/* Changes, which the first one of a transaction begins. An article that is indexed is replaced. */
enum fts_result fts_put(struct fts *f, const struct article_record *a);
enum fts_result fts_delete(struct fts *f, uint64_t article);
enum fts_result fts_commit(struct fts *f);

/* One short step of merging what commits added, which keeps searches fast; *more: there is more to
 * merge. Without it the index works, but gets slower. */
enum fts_result fts_merge(struct fts *f, bool *more);

/* The first indexed article after a number; 0: there is none. */
enum fts_result fts_after(struct fts *f, uint64_t article, uint64_t *next);

/* An article that matches. `published` and `relevance` are set in a ranked search. The relevance
 * grows with how often each word is there, more in the title than in the text, and falls with the
 * length of both; it is not below 0. */
struct fts_hit {
    uint64_t article;
    int64_t published;
    double relevance;
};

/* What is looked for, and by whom. `match` is of query.h. */
struct fts_search {
    const char *match;
    int64_t since, until; /* of publication */
    bool ranked;
    bool (*take)(void *arg, const struct fts_hit *hit); /* false: enough */
    bool (*stop)(void *arg); /* called from time to time; true: no time left */
    void *arg;
};

/* Calls back for the articles that match, the newest first. *all is false when it was stopped. */
enum fts_result fts_find(struct fts *f, const struct fts_search *s, bool *all);

#endif
