/* Writes the engine's changes into the event and article records of the current batch; see apply.h.
 * Called by ingest.c, opening.c, decide.c, article_page.c and daemon/enrich. Writing the batch to
 * the store is done in commit.c. */
#include "ingest/apply.h"

#include "base/mem.h"
#include "cluster/lead.h"
#include "ingest/batch.h"
#include "ingest/held.h"
#include "ingest/ingest_state.h"
#include "ingest/posts.h"
#include "ingest/related.h"
#include "ingest/says.h"
#include "store/generated.h"
#include "text/title_faults.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PACKED = 1 << 20 };

int apply_pack(struct ingest *in, uint64_t article, uint64_t event)
{
    struct buf b;
    buf_init(&b, MAX_PACKED);
    buf_add(&b, &event, sizeof event);
    engine_pack(in->engine, article, &b);
    int error = store_put_u64(in->store, STORE_PACKED, article, b.p, b.len);
    buf_free(&b);
    return error;
}

/* A new title changes the event's digest. */
static int choose_event_lead(struct ingest *in, struct event_record *event,
                             const struct says_told *told)
{
    uint64_t lead = event->lead;
    uint64_t best = headline_choose(engine_event(in->engine, event->number), lead,
                                    engine_params(in->engine)->headline_margin,
                                    &(struct headline_told){told->articles, told->told, told->n});
    if (best == lead)
        return 0;
    int error = batch_lead(in->store, event, best);
    return error ? error : says_refresh(in->digester, in->store, event, NULL, NULL);
}

void apply_finish(struct ingest *in, struct event_record *event)
{
    taste_lean(in->taste, event);
    event_record_finish(event);
}

/* Recomputes what depends on the event's articles. Done at each change, not at the end of the
 * batch, so that the result does not depend on where batches end. */
int apply_refresh(struct ingest *in, struct event_record *event)
{
    bool open = engine_has_event(in->engine, event->number);
    struct says_told told = {0};
    int error = 0;
    if (open || !event->articles_deleted) /* else it keeps what it says */
        error = says_refresh(in->digester, in->store, event, NULL, &told);
    if (!error && open)
        error = choose_event_lead(in, event, &told);
    says_free(&told);
    if (!error)
        error = similar_refresh(in, event);
    if (!open)
        return error;
    apply_finish(in, event);
    return error;
}

static void tell_news(const struct ingest *in, const struct engine_change *c,
                      const struct event_record *event, const struct article_record *article,
                      uint64_t sources_before)
{
    if (!in->news)
        return;
    struct ingest_news news = {
        .kind = c->kind,
        .event = c->event,
        .from = c->from,
        .article = c->article,
        .new_source = event->source_count > sources_before,
        .title = event->title,
        .source = article ? article->source.name : "",
        .source_count = event->source_count,
    };
    in->news(in->news_arg, &news);
}

static int on_created(struct ingest *in, const struct engine_change *c,
                      struct article_record *article)
{
    int64_t now = engine_clock(in->engine);
    struct event_record *event = batch_new_event(in, c->event);
    event_record_join(event, article, now);
    event_record_lead(event, article);
    int error = store_link(in->store, c->event, c->article);
    if (!error)
        error = says_refresh(in->digester, in->store, event, article, NULL);
    apply_finish(in, event);
    if (!error)
        error = similar_refresh(in, event);
    if (!error)
        error = batch_log(in, "created", c->event, &(struct change_record){.article = c->article});
    if (c->archived)
        codec_set_string(&event->status, "archived");
    if (!error)
        error = batch_touch(in, event);
    tell_news(in, c, event, article, 0);
    return error;
}

static int on_joined(struct ingest *in, const struct engine_change *c,
                     struct article_record *article)
{
    struct event_record *event;
    int error = batch_event(in, c->event, &event);
    if (error)
        return error;
    uint64_t sources = event->source_count;
    event_record_join(event, article, engine_clock(in->engine));
    error = batch_put_article(in->store, article);
    if (!error)
        error = store_link(in->store, c->event, c->article);
    if (!error)
        error = apply_refresh(in, event);
    if (!error)
        error = batch_log(in, "joined", c->event,
                          &(struct change_record){.article = c->article,
                                                  .scored = true,
                                                  .probability = c->probability,
                                                  .threshold = c->threshold});
    if (!error)
        error = batch_touch(in, event);
    tell_news(in, c, event, article, sources);
    return error;
}

static int move_article(struct ingest *in, uint64_t article, uint64_t from, uint64_t into)
{
    struct article_record record;
    int error = batch_article(in->store, article, &record);
    record.event = into;
    if (!error)
        error = batch_put_article(in->store, &record);
    codec_free(&article_table, &record);
    if (!error)
        error = store_unlink(in->store, from, article);
    if (!error)
        error = store_link(in->store, into, article);
    if (!error)
        error = posts_follow(in, article, from, into);
    struct store_value packed;
    if (!error)
        error = store_get_u64(in->store, STORE_PACKED, article, &packed);
    if (error == STORE_NOT_FOUND)
        return 0; /* it has left the window, or is the current article */
    if (!error) {
        struct buf b;
        buf_init(&b, MAX_PACKED);
        buf_add(&b, packed.p, packed.n);
        memcpy(b.p, &into, sizeof into);
        error = store_put_u64(in->store, STORE_PACKED, article, b.p, b.len);
        buf_free(&b);
    }
    return error;
}

/* Replaces an article's packed form by what `pack` makes of it. One without is skipped: the current
 * article has none yet, and one that has left the window none any more. */
static int repack(struct ingest *in, uint64_t article, uint64_t event,
                  void (*pack)(const struct engine *, uint64_t article, const void *bytes, size_t n,
                               struct buf *out))
{
    struct store_value packed;
    int error = store_get_u64(in->store, STORE_PACKED, article, &packed);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error;
    if (packed.n < sizeof event)
        return STORE_CORRUPT;
    struct buf b;
    buf_init(&b, MAX_PACKED);
    buf_add(&b, &event, sizeof event);
    pack(in->engine, article, (const char *)packed.p + sizeof event, packed.n - sizeof event, &b);
    error = store_put_u64(in->store, STORE_PACKED, article, b.p, b.len);
    buf_free(&b);
    return error;
}

int apply_pack_again(struct ingest *in, uint64_t article, uint64_t event)
{
    return engine_article(in->engine, article) ? repack(in, article, event, engine_pack_again) : 0;
}

/* An article is found to copy an earlier one, because their events were joined. */
static int on_copied(struct ingest *in, const struct engine_change *c,
                     struct article_record *in_hand)
{
    bool is_in_hand = in_hand && in_hand->number == c->article;
    struct article_record stored = {0}, *article = is_in_hand ? in_hand : &stored;
    struct event_record *event;
    int error = is_in_hand ? 0 : batch_article(in->store, c->article, &stored);
    if (!error)
        error = batch_event(in, article->event, &event);
    if (!error) {
        event_record_copied(event, article, c->origin);
        digester_forget(in->digester, c->article);
        error = batch_put_article(in->store, article);
    }
    if (!error)
        error = apply_pack_again(in, c->article, article->event);
    codec_free(&article_table, &stored);
    return error;
}

static int move_articles(struct ingest *in, uint64_t from, uint64_t into)
{
    uint64_t *articles = NULL;
    size_t n = 0;
    int error = store_linked(in->store, from, &articles, &n);
    for (size_t i = 0; !error && i < n; i++)
        error = move_article(in, articles[i], from, into);
    free(articles);
    return error;
}

static int on_merged(struct ingest *in, const struct engine_change *c)
{
    struct event_record *into, *from;
    int error = batch_event(in, c->event, &into);
    if (!error)
        error = batch_event(in, c->from, &from);
    if (error)
        return error;
    int64_t now = engine_clock(in->engine);
    uint64_t sources = into->source_count;
    event_record_merge(into, from, now);
    held_merged(in, c->from, c->event);
    error = batch_log(in, "merged", c->event,
                      &(struct change_record){.from = c->from,
                                              .scored = true,
                                              .probability = c->probability,
                                              .threshold = c->threshold});
    if (!error)
        error = store_delete_u64(in->store, STORE_EVENTS_BY_UPDATE, from->seq);
    if (error == STORE_NOT_FOUND)
        error = 0; /* archived */
    if (!error)
        error = batch_touch(in, into);
    if (!error)
        error = posts_merge(in, c->from, c->event);
    if (!error)
        error = move_articles(in, c->from, c->event);
    if (!error)
        error = similar_drop(in, c->from);
    if (!error)
        error = apply_refresh(in, into);
    event_record_end(from, c->event, now, in->seq);
    tell_news(in, c, into, NULL, sources);
    return error;
}

/* Recounts the event's articles after some were removed, or count for another publisher. */
int apply_recount(struct ingest *in, struct event_record *event)
{
    uint64_t *articles = NULL, lead = event->lead;
    size_t n = 0;
    bool has_lead = false;
    int error = store_linked(in->store, event->number, &articles, &n);
    if (!error)
        error = batch_count(in->store, event, articles, n, engine_clock(in->engine));
    for (size_t i = 0; i < n; i++)
        has_lead |= articles[i] == lead;
    if (!has_lead)
        event->lead = 0;
    if (!engine_has_event(in->engine, event->number)) {
        if (!strcmp(event->status, "open"))
            codec_set_string(&event->status, "closed");
        if (!error && !has_lead && n > 0) /* centrality is unknown now */
            error = batch_lead(in->store, event, articles[0]);
    }
    free(articles);
    return error ? error : apply_refresh(in, event);
}

/* Logs two changes, one for each of the two resulting events. */
static int on_split(struct ingest *in, const struct engine_change *c)
{
    struct event_record *from, *part = batch_new_event(in, c->event);
    int error = batch_event(in, c->from, &from);
    for (size_t i = 0; !error && i < c->n_articles; i++)
        error = move_article(in, c->articles[i], c->from, c->event);
    if (!error)
        error = batch_log(
            in, "split", c->event,
            &(struct change_record){.from = c->from,
                                    .articles = {(void *)(uintptr_t)c->articles, c->n_articles},
                                    .scored = true,
                                    .probability = c->probability,
                                    .threshold = c->threshold});
    if (!error)
        error = batch_touch(in, part);
    if (!error)
        error = apply_recount(in, part);
    if (!error)
        error = batch_log(in, "split", c->from, &(struct change_record){.into = c->event});
    if (!error)
        error = batch_touch(in, from);
    if (!error)
        error = apply_recount(in, from);
    if (!error)
        tell_news(in, c, part, NULL, 0);
    return error;
}

/* The event keeps its place among the latest updated: only its status changes. */
static int on_expired(struct ingest *in, const struct engine_change *c)
{
    struct event_record *event;
    int error = batch_event(in, c->event, &event);
    if (error)
        return error;
    codec_set_string(&event->status, "closed");
    error = similar_expired(in, event);
    return error ? error : batch_log(in, "expired", c->event, &(struct change_record){0});
}

/* The current article follows its event. */
static void follow_event(struct article_record *article, const struct engine_change *c)
{
    if (!article)
        return;
    bool goes = c->kind == ENGINE_MERGED && article->event == c->from;
    for (size_t i = 0; i < c->n_articles; i++)
        goes |= c->articles[i] == article->number;
    if (goes)
        article->event = c->event;
}

/* `article` is the record of the new article; NULL when there is none. */
int apply_changes(struct ingest *in, const struct engine_change *changes, size_t n,
                  struct article_record *article)
{
    int error = 0;
    for (size_t i = 0; !error && i < n; i++) {
        const struct engine_change *c = &changes[i];
        switch (c->kind) {
        case ENGINE_CREATED:
            error = on_created(in, c, article);
            break;
        case ENGINE_JOINED:
            error = on_joined(in, c, article);
            break;
        case ENGINE_MERGED:
            error = on_merged(in, c);
            follow_event(article, c);
            break;
        case ENGINE_COPIED:
            error = on_copied(in, c, article);
            break;
        case ENGINE_SPLIT:
            error = on_split(in, c);
            follow_event(article, c);
            break;
        case ENGINE_EXPIRED:
            error = on_expired(in, c);
            break;
        }
    }
    return error;
}

static int renew_in_engine(struct ingest *in, struct article_record *record, const char *body)
{
    const struct engine_article what = {.title = record->title,
                                        .body = body,
                                        .lang = codec_text(record->lang),
                                        .publisher = article_first_domain(&record->source),
                                        .agency = record->agency,
                                        .title_faults = headline_faults(record->title),
                                        .published = record->published};
    const struct engine_change *changes;
    if (!engine_renew(in->engine, record->number, &what, NULL))
        return 0;
    int error = repack(in, record->number, record->event, engine_pack_page);
    size_t n = engine_changes(in->engine, &changes);
    return error ? error : apply_changes(in, changes, n, record);
}

int apply_renew(struct ingest *in, struct article_record *record, const char *body, bool dated,
                int64_t now)
{
    uint64_t number = record->number;
    int64_t clock = engine_clock(in->engine); /* times of changes never decrease */
    struct event_record *event;
    digester_forget(in->digester, number);
    int error = batch_put_article(in->store, record);
    if (!error)
        error = renew_in_engine(in, record, body);
    if (!error)
        error = batch_put_article(in->store, record);
    if (!error)
        error = batch_event(in, record->event, &event);
    if (error)
        return error;
    generated_uncite(event, number);
    if (event->lead == number)
        event_record_lead(event, record);
    error = batch_log(in, "updated", event->number, &(struct change_record){.article = number});
    if (error)
        return error;
    event->updated = now > clock ? now : clock;
    error = dated ? apply_recount(in, event) : apply_refresh(in, event);
    apply_finish(in, event);
    return error ? error : batch_touch(in, event);
}

int apply_unite(struct ingest *in, struct article_record *record, uint64_t other)
{
    const struct engine_change *changes;
    struct event_record *event;
    if (!engine_unite(in->engine, record->number, other))
        return 0;
    size_t n = engine_changes(in->engine, &changes);
    int error = apply_changes(in, changes, n, record);
    if (!error)
        error = batch_event(in, record->event, &event);
    return error ? error : apply_refresh(in, event);
}
