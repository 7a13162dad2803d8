#include "ingest/ingest.h"

#include "ingest/article_page.h"
#include "ingest/batch.h"
#include "ingest/claimants.h"

#include "base/map.h"
#include "base/mem.h"
#include "digest/tone.h"
#include "cluster/lead.h"
#include "article/publisher.h"
#include "ingest/identity.h"
#include "ingest/posts.h"
#include "ingest/reason.h"
#include "ingest/recall.h"
#include "ingest/says.h"
#include "ingest/related.h"
#include "store/full_text.h"
#include "store/generated.h"
#include "store/record.h"
#include "ingest/subscription.h"
#include "ingest/taste.h"
#include "text/title_faults.h"
#include "text/standing.h"

#include <stdlib.h>
#include <string.h>

struct ingest {
    struct store *store;
    struct engine *engine;
    struct publishers *publishers;
    struct claims *claims; /* which feed speaks for whom */
    struct digester *digester;
    struct taste *taste; /* what editors want more of */
    struct tones *tones; /* of words in posts */
    struct map events;   /* number -> json_t, those of the batch */
    uint64_t seq;        /* of the last change */
    uint64_t articles, events_made, packed_from, texts_from;
    int64_t keep_texts;
    size_t pending;
    bool day_ended;
    size_t older;
    bool committing; /* until all is told, nothing here is changed */
    size_t told;     /* events.v[0..told) */
    void (*news)(void *, const struct ingest_news *);
    void *news_arg;
    int (*writing)(void *, const json_t *);
    void *writing_arg;
    void (*written)(void *, const json_t *);
    void *written_arg;
};

enum { MAX_PACKED = 1 << 20, DUMP = JSON_COMPACT };

/* ---- records -------------------------------------------------------------------------------- */

int batch_put(struct store *s, enum store_db db, uint64_t key, const json_t *record)
{
    char *text = json_dumps(record, DUMP);
    if (!text)
        abort(); /* a text that is not UTF-8 got this far */
    int error = store_put_u64(s, db, key, text, strlen(text));
    free(text);
    return error;
}

int batch_get(struct store *s, enum store_db db, uint64_t key, json_t **out)
{
    static const enum record_kind kinds[STORE_DATABASE_COUNT] = {[STORE_ARTICLES] = RECORD_ARTICLE,
                                                                 [STORE_EVENTS] = RECORD_EVENT,
                                                                 [STORE_DECISIONS] =
                                                                     RECORD_DECISION,
                                                                 [STORE_POSTS] = RECORD_POST,
                                                                 [STORE_PAGES] = RECORD_PAGE};
    struct store_value v;
    *out = NULL;
    int error = store_get_u64(s, db, key, &v);
    if (error)
        return error;
    *out = json_loadb(v.p, v.n, 0, NULL);
    if (!json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        return STORE_CORRUPT;
    }
    if (kinds[db])
        record_fill(kinds[db], *out);
    return 0;
}

/* Counts what the event's articles give anew. */
static int count_articles(struct ingest *in, json_t *event, const uint64_t *articles, size_t n)
{
    int error = 0;
    record_event_clear(event);
    for (size_t i = 0; !error && i < n; i++) {
        json_t *article;
        error = batch_get(in->store, STORE_ARTICLES, articles[i], &article);
        if (!error)
            record_event_join(event, article, engine_clock(in->engine));
        json_decref(article);
    }
    return error;
}

/* An event of a store that counted each article as a report. */
static int count_reports(struct ingest *in, uint64_t number, json_t *event)
{
    uint64_t *articles = NULL;
    size_t n = 0;
    json_t *updated = json_incref(json_object_get(event, "updated"));
    int error = store_linked(in->store, number, &articles, &n);
    if (!error)
        error = count_articles(in, event, articles, n);
    json_object_set_new(event, "updated", updated);
    free(articles);
    return error;
}

/* The record of an event, kept until the batch is written. */
int batch_event(struct ingest *in, uint64_t number, json_t **out)
{
    *out = map_get(&in->events, number);
    if (*out)
        return 0;
    int error = batch_get(in->store, STORE_EVENTS, number, out);
    if (!error && !record_counts_reports(*out))
        error = count_reports(in, number, *out);
    if (!error)
        map_put(&in->events, number, *out);
    return error;
}

/* A change is one of the other event's history too. */
static int remember_change(struct store *s, uint64_t seq, const json_t *change)
{
    static const char *const events[] = {"event", "from", "into"};
    int error = 0;
    for (size_t i = 0; !error && i < sizeof events / sizeof *events; i++) {
        uint64_t event = record_number(change, events[i]);
        error = event ? store_remember(s, event, seq) : 0;
    }
    return error;
}

static int log_at(struct ingest *in, int64_t time, const char *kind, uint64_t event, json_t *more)
{
    json_t *c = json_pack("{s:I,s:I,s:s,s:I}", "seq", (json_int_t)++in->seq, "time",
                          (json_int_t)time, "kind", kind, "event", (json_int_t)event);
    json_object_update_missing(c, more);
    json_decref(more);
    int error = batch_put(in->store, STORE_CHANGES, in->seq, c);
    if (!error)
        error = remember_change(in->store, in->seq, c);
    json_decref(c);
    return error;
}

int batch_log(struct ingest *in, const char *kind, uint64_t event, json_t *more)
{
    return log_at(in, engine_clock(in->engine), kind, event, more);
}

/* The event stands at its last change in events_by_update, unless it never was news. */
int batch_touch(struct ingest *in, json_t *event)
{
    uint64_t before = record_number(event, "seq");
    json_object_set_new(event, "seq", json_integer((json_int_t)in->seq));
    if (!strcmp(record_text(event, "status"), "archived"))
        return 0;
    int error = before ? store_delete_u64(in->store, STORE_EVENTS_BY_UPDATE, before) : 0;
    unsigned char number[8];
    store_u64(record_number(event, "id"), number);
    return error ? error
                 : store_put_u64(in->store, STORE_EVENTS_BY_UPDATE, in->seq, number, sizeof number);
}

static int pack_article(struct ingest *in, uint64_t article, uint64_t event)
{
    struct buf b;
    buf_init(&b, MAX_PACKED);
    buf_add(&b, &event, sizeof event);
    engine_pack(in->engine, article, &b);
    int error = store_put_u64(in->store, STORE_PACKED, article, b.p, b.len);
    buf_free(&b);
    return error;
}

/* ---- what the engine did -------------------------------------------------------------------- */

/* Under another title the event says other things. */
static int choose_lead(struct ingest *in, json_t *event, const struct says_told *told)
{
    uint64_t lead = record_number(event, "lead");
    uint64_t best = headline_choose(engine_event(in->engine, record_number(event, "id")), lead,
                                    engine_params(in->engine)->headline_margin,
                                    &(struct headline_told){told->articles, told->told, told->n});
    if (best == lead)
        return 0;
    json_t *article;
    int error = batch_get(in->store, STORE_ARTICLES, best, &article);
    if (!error)
        record_event_lead(event, article);
    json_decref(article);
    return error ? error : says_refresh(in->digester, in->store, event, NULL, NULL);
}

void batch_finish(struct ingest *in, json_t *event)
{
    json_object_set_new(event, "leaning", taste_of(in->taste, event));
    record_event_finish(event);
}

/* What follows from the event's articles; done at each change, not at the batch's end, so that it
 * does not depend on where batches end. */
int batch_refresh(struct ingest *in, json_t *event)
{
    bool open = engine_has_event(in->engine, record_number(event, "id"));
    struct says_told told;
    int error = says_refresh(in->digester, in->store, event, NULL, &told);
    if (!error && open)
        error = choose_lead(in, event, &told);
    says_free(&told);
    if (!error)
        error = similar_refresh(in, event);
    if (!open)
        return error;
    batch_finish(in, event);
    return error;
}

static void tell(const struct ingest *in, const struct engine_change *c, const json_t *event,
                 const json_t *article, uint64_t sources_before)
{
    if (!in->news)
        return;
    struct ingest_news news = {
        .kind = c->kind,
        .event = c->event,
        .from = c->from,
        .article = c->article,
        .new_source = record_number(event, "source_count") > sources_before,
        .title = record_text(event, "title"),
        .source = article ? record_text(json_object_get(article, "source"), "name") : "",
        .source_count = record_number(event, "source_count"),
    };
    in->news(in->news_arg, &news);
}

static int on_created(struct ingest *in, const struct engine_change *c, json_t *article)
{
    int64_t now = engine_clock(in->engine);
    json_t *event = record_event(c->event);
    map_put(&in->events, c->event, event);
    in->events_made++;
    record_event_join(event, article, now);
    record_event_lead(event, article);
    int error = store_link(in->store, c->event, c->article);
    if (!error)
        error = says_refresh(in->digester, in->store, event, article, NULL);
    batch_finish(in, event);
    if (!error)
        error = similar_refresh(in, event);
    if (!error)
        error = batch_log(in, "created", c->event,
                          json_pack("{s:I}", "article", (json_int_t)c->article));
    if (c->archived)
        json_object_set_new(event, "status", json_string("archived"));
    if (!error)
        error = batch_touch(in, event);
    tell(in, c, event, article, 0);
    return error;
}

static int on_joined(struct ingest *in, const struct engine_change *c, json_t *article)
{
    json_t *event;
    int error = batch_event(in, c->event, &event);
    if (error)
        return error;
    uint64_t sources = record_number(event, "source_count");
    record_event_join(event, article, engine_clock(in->engine));
    error = batch_put(in->store, STORE_ARTICLES, c->article, article);
    if (!error)
        error = store_link(in->store, c->event, c->article);
    if (!error)
        error = batch_refresh(in, event);
    if (!error)
        error = batch_log(in, "joined", c->event,
                          json_pack("{s:I,s:f,s:f}", "article", (json_int_t)c->article,
                                    "probability", c->probability, "threshold", c->threshold));
    if (!error)
        error = batch_touch(in, event);
    tell(in, c, event, article, sources);
    return error;
}

static int move_article(struct ingest *in, uint64_t article, uint64_t from, uint64_t into)
{
    json_t *record;
    int error = batch_get(in->store, STORE_ARTICLES, article, &record);
    if (error)
        return error;
    json_object_set_new(record, "event", json_integer((json_int_t)into));
    error = batch_put(in->store, STORE_ARTICLES, article, record);
    json_decref(record);
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
        return 0; /* it has left the window, or is the one in hand */
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

/* The article in hand has no packed form yet; what has left the window has none any more. */
static int pack_again(struct ingest *in, uint64_t article, uint64_t event)
{
    struct store_value packed;
    int error = store_get_u64(in->store, STORE_PACKED, article, &packed);
    if (error == STORE_NOT_FOUND || !engine_article(in->engine, article))
        return error == STORE_NOT_FOUND ? 0 : error;
    if (packed.n < sizeof event)
        return STORE_CORRUPT;
    struct buf b;
    buf_init(&b, MAX_PACKED);
    buf_add(&b, &event, sizeof event);
    engine_pack_again(in->engine, article, (const char *)packed.p + sizeof event,
                      packed.n - sizeof event, &b);
    error = store_put_u64(in->store, STORE_PACKED, article, b.p, b.len);
    buf_free(&b);
    return error;
}

/* An article turns out to copy an earlier one, for their events have met. */
static int on_copied(struct ingest *in, const struct engine_change *c, json_t *in_hand)
{
    bool is_in_hand = in_hand && record_number(in_hand, "id") == c->article;
    json_t *article = is_in_hand ? json_incref(in_hand) : NULL, *event;
    int error = article ? 0 : batch_get(in->store, STORE_ARTICLES, c->article, &article);
    if (!error)
        error = batch_event(in, record_number(article, "event"), &event);
    if (!error) {
        record_event_copied(event, article, c->origin);
        digester_forget(in->digester, c->article);
        error = batch_put(in->store, STORE_ARTICLES, c->article, article);
    }
    if (!error)
        error = pack_again(in, c->article, record_number(article, "event"));
    json_decref(article);
    return error;
}

/* After engine_renew(). */
static int pack_page(struct ingest *in, uint64_t article, uint64_t event)
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
    engine_pack_page(in->engine, article, (const char *)packed.p + sizeof event,
                     packed.n - sizeof event, &b);
    error = store_put_u64(in->store, STORE_PACKED, article, b.p, b.len);
    buf_free(&b);
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
    json_t *into, *from;
    int error = batch_event(in, c->event, &into);
    if (!error)
        error = batch_event(in, c->from, &from);
    if (error)
        return error;
    int64_t now = engine_clock(in->engine);
    uint64_t sources = record_number(into, "source_count");
    record_event_merge(into, from, now);
    error = batch_log(in, "merged", c->event,
                      json_pack("{s:I,s:f,s:f}", "from", (json_int_t)c->from, "probability",
                                c->probability, "threshold", c->threshold));
    if (!error)
        error = store_delete_u64(in->store, STORE_EVENTS_BY_UPDATE, record_number(from, "seq"));
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
        error = batch_refresh(in, into);
    json_t *rest = record_event_merged(from, c->event, now, in->seq);
    map_put(&in->events, c->from, rest);
    json_decref(from);
    tell(in, c, into, NULL, sources);
    return error;
}

/* Of an event that has left the window no article is known to be more central than another. */
static int first_leads(struct ingest *in, json_t *event, uint64_t article)
{
    json_t *record;
    int error = batch_get(in->store, STORE_ARTICLES, article, &record);
    if (!error)
        record_event_lead(event, record);
    json_decref(record);
    return error;
}

/* Counts the event's articles anew, after some of them went, or count for another publisher. */
static int recount_event(struct ingest *in, json_t *event)
{
    uint64_t *articles = NULL, lead = record_number(event, "lead");
    size_t n = 0;
    bool has_lead = false;
    int error = store_linked(in->store, record_number(event, "id"), &articles, &n);
    if (!error)
        error = count_articles(in, event, articles, n);
    for (size_t i = 0; i < n; i++)
        has_lead |= articles[i] == lead;
    if (!has_lead)
        json_object_set_new(event, "lead", json_integer(0));
    if (!engine_has_event(in->engine, record_number(event, "id"))) {
        if (!strcmp(record_text(event, "status"), "open"))
            json_object_set_new(event, "status", json_string("closed"));
        if (!error && !has_lead && n > 0)
            error = first_leads(in, event, articles[0]);
    }
    free(articles);
    return error ? error : batch_refresh(in, event);
}

/* Two changes, one for each of the events that come of it. */
static int on_split(struct ingest *in, const struct engine_change *c)
{
    json_t *from, *part = record_event(c->event), *articles = json_array();
    map_put(&in->events, c->event, part);
    in->events_made++;
    int error = batch_event(in, c->from, &from);
    for (size_t i = 0; !error && i < c->n_articles; i++) {
        json_array_append_new(articles, json_integer((json_int_t)c->articles[i]));
        error = move_article(in, c->articles[i], c->from, c->event);
    }
    if (!error)
        error = batch_log(in, "split", c->event,
                          json_pack("{s:I,s:O,s:f,s:f}", "from", (json_int_t)c->from, "articles",
                                    articles, "probability", c->probability, "threshold",
                                    c->threshold));
    json_decref(articles);
    if (!error)
        error = batch_touch(in, part);
    if (!error)
        error = recount_event(in, part);
    if (!error)
        error = batch_log(in, "split", c->from, json_pack("{s:I}", "into", (json_int_t)c->event));
    if (!error)
        error = batch_touch(in, from);
    if (!error)
        error = recount_event(in, from);
    if (!error)
        tell(in, c, part, NULL, 0);
    return error;
}

/* The event keeps its place among the latest updated: nothing of it changed but that it is over. */
static int on_expired(struct ingest *in, const struct engine_change *c)
{
    json_t *event;
    int error = batch_event(in, c->event, &event);
    if (error)
        return error;
    json_object_set_new(event, "status", json_string("closed"));
    error = similar_expired(in, event);
    return error ? error : batch_log(in, "expired", c->event, json_object());
}

/* The article in hand goes where its event goes. */
static void follow(json_t *article, const struct engine_change *c)
{
    bool goes = c->kind == ENGINE_MERGED && record_number(article, "event") == c->from;
    for (size_t i = 0; i < c->n_articles; i++)
        goes |= c->articles[i] == record_number(article, "id");
    if (article && goes)
        json_object_set_new(article, "event", json_integer((json_int_t)c->event));
}

/* `article` is the one that came, its record in hand; NULL when none did. */
static int apply_changes(struct ingest *in, const struct engine_change *changes, size_t n,
                         json_t *article)
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
            follow(article, c);
            break;
        case ENGINE_COPIED:
            error = on_copied(in, c, article);
            break;
        case ENGINE_SPLIT:
            error = on_split(in, c);
            follow(article, c);
            break;
        case ENGINE_EXPIRED:
            error = on_expired(in, c);
            break;
        }
    }
    return error;
}

int batch_apply(struct ingest *in, const struct engine_change *changes, size_t n)
{
    return apply_changes(in, changes, n, NULL);
}

struct engine *batch_engine(struct ingest *in)
{
    return in->engine;
}

const struct publishers *batch_publishers(const struct ingest *in)
{
    return in->publishers;
}

struct taste *batch_taste(struct ingest *in)
{
    return in->taste;
}

const struct tones *batch_tones(const struct ingest *in)
{
    return in->tones;
}

/* ---- items ---------------------------------------------------------------------------------- */

static const char *body_of(const struct feed_article *a)
{
    size_t summary = a->summary ? strlen(a->summary) : 0, text = a->text ? strlen(a->text) : 0;
    return text > summary ? a->text : a->summary;
}

static struct engine_article in_engine(const struct feed_article *a, int64_t seen)
{
    return (struct engine_article){.title = a->title,
                                   .body = body_of(a),
                                   .lang = a->lang,
                                   .publisher = a->formerly ? a->formerly : a->domain,
                                   .agency = a->agency,
                                   .title_faults = headline_faults(a->title),
                                   .published = a->published,
                                   .seen = seen};
}

/* What the publisher writes below all its articles, of one that is in the window. */
static int find_standing(struct ingest *in, uint64_t number, json_t *record)
{
    enum { LOOKED_AT = 6 };
    uint64_t earlier[LOOKED_AT];
    json_t *records[LOOKED_AT];
    const char *others[LOOKED_AT];
    size_t found = engine_like_written(in->engine, number, earlier, LOOKED_AT), n = 0, m = 0;
    int error = 0;
    while (!error && n < found)
        if (!(error = batch_get(in->store, STORE_ARTICLES, earlier[n], &records[n])))
            n++;
    for (size_t i = 0; i < n; i++)
        if (strcmp(record_text(records[i], "title"), record_text(record, "title")) != 0)
            others[m++] = record_body(records[i]);
    size_t standing = standing_bytes(record_body(record), others, m);
    if (!error)
        json_object_set_new(record, "standing", json_integer((json_int_t)standing));
    for (size_t i = 0; i < n; i++)
        json_decref(records[i]);
    return error;
}

static int new_article(struct ingest *in, uint64_t feed_number, const struct identity_item *it,
                       int64_t now, uint64_t *number)
{
    const struct feed_article *a = &it->article;
    struct engine_article what = in_engine(a, now);
    struct engine_result r;
    engine_add(in->engine, &what, &r);
    *number = r.article;
    in->day_ended |= r.day_ended;
    in->articles++;
    in->pending++;
    int64_t seen = engine_clock(in->engine);
    struct record_arrival arrival = {
        .article = r.article,
        .event = r.event,
        .copy_of = r.copy_of,
        .feed = feed_number,
        .seen = seen,
        .published = a->published == FEED_NO_TIME || a->published > seen ? seen : a->published,
        .lang = r.lang};
    json_t *record = record_article(a, &arrival);
    json_object_set_new(record, "why", reason_json(in->engine, &r.reason));
    int error = find_standing(in, r.article, record);
    if (!error)
        error = apply_changes(in, r.changes, r.n_changes, record);
    if (!error) /* a merge may have moved it since */
        error = batch_put(in->store, STORE_ARTICLES, r.article, record);
    json_decref(record);
    if (!error)
        error = engine_article(in->engine, r.article) ? pack_article(in, r.article, r.event) : 0;
    return error ? error : identity_keep(in->store, it, r.article);
}

/* Its best text, for the engine; NULL: the record's own is. */
static int longer_text(struct ingest *in, const json_t *record, char **out)
{
    struct full_text full;
    *out = NULL;
    int error = full_text_get(in->store, record_number(record, "id"), &full);
    if (!error)
        *out = full.text;
    return error == STORE_NOT_FOUND ? 0 : error;
}

/* The engine's part of an edit, while the article is in the window. */
static int edit_in_engine(struct ingest *in, const struct feed_article *a, json_t *record)
{
    uint64_t number = record_number(record, "id");
    struct engine_article what = in_engine(a, 0);
    char *longer;
    int error = longer_text(in, record, &longer);
    if (longer)
        what.body = longer;
    bool there = !error && engine_edit(in->engine, number, &what);
    free(longer);
    if (!there)
        return error;
    const struct engine_change *changes;
    size_t n = engine_changes(in->engine, &changes);
    for (size_t i = 0; !error && i < n; i++)
        error = on_copied(in, &changes[i], record);
    return error ? error : pack_again(in, number, record_number(record, "event"));
}

/* An article's address is another one: no news, or one that flips would be news at each poll. */
static int moved_article(struct ingest *in, const json_t *record)
{
    uint64_t number = record_number(record, "id");
    json_t *event;
    int error = batch_put(in->store, STORE_ARTICLES, number, record);
    if (!error)
        error = batch_event(in, record_number(record, "event"), &event);
    if (!error && record_number(event, "lead") == number)
        record_event_lead(event, record);
    return error;
}

/* An article's texts changed, or whom it counts for (`recount`). */
static int edited_article(struct ingest *in, const struct feed_article *a, json_t *record,
                          bool recount, int64_t now)
{
    uint64_t number = record_number(record, "id"), event_number = record_number(record, "event");
    json_t *event;
    digester_forget(in->digester, number);
    int error = batch_put(in->store, STORE_ARTICLES, number, record);
    if (!error)
        error = batch_event(in, event_number, &event);
    if (!error)
        error = log_at(in, now, "updated", event_number,
                       json_pack("{s:I}", "article", (json_int_t)number));
    if (error)
        return error;
    json_object_set_new(event, "updated", json_integer((json_int_t)now));
    if (record_number(event, "lead") == number)
        record_event_lead(event, record);
    generated_uncite(event, number);
    error = edit_in_engine(in, a, record);
    if (!error)
        error = article_page_changed(in->store, number);
    if (!error)
        error = recount ? recount_event(in, event) : batch_refresh(in, event);
    batch_finish(in, event);
    return error ? error : batch_touch(in, event);
}

static int renew_in_engine(struct ingest *in, json_t *record, const char *body)
{
    const json_t *source = json_object_get(record, "source");
    const struct engine_article what = {
        .title = record_text(record, "title"),
        .body = body,
        .lang = record_text(record, "lang"),
        .publisher = record_first_domain(source),
        .agency = json_string_value(json_object_get(record, "agency")),
        .title_faults = headline_faults(record_text(record, "title")),
        .published = (int64_t)record_number(record, "published")};
    uint64_t number = record_number(record, "id");
    const struct engine_change *changes;
    if (!engine_renew(in->engine, number, &what, NULL))
        return 0;
    int error = pack_page(in, number, record_number(record, "event"));
    size_t n = engine_changes(in->engine, &changes);
    return error ? error : apply_changes(in, changes, n, record);
}

int batch_renew(struct ingest *in, json_t *record, const char *body, bool dated, int64_t now)
{
    uint64_t number = record_number(record, "id");
    int64_t clock = engine_clock(in->engine); /* times of changes only ever grow */
    json_t *event;
    digester_forget(in->digester, number);
    int error = batch_put(in->store, STORE_ARTICLES, number, record);
    if (!error)
        error = renew_in_engine(in, record, body);
    if (!error)
        error = batch_put(in->store, STORE_ARTICLES, number, record);
    if (!error)
        error = batch_event(in, record_number(record, "event"), &event);
    if (error)
        return error;
    generated_uncite(event, number);
    if (record_number(event, "lead") == number)
        record_event_lead(event, record);
    error = batch_log(in, "updated", record_number(event, "id"),
                      json_pack("{s:I}", "article", (json_int_t)number));
    if (error)
        return error;
    json_object_set_new(event, "updated", json_integer(now > clock ? now : clock));
    error = dated ? recount_event(in, event) : batch_refresh(in, event);
    batch_finish(in, event);
    return error ? error : batch_touch(in, event);
}

int batch_unite(struct ingest *in, json_t *record, uint64_t other)
{
    const struct engine_change *changes;
    json_t *event;
    if (!engine_unite(in->engine, record_number(record, "id"), other))
        return 0;
    size_t n = engine_changes(in->engine, &changes);
    int error = apply_changes(in, changes, n, record);
    if (!error)
        error = batch_event(in, record_number(record, "event"), &event);
    return error ? error : batch_refresh(in, event);
}

/* Another feed carries the article; one more guid of the same feed is no news to the event. */
static int seen_in(struct ingest *in, json_t *record, uint64_t feed_number, const char *guid)
{
    json_t *event;
    if (!record_article_seen_in(record, feed_number, guid))
        return 0;
    int error = batch_put(in->store, STORE_ARTICLES, record_number(record, "id"), record);
    if (error || record_number(record, "feed") == feed_number)
        return error;
    error = batch_event(in, record_number(record, "event"), &event);
    if (!error)
        record_event_seen_in(event, feed_number);
    return error;
}

/* A document is taken in steps, each of them short. */
struct ingest_document {
    struct ingest *in;
    uint64_t feed_number;
    struct feed *feed;
    char *url, *from, *name, *lang, *home; /* of the feed; `home` as the list has it */
    bool aggregator;
    bool social;                  /* its items are posts */
    struct feed_speaker *speaker; /* the caller's */
    char *front;                  /* the key form of the address of the feed's own site */
    struct identity_item *items;
    enum {
        RECALLING, /* which of the items the last document held */
        READING,   /* the others, as articles */
        MEETING,   /* some that are known may have to be read as well */
        COMPARING,
        TAKING,
        POSTING, /* the items of a social feed, in place of all of these */
    } phase;
    size_t read;       /* items[0..read) are articles, or known */
    size_t left;       /* items[0..left) are still to be taken, the last first */
    bool news;         /* some are articles */
    size_t links;      /* different addresses that its items have */
    size_t unsaid;     /* items[0..unsaid) the engine has not been told of */
    struct map listed; /* all items, by the hashes of their guids and addresses */
    struct map taken;  /* the articles that items are, by number */
    int64_t now;
    struct ingest_counts counts;
};

static struct feed_origin origin_of(const struct ingest_document *d)
{
    return (struct feed_origin){.url = d->url,
                                .from = d->from,
                                .name = d->name,
                                .lang = d->lang,
                                .home = d->home,
                                .aggregator = d->aggregator,
                                .social = d->social,
                                .speaker = d->speaker};
}

/* ---- known items ---------------------------------------------------------------------------- */

static struct identity_known known_by(const struct ingest_document *d, const json_t *record)
{
    return (struct identity_known){
        .title = record_text(record, "title"),
        .summary = record_text(record, "summary"),
        .text = record_text(record, "text"),
        .guid = record_text(record, "guid"),
        .url = record_text(record, "url"),
        .published = json_integer_value(json_object_get(record, "published")),
        .seen = json_integer_value(json_object_get(record, "seen")),
        .own = record_number(record, "feed") == d->feed_number,
        .one_link = d->links < 2,
    };
}

/* The right of the feed that has an article now. */
static int right_of_holder(struct ingest *in, const json_t *record, const char *publisher,
                           enum claims_right *out)
{
    struct subscription *sub;
    const json_t *source = json_object_get(record, "source");
    *out = CLAIMS_NONE;
    if (strcmp(record_text(source, "domain"), publisher) != 0 &&
        strcmp(record_first_domain(source), publisher) != 0)
        return 0;
    int error = subscription_load(in->store, record_number(record, "feed"), &sub);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error;
    const struct feed_origin origin = subscription_origin(sub);
    *out = claims_right(in->claims, &origin, publisher);
    subscription_free(sub);
    return 0;
}

/* Does the document's feed have a better right to the item's address than the article's? */
static int has_better_right(const struct ingest_document *d, const struct identity_item *it,
                            const json_t *record, bool *better)
{
    enum claims_right mine = CLAIMS_NONE, other = CLAIMS_NONE;
    char *publisher = publisher_of_url(d->in->publishers, it->article.url);
    const struct feed_origin origin = origin_of(d);
    int error = 0;
    if (publisher && !it->article.claimed_domain)
        mine = claims_right(d->in->claims, &origin, publisher);
    if (mine == CLAIMS_AGGREGATOR && strcmp(publisher, it->article.domain) != 0)
        mine = CLAIMS_NONE; /* its <source> says otherwise */
    if (mine != CLAIMS_NONE)
        error = right_of_holder(d->in, record, publisher, &other);
    *better = mine > other || (mine == CLAIMS_CLAIMANT && other == CLAIMS_CLAIMANT &&
                               d->feed_number < record_number(record, "feed"));
    free(publisher);
    return error;
}

/* An address that is the same but for its query is a token that is new each time: the one that is
 * known stays. */
static void keep_address(struct feed_article *a, const json_t *record)
{
    const char *url = record_text(record, "url");
    size_t n = strcspn(url, "?#");
    if (n != strcspn(a->url, "?#") || strncmp(url, a->url, n) != 0)
        return;
    free(a->url);
    free(a->link);
    a->url = mem_str(url);
    a->link = mem_str(record_text(record, "link"));
}

/* The item is that article: as its own feed has it now, or as another one carries it. */
static int same_article(struct ingest_document *d, struct identity_item *it, json_t *record,
                        enum identity_by by)
{
    struct ingest *in = d->in;
    struct feed_article *a = &it->article;
    int64_t clock = engine_clock(in->engine); /* times of changes only ever grow */
    int64_t now = d->now < clock ? clock : d->now;
    bool own = record_number(record, "feed") == d->feed_number, better = false;
    int error = 0;
    d->counts.known++;
    if (!own)
        error = has_better_right(d, it, record, &better);
    if (error)
        return error;
    if (better) {
        record_article_take_over(record, a, d->feed_number);
        d->counts.updated++;
        record_article_update(record, a, now);
        return edited_article(in, a, record, true, now);
    }
    if (!own) /* another feed's wording of the same article is not an edit of it */
        return seen_in(in, record, d->feed_number, a->guid);
    bool renamed = by == IDENTITY_DATED || by == IDENTITY_PLACED;
    if (renamed) {
        keep_address(a, record);
        record_article_renamed(record, a->guid);
    }
    enum record_edit edit = record_article_update(record, a, now);
    if (edit == RECORD_EDITED) {
        d->counts.updated++;
        error = edited_article(in, a, record, false, now);
    } else if (edit == RECORD_MOVED || renamed) {
        error = moved_article(in, record);
    }
    return !error && by == IDENTITY_URL && it->has_guid
               ? seen_in(in, record, d->feed_number, a->guid)
               : error;
}

/* Whose guid is an article's and whose address another's is that one. */
static int address_is_anothers(struct ingest_document *d, struct identity_item *it,
                               uint64_t article, bool *is)
{
    struct identity by_address;
    int error = identity_find(d->in->store, it, IDENTITY_URL, &by_address);
    *is = by_address.article && by_address.article != article;
    return error;
}

/* Is the item the article that is known under one of the things that it is known by? Where it is
 * not, that says nothing any more. */
static int meets(struct ingest_document *d, struct identity_item *it, const json_t *record,
                 enum identity_by by, bool *same)
{
    const struct identity_known known = known_by(d, record);
    const uint64_t article = record_number(record, "id");
    bool is_renamed = by == IDENTITY_DATED || by == IDENTITY_PLACED, better, anothers = false;
    int error = 0;
    *same = identity_is_same(it, &known, by);
    if (is_renamed && (it->has_guid || it->has_url))
        *same &= known.own && !map_get(&d->taken, article) &&
                 !identity_is_listed(&d->listed, it, d->feed_number, &known);
    if (by == IDENTITY_GUID && *same && !identity_is_elsewhere(&d->listed, it, &known))
        error = address_is_anothers(d, it, article, &anothers);
    else if (by == IDENTITY_GUID)
        *same = false;
    *same &= !anothers;
    if (error || *same || (by != IDENTITY_GUID && by != IDENTITY_URL))
        return error;
    if (by == IDENTITY_GUID || known.own)
        return identity_forget(d->in->store, it, by);
    /* a feed gave its own text under another's address: whose it is, has it */
    error = has_better_right(d, it, record, &better);
    if (error)
        return error;
    return better ? identity_forget_in(d->in->store, it, record_number(record, "feed"))
                  : identity_forget(d->in->store, it, by);
}

static void note_taken(struct ingest_document *d, uint64_t article)
{
    map_put(&d->taken, article, d);
}

static int take_item(struct ingest_document *d, struct identity_item *it)
{
    struct ingest *in = d->in;
    int error = 0;
    for (enum identity_by by = 0; !error && by < IDENTITY_WAYS; by++) {
        struct identity known;
        json_t *record;
        bool same = false;
        error = identity_find(in->store, it, by, &known);
        if (error || !known.article)
            continue;
        if (!known.changed && by == IDENTITY_GUID) {
            note_taken(d, known.article);
            d->counts.known++;
            return 0;
        }
        error = batch_get(in->store, STORE_ARTICLES, known.article, &record);
        if (!error)
            error = meets(d, it, record, by, &same);
        if (!error && same) {
            note_taken(d, known.article);
            error = same_article(d, it, record, by);
        }
        json_decref(record);
        if (!error && same)
            return identity_keep(in->store, it, known.article);
    }
    if (error)
        return error;
    uint64_t number = 0;
    d->counts.articles++;
    error = new_article(in, d->feed_number, it, d->now, &number);
    note_taken(d, number);
    return error;
}

/* ---- documents ------------------------------------------------------------------------------ */

static char *copy(const char *s)
{
    return s ? mem_str(s) : NULL;
}

struct ingest_document *ingest_begin(struct ingest *in, uint64_t feed_number,
                                     const struct feed_origin *origin, struct feed_speaker *speaker,
                                     struct feed *feed, int64_t now)
{
    struct ingest_document *d = mem_zero(sizeof *d);
    d->in = in;
    d->feed_number = feed_number;
    d->feed = feed;
    d->url = copy(origin->url);
    d->from = copy(origin->from);
    d->name = copy(origin->name);
    d->lang = copy(origin->lang);
    d->home = copy(origin->home);
    d->aggregator = origin->aggregator;
    d->social = origin->social;
    d->phase = d->social ? POSTING : RECALLING;
    d->speaker = speaker;
    d->front = identity_home(feed);
    d->now = now;
    d->left = d->unsaid = feed->n_items;
    d->items = mem_zero((d->left ? d->left : 1) * sizeof *d->items);
    return d;
}

static int recall(struct ingest_document *d)
{
    const struct feed_origin origin = origin_of(d);
    int error = claims_settle(d->in->claims, d->feed_number, d->feed, &origin, d->speaker);
    if (error)
        return error;
    const uint64_t document = recall_document(d->feed, &origin);
    struct recall_item *last;
    size_t n;
    error = recall_read(d->in->store, d->feed_number, &last, &n);
    struct map by_whole = {0};
    for (size_t i = 0; i < n; i++)
        map_put(&by_whole, last[i].whole, &last[i]);
    for (size_t i = 0; i < d->feed->n_items; i++) {
        struct identity_item *it = &d->items[i];
        it->recall.whole = recall_hash(&d->feed->items[i], document);
        const struct recall_item *known = map_get(&by_whole, it->recall.whole);
        it->known = known;
        if (known)
            it->recall = *known;
    }
    map_free(&by_whole);
    free(last);
    d->phase = READING;
    return error;
}

/* One more of the items that must be read. */
static void read_item(struct ingest_document *d)
{
    const size_t n = d->feed->n_items;
    while (d->read < n && (d->items[d->read].known || d->items[d->read].made))
        d->read++;
    if (d->read == n) {
        d->phase = MEETING;
        return;
    }
    const struct feed_origin origin = origin_of(d);
    struct identity_item *it = &d->items[d->read];
    identity_read(d->in->publishers, d->feed_number, d->feed, &d->feed->items[d->read], &origin,
                  d->front, it);
    const char *formerly = claims_formerly(d->in->claims, it->article.domain);
    if (!it->article.formerly && formerly)
        it->article.formerly = mem_str(formerly);
    d->read++;
}

static void meet(struct ingest_document *d)
{
    d->read = 0;
    d->phase = identity_meet(d->items, d->feed->n_items) ? READING : COMPARING;
}

/* What the next document need not have made articles of. Until all are taken that is what was known
 * before: the process may be killed meanwhile. */
static int keep(struct ingest_document *d, bool taken)
{
    struct recall_item *kept = mem_alloc((d->feed->n_items + 1) * sizeof *kept);
    size_t n = 0;
    for (size_t i = 0; i < d->feed->n_items; i++) {
        const struct identity_item *it = &d->items[i];
        if (it->known || (taken && *it->article.title))
            kept[n++] = it->recall;
    }
    int error = recall_keep(d->in->store, d->feed_number, kept, n);
    free(kept);
    return error;
}

static int compare(struct ingest_document *d)
{
    for (size_t i = 0; i < d->feed->n_items; i++) {
        const uint64_t by[] = {d->items[i].recall.guid, d->items[i].recall.url};
        d->links += by[1] && !map_get(&d->listed, by[1]);
        for (size_t k = 0; k < 2; k++)
            if (by[k])
                map_put(&d->listed, by[k], &d->items[i]);
        d->news |= d->items[i].made;
    }
    int error = identity_compare(d->in->store, d->items, d->feed->n_items);
    d->phase = TAKING;
    return !error && d->news ? keep(d, false) : error;
}

/* The engine is told of the items that will be taken next. */
static void tell_ahead(struct ingest_document *d)
{
    while (d->unsaid > 0 && d->unsaid + ENGINE_AHEAD > d->left) {
        const struct identity_item *it = &d->items[--d->unsaid];
        if (!it->made || it->known || !*it->article.title)
            continue;
        struct engine_article what = in_engine(&it->article, d->now);
        engine_expect(d->in->engine, &what);
    }
}

static int take_next(struct ingest_document *d)
{
    int error = 0;
    tell_ahead(d);
    while (d->left > 0 && d->items[d->left - 1].known) {
        d->counts.known++;
        d->left--;
    }
    if (d->left > 0) {
        struct identity_item *it = &d->items[--d->left];
        if (*it->article.title)
            error = take_item(d, it);
        else
            d->counts.refused++; /* says nothing: neither title nor text */
    }
    return !error && d->left == 0 && d->news ? keep(d, true) : error;
}

static int post_next(struct ingest_document *d)
{
    const struct feed_origin origin = origin_of(d);
    enum posts_outcome outcome;
    if (d->left == 0)
        return 0;
    int error = posts_take(d->in, d->feed_number, d->feed, &d->feed->items[--d->left], &origin,
                           d->now, &outcome);
    d->counts.articles += outcome == POSTS_NEW;
    d->in->pending += outcome == POSTS_NEW;
    d->counts.known += outcome == POSTS_KNOWN;
    d->counts.updated += outcome == POSTS_EDITED;
    d->counts.refused += outcome == POSTS_LEFT;
    return error;
}

int ingest_next(struct ingest_document *d, bool *more)
{
    int error = ingest_commit_end(d->in);
    *more = true;
    if (error)
        return error;
    switch (d->phase) {
    case RECALLING:
        error = recall(d);
        break;
    case READING:
        read_item(d);
        break;
    case MEETING:
        meet(d);
        break;
    case COMPARING:
        error = compare(d);
        break;
    case TAKING:
        error = take_next(d);
        break;
    case POSTING:
        error = post_next(d);
        break;
    }
    *more = d->left > 0;
    return error;
}

struct ingest_counts ingest_end(struct ingest_document *d)
{
    struct ingest_counts counts = d->counts;
    engine_expect(d->in->engine, NULL);
    identity_free(d->items, d->feed->n_items);
    free(d->items);
    free(d->url);
    free(d->from);
    free(d->name);
    free(d->lang);
    free(d->home);
    free(d->front);
    map_free(&d->listed);
    map_free(&d->taken);
    feed_free(d->feed);
    free(d);
    return counts;
}

int ingest_look(struct ingest *in, uint64_t feed_number, const struct feed_origin *origin,
                struct feed_speaker *speaker)
{
    return claims_look(in->claims, feed_number, origin, speaker);
}

int ingest_tick(struct ingest *in, int64_t now, bool *changed)
{
    const struct engine_change *c;
    int error = ingest_commit_end(in);
    *changed = false;
    if (error)
        return error;
    in->day_ended |= engine_tick(in->engine, now);
    size_t n = engine_changes(in->engine, &c);
    *changed = n > 0;
    return batch_apply(in, c, n);
}

/* ---- batches -------------------------------------------------------------------------------- */

size_t ingest_pending(const struct ingest *in)
{
    return in->pending;
}

static int tell_writing(const struct ingest *in)
{
    int error = 0;
    for (size_t i = 0; in->writing && !error && i < in->events.slots; i++)
        if (in->events.v[i].value)
            error = in->writing(in->writing_arg, in->events.v[i].value);
    return error;
}

static int write_events(struct ingest *in)
{
    int error = 0;
    for (size_t i = 0; !error && i < in->events.slots; i++)
        if (in->events.v[i].value)
            error = batch_put(in->store, STORE_EVENTS, in->events.v[i].key, in->events.v[i].value);
    return error;
}

static void forget_events(struct ingest *in)
{
    for (size_t i = 0; i < in->events.slots; i++)
        json_decref(in->events.v[i].value);
    map_free(&in->events);
}

static int write_rarity(struct ingest *in)
{
    struct buf b;
    buf_init(&b, SIZE_MAX / 2);
    engine_save_rarity(in->engine, &b);
    int error = store_put(in->store, STORE_RARITY, "day", 3, b.p, b.len);
    buf_free(&b);
    in->day_ended = false;
    return error;
}

static int prune_packed(struct ingest *in)
{
    int error = 0;
    uint64_t needed = engine_oldest(in->engine);
    for (; !error && in->packed_from < needed; in->packed_from++) {
        error = store_delete_u64(in->store, STORE_PACKED, in->packed_from);
        if (error == STORE_NOT_FOUND)
            error = 0;
    }
    return error;
}

/* A step at a time: there may be many when keep_texts was made shorter. */
static int prune_texts(struct ingest *in)
{
    enum { STEPS = 2000 };
    uint64_t needed = engine_oldest(in->engine);
    int64_t oldest = engine_clock(in->engine) - in->keep_texts;
    int error = 0;
    for (size_t i = 0; !error && i < STEPS && in->texts_from < needed; i++) {
        struct full_text text;
        error = full_text_get(in->store, in->texts_from, &text);
        if (!error) {
            bool stays = in->keep_texts && text.seen >= oldest;
            free(text.text);
            if (stays)
                return 0;
            error = full_text_drop(in->store, in->texts_from);
        }
        error = error == STORE_NOT_FOUND ? 0 : error;
        in->texts_from += !error;
    }
    return error;
}

void ingest_keep_texts(struct ingest *in, int64_t seconds)
{
    in->keep_texts = seconds;
}

static int write_numbers(struct ingest *in)
{
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"seq", in->seq},
        {"clock", (uint64_t)engine_clock(in->engine)},
        {"articles", in->articles},
        {"events", in->events_made},
        {"packed_from", in->packed_from},
        {"texts_from", in->texts_from},
    };
    int error = 0;
    for (size_t i = 0; !error && i < sizeof numbers / sizeof *numbers; i++)
        error = store_set_number(in->store, numbers[i].name, numbers[i].value);
    return error;
}

/* Reads the engine and the batch's events, perhaps while others read the engine. */
static int write_batch(void *arg)
{
    struct ingest *in = arg;
    int error = write_events(in);
    if (!error && in->day_ended)
        error = write_rarity(in);
    if (!error)
        error = prune_packed(in);
    if (!error)
        error = prune_texts(in);
    return error ? error : write_numbers(in);
}

int ingest_commit_start(struct ingest *in)
{
    int error = ingest_commit_end(in);
    if (!error)
        error = tell_writing(in);
    if (!error)
        error = store_commit_start(in->store, write_batch, in);
    in->committing = !error;
    return error;
}

int ingest_commit_next(struct ingest *in, bool *more)
{
    int error = store_commit_end(in->store);
    *more = false;
    if (error || !in->committing)
        return error;
    while (in->told < in->events.slots && !in->events.v[in->told].value)
        in->told++;
    if (in->told < in->events.slots) {
        if (in->written)
            in->written(in->written_arg, in->events.v[in->told].value);
        json_decref(in->events.v[in->told].value);
        in->events.v[in->told++].value = NULL;
        *more = true;
        return 0;
    }
    map_free(&in->events);
    in->committing = false;
    in->pending = in->told = 0;
    return 0;
}

int ingest_commit_end(struct ingest *in)
{
    bool more = true;
    int error = 0;
    while (!error && more)
        error = ingest_commit_next(in, &more);
    return error;
}

int ingest_commit(struct ingest *in)
{
    int error = ingest_commit_start(in);
    return error ? error : ingest_commit_end(in);
}

bool ingest_is_committing(const struct ingest *in)
{
    return in->committing;
}

size_t ingest_older(const struct ingest *in)
{
    return in->older;
}

/* ---- opening -------------------------------------------------------------------------------- */

/* A window that is shorter than it was holds some events no more. */
static int expire_unrestored(struct ingest *in, const struct restored *was)
{
    int error = 0;
    for (size_t i = 0; !error && i < was->n; i++) {
        const struct engine_change c = {.kind = ENGINE_EXPIRED, .event = was->events[i]};
        json_t *event;
        if (engine_has_event(in->engine, c.event))
            continue;
        error = batch_event(in, c.event, &event);
        if (!error && !strcmp(record_text(event, "status"), "open"))
            error = on_expired(in, &c);
    }
    return error;
}

static int remember_old_change(void *arg, uint64_t seq, struct store_value v)
{
    json_t *change = json_loadb(v.p, v.n, 0, NULL);
    int error = change ? remember_change(arg, seq, change) : STORE_CORRUPT;
    json_decref(change);
    return error;
}

/* A store that was written before histories were kept gets them from its changes. */
static int write_histories(struct store *s)
{
    return store_is_empty(s, STORE_HISTORY)
               ? store_each(s, STORE_CHANGES, 1, remember_old_change, s)
               : 0;
}

static int taste_again(void *arg, uint64_t number, struct store_value v)
{
    struct ingest *in = arg;
    json_t *d = json_loadb(v.p, v.n, 0, NULL);
    (void)number;
    if (d && !record_number(d, "undone_by") && !strcmp(record_text(d, "kind"), "signal"))
        taste_add(in->taste, json_object_get(d, "features"),
                  (int)(json_integer_value(json_object_get(d, "after")) -
                        json_integer_value(json_object_get(d, "before"))));
    json_decref(d);
    return 0;
}

/* What the process holds, from what the store holds. */
static int read_back(struct ingest *in, restore_set_fn *set, void *arg)
{
    struct store *store = in->store;
    struct restored was = {0};
    in->publishers = publishers_new();
    in->taste = taste_new();
    in->tones = tones_new();
    in->seq = store_number(store, "seq");
    in->articles = store_number(store, "articles");
    in->events_made = store_number(store, "events");
    in->packed_from = store_number(store, "packed_from");
    in->texts_from = store_number(store, "texts_from");
    int error = restore_engine(store, set, arg, &in->engine, &was);
    if (!error)
        in->digester = digester_new(engine_langs(in->engine), engine_rarity(in->engine));
    if (!error)
        error = write_histories(store); /* before there are new changes */
    if (!error)
        error = store_each(store, STORE_DECISIONS, 0, taste_again, in);
    if (!error)
        error = claims_open(store, in->publishers, &in->claims);
    if (!error)
        error = expire_unrestored(in, &was);
    in->older = was.older;
    free(was.events);
    return error;
}

static void forget(struct ingest *in)
{
    forget_events(in);
    digester_free(in->digester);
    in->digester = NULL;
    engine_free(in->engine);
    in->engine = NULL;
    claims_free(in->claims);
    in->claims = NULL;
    publishers_free(in->publishers);
    taste_free(in->taste);
    tones_free(in->tones);
}

int ingest_open(struct store *store, restore_set_fn *set, void *arg, struct ingest **out)
{
    struct ingest *in = mem_zero(sizeof *in);
    in->store = store;
    int error = read_back(in, set, arg);
    if (error) {
        ingest_free(in);
        return error;
    }
    *out = in;
    return 0;
}

int ingest_again(struct ingest *in, restore_set_fn *set, void *arg)
{
    forget(in);
    in->committing = in->day_ended = false;
    in->pending = in->told = 0;
    return read_back(in, set, arg);
}

void ingest_free(struct ingest *in)
{
    if (!in)
        return;
    forget(in);
    store_close(in->store);
    free(in);
}

struct store *ingest_store(struct ingest *in)
{
    return in->store;
}

const struct engine *ingest_engine(const struct ingest *in)
{
    return in->engine;
}

void ingest_on_news(struct ingest *in, void (*fn)(void *, const struct ingest_news *), void *arg)
{
    in->news = fn;
    in->news_arg = arg;
}

void ingest_on_writing(struct ingest *in, int (*fn)(void *, const json_t *event), void *arg)
{
    in->writing = fn;
    in->writing_arg = arg;
}

void ingest_on_written(struct ingest *in, void (*fn)(void *, const json_t *event), void *arg)
{
    in->written = fn;
    in->written_arg = arg;
}
