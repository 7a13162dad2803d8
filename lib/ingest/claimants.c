/* Keeps in memory which feed holds which publisher and settles conflicts; see claimants.h. Called
 * by ingest.c. The rules for one feed are in article/speaker.c. */
#include "ingest/claimants.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "article/limits.h"
#include "article/source_name.h"
#include "search/query.h"
#include "store/record.h"
#include "ingest/subscription.h"

#include <stdlib.h>
#include <string.h>

struct holder {
    uint64_t feed;
    bool own;
};

/* What a publisher is called. */
struct called {
    char *domain, *name;
    uint64_t key, feed; /* of the name; 0: none */
    enum { CALLED_WITHOUT_FEED, CALLED_BY_CLAIMANT, CALLED_BY_OWN } by;
    bool like_domain; /* the name is that of the domain */
};

struct claimants {
    struct store *store;
    const struct publishers *publishers;
    struct map holders; /* hash of a domain -> struct holder, the feed with the best right to it */
    struct map called;  /* hash of a domain -> struct called */
    struct map by_name; /* hash of a name -> struct called, the one with the best right to it */
    struct map moved; /* hash of a domain -> the previous domain of its site, as a string, for sites
                         that moved, as reported by feeds served from them */
};

static uint64_t domain_key(const char *domain)
{
    return hash64(domain, strlen(domain), 0) | 1;
}

static bool equal(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* ---- holders --------------------------------------------------------------------------------- */

static void note_moved(struct claimants *c, const struct feed_origin *origin,
                       const struct feed_speaker *s)
{
    if (s->domain && s->formerly && speaker_is_served(c->publishers, origin, s->domain) &&
        !map_get(&c->moved, domain_key(s->domain)))
        map_put(&c->moved, domain_key(s->domain), mem_str(s->formerly));
}

/* ---- names ----------------------------------------------------------------------------------- */

static void free_called(struct called *called)
{
    free(called->domain);
    free(called->name);
}

/* Names that differ in case, signs and accents are one. 0: it has neither letters nor digits. */
static uint64_t name_key(const char *name)
{
    struct buf words;
    buf_init(&words, 16 * ARTICLE_MAX_NAME);
    query_fold(name, strlen(name), &words);
    uint64_t key = words.len ? hash64(words.p, words.len, 0) | 1 : 0;
    buf_free(&words);
    return key;
}

/* Of two names of one domain: its own feed knows better than others. */
static bool is_better_name(const struct called *a, const struct called *b)
{
    if (a->by != b->by)
        return a->by > b->by;
    return a->like_domain != b->like_domain ? a->like_domain : a->feed < b->feed;
}

/* Of two domains with one name: a title may say anything, a domain is registered. */
static bool has_better_claim(const struct called *a, const struct called *b)
{
    return a->like_domain != b->like_domain ? a->like_domain : is_better_name(a, b);
}

static struct called *name_holder(const struct claimants *c, uint64_t key)
{
    struct called *holder = key ? map_get(&c->by_name, key) : NULL;
    return holder && holder->key == key ? holder : NULL; /* else it has another name now */
}

/* Takes over `by`, which is of the same domain. */
static void take_name(struct claimants *c, struct called by)
{
    struct called *is = map_get(&c->called, domain_key(by.domain));
    if (is) {
        free_called(is);
    } else {
        is = mem_alloc(sizeof *is);
        map_put(&c->called, domain_key(by.domain), is);
    }
    *is = by;
    const struct called *holder = name_holder(c, is->key);
    if (is->key && (!holder || has_better_claim(is, holder)))
        map_put(&c->by_name, is->key, is);
}

static struct called make_called(const char *domain, const char *title)
{
    struct called by = {.domain = mem_str(domain)};
    by.name = source_name(title, domain, &by.like_domain);
    if (!by.name)
        by.name = mem_str(domain);
    by.key = name_key(by.name);
    return by;
}

static void call_publisher(struct claimants *c, const char *domain, const char *title, bool own,
                           uint64_t feed)
{
    const struct called *is = map_get(&c->called, domain_key(domain));
    struct called by = make_called(domain, title);
    by.feed = feed;
    if (strcmp(by.name, domain) != 0)
        by.by = own ? CALLED_BY_OWN : CALLED_BY_CLAIMANT;
    if (!is || is->feed == feed || is_better_name(&by, is))
        take_name(c, by);
    else
        free_called(&by);
}

static bool is_one_publisher(const struct claimants *c, const struct called *a,
                             const struct called *b)
{
    return !strcmp(a->domain, b->domain) || equal(claims_formerly(c, a->domain), b->domain) ||
           equal(claims_formerly(c, b->domain), a->domain);
}

static char *shown_name(const struct claimants *c, const struct called *is)
{
    const struct called *holder = name_holder(c, is->key);
    if (!holder || is_one_publisher(c, is, holder) || !strcmp(is->name, is->domain))
        return mem_str(is->name);
    struct buf both;
    buf_init(&both, 2 * ARTICLE_MAX_NAME);
    buf_addf(&both, "%s (%s)", is->name, is->domain);
    if (both.len <= ARTICLE_MAX_NAME)
        return buf_take(&both);
    buf_free(&both);
    return mem_str(is->domain);
}

char *claims_name(struct claimants *c, const char *domain, const char *said)
{
    const struct called *is = map_get(&c->called, domain_key(domain));
    if (is)
        return shown_name(c, is);
    struct called by = make_called(domain, said);
    const struct called *holder = name_holder(c, by.key);
    if (holder && !is_one_publisher(c, &by, holder) && has_better_claim(&by, holder)) {
        take_name(c, by); /* a feed has taken the name of a publisher without one */
        return mem_str(by.name);
    }
    char *name = shown_name(c, &by);
    free_called(&by);
    return name;
}

/* ---- holding --------------------------------------------------------------------------------- */

/* The feed with a better right to the publisher, or 0: then this one has the best so far. */
static uint64_t hold(struct claimants *c, const char *domain, struct holder me)
{
    struct holder *h = map_get(&c->holders, domain_key(domain));
    if (!h) {
        h = mem_alloc(sizeof *h);
        *h = me;
        map_put(&c->holders, domain_key(domain), h);
    } else if (me.feed == h->feed || (me.own != h->own ? me.own : me.feed < h->feed)) {
        *h = me;
    }
    return me.own || h->feed == me.feed ? 0 : h->feed;
}

static void let_go(struct claimants *c, const char *domain, uint64_t feed)
{
    struct holder *h = map_get(&c->holders, domain_key(domain));
    if (h && h->feed == feed) {
        map_remove(&c->holders, domain_key(domain));
        free(h);
    }
}

/* A feed that is no longer subscribed loses its right. */
static int find_better(struct claimants *c, const char *domain, struct holder me, uint64_t *better)
{
    while ((*better = hold(c, domain, me))) {
        struct feed_record *sub;
        int error = subscription_load(c->store, *better, &sub);
        if (error)
            return error;
        bool there = subscription_is_listed(sub);
        subscription_free(sub);
        if (there)
            break;
        let_go(c, domain, *better);
    }
    return 0;
}

static int take_feed(void *arg, uint64_t number, struct store_value v)
{
    struct claimants *c = arg;
    struct feed_record *sub;
    (void)v;
    int error = subscription_load(c->store, number, &sub);
    if (error)
        return error;
    const struct feed_origin origin = subscription_origin(sub);
    if (sub->speaker.domain && subscription_is_listed(sub)) {
        bool own = speaker_is_own(c->publishers, &sub->speaker, &origin);
        hold(c, sub->speaker.domain, (struct holder){number, own});
        if (sub->title)
            call_publisher(c, sub->speaker.domain, sub->title, own, number);
    }
    note_moved(c, &origin, &sub->speaker);
    subscription_free(sub);
    return 0;
}

int claims_open(struct store *s, const struct publishers *p, struct claimants **out)
{
    struct claimants *c = mem_zero(sizeof *c);
    c->store = s;
    c->publishers = p;
    int error = store_each(s, STORE_FEEDS, 1, take_feed, c);
    if (error) {
        claims_free(c);
        return error;
    }
    *out = c;
    return 0;
}

void claims_free(struct claimants *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->holders.slots; i++)
        free(c->holders.v[i].value);
    for (size_t i = 0; i < c->called.slots; i++) {
        struct called *called = c->called.v[i].value;
        if (called)
            free_called(called);
        free(called);
    }
    for (size_t i = 0; i < c->moved.slots; i++)
        free(c->moved.v[i].value);
    map_free(&c->called);
    map_free(&c->by_name);
    map_free(&c->holders);
    map_free(&c->moved);
    free(c);
}

const char *claims_formerly(const struct claimants *c, const char *domain)
{
    return map_get(&c->moved, domain_key(domain));
}

enum claims_right claims_right(const struct claimants *c, const struct feed_origin *origin,
                               const char *publisher)
{
    const struct feed_speaker *s = origin->speaker;
    if (origin->aggregator)
        return CLAIMS_AGGREGATOR;
    if (!equal(s->domain, publisher) && !equal(s->formerly, publisher))
        return CLAIMS_NONE;
    return speaker_is_own(c->publishers, s, origin) ? CLAIMS_OWN : CLAIMS_CLAIMANT;
}

/* ---- settling -------------------------------------------------------------------------------- */

static void replace_text(char **field, const char *value)
{
    char *old = *field;
    *field = value ? mem_str(value) : NULL;
    free(old);
}

/* Articles were counted by the previous domain and continue to be. */
static void set_domain(struct claimants *c, uint64_t number, struct feed_speaker *s,
                       const char *domain, enum speaker_by by, bool counted_as_before)
{
    if (s->domain && strcmp(s->domain, domain) != 0) {
        let_go(c, s->domain, number);
        replace_text(&s->formerly, !counted_as_before ? NULL
                                   : s->formerly      ? s->formerly
                                                      : s->domain);
        if (s->formerly && !strcmp(s->formerly, domain))
            replace_text(&s->formerly, NULL);
    }
    replace_text(&s->domain, domain);
    replace_text(&s->by, speaker_by_name(by));
}

static void find_domain(struct claimants *c, uint64_t number, const struct feed *feed,
                        const struct feed_origin *origin, struct feed_speaker *s)
{
    enum speaker_by was = speaker_by(s), by = was;
    bool moved = false;
    char *domain = NULL;
    if (was == SPEAKER_UNKNOWN || origin->home)
        domain = speaker_named(c->publishers, feed, origin, &by);
    if (was != SPEAKER_UNKNOWN && by != SPEAKER_LIST) { /* or the list gives no usable domain */
        free(domain);
        domain = speaker_moved(c->publishers, feed, origin);
        by = SPEAKER_SITE;
        moved = domain != NULL;
    }
    if (domain)
        set_domain(c, number, s, domain, by, moved);
    else if (was == SPEAKER_LIST && !origin->home)
        replace_text(&s->by, speaker_by_name(SPEAKER_SITE)); /* the list no longer assigns it */
    free(domain);
}

static int save(struct claimants *c, uint64_t number, const struct feed_speaker *s)
{
    struct feed_record *sub;
    int error = subscription_load(c->store, number, &sub);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error;
    if (!equal(sub->speaker.domain, s->domain) || !equal(sub->speaker.by, s->by) ||
        !equal(sub->speaker.formerly, s->formerly) || sub->speaker.own != s->own) {
        replace_text(&sub->speaker.domain, s->domain);
        replace_text(&sub->speaker.by, s->by);
        replace_text(&sub->speaker.formerly, s->formerly);
        sub->speaker.own = s->own;
        error = subscription_save(c->store, sub);
    }
    subscription_free(sub);
    return error;
}

int claims_look(struct claimants *c, uint64_t number, const struct feed_origin *origin,
                struct feed_speaker *s)
{
    const struct holder me = {number, s->domain && speaker_is_own(c->publishers, s, origin)};
    s->own = 0;
    return s->domain ? find_better(c, s->domain, me, &s->own) : 0;
}

/* Updates everything that depends on the domain. */
static int settle_speaker(struct claimants *c, uint64_t number, const struct feed *feed,
                          const struct feed_origin *origin, struct feed_speaker *s)
{
    const char *title = origin->name && *origin->name ? origin->name : feed->title;
    call_publisher(c, s->domain, title ? title : "", speaker_is_own(c->publishers, s, origin),
                   number);
    if (!s->formerly)
        replace_text(&s->formerly, claims_formerly(c, s->domain));
    note_moved(c, origin, s);
    int error = claims_look(c, number, origin, s);
    return error ? error : save(c, number, s);
}

int claims_settle(struct claimants *c, uint64_t number, const struct feed *feed,
                  const struct feed_origin *origin, struct feed_speaker *speaker)
{
    if (origin->aggregator) {
        if (speaker->domain)
            let_go(c, speaker->domain, number);
        else if (speaker->by)
            return 0;
        speaker_free(speaker);
        replace_text(&speaker->by, speaker_aggregator);
        return save(c, number, speaker);
    }
    if (feed->n_items || speaker->domain) /* otherwise there is nothing to count yet */
        find_domain(c, number, feed, origin, speaker);
    return speaker->domain ? settle_speaker(c, number, feed, origin, speaker) : 0;
}
