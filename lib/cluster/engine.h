/* The engine: articles in, events out. Each article is sketched, finds candidate events through the
 * LSH index, is scored exactly against them, and joins the most probable one or opens a new event.
 * The event it joined is then compared with its neighbours and may merge with one. The same
 * articles in the same order give the same events.
 *
 * The engine's state is a function of the articles of the window, of the event that each is in, and
 * of the saved rarity: engine_pack() returns each article's part, engine_restore() reads it back.
 */
#ifndef CLUSTER_ENGINE_H
#define CLUSTER_ENGINE_H

#include "base/buf.h"
#include "cluster/engine_types.h"
#include "cluster/links.h"
#include "cluster/news_event.h"
#include "cluster/params.h"
#include "cluster/score.h"
#include "text/lang.h"
#include "text/rarity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine;

/* The next article and event get these numbers. */
struct engine *engine_new(uint64_t next_article, uint64_t next_event);
void engine_free(struct engine *e);

/* Sets one parameter, or adds a row to a model ("join", "cos_all*log_n"). False for an unknown name
 * or a value out of range. */
bool engine_set(struct engine *e, const char *section, const char *name, double value);
void engine_clear_model(struct engine *e, const char *section);
const struct engine_params *engine_params(const struct engine *e);
const struct model *engine_join_model(const struct engine *e);

/* Advances the clock; events whose last article has left the window end. When `now` goes back, the
 * clock stands still; when it goes back by more than the window, the old clock was wrong and the
 * articles added under it leave the window. True when a day has ended: engine_save_rarity() has
 * something new to save. */
bool engine_tick(struct engine *e, int64_t now);

/* Announces an article that will be added, for those of a document in the order in which they will
 * be added. When the first of them is added, the engine already knows what they have in common with
 * one another and with no other article. An article is no longer expected once it, or one announced
 * after it, is added. NULL: cancels all announcements. At most ENGINE_AHEAD are remembered, the
 * last ones. */
void engine_expect(struct engine *e, const struct engine_article *in);

void engine_add(struct engine *e, const struct engine_article *in, struct engine_result *out);

/* An article's texts have changed. It stays in its event, whose sums are updated. Searches still
 * find it by its original words, and through the other articles of its event. engine_changes()
 * lists articles that now copy another, or no longer do. False when it is not in the window. */
bool engine_edit(struct engine *e, uint64_t article, const struct engine_article *in);

/* The text of the article's page has been read: as engine_edit(), and the article is placed anew as
 * if it came now. It may take its event into another one (ENGINE_MERGED), leave its event
 * (ENGINE_SPLIT, with itself as the one article) and join another (then merged), or its event may
 * merge with its neighbours or be split. From then on searches find it by the page's words as well
 * as by its original ones. `reason` (may be NULL): why it is in its present event, or why it is in
 * no other. engine_changes() lists the changes in order. Editors' links still bind. False when it
 * is not in the window. */
bool engine_renew(struct engine *e, uint64_t article, const struct engine_article *in,
                  struct engine_reason *reason);

/* An editor's decision about two articles: no later join, merge or split by the engine separates
 * what must be together or unites what must stay apart, even when either article has yet to come.
 * False when it contradicts earlier decisions. The two articles are not moved; engine_merge() and
 * engine_split() do that. The engine keeps links in memory only: set them again, in order, before
 * restoring articles. */
bool engine_link(struct engine *e, uint64_t a, uint64_t b, enum link_kind kind);
bool engine_unlink(struct engine *e, uint64_t a, uint64_t b); /* false: there was no such link */

/* True when a link keeps one of the first articles apart from one of the others. */
bool engine_kept_apart(const struct engine *e, const uint64_t *articles, size_t n,
                       const uint64_t *others, size_t n_others);

/* Merges two events; the larger one keeps its number. False, without any change, when either is not
 * in the window, a link keeps them apart, or they would hold too many articles. */
bool engine_merge(struct engine *e, uint64_t one, uint64_t other);

/* Two articles are one, by their addresses: the later one becomes a copy of the earlier, and their
 * events merge. False, without any change, when either is not in the window or their events cannot
 * merge. */
bool engine_unite(struct engine *e, uint64_t one, uint64_t other);

/* Moves articles of an event to an event of their own and returns its number, which is new even
 * when none of them is in the window. 0, without any change, when a must-link ties some of them to
 * articles that stay. */
uint64_t engine_split(struct engine *e, uint64_t event, const uint64_t *articles, size_t n);

/* What the last engine_add(), engine_edit(), engine_renew(), engine_merge(), engine_unite() or
 * engine_split() did, in order. Owned by the engine, valid until the next of these calls. */
size_t engine_changes(const struct engine *e, const struct engine_change **out);

/* Persistence. Pack an article right after it was added, before the next one: some of its packed
 * data is not kept in memory. After an edit, or when it is later found to be a copy, pack it again
 * together with its previously packed bytes; after engine_renew(), pack it with its page before any
 * other engine call except engine_changes(). Restore the rarity first, then the articles in order
 * of number, each with the number of its event. engine_restore() is false for invalid bytes and for
 * those of an older storyd version, which engine_packed_before() recognises: engine_rebuild() then
 * restores such an article from its texts, and packs it. `in->seen` is when it was added, `copy_of`
 * the article that it copies, or 0. */
void engine_pack(const struct engine *e, uint64_t article, struct buf *out);
void engine_pack_again(const struct engine *e, uint64_t article, const void *bytes, size_t n,
                       struct buf *out);
void engine_pack_page(const struct engine *e, uint64_t article, const void *bytes, size_t n,
                      struct buf *out);
bool engine_restore(struct engine *e, uint64_t article, uint64_t event, const void *bytes,
                    size_t n);
bool engine_packed_before(const void *bytes, size_t n);
void engine_rebuild(struct engine *e, uint64_t article, uint64_t event, uint64_t copy_of,
                    const struct engine_article *in, struct buf *out);
/* As if an older version had packed it. */
void engine_pack_nothing(struct buf *out);
void engine_save_rarity(const struct engine *e, struct buf *out);
bool engine_restore_rarity(struct engine *e, const void *bytes, size_t n);
int64_t engine_clock(const struct engine *e);
void engine_set_clock(struct engine *e, int64_t seen);

/* `fn` receives every comparison of an article (an event of one) or a changed event `a` with a
 * candidate `b`, before any decision; for fitting the models. */
void engine_watch(struct engine *e, engine_watch_fn *fn, void *arg);

/* Explains whether the article would join the event, as both are now. Title and body supply the
 * spelling of the shared words. For the event that contains the article, the comparison is with its
 * other members; the runner-up is the most probable other event. False when either is not in the
 * window, or the event holds only this article. Changes nothing. */
bool engine_why(struct engine *e, uint64_t article, uint64_t event, const char *title,
                const char *body, struct engine_reason *out);

/* The events that a text which is no article most probably belongs to, most probable first; returns
 * how many, at most `most`. Changes nothing: the engine does not count its words. */
struct engine_near {
    uint64_t event;
    double probability;
    bool joins; /* the text would pass the guards for joining the event, if it did not join an
                   earlier one in the list */
};
size_t engine_nearest(struct engine *e, const struct engine_article *in, struct engine_near *out,
                      size_t most);

/* Earlier articles of the same publisher in the window: first those that end in the same words,
 * then other long ones, newest first; returns how many, at most `most`. A short article has none.
 */
size_t engine_like_written(const struct engine *e, uint64_t article, uint64_t *out, size_t most);

/* Counts of what is in the window. */
size_t engine_articles(const struct engine *e);
size_t engine_events(const struct engine *e);

/* The lowest article number whose packed form engine_restore() still needs. */
uint64_t engine_oldest(const struct engine *e);

/* False, or NULL, when none of the event's articles is in the window. */
bool engine_has_event(const struct engine *e, uint64_t number);
const struct news_event *engine_event(struct engine *e, uint64_t number);

/* An article of the window, and the rarity of terms; for measurements. */
const struct article *engine_article(const struct engine *e, uint64_t number);
const struct rarity *engine_rarity(const struct engine *e);
struct langs *engine_langs(const struct engine *e);

#endif
