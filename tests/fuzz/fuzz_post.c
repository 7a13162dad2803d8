/* The items of a social feed as posts, and what they say together: whatever the feed holds, texts
 * are valid and within their bounds, and the counts add up. */
#include "base/utf8.h"
#include "digest/sentiment.h"
#include "article/post.h"
#include "feed/parser.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { POSTS = 64 };

static void check(const char *text, size_t most)
{
    if (text && (strlen(text) > most || !utf8_valid(text, strlen(text))))
        abort();
}

static void check_sentiment(const struct digest_sentiment *s)
{
    if (s->quotes.n > SENTIMENT_QUOTES || s->authors > s->posts || s->few == (s->split != NULL))
        abort();
    if (s->split &&
        s->split->supportive + s->split->skeptical + s->split->concerned + s->split->neutral !=
            s->authors)
        abort();
    for (size_t i = 0; i < s->quotes.n; i++)
        check(((const struct digest_quote *)s->quotes.v)[i].text, POST_MAX_TEXT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tones *tones; /* read once: it is large */
    const struct feed_origin origin = {.url = "https://talk.example/feed", .lang = "en"};
    struct feed_post posts[POSTS];
    struct digest_post said[POSTS];
    struct digest_sentiment sentiment;
    struct feed *feed;
    size_t n = 0;
    if (!tones)
        tones = tones_new();
    if (feed_parse((const char *)data, size, origin.url, NULL, &feed) != FEED_OK)
        return 0;
    for (; n < feed->n_items && n < POSTS; n++) {
        struct feed_post *p = &posts[n];
        feed_post_make(feed, &feed->items[n], &origin, p);
        check(p->text, POST_MAX_TEXT);
        check(p->author, POST_MAX_NAME);
        check(p->handle, POST_MAX_NAME);
        check(p->bio, POST_MAX_BIO);
        said[n] = (struct digest_post){n + 1,  p->text, p->author, p->handle,
                                       p->bio, p->url,  p->lang,   p->time};
    }
    sentiment_make(tones, said, n, &sentiment);
    check_sentiment(&sentiment);
    codec_free(&digest_sentiment_table, &sentiment);
    while (n > 0)
        feed_post_free(&posts[--n]);
    feed_free(feed);
    return 0;
}
