#include "feed/speaker.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "feed/article.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ITEMS = 200 }; /* that are asked which site they name */

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

/* ---- accounts ------------------------------------------------------------------------------- */

/* "Channel Name!" as part of an identity: "channel-name". */
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
    char *domain = publisher_of_account(buf_text(&b));
    buf_free(&b);
    return domain;
}

/* ---- the site ------------------------------------------------------------------------------- */

static const char *title_of(const struct feed *feed, const struct feed_origin *origin)
{
    return feed->title && *feed->title ? feed->title : origin->name ? origin->name : "";
}

/* The publisher at an address: where it is on a platform and shows no account, the account that the
 * feed is called by. NULL for none. */
static char *site_of(const struct publishers *p, const struct feed *feed,
                     const struct feed_origin *origin, const char *url)
{
    char *domain = publisher_of_url(p, url);
    if (domain || !url)
        return domain;
    const char *platform = publisher_platform(url), *title = title_of(feed, origin);
    return platform && *title ? speaker_account(platform, title) : NULL;
}

/* The site that more than half of the items name, of those that name one. Boyer and Moore's vote
 * finds the one that it must be, a second look counts. */
static char *site_of_items(const struct publishers *p, const struct feed *feed,
                           const struct feed_origin *origin)
{
    char *sites[MOST_ITEMS], *most = NULL;
    size_t n = 0, lead = 0, votes = 0;
    for (size_t i = 0; i < feed->n_items && i < MOST_ITEMS; i++) {
        char *url = feed_item_address(&feed->items[i]);
        if ((sites[n] = site_of(p, feed, origin, url)))
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

/* What three witnesses say, the best first: what two of them say, else what the first of them says
 * that says anything. */
static char *agreed(char *const said[3])
{
    if (same(said[1], said[2]) && !same(said[0], said[1]))
        return mem_str(said[1]);
    for (int i = 0; i < 3; i++)
        if (said[i])
            return mem_str(said[i]);
    return NULL;
}

char *speaker_named(const struct publishers *p, const struct feed *feed,
                    const struct feed_origin *origin, enum speaker_by *by)
{
    *by = SPEAKER_LIST;
    char *domain = site_of(p, feed, origin, origin->home);
    if (domain)
        return domain;
    char *said[3] = {site_of(p, feed, origin, feed->link), site_of_items(p, feed, origin),
                     site_of(p, feed, origin, origin->url)};
    domain = agreed(said);
    *by = said[0] || said[1] ? SPEAKER_SITE : SPEAKER_ADDRESS;
    for (int i = 0; i < 3; i++)
        free(said[i]);
    if (domain)
        return domain;
    return mem_str(*title_of(feed, origin) ? title_of(feed, origin) : origin->url);
}

char *speaker_elsewhere(const struct publishers *p, const struct feed *feed,
                        const struct feed_origin *origin)
{
    char *site = site_of(p, feed, origin, feed->link), *items = NULL;
    bool moved = site && !same(site, origin->speaker->domain) &&
                 same(site, items = site_of_items(p, feed, origin));
    free(items);
    if (moved)
        return site;
    free(site);
    return NULL;
}

bool speaker_is_own(const struct publishers *p, const struct feed_speaker *s,
                    const struct feed_origin *origin)
{
    char *site = publisher_of_url(p, origin->url);
    bool served = same(site, s->domain);
    free(site);
    return served || speaker_by(s) == SPEAKER_LIST;
}

void speaker_free(struct feed_speaker *s)
{
    free(s->domain);
    free(s->by);
    free(s->formerly);
    *s = (struct feed_speaker){0};
}
