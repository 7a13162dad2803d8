/* Hashes items and stores those of each feed's last document; see recall.h. Called by ingest.c. */
#include "ingest/recall.h"

#include "base/hash.h"
#include "base/mem.h"

#include <string.h>

_Static_assert(sizeof(struct recall_item) == STORE_RECALLED, "checked");

static uint64_t more(uint64_t hash, const char *s)
{
    return s ? hash64(s, strlen(s), hash) : hash_pair(hash, 0);
}

static uint64_t all(uint64_t hash, const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = more(hash, texts[i]);
    return hash;
}

uint64_t recall_document(const struct feed *feed, const struct feed_origin *origin)
{
    const struct feed_speaker *s = origin->speaker;
    const char *const texts[] = {feed->title,  feed->link,   feed->language, origin->url,
                                 origin->name, origin->lang, s->domain,      s->formerly};
    return hash_pair(all(0, texts, sizeof texts / sizeof *texts), origin->aggregator);
}

uint64_t recall_hash(const struct feed_item *item, uint64_t document)
{
    const char *const texts[] = {item->id,         item->title,   item->link,    item->orig_link,
                                 item->summary,    item->content, item->author,  item->source_title,
                                 item->source_url, item->image,   item->language};
    const uint64_t numbers[] = {item->id_is_link, item->n_categories, (uint64_t)item->published,
                                (uint64_t)item->updated};
    uint64_t hash = all(document, texts, sizeof texts / sizeof *texts);
    hash = hash64(numbers, sizeof numbers, hash);
    for (size_t i = 0; i < item->n_categories; i++)
        hash = more(hash, item->categories[i]);
    return hash ? hash : 1;
}

int recall_read(struct store *s, uint64_t feed, struct recall_item **out, size_t *n)
{
    struct store_value v;
    *out = NULL;
    *n = 0;
    int error = store_get_u64(s, STORE_DOCUMENTS, feed, &v);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error;
    if (v.n % sizeof **out)
        return STORE_CORRUPT;
    *n = v.n / sizeof **out;
    *out = mem_alloc(v.n + 1);
    memcpy(*out, v.p, v.n);
    return 0;
}

int recall_keep(struct store *s, uint64_t feed, const struct recall_item *items, size_t n)
{
    return store_put_u64(s, STORE_DOCUMENTS, feed, items, n * sizeof *items);
}
