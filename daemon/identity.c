#include "identity.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "text/words.h"

#include <stdlib.h>
#include <string.h>

/* What _items holds under a key; article 0: the guid or address says nothing. */
struct sighting {
    uint64_t article, content;
};

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

bool identity_titles_agree(const char *a, const char *b)
{
    enum { MOST = 64 };
    uint64_t seen[MOST];
    size_t na = 0, nb = 0, shared = 0;
    struct words w;
    struct word word;
    for (words_init(&w, a, strlen(a)); na < MOST && words_next(&w, &word);)
        seen[na++] = hash_text(word.text);
    for (words_init(&w, b, strlen(b)); nb < MOST && words_next(&w, &word); nb++) {
        uint64_t h = hash_text(word.text);
        size_t i = 0;
        while (i < na && seen[i] != h)
            i++;
        shared += i < na;
    }
    size_t shorter = na < nb ? na : nb;
    return shorter == 0 || shared * 3 >= shorter;
}

static bool same_address(const struct identity_item *a, const struct identity_item *b)
{
    return !strcmp(a->address, b->address);
}

static bool same_title(const struct identity_item *a, const struct identity_item *b)
{
    return identity_titles_agree(a->article.title, b->article.title);
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
        if (by->url && clashes(&urls, by->url, it, same_title))
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
    it->recall.guid = it->has_guid ? it->guid.half[0] | 1 : 0;
    it->recall.url = it->has_url ? it->url.half[0] | 1 : 0;
    const char *parts[] = {a->title, a->summary, a->text, a->url};
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

int identity_find(struct store *s, const struct identity_item *item, struct identity *out)
{
    const struct {
        bool has;
        const struct identity_key *key;
        enum identity_by by;
    } ways[] = {
        {item->has_guid, &item->guid, IDENTITY_GUID},
        {item->has_url, &item->url, IDENTITY_URL},
        {true, &item->text, IDENTITY_TEXT},
    };
    bool told = false; /* the item has something better than its text to be known by */
    *out = (struct identity){.by = IDENTITY_NEW};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct sighting seen;
        if (!ways[i].has || (ways[i].by == IDENTITY_TEXT && told))
            continue;
        int error = get(s, ways[i].key, &seen);
        if (error && error != STORE_NOT_FOUND)
            return error;
        told |= error == STORE_NOT_FOUND || seen.article != 0;
        if (error || !seen.article)
            continue;
        *out = (struct identity){ways[i].by, seen.article, seen.content != item->content};
        return 0;
    }
    return 0;
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
    int error = put(s, &item->text, sighting);
    if (!error && item->has_guid)
        error = keep(s, &item->guid, sighting);
    if (!error && item->has_url)
        error = put(s, &item->url, sighting);
    return error;
}

int identity_forget_url(struct store *s, struct identity_item *item)
{
    return mark(s, &item->has_url, &item->page);
}
