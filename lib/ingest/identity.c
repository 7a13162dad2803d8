/* Recognises items that are articles already stored; see identity.h. Called by ingest.c,
 * article_page.c and posts.c. Stores only what identifies items, never articles. */
#define _GNU_SOURCE /* strchrnul */
#include "ingest/identity.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "text/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The value of a key in _items; article 0: the guid or address identifies nothing, as found when
 * `content` was the number of the newest article (retention.c). */
struct sighting {
    uint64_t article, content;
};

_Static_assert(sizeof(struct sighting) == STORE_SIGHTING, "checked");

static struct identity_key item_key(char kind, uint64_t feed, const char *a, const char *b)
{
    struct buf text;
    buf_init(&text, FEED_MAX_TEXT * 2 + 64);
    buf_addc(&text, kind);
    buf_add(&text, &feed, sizeof feed);
    buf_adds(&text, a);
    buf_addc(&text, 0);
    buf_adds(&text, b);
    struct identity_key key = {{hash64(text.p, text.len, 1), hash64(text.p, text.len, 2)}};
    buf_free(&text);
    return key;
}

static int get_sighting(struct store *s, const struct identity_key *key, struct sighting *out)
{
    struct store_value v;
    int error = store_get(s, STORE_ITEMS, key->half, sizeof key->half, &v);
    if (error)
        return error;
    if (v.n != sizeof *out)
        return STORE_CORRUPT;
    memcpy(out, v.p, sizeof *out);
    return 0;
}

static int put_sighting(struct store *s, const struct identity_key *key, struct sighting sighting)
{
    return store_put(s, STORE_ITEMS, key->half, sizeof key->half, &sighting, sizeof sighting);
}

/* ---- reading a document ---------------------------------------------------------------------- */

static uint64_t hash_text(const char *s)
{
    return s && *s ? hash64(s, strlen(s), 0) | 1 : 0;
}

enum { MOST_WORDS = 64, SHORT = 4, FEW = 2 };

/* Distinct words of a text; without `all`, except the shortest in the Latin alphabet, most of which
 * are function words. */
static size_t take_words(const char *text, bool all, uint64_t seen[MOST_WORDS])
{
    struct words w;
    struct word word;
    size_t n = 0;
    for (words_init(&w, text, strlen(text)); n < MOST_WORDS && words_next(&w, &word);) {
        uint64_t h = hash_text(word.text);
        size_t i = 0;
        while (i < n && seen[i] != h)
            i++;
        if (i == n && (all || word.len >= SHORT || !word.ascii || word.number || word.caps))
            seen[n++] = h;
    }
    return n;
}

static size_t words_of_title(const char *text, uint64_t seen[MOST_WORDS])
{
    size_t n = take_words(text, false, seen);
    return n < FEW ? take_words(text, true, seen) : n;
}

enum story_likeness { UNLIKE, UNKNOWN, ALIKE };

/* Compares the share of common words of the shorter text. UNKNOWN when it has fewer than `least`
 * words. */
static enum story_likeness compare_words(const char *a, const char *b, size_t parts, size_t least)
{
    uint64_t x[MOST_WORDS], y[MOST_WORDS];
    size_t n = words_of_title(a, x), m = words_of_title(b, y), shared = 0, shorter = n < m ? n : m;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            shared += x[i] == y[k];
    if (shorter < least)
        return UNKNOWN;
    return shared * parts >= shorter && (shared > 1 || shorter < 3) ? ALIKE : UNLIKE;
}

/* The content that distinguishes one story from another. */
struct item_told {
    const char *title, *text;
    int64_t date; /* or FEED_NO_TIME */
};

static const char *longer(const char *a, const char *b)
{
    a = a ? a : "";
    b = b ? b : "";
    return strlen(b) > strlen(a) ? b : a;
}

static struct item_told told_by(const struct identity_item *it)
{
    const struct feed_article *a = &it->article;
    return (struct item_told){a->title, longer(a->summary, a->text), a->published};
}

/* An edited headline keeps a third of its words. */
static bool edited_titles_agree(const struct item_told *a, const struct item_told *b)
{
    return !strcmp(a->title, b->title) || compare_words(a->title, b->title, 3, 1) == ALIKE;
}

/* Half of the words, because boilerplate below every text of a feed is easily a third of a short
 * one. */
static enum story_likeness compare_texts(const struct item_told *a, const struct item_told *b)
{
    return compare_words(a->text, b->text, 2, SHORT);
}

static bool dates_differ(const struct item_told *a, const struct item_told *b)
{
    return a->date != FEED_NO_TIME && b->date != FEED_NO_TIME && a->date != b->date;
}

/* A bulletin, alert or episode and its successor at the same address: another date, and not exactly
 * the same words. */
static bool is_next_issue(const struct item_told *a, const struct item_told *b)
{
    return dates_differ(a, b) && (strcmp(a->title, b->title) != 0 || strcmp(a->text, b->text) != 0);
}

static bool share_address(const struct identity_item *a, const struct identity_item *b)
{
    return !strcmp(a->address, b->address);
}

static bool likely_same(const struct item_told *a, const struct item_told *b)
{
    return edited_titles_agree(a, b) || compare_texts(a, b) == ALIKE;
}

/* For two items of one document with one address: two dates are two items (bulletins, alerts,
 * episodes); one date, or one guid, is one item in two versions. */
static bool same_item(const struct identity_item *a, const struct identity_item *b)
{
    const struct item_told x = told_by(a), y = told_by(b);
    bool dated = x.date != FEED_NO_TIME && y.date != FEED_NO_TIME;
    bool own_guids = a->has_guid && b->has_guid && a->recall.guid != b->recall.guid;
    if (dates_differ(&x, &y))
        return false;
    return dated || !own_guids ? likely_same(&x, &y) : !strcmp(x.title, y.title);
}

/* For two items with one guid: also one item at two addresses, such as those of two sections. */
static bool same_by_guid(const struct identity_item *a, const struct identity_item *b)
{
    const struct item_told x = told_by(a), y = told_by(b);
    if (!a->has_url || !b->has_url || share_address(a, b))
        return same_item(a, b);
    return !strcmp(x.title, y.title) && !dates_differ(&x, &y) && compare_texts(&x, &y) != UNLIKE;
}

/* True for an item that shares its guid, or its address, with another item of the document that
 * cannot be the same article. `first` holds the first item of each value. */
static bool clashes(struct map *first, uint64_t value, struct identity_item *item,
                    bool (*same)(const struct identity_item *, const struct identity_item *))
{
    struct identity_item *known = map_get(first, value);
    if (!known)
        map_put(first, value, item);
    return known && !same(known, item);
}

static int mark_key(struct store *s, bool *has, const struct identity_key *key)
{
    *has = false;
    return put_sighting(s, key, (struct sighting){0, store_number(s, "articles")});
}

/* How one feed uses an address says nothing about its meaning in another. */
static int recall_page(struct store *s, struct identity_item *it)
{
    struct sighting seen;
    int error = it->has_url ? get_sighting(s, &it->page, &seen) : STORE_NOT_FOUND;
    if (!error)
        it->has_url = false;
    return error == STORE_NOT_FOUND ? 0 : error;
}

/* Known items were compared with each other when they were new. */
bool identity_meet(struct identity_item *items, size_t n)
{
    struct map made = {0};
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        const uint64_t by[] = {items[i].recall.guid, items[i].recall.url};
        for (size_t k = 0; k < 2; k++)
            if (items[i].made && by[k])
                map_put(&made, by[k], &items[i]);
    }
    for (size_t i = 0; made.n && i < n; i++) {
        struct identity_item *it = &items[i];
        if (it->known && ((it->recall.guid && map_get(&made, it->recall.guid)) ||
                          (it->recall.url && map_get(&made, it->recall.url)))) {
            it->known = false;
            any = true;
        }
    }
    map_free(&made);
    return any;
}

/* When an address without tracking parameters belongs to several items, a removed parameter may be
 * what distinguishes them: readers get the whole address. */
static void show_whole_address(struct feed_article *a)
{
    size_t n = strcspn(a->url, "?#");
    if (a->link && !strncmp(a->link, a->url, n) && a->link[n] == '?') {
        free(a->url);
        a->url = mem_str(a->link);
    }
}

/* The second pass also marks the first of them. */
int identity_compare(struct store *s, struct identity_item *items, size_t n)
{
    struct map guids = {0}, urls = {0}, shared = {0};
    for (size_t i = 0; i < n; i++) {
        struct identity_item *it = &items[i];
        if (!it->made)
            continue;
        const struct recall_item *by = &it->recall;
        if (by->guid && clashes(&guids, by->guid, it, same_by_guid))
            map_put(&shared, by->guid, it);
        if (by->url && clashes(&urls, by->url, it, same_item))
            map_put(&shared, by->url, it);
    }
    int error = 0;
    for (size_t i = 0; !error && i < n; i++) {
        struct identity_item *it = &items[i];
        if (!it->made)
            continue;
        error = recall_page(s, it);
        if (!error && it->has_guid && map_get(&shared, it->recall.guid))
            error = mark_key(s, &it->has_guid, &it->guid);
        if (!error && it->has_url && map_get(&shared, it->recall.url))
            error = mark_key(s, &it->has_url, &it->page);
        if (it->recall.url && !it->has_url)
            show_whole_address(&it->article);
    }
    map_free(&guids);
    map_free(&urls);
    map_free(&shared);
    return error;
}

static char *address_of(const char *url)
{
    char *canonical = publisher_canonical_url(url), *address = publisher_url_key(canonical);
    free(canonical);
    return address;
}

static void make_renamed_keys(struct identity_item *it, uint64_t feed_number)
{
    const struct feed_article *a = &it->article;
    const char *path = strchrnul(it->address, '/');
    size_t n = strcspn(path, "?#");
    char date[24], *where = mem_strn(path, n);
    snprintf(date, sizeof date, "%" PRId64, a->published);
    it->has_date = a->published != FEED_NO_TIME;
    it->has_path = n > 1;
    it->dated = item_key('d', feed_number, a->title, date);
    it->placed = item_key('l', feed_number, a->title, where);
    free(where);
}

static void read_item_keys(struct identity_item *it, uint64_t feed_number, const char *home)
{
    const struct feed_article *a = &it->article;
    it->address = publisher_url_key(a->url);
    it->has_guid = a->guid && *a->guid;
    it->has_url = *it->address && !(home && !strcmp(home, it->address));
    it->guid = item_key('g', feed_number, it->has_guid ? a->guid : "", "");
    it->url = item_key('u', 0, it->address, "");
    it->page = item_key('p', feed_number, it->address, "");
    it->text = item_key('t', feed_number, a->title, a->summary ? a->summary : "");
    make_renamed_keys(it, feed_number);
    it->recall.guid = it->has_guid ? it->guid.half[0] | 1 : 0;
    it->recall.url = it->has_url ? it->url.half[0] | 1 : 0;
    const char *parts[] = {a->title, a->summary, a->text, it->address};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        it->content = hash_pair(it->content, hash_text(parts[i]));
}

void identity_read(const struct publishers *p, uint64_t feed_number, const struct feed *feed,
                   const struct feed_item *item, const struct feed_origin *origin, const char *home,
                   struct identity_item *out)
{
    *out = (struct identity_item){.made = true, .recall.whole = out->recall.whole};
    feed_article_make(p, feed, item, origin, &out->article);
    read_item_keys(out, feed_number, home);
}

char *identity_home(const struct feed *feed)
{
    return feed->link ? address_of(feed->link) : NULL;
}

void identity_free(struct identity_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        feed_article_free(&items[i].article);
        free(items[i].address);
    }
}

/* ---- lookup ---------------------------------------------------------------------------------- */

/* The key of that kind, or NULL when the item has none. An item with neither guid nor address is
 * identified by its text; one that has them by title with date or path, only when both are new. */
static const struct identity_key *key_by(const struct identity_item *item, enum identity_by by)
{
    bool bare = !item->has_guid && !item->has_url;
    switch (by) {
    case IDENTITY_GUID:
        return item->has_guid ? &item->guid : NULL;
    case IDENTITY_URL:
        return item->has_url ? &item->url : NULL;
    case IDENTITY_TEXT:
        return bare ? &item->text : NULL;
    case IDENTITY_DATED:
        return item->has_date ? &item->dated : NULL;
    case IDENTITY_PLACED:
        return item->has_path && item->has_url ? &item->placed : NULL;
    case IDENTITY_WAYS:
        break;
    }
    return NULL;
}

int identity_find(struct store *s, struct identity_item *item, enum identity_by by,
                  struct identity *out)
{
    struct sighting seen;
    const struct identity_key *key = key_by(item, by);
    *out = (struct identity){0};
    int error = key ? get_sighting(s, key, &seen) : STORE_NOT_FOUND;
    if (!error)
        *out = (struct identity){seen.article, seen.content != item->content};
    if (!error && !seen.article && by == IDENTITY_GUID)
        item->has_guid = false;
    return error == STORE_NOT_FOUND ? 0 : error;
}

int identity_of_address(struct store *s, const char *url, uint64_t *article)
{
    struct sighting seen = {0, 0};
    char *address = address_of(url);
    struct identity_key key = item_key('u', 0, address, "");
    int error = *address ? get_sighting(s, &key, &seen) : STORE_NOT_FOUND;
    struct store_value record;
    free(address);
    if (!error && seen.article)
        error = store_get_u64(s, STORE_ARTICLES, seen.article, &record);
    *article = error ? 0 : seen.article;
    return error == STORE_NOT_FOUND ? 0 : error;
}

int identity_of_guid(struct store *s, uint64_t feed_number, const char *guid, uint64_t *article)
{
    struct sighting seen = {0, 0};
    struct identity_key key = item_key('g', feed_number, guid, "");
    int error = get_sighting(s, &key, &seen);
    *article = error ? 0 : seen.article;
    return error == STORE_NOT_FOUND ? 0 : error;
}

int identity_name(struct store *s, const char *url, uint64_t article)
{
    struct sighting seen;
    char *address = address_of(url);
    struct identity_key key = item_key('u', 0, address, "");
    int error = *address ? get_sighting(s, &key, &seen) : 0;
    free(address);
    return error == STORE_NOT_FOUND ? put_sighting(s, &key, (struct sighting){article, 0}) : error;
}

static int restore_key(struct store *s, const struct identity_key *key, uint64_t article,
                       bool *named)
{
    struct sighting seen;
    int error = get_sighting(s, key, &seen);
    if (error != STORE_NOT_FOUND)
        return error;
    *named = true;
    return put_sighting(s, key, (struct sighting){article, 0});
}

int identity_restore(struct store *s, const struct identity_known *known, uint64_t feed_number,
                     uint64_t article, bool *named)
{
    struct sighting seen;
    const char *guid = known->guid ? known->guid : "";
    char *address = address_of(known->url);
    struct identity_key by_guid = item_key('g', feed_number, guid, "");
    struct identity_key by_url = item_key('u', 0, address, "");
    struct identity_key page = item_key('p', feed_number, address, "");
    struct identity_key text =
        item_key('t', feed_number, known->title, known->summary ? known->summary : "");
    bool has_url = *address && get_sighting(s, &page, &seen) == STORE_NOT_FOUND;
    int error = *guid ? restore_key(s, &by_guid, article, named) : 0;
    if (!error && has_url)
        error = restore_key(s, &by_url, article, named);
    if (!error && !*guid && !has_url)
        error = restore_key(s, &text, article, named);
    free(address);
    return error;
}

bool identity_alike(const struct identity_known *a, const struct identity_known *b)
{
    const struct item_told one = {a->title, longer(a->summary, a->text), a->published};
    const struct item_told other = {b->title, longer(b->summary, b->text), b->published};
    return likely_same(&one, &other);
}

/* The next run of letters and digits that may be an article's number in an address: long enough,
 * with digits, not a date or a word; NULL at the end. */
static const char *next_article_number(const char *p, size_t *n)
{
    enum { LEAST = 5, A_YEAR = 4, A_MONTH = 6, A_DAY = 8 };
    while (*p) {
        size_t digits = 0;
        for (*n = 0; isalnum((unsigned char)p[*n]); ++*n)
            digits += isdigit((unsigned char)p[*n]) != 0;
        size_t end = 0; /* trailing digits */
        while (end < *n && isdigit((unsigned char)p[*n - 1 - end]))
            end++;
        const char *last = p + *n - end;
        bool century = end >= 4 && (!memcmp(last, "20", 2) || !memcmp(last, "19", 2));
        bool is_date = century && (end == A_YEAR || end == A_MONTH || end == A_DAY);
        bool is_word = end == digits && end < *n && end < LEAST; /* "covid19" */
        if (*n >= LEAST && digits >= 2 && !(end == digits && is_date) && !is_word)
            return p;
        p += *n ? *n : 1;
    }
    return NULL;
}

/* Two addresses of one host with a common article number: only the words differ. */
static bool share_number(const char *a, const char *b)
{
    size_t host = strcspn(a, "/"), n, m;
    if (host != strcspn(b, "/") || strncmp(a, b, host) != 0)
        return false;
    for (const char *x = a + host; (x = next_article_number(x, &n)); x += n)
        for (const char *y = b + host; (y = next_article_number(y, &m)); y += m)
            if (n == m && !memcmp(x, y, n))
                return true;
    return false;
}

/* Title and path match and host or query is new: true unless it looks like one of many pages with
 * the same title. */
static bool same_place(const struct item_told *now, const struct item_told *then, bool same_host)
{
    enum { TELLING = 4 };
    uint64_t words[MOST_WORDS];
    enum story_likeness texts = compare_texts(now, then);
    if (dates_differ(now, then))
        return texts == ALIKE || (texts == UNKNOWN && !same_host);
    bool undated = now->date == FEED_NO_TIME || then->date == FEED_NO_TIME;
    return texts == ALIKE ||
           (texts == UNKNOWN && (!undated || words_of_title(now->title, words) >= TELLING));
}

bool identity_is_same(const struct identity_item *item, const struct identity_known *known,
                      enum identity_by by)
{
    const struct item_told now = told_by(item);
    const struct item_told then = {known->title, longer(known->summary, known->text),
                                   known->published == known->seen && now.date != known->seen
                                       ? FEED_NO_TIME
                                       : known->published};
    char *address = publisher_url_key(known->url);
    size_t host = strcspn(address, "/?#");
    bool addresses = item->has_url && *address, same_host = !strncmp(address, item->address, host);
    bool same_one =
        addresses && (!strcmp(address, item->address) || share_number(address, item->address));
    free(address);
    switch (by) {
    case IDENTITY_GUID:
        if (same_one)
            return true;
        if (!dates_differ(&now, &then))
            return likely_same(&now, &then);
        return !strcmp(now.title, then.title)
                   ? compare_texts(&now, &then) != UNLIKE
                   : edited_titles_agree(&now, &then) && compare_texts(&now, &then) == ALIKE;
    case IDENTITY_URL:
        if (!known->own)
            return likely_same(&now, &then);
        if (!item->has_guid)
            return true;
        return likely_same(&now, &then) && !(known->one_link && is_next_issue(&now, &then));
    case IDENTITY_TEXT:
        return !dates_differ(&now, &then) && compare_texts(&now, &then) != UNLIKE;
    case IDENTITY_DATED:
        return compare_texts(&now, &then) != UNLIKE;
    case IDENTITY_PLACED:
        return same_place(&now, &then, same_host);
    case IDENTITY_WAYS:
        break;
    }
    return false;
}

static uint64_t hash_of_address(const struct identity_known *known)
{
    char *address = publisher_url_key(known->url);
    uint64_t hash = *address ? item_key('u', 0, address, "").half[0] | 1 : 0;
    free(address);
    return hash;
}

bool identity_is_elsewhere(const struct map *listed, const struct identity_item *item,
                           const struct identity_known *known)
{
    const struct identity_item *other = map_get(listed, hash_of_address(known));
    return item->has_url && other && other->recall.url != item->recall.url &&
           other->recall.guid != item->recall.guid;
}

bool identity_is_listed(const struct map *listed, const struct identity_item *item,
                        uint64_t feed_number, const struct identity_known *known)
{
    uint64_t guid = item_key('g', feed_number, known->guid, "").half[0] | 1;
    uint64_t url = item->has_url ? hash_of_address(known) : 0;
    return (item->has_guid && *known->guid && map_get(listed, guid)) ||
           (url && map_get(listed, url));
}

/* Unless the key is marked as identifying nothing. */
static int keep_sighting(struct store *s, const struct identity_key *key, struct sighting sighting)
{
    struct sighting seen;
    int error = get_sighting(s, key, &seen);
    if (!error && seen.article == 0)
        return 0;
    return error && error != STORE_NOT_FOUND ? error : put_sighting(s, key, sighting);
}

int identity_keep(struct store *s, const struct identity_item *item, uint64_t article)
{
    struct sighting sighting = {article, item->content};
    int error = item->has_url ? 0 : put_sighting(s, &item->text, sighting);
    if (!error && item->has_date)
        error = put_sighting(s, &item->dated, sighting);
    if (!error && item->has_path && item->has_url)
        error = put_sighting(s, &item->placed, sighting);
    if (!error && item->has_guid)
        error = keep_sighting(s, &item->guid, sighting);
    if (!error && item->has_url)
        error = put_sighting(s, &item->url, sighting);
    return error;
}

int identity_forget(struct store *s, struct identity_item *item, enum identity_by by)
{
    if (by == IDENTITY_GUID)
        return mark_key(s, &item->has_guid, &item->guid);
    return by == IDENTITY_URL ? mark_key(s, &item->has_url, &item->page) : 0;
}

int identity_forget_in(struct store *s, const struct identity_item *item, uint64_t feed_number)
{
    struct identity_key page = item_key('p', feed_number, item->address, "");
    return put_sighting(s, &page, (struct sighting){0, store_number(s, "articles")});
}
