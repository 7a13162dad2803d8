/* Summarises the opinions of posts about an event; see sentiment.h. Called by ingest/posts.c. The
 * stance of one post is found in stance.c. */
#include "digest/sentiment.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "digest/post_text.h"
#include "digest/stance.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 200, MAX_BIO = 300, MAX_URL = 2048, MAX_OVERALL = 400 }; /* bytes */

/* ---- the record's JSON ----------------------------------------------------------------------- */

#define AT(of, member)          offsetof(struct of, member), NULL, false
#define PART(of, member, table) offsetof(struct of, member), &table, false

static const struct codec_field quote_fields[] = {
    {"post", CODEC_NUMBER, AT(digest_quote, post)},
    {"text", CODEC_TEXT, AT(digest_quote, text)},
    {"author", CODEC_TEXT, AT(digest_quote, author)},
    {"handle", CODEC_TEXT, AT(digest_quote, handle)},
    {"bio", CODEC_TEXT, AT(digest_quote, bio)},
    {"stance", CODEC_TEXT, AT(digest_quote, stance)},
    {"url", CODEC_TEXT, AT(digest_quote, url)},
    {"time", CODEC_NUMBER, AT(digest_quote, time)},
    {0},
};
static const struct codec_table quote_table = {sizeof(struct digest_quote), quote_fields};

static const struct codec_field split_fields[] = {
    {"supportive", CODEC_NUMBER, AT(digest_split, supportive)},
    {"skeptical", CODEC_NUMBER, AT(digest_split, skeptical)},
    {"concerned", CODEC_NUMBER, AT(digest_split, concerned)},
    {"neutral", CODEC_NUMBER, AT(digest_split, neutral)},
    {0},
};
static const struct codec_table split_table = {sizeof(struct digest_split), split_fields};

static const struct codec_field sentiment_fields[] = {
    {"overall", CODEC_TEXT, AT(digest_sentiment, overall)},
    {"posts", CODEC_NUMBER, AT(digest_sentiment, posts)},
    {"authors", CODEC_NUMBER, AT(digest_sentiment, authors)},
    {"few", CODEC_FLAG, AT(digest_sentiment, few)},
    {"split", CODEC_OBJECT, PART(digest_sentiment, split, split_table)},
    {"quotes", CODEC_LIST, PART(digest_sentiment, quotes, quote_table)},
    {0},
};
const struct codec_table digest_sentiment_table = {sizeof(struct digest_sentiment),
                                                   sentiment_fields};

/* ---- posts and their authors ----------------------------------------------------------------- */

struct author {
    size_t posts;
    enum stance stance; /* their latest one */
};

struct read_post {
    const struct digest_post *post;
    struct author *author;
    struct stance_read read;
    char *quote; /* the quotable part; NULL: none */
    double worth;
};

struct post_reading {
    struct read_post *v; /* the newest first */
    size_t n, posts;     /* posts with a text, whether read or not */
    struct author *authors;
    size_t n_authors;
};

static const char *text_or_empty(const char *s)
{
    return s ? s : "";
}

static int newest_post_first(const void *a, const void *b)
{
    const struct digest_post *x = ((const struct read_post *)a)->post;
    const struct digest_post *y = ((const struct read_post *)b)->post;
    if (x->published != y->published)
        return x->published < y->published ? 1 : -1;
    return x->number < y->number ? 1 : x->number > y->number ? -1 : 0;
}

/* Identifies the author by handle or name; without either, by the text of the post. */
static uint64_t author_key(const struct digest_post *p)
{
    const char *name = text_or_empty(p->handle), *of = "handle";
    name += *name == '@';
    if (!*name) {
        name = text_or_empty(p->author);
        of = "author";
    }
    if (!*name) {
        name = text_or_empty(p->text);
        of = "text";
    }
    char low[MAX_NAME];
    size_t n = 0;
    for (; n < sizeof low && name[n]; n++)
        low[n] = name[n] >= 'A' && name[n] <= 'Z' ? (char)(name[n] | 32) : name[n];
    uint64_t key = hash_pair(hash64(of, strlen(of), 0), hash64(low, n, 1));
    return key ? key : 1;
}

/* Keeps the posts that are read, each with its author. */
static void find_authors(struct post_reading *r)
{
    struct map by_name = {0};
    size_t kept = 0;
    r->authors = mem_zero((r->n + 1) * sizeof *r->authors);
    for (size_t i = 0; i < r->n && kept < SENTIMENT_READ; i++) {
        uint64_t key = author_key(r->v[i].post);
        struct author *a = map_get(&by_name, key);
        if (!a) {
            a = &r->authors[r->n_authors++];
            a->stance = STANCE_NEUTRAL;
            map_put(&by_name, key, a);
        }
        if (a->posts++ >= SENTIMENT_OF_AUTHOR)
            continue;
        r->v[kept] = r->v[i];
        r->v[kept++].author = a;
    }
    r->n = kept;
    map_free(&by_name);
}

static void read_posts(const struct tones *tones, const struct digest_post *posts, size_t n,
                       struct post_reading *r)
{
    r->v = mem_zero((n + 1) * sizeof *r->v);
    for (size_t i = 0; i < n; i++)
        if (post_says_something(text_or_empty(posts[i].text)))
            r->v[r->n++].post = &posts[i];
    r->posts = r->n;
    qsort(r->v, r->n, sizeof *r->v, newest_post_first);
    find_authors(r);
    for (size_t i = 0; i < r->n; i++) {
        struct read_post *p = &r->v[i];
        p->read = stance_of(tones, p->post->lang, p->post->text);
        if (p->author->stance == STANCE_NEUTRAL)
            p->author->stance = p->read.stance;
    }
}

static void count_stances(const struct post_reading *r, uint64_t by_stance[STANCES])
{
    for (size_t i = 0; i < r->n_authors; i++)
        by_stance[r->authors[i].stance]++;
}

/* ---- quotes ---------------------------------------------------------------------------------- */

/* Each seat goes to the stance with the most authors per seat (Sainte-Lague, as in parliaments).
 * Neutral authors count half. */
static enum stance next_seat(const uint64_t by_stance[STANCES], const size_t seats[STANCES],
                             const bool open[STANCES])
{
    enum stance best = STANCES;
    double most = 0;
    for (int s = 0; s < STANCES; s++) {
        double weight = (double)by_stance[s] * (s == STANCE_NEUTRAL ? 0.5 : 1);
        double share = weight / (double)(2 * seats[s] + 1);
        bool more = share > most || (share == most && best < STANCES && seats[s] < seats[best]);
        if (open[s] && share > 0 && more) {
            best = (enum stance)s;
            most = share;
        }
    }
    return best;
}

/* The best post with this stance, which must be its author's, by an author who is not quoted yet.
 */
static struct read_post *best_of(const struct post_reading *r, enum stance s,
                                 struct read_post *const *chosen, size_t n_chosen)
{
    struct read_post *best = NULL;
    for (size_t i = 0; i < r->n; i++) {
        struct read_post *p = &r->v[i];
        bool taken = p->read.stance != s || p->author->stance != s || !p->quote;
        for (size_t k = 0; k < n_chosen && !taken; k++)
            taken = chosen[k]->author == p->author || !strcmp(chosen[k]->quote, p->quote);
        if (!taken && (!best || p->worth > best->worth))
            best = p;
    }
    return best;
}

static char *cut_quote(const char *s, size_t most)
{
    size_t n = strnlen(text_or_empty(s), most + 4);
    n = n > most ? utf8_cut(s, most) : n;
    return n && utf8_valid(s, n) ? mem_strn(s, n) : NULL;
}

static void add_quote(struct codec_list *quotes, const struct read_post *p)
{
    struct digest_quote *q = codec_add(quotes, sizeof *q);
    bool whole = p->post->url && strlen(p->post->url) <= MAX_URL;
    *q = (struct digest_quote){.post = p->post->number,
                               .text = mem_str(p->quote),
                               .author = cut_quote(p->post->author, MAX_NAME),
                               .handle = cut_quote(p->post->handle, MAX_NAME),
                               .bio = cut_quote(p->post->bio, MAX_BIO),
                               .stance = mem_str(stance_name(p->read.stance)),
                               .url = whole ? cut_quote(p->post->url, MAX_URL) : NULL,
                               .time = p->post->published};
}

static void choose_quotes(struct post_reading *r, const uint64_t by_stance[STANCES],
                          struct codec_list *quotes)
{
    struct read_post *chosen[SENTIMENT_QUOTES];
    size_t n = 0, seats[STANCES] = {0};
    bool open[STANCES] = {true, true, true, true};
    for (size_t i = 0; i < r->n; i++) {
        r->v[i].quote = post_quote(r->v[i].post->text);
        r->v[i].worth = r->v[i].quote ? r->v[i].read.clear * post_reads_well(r->v[i].quote) : 0;
    }
    while (n < SENTIMENT_QUOTES) {
        enum stance s = next_seat(by_stance, seats, open);
        if (s == STANCES)
            break;
        struct read_post *p = best_of(r, s, chosen, n);
        open[s] = p != NULL;
        if (!p)
            continue;
        seats[s]++;
        chosen[n++] = p;
    }
    for (size_t i = 0; i < n; i++)
        add_quote(quotes, chosen[i]);
}

/* ---- overall line ---------------------------------------------------------------------------- */

static const char *stance_phrase(int stance)
{
    return stance == STANCE_NEUTRAL ? "without a clear stance" : stance_name((enum stance)stance);
}

/* The stances that occur, those of more people first. */
static size_t order_stances(const uint64_t by_stance[STANCES], int order[STANCES])
{
    size_t n = 0;
    for (int s = 0; s < STANCES; s++) {
        size_t at = n;
        if (!by_stance[s])
            continue;
        for (; at > 0 && by_stance[order[at - 1]] < by_stance[s]; at--)
            order[at] = order[at - 1];
        order[at] = s;
        n++;
    }
    return n;
}

static void add_counts(struct buf *b, const uint64_t by_stance[STANCES], const int *order, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_addf(b, "%s%" PRIu64 " %s", i ? ", " : "", by_stance[order[i]],
                 stance_phrase(order[i]));
}

/* "Mostly supportive (5 of 8 people); 2 concerned, 1 skeptical." */
static void add_overall(struct buf *b, const struct post_reading *r,
                        const uint64_t by_stance[STANCES])
{
    int order[STANCES];
    size_t n = order_stances(by_stance, order);
    uint64_t most = by_stance[order[0]], all = r->n_authors;
    if (n == 1) {
        buf_addf(b, "All %" PRIu64 " people are %s.", all, stance_phrase(order[0]));
        return;
    }
    if (2 * most > all) {
        buf_addf(b, "Mostly %s (%" PRIu64 " of %" PRIu64 " people); ", stance_phrase(order[0]),
                 most, all);
        add_counts(b, by_stance, order + 1, n - 1);
    } else {
        buf_addf(b, "Divided, of %" PRIu64 " people: ", all);
        add_counts(b, by_stance, order, n);
    }
    buf_addc(b, '.');
}

static void add_few(struct buf *b, const struct post_reading *r)
{
    buf_addf(b, "Only %zu %s by %zu %s, too few to say how opinion is split.", r->posts,
             r->posts == 1 ? "post" : "posts", r->n_authors,
             r->n_authors == 1 ? "person" : "people");
}

void sentiment_make(const struct tones *tones, const struct digest_post *posts, size_t n,
                    struct digest_sentiment *out)
{
    struct post_reading r = {0};
    uint64_t by_stance[STANCES] = {0};
    struct buf line;
    buf_init(&line, MAX_OVERALL);
    read_posts(tones, posts, n, &r);
    count_stances(&r, by_stance);
    *out = (struct digest_sentiment){
        .posts = r.posts, .authors = r.n_authors, .few = r.n_authors < SENTIMENT_FEW};
    choose_quotes(&r, by_stance, &out->quotes);
    if (!out->few) {
        out->split = mem_zero(sizeof *out->split);
        *out->split =
            (struct digest_split){by_stance[STANCE_SUPPORTIVE], by_stance[STANCE_SKEPTICAL],
                                  by_stance[STANCE_CONCERNED], by_stance[STANCE_NEUTRAL]};
        add_overall(&line, &r, by_stance);
    } else if (r.posts) {
        add_few(&line, &r);
    }
    out->overall = line.len ? buf_take(&line) : NULL;
    for (size_t i = 0; i < r.n; i++)
        free(r.v[i].quote);
    free(r.v);
    free(r.authors);
    buf_free(&line);
}
