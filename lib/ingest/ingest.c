/* Processes feed documents step by step: recognises items, adds new articles to the engine and
 * updates known ones; see ingest.h. Called by the daemon's intake and by storyctl replay. Opening
 * and committing are in opening.c and commit.c. */
#include "ingest/ingest.h"

#include "ingest/article_page.h"
#include "ingest/apply.h"
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

#include "ingest/ingest_state.h"

/* ---- items ----------------------------------------------------------------------------------- */

static const char *body_of(const struct feed_article *a)
{
    size_t summary = a->summary ? strlen(a->summary) : 0, text = a->text ? strlen(a->text) : 0;
    return text > summary ? a->text : a->summary;
}

static struct engine_article article_for_engine(const struct feed_article *a, int64_t seen)
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

/* Finds the publisher's standing text below its articles, for an article of the window. */
static int find_standing(struct ingest *in, struct article_record *record)
{
    enum { LOOKED_AT = 6 };
    uint64_t earlier[LOOKED_AT];
    struct article_record records[LOOKED_AT];
    const char *others[LOOKED_AT];
    size_t found = engine_like_written(in->engine, record->number, earlier, LOOKED_AT), n = 0,
           m = 0;
    int error = 0;
    while (!error && n < found) {
        error = batch_article(in->store, earlier[n], &records[n]);
        n++;
    }
    for (size_t i = 0; !error && i < n; i++)
        if (strcmp(records[i].title, record->title) != 0)
            others[m++] = article_body(&records[i]);
    if (!error)
        record->standing = standing_bytes(article_body(record), others, m);
    for (size_t i = 0; i < n; i++)
        codec_free(&article_table, &records[i]);
    return error;
}

static int new_article(struct ingest *in, uint64_t feed_number, const struct identity_item *it,
                       int64_t now, uint64_t *number)
{
    const struct feed_article *a = &it->article;
    struct engine_article what = article_for_engine(a, now);
    struct engine_result r;
    engine_add(in->engine, &what, &r);
    *number = r.article;
    in->day_ended |= r.day_ended;
    in->articles++;
    in->pending++;
    int64_t seen = engine_clock(in->engine);
    const struct article_arrival arrival = {
        .article = r.article,
        .event = r.event,
        .copy_of = r.copy_of,
        .feed = feed_number,
        .seen = seen,
        .published = a->published == FEED_NO_TIME || a->published > seen ? seen : a->published,
        .lang = r.lang};
    struct article_record record = article_record_new(a, &arrival);
    record.why = reason_new(in->engine, &r.reason);
    int error = find_standing(in, &record);
    if (!error)
        error = apply_changes(in, r.changes, r.n_changes, &record);
    if (!error) /* a merge may have moved it since */
        error = batch_put_article(in->store, &record);
    codec_free(&article_table, &record);
    if (!error)
        error = engine_article(in->engine, r.article) ? apply_pack(in, r.article, r.event) : 0;
    return error ? error : identity_keep(in->store, it, r.article);
}

/* The longest stored text of the article, for the engine; NULL: that of the record. */
static int longer_text(struct ingest *in, const struct article_record *record, char **out)
{
    struct full_text full;
    *out = NULL;
    int error = full_text_get(in->store, record->number, &full);
    if (!error)
        *out = full.text;
    return error == STORE_NOT_FOUND ? 0 : error;
}

/* Edits the article in the engine while it is in the window. */
static int edit_in_engine(struct ingest *in, const struct feed_article *a,
                          struct article_record *record)
{
    uint64_t number = record->number;
    struct engine_article what = article_for_engine(a, 0);
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
    error = apply_changes(in, changes, n, record);
    return error ? error : apply_pack_again(in, number, record->event);
}

/* An article's address has changed. Not logged as a change: an alternating address would cause one
 * at each poll. */
static int moved_article(struct ingest *in, const struct article_record *record)
{
    uint64_t number = record->number;
    struct event_record *event;
    int error = batch_put_article(in->store, record);
    if (!error)
        error = batch_event(in, record->event, &event);
    if (!error && event->lead == number)
        event_record_lead(event, record);
    return error;
}

/* An article's texts have changed, or the publisher that it counts for (`recount`). */
static int edited_article(struct ingest *in, const struct feed_article *a,
                          struct article_record *record, bool recount, int64_t now)
{
    uint64_t number = record->number, event_number = record->event;
    struct event_record *event;
    digester_forget(in->digester, number);
    int error = batch_put_article(in->store, record);
    if (!error)
        error = batch_event(in, event_number, &event);
    if (!error)
        error = batch_log_at(in, now, "updated", event_number,
                             &(struct change_record){.article = number});
    if (error)
        return error;
    event->updated = now;
    if (event->lead == number)
        event_record_lead(event, record);
    generated_uncite(event, number);
    error = edit_in_engine(in, a, record);
    if (!error)
        error = article_page_changed(in->store, number);
    if (!error)
        error = recount ? apply_recount(in, event) : apply_refresh(in, event);
    apply_finish(in, event);
    return error ? error : batch_touch(in, event);
}

/* Another feed carries the article; a further guid in the same feed does not change the event. */
static int seen_in(struct ingest *in, struct article_record *record, uint64_t feed_number,
                   const char *guid)
{
    struct event_record *event;
    if (!article_record_seen_in(record, feed_number, guid))
        return 0;
    int error = batch_put_article(in->store, record);
    if (error || record->feed == feed_number)
        return error;
    error = batch_event(in, record->event, &event);
    if (!error)
        event_record_seen_in(event, feed_number);
    return error;
}

/* A document is processed in short steps. */
struct ingest_document {
    struct ingest *in;
    uint64_t feed_number;
    struct feed *feed;
    char *url, *from, *name, *lang, *home; /* of the feed; `home` as in the feed list */
    bool aggregator;
    bool social;                  /* its items are posts */
    bool submitted;               /* ids are permanent: a known one is a correction */
    struct feed_speaker *speaker; /* owned by the caller */
    char *front;                  /* the key form of the address of the feed's own site */
    struct identity_item *items;
    enum {
        RECALLING, /* which items the last document contained */
        READING,   /* the others, as articles */
        MEETING,   /* some known items may have to be read as well */
        COMPARING,
        TAKING,
        POSTING, /* the items of a social feed, instead of all these phases */
    } phase;
    size_t read;       /* items[0..read) are converted or known */
    size_t left;       /* items[0..left) are still to be processed, the last first */
    bool news;         /* some are new */
    size_t links;      /* number of different addresses of its items */
    size_t unsaid;     /* items[0..unsaid) have not been announced to the engine */
    struct map listed; /* all items, by the hashes of their guids and addresses */
    struct map taken;  /* articles matched by items, by number */
    int64_t now;
    struct ingest_counts counts;
};

static struct feed_origin document_origin(const struct ingest_document *d)
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

/* ---- known items ----------------------------------------------------------------------------- */

static struct identity_known known_by(const struct ingest_document *d,
                                      const struct article_record *record)
{
    return (struct identity_known){
        .title = record->title,
        .summary = codec_text(record->summary),
        .text = codec_text(record->text),
        .guid = codec_text(record->guid),
        .url = record->url,
        .published = record->published,
        .seen = record->seen,
        .own = record->feed == d->feed_number,
        .one_link = d->links < 2,
    };
}

/* The right of the feed that holds an article now. */
static int right_of_holder(struct ingest *in, const struct article_record *record,
                           const char *publisher, enum claims_right *out)
{
    struct feed_record *sub;
    *out = CLAIMS_NONE;
    if (strcmp(record->source.domain, publisher) != 0 &&
        strcmp(article_first_domain(&record->source), publisher) != 0)
        return 0;
    int error = subscription_load(in->store, record->feed, &sub);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error;
    const struct feed_origin origin = subscription_origin(sub);
    *out = claims_right(in->claims, &origin, publisher);
    subscription_free(sub);
    return 0;
}

/* True when the document's feed has a better right to the item's address than the article's feed.
 */
static int has_better_right(const struct ingest_document *d, const struct identity_item *it,
                            const struct article_record *record, bool *better)
{
    enum claims_right mine = CLAIMS_NONE, other = CLAIMS_NONE;
    char *publisher = publisher_of_url(d->in->publishers, it->article.url);
    const struct feed_origin origin = document_origin(d);
    int error = 0;
    if (publisher && !it->article.claimed_domain)
        mine = claims_right(d->in->claims, &origin, publisher);
    if (mine == CLAIMS_AGGREGATOR && strcmp(publisher, it->article.domain) != 0)
        mine = CLAIMS_NONE; /* its <source> states another */
    if (mine != CLAIMS_NONE)
        error = right_of_holder(d->in, record, publisher, &other);
    *better = mine > other || (mine == CLAIMS_CLAIMANT && other == CLAIMS_CLAIMANT &&
                               d->feed_number < record->feed);
    free(publisher);
    return error;
}

/* An address that differs only in its query contains a token that is new each time: the stored one
 * stays. */
static void keep_address(struct feed_article *a, const struct article_record *record)
{
    const char *url = record->url;
    size_t n = strcspn(url, "?#");
    if (n != strcspn(a->url, "?#") || strncmp(url, a->url, n) != 0)
        return;
    free(a->url);
    free(a->link);
    a->url = mem_str(url);
    a->link = mem_str(codec_text(record->link));
}

/* The item is that article: a new version from its own feed, or carried by another one. */
static int same_article(struct ingest_document *d, struct identity_item *it,
                        struct article_record *record, enum identity_by by)
{
    struct ingest *in = d->in;
    struct feed_article *a = &it->article;
    int64_t clock = engine_clock(in->engine); /* times of changes never decrease */
    int64_t now = d->now < clock ? clock : d->now;
    bool own = record->feed == d->feed_number, better = false;
    int error = 0;
    d->counts.known++;
    if (!own)
        error = has_better_right(d, it, record, &better);
    if (error)
        return error;
    if (better) {
        article_record_take_over(record, a, d->feed_number);
        d->counts.updated++;
        article_record_update(record, a, now);
        return edited_article(in, a, record, true, now);
    }
    if (!own) /* another feed's version of the same article is not an edit */
        return seen_in(in, record, d->feed_number, a->guid);
    bool renamed = by == IDENTITY_DATED || by == IDENTITY_PLACED;
    if (renamed) {
        keep_address(a, record);
        article_record_renamed(record, a->guid);
    }
    enum article_edit edit = article_record_update(record, a, now);
    if (edit == ARTICLE_EDITED) {
        d->counts.updated++;
        error = edited_article(in, a, record, false, now);
    } else if (edit == ARTICLE_MOVED || renamed) {
        error = moved_article(in, record);
    }
    return !error && by == IDENTITY_URL && it->has_guid
               ? seen_in(in, record, d->feed_number, a->guid)
               : error;
}

/* True when the item's guid identifies this article but its address another one. */
static int address_is_anothers(struct ingest_document *d, struct identity_item *it,
                               uint64_t article, bool *is)
{
    struct identity by_address;
    int error = identity_find(d->in->store, it, IDENTITY_URL, &by_address);
    *is = by_address.article && by_address.article != article;
    return error;
}

/* Decides whether the item is the article stored under one of its keys. If not, the key is marked
 * as identifying nothing. */
static int meets(struct ingest_document *d, struct identity_item *it,
                 const struct article_record *record, enum identity_by by, bool *same)
{
    const struct identity_known known = known_by(d, record);
    const uint64_t article = record->number;
    bool is_renamed = by == IDENTITY_DATED || by == IDENTITY_PLACED, better, anothers = false;
    int error = 0;
    if (d->submitted && (by == IDENTITY_GUID || is_renamed)) {
        *same = by == IDENTITY_GUID;
        return 0;
    }
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
    /* a feed published its own text under another site's address: the feed with the better right
     * keeps it */
    error = has_better_right(d, it, record, &better);
    if (error)
        return error;
    return better ? identity_forget_in(d->in->store, it, record->feed)
                  : identity_forget(d->in->store, it, by);
}

static void note_taken(struct ingest_document *d, uint64_t article)
{
    map_put(&d->taken, article, d);
}

/* Whether an item under the guid or address of a deleted article is a new one: its own date is
 * within the retention of articles. */
static bool is_news(const struct ingest_document *d, const struct identity_item *it)
{
    int64_t keep = d->in->keep_articles, published = it->article.published;
    return keep && published != FEED_NO_TIME && published > d->now - keep;
}

static int take_item(struct ingest_document *d, struct identity_item *it)
{
    struct ingest *in = d->in;
    int error = 0;
    for (enum identity_by by = 0; !error && by < IDENTITY_WAYS; by++) {
        struct identity known;
        struct article_record record;
        bool same = false;
        error = identity_find(in->store, it, by, &known);
        if (error || !known.article)
            continue;
        if (!known.changed && by == IDENTITY_GUID) {
            note_taken(d, known.article);
            d->counts.known++;
            return 0;
        }
        error = batch_article(in->store, known.article, &record);
        if (error == STORE_NOT_FOUND) { /* the article was deleted */
            error = 0;
            if (known.changed && is_news(d, it))
                continue;
            d->counts.known++;
            return 0;
        }
        if (!error)
            error = meets(d, it, &record, by, &same);
        if (!error && same) {
            note_taken(d, known.article);
            error = same_article(d, it, &record, by);
        }
        codec_free(&article_table, &record);
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

/* An item that its fetcher has already passed on and that is unchanged. */
static int take_partial(struct ingest_document *d, struct identity_item *it)
{
    static const enum identity_by ways[] = {IDENTITY_GUID, IDENTITY_URL};
    struct identity known = {0};
    int error = 0;
    for (size_t i = 0; !error && !known.article && i < sizeof ways / sizeof *ways; i++)
        error = identity_find(d->in->store, it, ways[i], &known);
    if (known.article)
        note_taken(d, known.article);
    d->counts.known += known.article != 0;
    d->counts.missing += !known.article;
    return error;
}

/* ---- documents ------------------------------------------------------------------------------- */

static char *copy_text(const char *s)
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
    d->url = copy_text(origin->url);
    d->from = copy_text(origin->from);
    d->name = copy_text(origin->name);
    d->lang = copy_text(origin->lang);
    d->home = copy_text(origin->home);
    d->aggregator = origin->aggregator;
    d->social = origin->social;
    d->submitted = origin->submitted;
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
    const struct feed_origin origin = document_origin(d);
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

static void name_publisher(struct claimants *c, const char *domain, char **name)
{
    char *said = *name;
    *name = claims_name(c, domain, said);
    free(said);
}

/* Reads the next item that needs it. */
static void read_next_item(struct ingest_document *d)
{
    const size_t n = d->feed->n_items;
    while (d->read < n && (d->items[d->read].known || d->items[d->read].made))
        d->read++;
    if (d->read == n) {
        d->phase = MEETING;
        return;
    }
    const struct feed_origin origin = document_origin(d);
    struct identity_item *it = &d->items[d->read];
    identity_read(d->in->publishers, d->feed_number, d->feed, &d->feed->items[d->read], &origin,
                  d->front, it);
    const char *formerly = claims_formerly(d->in->claims, it->article.domain);
    if (!it->article.formerly && formerly)
        it->article.formerly = mem_str(formerly);
    name_publisher(d->in->claims, it->article.domain, &it->article.source);
    if (it->article.claimed_domain)
        name_publisher(d->in->claims, it->article.claimed_domain, &it->article.claimed_source);
    d->read++;
}

static void meet_items(struct ingest_document *d)
{
    d->read = 0;
    d->phase = identity_meet(d->items, d->feed->n_items) ? READING : COMPARING;
}

/* Stores the items that the next document need not convert. Until all items are processed these are
 * the ones known before, because the process may be killed in between. */
static int keep_recall(struct ingest_document *d, bool taken)
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

static int compare_items(struct ingest_document *d)
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
    return !error && d->news ? keep_recall(d, false) : error;
}

/* Announces the next items to the engine. */
static void tell_ahead(struct ingest_document *d)
{
    while (d->unsaid > 0 && d->unsaid + ENGINE_AHEAD > d->left) {
        const struct identity_item *it = &d->items[--d->unsaid];
        if (!it->made || it->known || !*it->article.title || d->feed->items[d->unsaid].partial)
            continue;
        struct engine_article what = article_for_engine(&it->article, d->now);
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
        if (d->feed->items[d->left].partial)
            error = take_partial(d, it);
        else if (*it->article.title)
            error = take_item(d, it);
        else
            d->counts.refused++; /* empty: neither title nor text */
    }
    return !error && d->left == 0 && d->news ? keep_recall(d, true) : error;
}

static int post_next(struct ingest_document *d)
{
    const struct feed_origin origin = document_origin(d);
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
        read_next_item(d);
        break;
    case MEETING:
        meet_items(d);
        break;
    case COMPARING:
        error = compare_items(d);
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
    return apply_changes(in, c, n, NULL);
}
