/* The engine: articles in, events out. Each article is sketched, finds candidate events through the
 * LSH index, is scored exactly against them and joins the likeliest or opens a new one; the event
 * it joined is then compared with its neighbours and may merge. The same articles in the same order
 * give the same events.
 *
 * What the engine holds is a function of the articles of the window, of which event each is in, and
 * of the saved rarity: engine_pack() gives each article's part, engine_restore() takes it back. */
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

/* Numbers of the next article and event start at these. */
struct engine *engine_new(uint64_t next_article, uint64_t next_event);
void engine_free(struct engine *e);

/* Sets one parameter, or a model's row ("join", "cos_all*log_n"). False for an unknown name. */
bool engine_set(struct engine *e, const char *section, const char *name, double value);
void engine_clear_model(struct engine *e, const char *section);
const struct engine_params *engine_params(const struct engine *e);
const struct model *engine_join_model(const struct engine *e);

/* Lets time pass: events whose articles have left the window are over. A clock that goes back is
 * taken for standing still; by more than the window, for having been wrong before: what came in
 * that time leaves the window. True when a day has ended: engine_save_rarity() has something new.
 */
bool engine_tick(struct engine *e, int64_t now);

/* Tells of an article that is to come, as of those of a document in the order in which they will be
 * added: what it has in common with others, and with nothing else, is known when the first of them
 * comes. It is expected no more when it comes, or one that was told of after it. NULL: none that
 * was told of will come. Of more than ENGINE_AHEAD the last are remembered. */
void engine_expect(struct engine *e, const struct engine_article *in);

void engine_add(struct engine *e, const struct engine_article *in, struct engine_result *out);

/* An article's texts have changed: it stays in its event, which is weighed anew. It is found by the
 * words that it came with, and by its event's other articles. engine_changes() tells which articles
 * copy another now, or do no more. False when it is not in the window. */
bool engine_edit(struct engine *e, uint64_t article, const struct engine_article *in);

/* The text of the article's page: as engine_edit(), and where the article belongs is decided anew,
 * as if it came now: it may take its event into another one (ENGINE_MERGED), leave its event
 * (ENGINE_SPLIT, its one article) and join another (then merged), or its event may merge with its
 * neighbours or be parted. It is found by the page's words from then on, as well as by those that
 * it came with. `reason` (may be NULL): of the event that it is in now, or why it is in none of
 * others. engine_changes() tells what was done, in order. Links of editors bind as ever. False when
 * it is not in the window. */
bool engine_renew(struct engine *e, uint64_t article, const struct engine_article *in,
                  struct engine_reason *reason);

/* What an editor decided of two articles: from now on no join, merge or split of the engine's own
 * parts what must be together or brings together what cannot be, also when either article has yet
 * to come. False when it contradicts what was decided before. Where the two are now does not
 * change: engine_merge() and engine_split() do that. The engine keeps links in memory alone: give
 * them again, in their order, before articles are restored. */
bool engine_link(struct engine *e, uint64_t a, uint64_t b, enum link_kind kind);
bool engine_unlink(struct engine *e, uint64_t a, uint64_t b); /* false: there was no such link */

/* Does a link keep one of the first articles apart from one of the others? */
bool engine_kept_apart(const struct engine *e, const uint64_t *articles, size_t n,
                       const uint64_t *others, size_t n_others);

/* Two events become one; the larger one's number stays. False, and nothing is changed, when either
 * is not in the window, or a link keeps them apart. */
bool engine_merge(struct engine *e, uint64_t one, uint64_t other);

/* Two articles are one, as their addresses tell: the later one copies the earlier, and their events
 * become one. False, and nothing is changed, when either is not in the window, or a link keeps them
 * apart. */
bool engine_unite(struct engine *e, uint64_t one, uint64_t other);

/* Articles of an event become one of their own: its number, which is new also when none of them is
 * in the window. 0, and nothing is changed, when a link holds some of them together with the
 * others. */
uint64_t engine_split(struct engine *e, uint64_t event, const uint64_t *articles, size_t n);

/* What the last engine_add(), engine_edit(), engine_renew(), engine_merge(), engine_unite() or
 * engine_split() did, in order; the engine's, until the next of them. */
size_t engine_changes(const struct engine *e, const struct engine_change **out);

/* Persistence. An article is packed when it has come, before the next one does: what a restart
 * alone needs of it is not kept. When it is edited, or found later to copy another, it is packed
 * again beside the bytes packed before; when it is renewed, with its page, before anything else is
 * asked of the engine than its changes. Articles are restored in order of number, each with the
 * number of its event; the rarity first. `engine_restore` is false for bytes that are no packed
 * article, and for those that engine_packed_before() knows: an older version of storyd packed them
 * otherwise. */
void engine_pack(const struct engine *e, uint64_t article, struct buf *out);
void engine_pack_again(const struct engine *e, uint64_t article, const void *bytes, size_t n,
                       struct buf *out);
void engine_pack_page(const struct engine *e, uint64_t article, const void *bytes, size_t n,
                      struct buf *out);
bool engine_restore(struct engine *e, uint64_t article, uint64_t event, const void *bytes,
                    size_t n);
bool engine_packed_before(const void *bytes, size_t n);
void engine_save_rarity(const struct engine *e, struct buf *out);
bool engine_restore_rarity(struct engine *e, const void *bytes, size_t n);
int64_t engine_clock(const struct engine *e);
void engine_set_clock(struct engine *e, int64_t seen);

/* Is told of every comparison of an article (an event of one) or a changed event `a` with a
 * candidate `b`, before anything is decided; for fitting the models. */
void engine_watch(struct engine *e, engine_watch_fn *fn, void *arg);

/* Would the article join the event, as both are now? Its title and body give the shared words their
 * spelling. Of an event that it is in, the others of it are meant; the runner-up is the likeliest
 * of the other events. False when either is not in the window, or the event is the article's alone.
 * Nothing is changed. */
bool engine_why(struct engine *e, uint64_t article, uint64_t event, const char *title,
                const char *body, struct engine_reason *out);

/* The events that a text which is no article is most likely of, as all is now, the likeliest first;
 * how many, `most` at most. Nothing is changed: the engine learns none of its words. */
struct engine_near {
    uint64_t event;
    double probability;
    bool joins; /* it would join it as an article does, if it did not join one before it */
};
size_t engine_nearest(struct engine *e, const struct engine_article *in, struct engine_near *out,
                      size_t most);

/* Earlier articles of its publisher in the window, those that end in the same words first, then
 * other long ones, the newest first; how many, `most` at most. None of a short one. */
size_t engine_like_written(const struct engine *e, uint64_t article, uint64_t *out, size_t most);

/* What is in the window. */
size_t engine_articles(const struct engine *e);
size_t engine_events(const struct engine *e);

/* Number of the oldest article whose packed form engine_restore() still needs. */
uint64_t engine_oldest(const struct engine *e);

/* False, and NULL, when none of the event's articles is in the window. */
bool engine_has_event(const struct engine *e, uint64_t number);
const struct news_event *engine_event(struct engine *e, uint64_t number);

/* An article of the window, and how rare terms are; for measuring. */
const struct article *engine_article(const struct engine *e, uint64_t number);
const struct rarity *engine_rarity(const struct engine *e);
struct langs *engine_langs(const struct engine *e);

#endif
