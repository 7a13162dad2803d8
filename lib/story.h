/* libstory: read the events that storyd has merged. This is the only header that is installed.
 *
 * Link with `pkg-config --cflags --libs libstory`.
 *
 * A store is one LMDB environment (default /var/lib/storyd); storyd-db(5) has its schema. Reading
 * works while the daemon writes and while it is down, and never makes it wait. Know LMDB's caveats:
 *
 * - Readers need write access to the store's lock.mdb, and to nothing else of it: run them in group
 *   `storyd`.
 * - Open a store once in a process. Do not use it on a network file system, nor after fork().
 * - A view is one state of the whole store. The writer cannot reuse space while views are open, and
 *   the store grows, up to its greatest size: end them soon, and before anything that may wait (a
 *   write to a pipe, a user, another lock). storyd warns of views that are older than a minute.
 * - A process takes a slot in lock.mdb for each view, 510 in all. One that is killed leaves its
 * slots taken until storyd, or whoever finds the table full, clears them. End views on signals,
 * too.
 * - A view and what was got from it belong to one thread at a time.
 *
 * Texts are JSON (RFC 8259, UTF-8), as JSON Schemas in the package describe them. They lie in the
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
#define STORY_NOT_FOUND (-30601) /* no such event, article, feed or field */
#define STORY_NO_STORE  (-30602) /* no store in that folder, or not one of storyd's */
#define STORY_NEWER     (-30603) /* written by a later storyd than this library knows */
#define STORY_CORRUPT   (-30604) /* a record that is no JSON, or redirects in a circle */
#define STORY_NO_MEMORY (-30605)
#define STORY_TRUNCATED (-30607) /* data.mdb was cut short, or is no store at all */

typedef struct story_db story_db;
typedef struct story_view story_view;
typedef struct story_list story_list;

struct story_entry {
    uint64_t seq;    /* update or change sequence; 0 where the list has none */
    uint64_t number; /* of the event, article or feed; of a change its event */
    const char *json;
    size_t length; /* bytes */
};

/* Which events are wanted; what is 0 or NULL is not asked. Letter case does not matter. A text of
 * several values with commas between them takes any of them. */
struct story_filter {
    int64_t min_sources; /* reported by so many publishers; a feed speaks for one of them, unless it
                            is declared an aggregator (storyd-db(5), What the counts mean) */
    int64_t since;       /* updated since: seconds since 1970 UTC */
    const char *category; /* "health, sport"; tags count too */
    const char *lang;     /* "en" */
    const char *source;   /* name or domain of a publisher */
    const char *words;    /* each begins a word of title, tags or keywords */
    const char *status;   /* "open" or "closed" */
};

/* The store in folder `dir`. Close it after its last view. What an older version of storyd did not
 * keep is empty; open the store again after a newer one has started with it. */
int story_open(const char *dir, story_db **out);
void story_close(story_db *db);

/* One state of the whole store, until story_view_end(). */
int story_view_begin(story_db *db, story_view **out);
void story_view_end(story_view *view);

/* Number of the last change: the cursor to go on from. */
uint64_t story_last_seq(story_view *view);

/* An event that was merged away gives the one that took it in; compare `out->number`. */
int story_event(story_view *view, uint64_t number, struct story_entry *out);
/* The same without following: the record {"status": "merged", "merged_into": N, ...} itself. */
int story_event_as_is(story_view *view, uint64_t number, struct story_entry *out);
int story_article(story_view *view, uint64_t number, struct story_entry *out);
int story_feed(story_view *view, uint64_t number, struct story_entry *out);
int story_decision(story_view *view, uint64_t number, struct story_entry *out);

/* Lists. Free each with story_list_free() before its view ends. */
int story_events(story_view *view,
                 story_list **out); /* latest updated first, merged ones left out */
int story_events_by_number(story_view *view, story_list **out); /* all, merged ones too */
/* The same from that number on: to go through a large store in one short view after another. Each
 * event is then as of its own view; one that changes in between is given once, as it was or is. */
int story_events_from(story_view *view, uint64_t number, story_list **out);
/* Those of story_events() that a filter lets through. The filter's texts must stay until the list
 * is freed. */
int story_events_where(story_view *view, const struct story_filter *filter, story_list **out);
/* Updated after `seq`, in order of update; an event stands once, at its last update. */
int story_events_since(story_view *view, uint64_t seq, story_list **out);
int story_changes_since(story_view *view, uint64_t seq, story_list **out);
int story_articles_of(story_view *view, uint64_t event, story_list **out); /* in order of number */
/* The posts of social feeds that are of an event, in order of number. */
int story_posts_of(story_view *view, uint64_t event, story_list **out);
/* The articles' pages that were asked for, or wait to be: those of the newest articles first. */
int story_pages(story_view *view, story_list **out);
int story_feeds(story_view *view, story_list **out);
/* What editors decided, the latest first; those before number `before`, 0 for all. */
int story_decisions(story_view *view, uint64_t before, story_list **out);
int story_next(story_list *list, struct story_entry *out); /* STORY_END after the last */
void story_list_free(story_list *list);

/* One field of a record, for programs without a JSON parser. A text is cut to `cap` bytes, at a
 * character, and NUL-terminated. STORY_NOT_FOUND where there is none of that kind. */
int story_text(const struct story_entry *entry, const char *field, char *out, size_t cap);
int story_integer(const struct story_entry *entry, const char *field, int64_t *out);

/* Waiting for what storyd writes, without asking again and again. story_wait() returns once there
 * are changes after `seq`, and gives the number of the last: go on with story_changes_since().
 * After `milliseconds` (-1: never) it returns STORY_END, and EINTR after a signal. It may take a
 * thread of its own, with the same db. */
int story_wait(story_db *db, uint64_t seq, int milliseconds, uint64_t *last);

/* The same for a program with a loop of its own: a descriptor that can be read when storyd has
 * written. Watch first, look at a view then; when it can be read, call story_watched(), and look
 * again. Close it with close(). */
int story_watch(story_db *db, int *fd);
void story_watched(int fd);

const char *story_strerror(int error);

#ifdef __cplusplus
}
#endif

#endif
