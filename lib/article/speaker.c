/* Determines the publisher that a feed speaks for; see speaker.h. Used by lib/article and
 * lib/ingest. */
#include "article/speaker.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "article/limits.h"
#include "article/publisher.h"
#include "article/item_address.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ITEMS = 200 }; /* maximum number of items examined for their site */

static const char *const names[] = {
    [SPEAKER_ADDRESS] = "address", [SPEAKER_SITE] = "site", [SPEAKER_LIST] = "list"};
const char speaker_aggregator[] = "aggregator";
enum { N_NAMES = sizeof names / sizeof *names };

const char *speaker_by_name(enum speaker_by by)
{
    return names[by];
}

enum speaker_by speaker_by(const struct feed_speaker *s)
{
    for (int i = SPEAKER_ADDRESS; s->domain && s->by && i < N_NAMES; i++)
        if (!strcmp(s->by, names[i]))
            return (enum speaker_by)i;
    return SPEAKER_UNKNOWN;
}

/* ---- accounts -------------------------------------------------------------------------------- */

/* Adds "Channel Name!" as part of a key: "channel-name". */
static void add_slug(struct buf *b, const char *name)
{
    bool gap = false;
    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;
        if (c >= 128 || isalnum(c)) {
            if (gap)
                buf_addc(b, '-');
            buf_addc(b, (char)tolower(c));
            gap = false;
        } else {
            gap = b->len > 0 && b->p[b->len - 1] != '/';
        }
    }
}

char *speaker_account(const char *platform, const char *name)
{
    struct buf b;
    size_t n = strlen(name);
    char *cut = mem_strn(name, n > ARTICLE_MAX_NAME ? utf8_cut(name, ARTICLE_MAX_NAME) : n);
    buf_init(&b, 512);
    buf_adds(&b, platform);
    buf_addc(&b, '/');
    add_slug(&b, cut);
    free(cut);
    return buf_take(&b);
}

/* ---- the site -------------------------------------------------------------------------------- */

/* The site named by more than half of the items that name one: the Boyer-Moore majority vote finds
 * the only candidate, a second pass counts its votes. */
static char *site_of_items(const struct publishers *p, const struct feed *feed)
{
    char *sites[MOST_ITEMS], *most = NULL;
    size_t n = 0, lead = 0, votes = 0;
    for (size_t i = 0; i < feed->n_items && i < MOST_ITEMS; i++) {
        char *url = feed_item_address(&feed->items[i]);
        if ((sites[n] = publisher_of_url(p, url)))
            n++;
        free(url);
    }
    for (size_t i = 0; i < n; i++) {
        if (lead == 0)
            most = sites[i];
        lead += strcmp(most, sites[i]) ? -(size_t)1 : 1;
    }
    for (size_t i = 0; i < n; i++)
        votes += !strcmp(most, sites[i]);
    most = votes * 2 > n ? mem_str(most) : NULL;
    for (size_t i = 0; i < n; i++)
        free(sites[i]);
    return most;
}

static bool same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

/* Combines three values, in order of trust: the one that two of them agree on, else the first one
 * present. */
static char *agreed(char *const said[3])
{
    if (same(said[1], said[2]) && !same(said[0], said[1]))
        return mem_str(said[1]);
    for (int i = 0; i < 3; i++)
        if (said[i])
            return mem_str(said[i]);
    return NULL;
}

/* The feed's own address, shortened to the length of a name. */
static char *stand_in(const char *url)
{
    char *canonical = publisher_canonical_url(url), *key = publisher_url_key(canonical);
    struct buf b;
    buf_init(&b, 2 * ARTICLE_MAX_NAME);
    size_t n = strlen(key);
    if (n <= ARTICLE_MAX_NAME && n)
        buf_adds(&b, key);
    else
        buf_addf(&b, "%.*s#%016" PRIx64, (int)(n ? utf8_cut(key, ARTICLE_MAX_NAME - 20) : 0), key,
                 hash64(url, strlen(url), 0));
    free(canonical);
    free(key);
    return buf_take(&b);
}

char *speaker_named(const struct publishers *p, const struct feed *feed,
                    const struct feed_origin *origin, enum speaker_by *by)
{
    *by = SPEAKER_LIST;
    char *domain = publisher_of_url(p, origin->home);
    if (domain)
        return domain;
    char *said[3] = {publisher_of_url(p, feed->link), site_of_items(p, feed),
                     publisher_of_url(p, origin->url)};
    domain = agreed(said);
    *by = said[0] || said[1] ? SPEAKER_SITE : SPEAKER_ADDRESS;
    for (int i = 0; i < 3; i++)
        free(said[i]);
    return domain ? domain : stand_in(origin->url);
}

bool speaker_is_served(const struct publishers *p, const struct feed_origin *origin,
                       const char *publisher)
{
    char *asked = publisher_of_url(p, origin->url);
    char *from = origin->from ? publisher_of_url(p, origin->from) : NULL;
    bool is = same(asked, publisher) && (!origin->from || same(from, publisher));
    free(asked);
    free(from);
    return is;
}

char *speaker_moved(const struct publishers *p, const struct feed *feed,
                    const struct feed_origin *origin)
{
    char *site = publisher_of_url(p, feed->link), *items = NULL;
    bool moved = site && !same(site, origin->speaker->domain) &&
                 speaker_is_served(p, origin, site) && same(site, items = site_of_items(p, feed));
    free(items);
    if (moved)
        return site;
    free(site);
    return NULL;
}

bool speaker_is_own(const struct publishers *p, const struct feed_speaker *s,
                    const struct feed_origin *origin)
{
    return speaker_by(s) == SPEAKER_LIST || speaker_is_served(p, origin, s->domain);
}

void speaker_free(struct feed_speaker *s)
{
    free(s->domain);
    free(s->by);
    free(s->formerly);
    *s = (struct feed_speaker){0};
}
