/* Assigns posts of social feeds to events and stores them; see posts.h. Called by ingest.c and
 * apply.c. Opinions are computed in digest/sentiment.c. */
#define _GNU_SOURCE /* memmem */
#include "ingest/posts.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "cluster/engine.h"
#include "ingest/batch.h"
#include "digest/cue.h"
#include "digest/sentiment.h"
#include "article/post.h"
#include "ingest/identity.h"
#include "store/record.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    NEAR = 5,         /* events that a post is compared with, */
    TITLES = 40,      /* and the newest titles of each */
    TITLE_WORDS = 4,  /* of a title that can count as quoted */
    TITLE_BYTES = 20, /* the same */
    TITLE = 200,      /* bytes of a post that the engine uses as its title */
};

/* The value stored for an item's post. */
struct posted {
    uint64_t post, content; /* its number, and the hash of its text */
};

/* ---- sentiment ------------------------------------------------------------------------------- */

static struct digest_post said_by(const struct post_record *post)
{
    return (struct digest_post){.number = post->number,
                                .text = post->text,
                                .author = codec_text(post->author),
                                .handle = codec_text(post->handle),
                                .bio = codec_text(post->bio),
                                .url = record_address(post->url),
                                .lang = codec_text(post->lang),
                                .published = post->time};
}

static void set_sentiment(const struct tones *tones, struct event_record *event,
                          const struct digest_post *posts, size_t n)
{
    if (event->sentiment)
        codec_free(&digest_sentiment_table, event->sentiment);
    free(event->sentiment);
    event->sentiment = n > 0 ? mem_alloc(sizeof *event->sentiment) : NULL;
    if (event->sentiment)
        sentiment_make(tones, posts, n, event->sentiment);
}

static int refresh(struct ingest *in, struct event_record *event)
{
    struct store *s = batch_store(in);
    uint64_t *numbers;
    size_t n, read = 0;
    int error = store_linked_posts(s, event->number, &numbers, &n);
    size_t from = n > SENTIMENT_READ ? n - SENTIMENT_READ : 0;
    struct post_record *records = mem_zero((n - from + 1) * sizeof *records);
    struct digest_post *posts = mem_zero((n - from + 1) * sizeof *posts);
    for (size_t i = from; !error && i < n; i++) {
        error = batch_post(s, numbers[i], &records[read]);
        posts[read] = said_by(&records[read]);
        read += !error;
    }
    if (!error) {
        set_sentiment(batch_tones(in), event, posts, read);
        event->post_count = n;
    }
    for (size_t i = 0; i < n - from; i++)
        codec_free(&post_table, &records[i]);
    free(records);
    free(posts);
    free(numbers);
    return error;
}

/* ---- event of a post ------------------------------------------------------------------------- */

struct found_event {
    uint64_t event, article; /* 0: none; an article without an event: the post is that article */
    const char *why;
};

/* An item that became an article before the feed was declared social does not become a post. */
static int find_by_link(struct store *s, uint64_t feed_number, const struct feed_post *p,
                        struct found_event *out)
{
    for (size_t i = 0; !out->article && i < p->n_links; i++) {
        uint64_t article;
        struct article_record record = {0};
        int error = identity_of_address(s, p->links[i], &article);
        if (!error && !article)
            continue;
        if (!error)
            error = batch_article(s, article, &record);
        if (error)
            return error;
        bool own = record.feed == feed_number;
        *out = (struct found_event){own ? 0 : record.event, article, "link"};
        codec_free(&article_table, &record);
    }
    return 0;
}

/* A post's words without addresses, accounts and hash signs. */
static void add_post_words(struct buf *out, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, " \t\n");
        bool plain = strncasecmp(text, "http:", 5) != 0 && strncasecmp(text, "https:", 6) != 0 &&
                     *text != '@';
        size_t tag = n > 0 && *text == '#';
        if (n > tag && plain) {
            if (out->len)
                buf_addc(out, ' ');
            buf_add(out, text + tag, n - tag);
        }
        text += n + (text[n] != 0);
    }
}

/* Both are folded. */
static bool quotes(const char *text, size_t n, const char *title)
{
    char folded[TITLE_BYTES * 40];
    size_t m = cue_fold(title, strlen(title), folded, sizeof folded - 1), words = 1;
    folded[m] = 0;
    for (size_t i = 0; i < m; i++)
        words += folded[i] == ' ';
    if (words < TITLE_WORDS || m < TITLE_BYTES)
        return false;
    const char *end = text + n;
    for (const char *at = text; (at = memmem(at, (size_t)(end - at), folded, m)); at++)
        if ((at == text || at[-1] == ' ') && (at + m == end || at[m] == ' '))
            return true;
    return false;
}

/* Looks for a quoted title among the event's articles. */
static int find_quoted(struct store *s, uint64_t event, const char *text, size_t size,
                       struct found_event *out)
{
    uint64_t *articles;
    size_t n;
    int error = store_linked(s, event, &articles, &n);
    for (size_t i = n > TITLES ? n - TITLES : 0; !error && !out->event && i < n; i++) {
        struct article_record article;
        error = batch_article(s, articles[i], &article);
        if (!error && quotes(text, size, article.title))
            *out = (struct found_event){event, articles[i], "title"};
        codec_free(&article_table, &article);
    }
    free(articles);
    return error;
}

static int find_by_words(struct ingest *in, const struct feed_post *p, int64_t now,
                         struct found_event *out)
{
    struct engine_near near[NEAR];
    struct buf words, title;
    char folded[POST_MAX_TEXT + 1];
    int error = 0;
    buf_init(&words, POST_MAX_TEXT + 1);
    buf_init(&title, TITLE + 1);
    add_post_words(&words, p->text);
    add_post_words(&title, p->title ? p->title : p->text);
    const struct engine_article what = {.title = buf_text(&title),
                                        .body = buf_text(&words),
                                        .lang = p->lang,
                                        .publisher = "",
                                        .published = p->time,
                                        .seen = now};
    size_t n = words.len ? engine_nearest(batch_engine(in), &what, near, NEAR) : 0;
    size_t m = cue_fold(buf_text(&words), words.len, folded, sizeof folded);
    for (size_t i = 0; !error && i < n && !out->event; i++)
        error = find_quoted(batch_store(in), near[i].event, folded, m, out);
    for (size_t i = 0; i < n && !out->event; i++)
        if (near[i].joins)
            *out = (struct found_event){near[i].event, 0, "engine"};
    buf_free(&words);
    buf_free(&title);
    return error;
}

/* ---- storing --------------------------------------------------------------------------------- */

static void post_key(uint64_t feed_number, const struct feed_post *p,
                     unsigned char key[STORE_POSTED])
{
    store_u64(feed_number, key);
    store_u64(hash64(p->id, strlen(p->id), 0), key + 8);
}

static int keep_item(struct store *s, const unsigned char key[STORE_POSTED], uint64_t post,
                     uint64_t content)
{
    const struct posted posted = {post, content};
    return store_put(s, STORE_POST_ITEMS, key, STORE_POSTED, &posted, sizeof posted);
}

static int log_post(struct ingest *in, uint64_t event, uint64_t post)
{
    return batch_log(in, "posted", event, &(struct change_record){.post = post});
}

static const char *post_language(struct ingest *in, const struct feed_post *p)
{
    const struct lang *lang =
        langs_detect(engine_langs(batch_engine(in)), p->lang, p->text, strlen(p->text));
    return lang ? lang_code(lang) : NULL;
}

static int add_post(struct ingest *in, uint64_t feed_number, const struct feed_post *p,
                    const struct found_event *found, int64_t now, uint64_t *number)
{
    struct store *s = batch_store(in);
    struct event_record *event;
    int error = batch_event(in, found->event, &event);
    uint64_t count = error ? 0 : event->post_count;
    *number = 0;
    if (error || count >= POSTS_MOST)
        return error;
    *number = store_number(s, "posts") + 1;
    struct post_record post = {.number = *number,
                               .event = found->event,
                               .feed = feed_number,
                               .article = found->article,
                               .seen = now,
                               .time = p->time == FEED_NO_TIME || p->time > now ? now : p->time};
    codec_set_text(&post.author, p->author);
    codec_set_text(&post.handle, p->handle);
    codec_set_text(&post.bio, p->bio);
    codec_set_string(&post.text, p->text);
    codec_set_string(&post.url, p->url);
    codec_set_text(&post.lang, post_language(in, p));
    codec_set_string(&post.why, found->why);
    error = batch_put_post(s, &post);
    codec_free(&post_table, &post);
    if (!error)
        error = store_set_number(s, "posts", *number);
    if (!error)
        error = store_link_post(s, found->event, *number);
    if (!error)
        error = log_post(in, found->event, *number);
    event->post_count = count + 1;
    bool anew = count < POSTS_FRESH || count % POSTS_STALE == 0;
    return error || !anew ? error : refresh(in, event);
}

static int edit_post(struct ingest *in, uint64_t number, const struct feed_post *p)
{
    struct post_record post;
    struct event_record *event = NULL;
    int error = batch_post(batch_store(in), number, &post);
    codec_set_string(&post.text, p->text);
    if (!error)
        error = batch_put_post(batch_store(in), &post);
    if (!error)
        error = batch_event(in, post.event, &event);
    if (!error)
        error = log_post(in, post.event, number);
    codec_free(&post_table, &post);
    return error ? error : refresh(in, event);
}

static int take_post(struct ingest *in, uint64_t feed_number, const struct feed_post *p,
                     int64_t now, enum posts_outcome *outcome)
{
    struct store *s = batch_store(in);
    struct found_event found = {.event = 0};
    struct store_value v;
    struct posted known = {0, 0};
    unsigned char key[STORE_POSTED];
    uint64_t content = hash64(p->text, strlen(p->text), 0);
    *outcome = POSTS_LEFT;
    if (!*p->text)
        return 0;
    post_key(feed_number, p, key);
    int error = store_get(s, STORE_POST_ITEMS, key, sizeof key, &v);
    if (error && error != STORE_NOT_FOUND)
        return error;
    if (!error && v.n != sizeof known)
        return STORE_CORRUPT;
    if (!error) {
        memcpy(&known, v.p, sizeof known);
        *outcome = known.content == content ? POSTS_KNOWN : POSTS_EDITED;
        if (*outcome == POSTS_EDITED)
            error = edit_post(in, known.post, p);
        return error || *outcome == POSTS_KNOWN ? error : keep_item(s, key, known.post, content);
    }
    error = find_by_link(s, feed_number, p, &found);
    if (!error && !found.article)
        error = find_by_words(in, p, now, &found);
    if (!error && found.event)
        error = add_post(in, feed_number, p, &found, now, &known.post);
    if (error || !known.post)
        return error;
    *outcome = POSTS_NEW;
    return keep_item(s, key, known.post, content);
}

int posts_take(struct ingest *in, uint64_t feed_number, const struct feed *feed,
               const struct feed_item *item, const struct feed_origin *origin, int64_t now,
               enum posts_outcome *outcome)
{
    struct feed_post p;
    feed_post_make(feed, item, origin, &p);
    int error = take_post(in, feed_number, &p, now, outcome);
    feed_post_free(&p);
    return error;
}

/* ---- moving ---------------------------------------------------------------------------------- */

/* Moves posts that link to the article; 0: all. */
static int move_posts(struct ingest *in, uint64_t from, uint64_t into, uint64_t article,
                      size_t *moved)
{
    struct store *s = batch_store(in);
    uint64_t *numbers;
    size_t n;
    int error = store_linked_posts(s, from, &numbers, &n);
    *moved = 0;
    for (size_t i = 0; !error && i < n; i++) {
        struct post_record post;
        error = batch_post(s, numbers[i], &post);
        if (!error && (!article || post.article == article)) {
            post.event = into;
            error = batch_put_post(s, &post);
            if (!error)
                error = store_unlink_post(s, from, numbers[i]);
            if (!error)
                error = store_link_post(s, into, numbers[i]);
            ++*moved;
        }
        codec_free(&post_table, &post);
    }
    free(numbers);
    return error;
}

static int refresh_number(struct ingest *in, uint64_t number)
{
    struct event_record *event;
    int error = batch_event(in, number, &event);
    return error ? error : refresh(in, event);
}

int posts_merge(struct ingest *in, uint64_t from, uint64_t into)
{
    size_t moved;
    int error = move_posts(in, from, into, 0, &moved);
    return error || !moved ? error : refresh_number(in, into);
}

int posts_follow(struct ingest *in, uint64_t article, uint64_t from, uint64_t into)
{
    size_t moved;
    int error = move_posts(in, from, into, article, &moved);
    if (!error && moved)
        error = refresh_number(in, from);
    return error || !moved ? error : refresh_number(in, into);
}
