#define _GNU_SOURCE /* strchrnul */
#include "identity.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "text/words.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What _items holds under a key; article 0: the guid or address says nothing. */
struct sighting {
    uint64_t article, content;
};

_Static_assert(sizeof(struct sighting) == STORE_SIGHTING, "checked");

static struct identity_key key_of(char kind, uint64_t feed, const char *a, const char *b)
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

static int get(struct store *s, const struct identity_key *key, struct sighting *out)
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

static int put(struct store *s, const struct identity_key *key, struct sighting sighting)
{
    return store_put(s, STORE_ITEMS, key->half, sizeof key->half, &sighting, sizeof sighting);
}

/* ---- reading a document --------------------------------------------------------------------- */

static uint64_t hash_text(const char *s)
{
    return s && *s ? hash64(s, strlen(s), 0) | 1 : 0;
}

enum { MOST_WORDS = 64, SHORT = 4 };

/* Words that say something, each once: not the shortest of the Latin alphabet, most of which are
 * grammar. */
static size_t words_of(const char *text, uint64_t seen[MOST_WORDS])
{
    struct words w;
    struct word word;
    size_t n = 0;
    for (words_init(&w, text, strlen(text)); n < MOST_WORDS && words_next(&w, &word);) {
        uint64_t h = hash_text(word.text);
        size_t i = 0;
        while (i < n && seen[i] != h)
            i++;
        if (i == n && (word.len >= SHORT || !word.ascii || word.number || word.caps))
            seen[n++] = h;
    }
    return n;
}

enum likeness { UNLIKE, UNKNOWN, ALIKE };

/* Do two texts share that part of the words of the shorter one? Where it has less than `least`
 * words, nobody knows. */
static enum likeness compare_words(const char *a, const char *b, size_t parts, size_t least)
{
    uint64_t x[MOST_WORDS], y[MOST_WORDS];
    size_t n = words_of(a, x), m = words_of(b, y), shared = 0, shorter = n < m ? n : m;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            shared += x[i] == y[k];
    if (shorter < least)
        return UNKNOWN;
    return shared * parts >= shorter && (shared > 1 || shorter < 3) ? ALIKE : UNLIKE;
}

/* What tells one story from another. */
struct told {
    const char *title, *text;
    int64_t date; /* or FEED_NO_TIME */
};

static const char *longer(const char *a, const char *b)
{
    a = a ? a : "";
    b = b ? b : "";
    return strlen(b) > strlen(a) ? b : a;
}

static struct told told_by(const struct identity_item *it)
{
    const struct feed_article *a = &it->article;
    return (struct told){a->title, longer(a->summary, a->text), a->published};
}

/* An edited headline keeps a third of its words. */
static bool titles_agree(const struct told *a, const struct told *b)
{
    return compare_words(a->title, b->title, 3, 1) != UNLIKE;
}

/* Half of the words, for what stands below every text of a feed is soon a third of a short one. */
static enum likeness compare_texts(const struct told *a, const struct told *b)
{
    return compare_words(a->text, b->text, 2, SHORT);
}

static bool dates_differ(const struct told *a, const struct told *b)
{
    return a->date != FEED_NO_TIME && b->date != FEED_NO_TIME && a->date != b->date;
}

/* A bulletin, alert or episode and the next one: another date and another text under titles that
 * are alike. */
static bool is_next_issue(const struct told *a, const struct told *b)
{
    enum likeness texts = compare_texts(a, b);
    return dates_differ(a, b) &&
           (texts == UNLIKE || (texts == UNKNOWN && strcmp(a->title, b->title) != 0));
}

static bool same_story(const struct told *a, const struct told *b)
{
    return titles_agree(a, b) ? !is_next_issue(a, b) : compare_texts(a, b) == ALIKE;
}

static bool same_address(const struct identity_item *a, const struct identity_item *b)
{
    return !strcmp(a->address, b->address);
}

static bool same_title(const struct identity_item *a, const struct identity_item *b)
{
    const struct told x = told_by(a), y = told_by(b);
    return titles_agree(&x, &y);
}

/* Of two items of one document that have one address: one guid twice is one item in two wordings;
 * with a guid each they are bulletins, alerts, episodes, unless they say the same at the same time.
 */
static bool same_item(const struct identity_item *a, const struct identity_item *b)
{
    const struct told x = told_by(a), y = told_by(b);
    if (!a->has_guid || !b->has_guid)
        return same_story(&x, &y);
    return a->recall.guid == b->recall.guid || (!strcmp(x.title, y.title) && !dates_differ(&x, &y));
}

/* True for the items whose guid, or whose address, another item of the document has that cannot be
 * the same article. `first` holds the first item of each value. */
static bool clashes(struct map *first, uint64_t value, struct identity_item *item,
                    bool (*same)(const struct identity_item *, const struct identity_item *))
{
    struct identity_item *known = map_get(first, value);
    if (!known)
        map_put(first, value, item);
    return known && !same(known, item);
}

static int mark(struct store *s, bool *has, const struct identity_key *key)
{
    *has = false;
    return put(s, key, (struct sighting){0, 0});
}

/* What one feed does with an address says nothing of what it means in another. */
static int recall_page(struct store *s, struct identity_item *it)
{
    struct sighting seen;
    int error = it->has_url ? get(s, &it->page, &seen) : STORE_NOT_FOUND;
    if (!error)
        it->has_url = false;
    return error == STORE_NOT_FOUND ? 0 : error;
}

/* Those that are known were compared with each other when they came. */
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

/* A second pass marks the first of them too. */
int identity_compare(struct store *s, struct identity_item *items, size_t n)
{
    struct map guids = {0}, urls = {0}, shared = {0};
    for (size_t i = 0; i < n; i++) {
        struct identity_item *it = &items[i];
        if (!it->made)
            continue;
        const struct recall_item *by = &it->recall;
        /* one guid for two addresses; where there are none, for two titles */
        if (by->guid && clashes(&guids, by->guid, it, it->has_url ? same_address : same_title))
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
            error = mark(s, &it->has_guid, &it->guid);
        if (!error && it->has_url && map_get(&shared, it->recall.url))
            error = mark(s, &it->has_url, &it->page);
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

/* Where there is no date the path stands for it: then only the host, or a query, is new. */
static struct identity_key renamed_key(uint64_t feed_number, const struct feed_article *a,
                                       const char *address)
{
    const char *path = strchrnul(address, '/');
    struct buf b;
    buf_init(&b, ARTICLE_MAX_SUMMARY + FEED_MAX_TEXT);
    buf_adds(&b, a->summary ? a->summary : "");
    if (a->published == FEED_NO_TIME)
        buf_add(&b, path, strcspn(path, "?#"));
    else
        buf_addf(&b, "\n%" PRId64, a->published);
    struct identity_key key = key_of('r', feed_number, a->title, buf_text(&b));
    buf_free(&b);
    return key;
}

static void read_item(struct identity_item *it, uint64_t feed_number, const char *home)
{
    const struct feed_article *a = &it->article;
    it->address = publisher_url_key(a->url);
    it->has_guid = a->guid && *a->guid;
    it->has_url = *it->address && !(home && !strcmp(home, it->address));
    it->guid = key_of('g', feed_number, it->has_guid ? a->guid : "", "");
    it->url = key_of('u', 0, it->address, "");
    it->page = key_of('p', feed_number, it->address, "");
    it->text = key_of('t', feed_number, a->title, a->summary ? a->summary : "");
    it->renamed = renamed_key(feed_number, a, it->address);
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
    read_item(out, feed_number, home);
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

/* ---- what is known -------------------------------------------------------------------------- */

/* Whether the item has something of that kind, and its key. An item that has neither guid nor
 * address is known by its text; one that has them by that only when both are new. */
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
    case IDENTITY_RENAMED:
        return &item->renamed;
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
    int error = key ? get(s, key, &seen) : STORE_NOT_FOUND;
    if (!error)
        *out = (struct identity){seen.article, seen.content != item->content};
    if (!error && !seen.article && by == IDENTITY_GUID)
        item->has_guid = false;
    return error == STORE_NOT_FOUND ? 0 : error;
}

/* The next run of letters and digits that is long enough, and has both digits and no date's look,
 * to be an article's number in an address; NULL at the end. */
static const char *next_number(const char *p, size_t *n)
{
    enum { LEAST = 5, A_DAY = 8 };
    while (*p) {
        size_t digits = 0;
        for (*n = 0; isalnum((unsigned char)p[*n]); ++*n)
            digits += isdigit((unsigned char)p[*n]) != 0;
        bool is_day =
            *n == A_DAY && digits == A_DAY && (!memcmp(p, "20", 2) || !memcmp(p, "19", 2));
        if (*n >= LEAST && digits >= 2 && !is_day)
            return p;
        p += *n ? *n : 1;
    }
    return NULL;
}

/* Two addresses of one host that have an article's number in common: only the words changed. */
static bool share_number(const char *a, const char *b)
{
    size_t host = strcspn(a, "/"), n, m;
    if (host != strcspn(b, "/") || strncmp(a, b, host) != 0)
        return false;
    for (const char *x = a + host; (x = next_number(x, &n)); x += n)
        for (const char *y = b + host; (y = next_number(y, &m)); y += m)
            if (n == m && !memcmp(x, y, n))
                return true;
    return false;
}

bool identity_is_same(const struct identity_item *item, const struct identity_known *known,
                      enum identity_by by)
{
    const struct told now = told_by(item);
    const struct told then = {known->title, longer(known->summary, known->text),
                              known->published == known->seen && now.date != known->seen
                                  ? FEED_NO_TIME
                                  : known->published};
    char *address = publisher_url_key(known->url);
    bool addresses = item->has_url && *address;
    bool address_is_same =
        addresses && (!strcmp(address, item->address) || share_number(address, item->address));
    free(address);
    switch (by) {
    case IDENTITY_GUID:
        if (address_is_same)
            return true;
        if (titles_agree(&now, &then))
            return !addresses || !dates_differ(&now, &then) || compare_texts(&now, &then) != UNLIKE;
        return compare_texts(&now, &then) == ALIKE;
    case IDENTITY_URL:
        if (known->own)
            return !item->has_guid || same_story(&now, &then);
        return titles_agree(&now, &then) || compare_texts(&now, &then) == ALIKE;
    case IDENTITY_TEXT:
    case IDENTITY_RENAMED:
    case IDENTITY_WAYS:
        break;
    }
    return true;
}

bool identity_is_listed(const struct map *listed, const struct identity_item *item,
                        uint64_t feed_number, const struct identity_known *known)
{
    struct identity_key guid = key_of('g', feed_number, known->guid, "");
    char *address = publisher_url_key(known->url);
    struct identity_key url = key_of('u', 0, address, "");
    bool has_url = item->has_url && *address;
    free(address);
    return (item->has_guid && *known->guid && map_get(listed, guid.half[0] | 1)) ||
           (has_url && map_get(listed, url.half[0] | 1));
}

/* Unless it is known to say nothing. */
static int keep(struct store *s, const struct identity_key *key, struct sighting sighting)
{
    struct sighting seen;
    int error = get(s, key, &seen);
    if (!error && seen.article == 0)
        return 0;
    return error && error != STORE_NOT_FOUND ? error : put(s, key, sighting);
}

int identity_keep(struct store *s, const struct identity_item *item, uint64_t article)
{
    struct sighting sighting = {article, item->content};
    bool bare = !item->has_guid && !item->has_url;
    int error = put(s, bare ? &item->text : &item->renamed, sighting);
    if (!error && item->has_guid)
        error = keep(s, &item->guid, sighting);
    if (!error && item->has_url)
        error = put(s, &item->url, sighting);
    return error;
}

int identity_forget(struct store *s, struct identity_item *item, enum identity_by by)
{
    if (by == IDENTITY_GUID)
        return mark(s, &item->has_guid, &item->guid);
    return by == IDENTITY_URL ? mark(s, &item->has_url, &item->page) : 0;
}

int identity_forget_in(struct store *s, const struct identity_item *item, uint64_t feed_number)
{
    struct identity_key page = key_of('p', feed_number, item->address, "");
    return put(s, &page, (struct sighting){0, 0});
}
