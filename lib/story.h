/* libstory: reads the events that storyd has merged. This is the only installed header.
 *
 * Link with `pkg-config --cflags --libs libstory`.
 *
 * A store is one LMDB environment (default /var/lib/storyd); storyd-db(5) documents its schema.
 * Reading works while the daemon writes and while it is down, and never blocks it. LMDB's caveats
 * apply:
 *
 * - Readers need write access to the store's lock.mdb, and to no other file of it: run them in the
 *   group `storyd`.
 * - Open a store once per process. Do not use it on a network file system, nor after fork().
 * - A view is one state of the whole store. While views are open the writer cannot reuse space, and
 *   the store grows, up to its maximum size. End views soon, and before anything that may block (a
 *   write to a pipe, a user, another lock). storyd warns of views older than a minute.
 * - Each view occupies a slot in lock.mdb; there are 510 for all processes. A killed process leaves
 *   its slots occupied until storyd, or a process that finds the table full, clears them. End views
 *   on signals, too.
 * - A view and everything read from it belong to one thread at a time.
 *
 * Retention. Events, articles and changes are deleted when they are older than [store] in
 * storyd.conf(5) keeps them. Their numbers are not used again: a number up to the last one without
 * a record is answered with STORY_GONE. A program that keeps a cursor and was not run for longer
 * than keep_changes starts afresh when story_changes_since() returns STORY_GONE: in one view, read
 * the events that it needs, for example those with status "open", and continue from
 * story_last_seq().
 *
 * Records are JSON (RFC 8259, UTF-8), described by the JSON Schemas in the package. They are in the
 * store's own memory: not NUL-terminated, read-only, valid until their view ends.
 *
 * Functions return 0 or an error: a STORY_ constant below, an errno value, or one of LMDB's. */
#ifndef STORY_H
#define STORY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STORY_END       (-30600) /* no more entries */
#define STORY_NOT_FOUND (-30601) /* no such event, article, feed, decision or field */
#define STORY_NO_STORE  (-30602) /* no store in that folder, or not one of storyd */
#define STORY_NEWER     (-30603) /* written by a later storyd than this library supports */
#define STORY_CORRUPT   (-30604) /* a record that is not JSON, or circular redirects */
#define STORY_NO_MEMORY (-30605)
#define STORY_GONE      (-30606) /* deleted: older than the operator keeps it (Retention, below) */
#define STORY_TRUNCATED (-30607) /* data.mdb was truncated, or is not a store */

typedef struct story_db story_db;
typedef struct story_view story_view;
typedef struct story_list story_list;

struct story_entry {
    uint64_t seq;    /* update or change sequence; 0 in other lists */
    uint64_t number; /* of the event, article or feed; for a change, of its event */
    const char *json;
    size_t length; /* bytes */
};

/* Selects events; members that are 0 or NULL select all. Letter case does not matter. A text with
 * several values separated by commas matches any of them. */
struct story_filter {
    int64_t min_sources; /* reported by at least so many publishers; a feed counts as one, unless it
                            is declared an aggregator (storyd-db(5), What the counts mean) */
    int64_t since;       /* updated since then: seconds since 1970 UTC */
    const char *category; /* "health, sport"; tags match too */
    const char *lang;     /* "en" */
    const char *source;   /* name or domain of a publisher */
    const char *words;    /* each must begin a word of title, tags or keywords */
    const char *status;   /* "open" or "closed" */
};

/* Opens the store in folder `dir`. Close it after its last view. Lists that an older version of
 * storyd did not store are empty; open the store again after a newer version has started with it.
 */
int story_open(const char *dir, story_db **out);
void story_close(story_db *db);

/* One state of the whole store, until story_view_end(). */
int story_view_begin(story_db *db, story_view **out);
void story_view_end(story_view *view);

/* The number of the last change: the cursor from which to continue. */
uint64_t story_last_seq(story_view *view);

/* For an event that was merged, returns the one that absorbed it; compare `out->number`, which is
 * that of the event that was deleted, if the result is STORY_GONE. */
int story_event(story_view *view, uint64_t number, struct story_entry *out);
/* The same without following: the record {"status": "merged", "merged_into": N, ...} itself. */
int story_event_as_is(story_view *view, uint64_t number, struct story_entry *out);
/* What is left of a deleted event for keep_tombstones: its title and times. */
int story_tombstone(story_view *view, uint64_t event, struct story_entry *out);
int story_article(story_view *view, uint64_t number, struct story_entry *out);
int story_feed(story_view *view, uint64_t number, struct story_entry *out);
int story_decision(story_view *view, uint64_t number, struct story_entry *out);

/* Lists. Free each with story_list_free() before its view ends. */
int story_events(story_view *view,
                 story_list **out); /* latest updated first, without merged ones */
int story_events_by_number(story_view *view, story_list **out); /* all, including merged ones */
/* The same from that number on: for reading a large store in a series of short views. Each event is
 * then as of its own view; one that changes in between is returned once, in its old or new state.
 */
int story_events_from(story_view *view, uint64_t number, story_list **out);
/* Those of story_events() that match a filter. The filter's texts must exist until the list is
 * freed. */
int story_events_where(story_view *view, const struct story_filter *filter, story_list **out);
/* Updated after `seq`, in order of update; each event once, at its last update. */
int story_events_since(story_view *view, uint64_t seq, story_list **out);
/* The changes after `seq`, in order. 0: all that are kept. STORY_GONE: some that followed `seq`
 * were deleted. */
int story_changes_since(story_view *view, uint64_t seq, story_list **out);
int story_articles_of(story_view *view, uint64_t event, story_list **out); /* in order of number */
/* The posts of social feeds that belong to an event, in order of number. */
int story_posts_of(story_view *view, uint64_t event, story_list **out);
/* The articles' pages that were requested, or are queued: those of the newest articles first. */
int story_pages(story_view *view, story_list **out);
int story_feeds(story_view *view, story_list **out);
/* Editors' decisions, latest first; those before number `before`, 0 for all. */
int story_decisions(story_view *view, uint64_t before, story_list **out);
int story_next(story_list *list, struct story_entry *out); /* STORY_END after the last */
void story_list_free(story_list *list);

/* One field of a record, for programs without a JSON parser. A text is cut to `cap` bytes, at a
 * character boundary, and NUL-terminated. STORY_NOT_FOUND when there is none of that type. */
int story_text(const struct story_entry *entry, const char *field, char *out, size_t cap);
int story_integer(const struct story_entry *entry, const char *field, int64_t *out);

/* Waits for changes without polling. story_wait() returns as soon as there are changes after `seq`,
 * with the number of the last: continue with story_changes_since(). After `milliseconds` (-1:
 * never) it returns STORY_END, and after a signal EINTR. It may run in a thread of its own, with
 * the same db. */
int story_wait(story_db *db, uint64_t seq, int milliseconds, uint64_t *last);

/* The same for a program with an event loop: a descriptor that becomes readable when storyd has
 * written. Watch first, then read a view; when the descriptor is readable, call story_watched() and
 * read a new view. Close it with close(). */
int story_watch(story_db *db, int *fd);
void story_watched(int fd);

const char *story_strerror(int error);

#ifdef __cplusplus
}
#endif

#endif
