/* Cleans and rates the text of posts; see post_text.h. Called by sentiment.c. Works
 * on text alone, without language data. */
#include "digest/post_text.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

enum {
    READ = 4096,    /* bytes of a post that are read */
    WIDE = 0x2E80,  /* from here on a character counts as two and a half letters */
    BEST_FROM = 60, /* characters of a quote that can be read at a glance */
    BEST_TO = 220,
};

/* ---- words ----------------------------------------------------------------------------------- */

struct post_word {
    const char *p;
    size_t n;
};

static bool next_post_word(const char **at, const char *end, struct post_word *w)
{
    const char *p = *at;
    while (p < end && (unsigned char)*p <= ' ')
        p++;
    w->p = p;
    while (p < end && (unsigned char)*p > ' ')
        p++;
    w->n = (size_t)(p - w->p);
    *at = p;
    return w->n > 0;
}

static bool word_begins(const struct post_word *w, const char *with)
{
    size_t n = strlen(with);
    return w->n > n && !strncasecmp(w->p, with, n);
}

static bool is_link(const struct post_word *w)
{
    return word_begins(w, "http://") || word_begins(w, "https://") || word_begins(w, "www.");
}

/* Parts around a post that are not its content: links, "#tag", "@somebody", "RT". */
static bool is_around(const struct post_word *w)
{
    return is_link(w) || word_begins(w, "#") || word_begins(w, "@") || word_begins(w, ".@") ||
           (w->n == 2 && !memcmp(w->p, "RT", 2));
}

static const char *end_of(const char *text)
{
    size_t n = strnlen(text, READ + 4);
    return text + (n > READ ? utf8_cut(text, READ) : n);
}

bool post_says_something(const char *text)
{
    const char *end = end_of(text);
    struct post_word w;
    while (next_post_word(&text, end, &w))
        if (!is_link(&w))
            return true;
    return false;
}

/* ---- a quote --------------------------------------------------------------------------------- */

/* The text without the parts around it, one space between words. Links inside it are dropped:
 * readers can follow them in the post. */
static void strip_post(struct buf *out, const char *text)
{
    const char *end = end_of(text);
    size_t good = 0; /* the end of the last word that is content */
    struct post_word w;
    while (next_post_word(&text, end, &w)) {
        bool around = is_around(&w);
        if ((around && !good) || is_link(&w))
            continue;
        if (out->len)
            buf_addc(out, ' ');
        buf_add(out, w.p, w.n);
        if (!around)
            good = out->len;
    }
    buf_cut(out, good);
}

static bool is_stop_mark(uint32_t c)
{
    return c == '.' || c == '!' || c == '?' || c == 0x2026 || c == 0x3002 || c == 0xFF01 ||
           c == 0xFF1F;
}

static bool is_closing_mark(uint32_t c)
{
    return c == '"' || c == '\'' || c == ')' || c == 0x201D || c == 0x2019 || c == 0xBB ||
           c == 0x300D;
}

/* True when a sentence ends at the mark before `p`. Not in "3.5", "Dr. Who", "e.g. this". */
static bool ends_at_mark(const char *from, const char *mark, const char *p, const char *end)
{
    uint32_t c;
    if (p == end)
        return true;
    if ((unsigned char)*mark >= 0x80 && (unsigned char)*mark != 0xE2)
        return true; /* a full-width mark needs no space */
    if (*p != ' ')
        return false;
    const char *word = mark;
    while (word > from && word[-1] != ' ')
        word--;
    if (*mark == '.' && (mark - word <= 2 || memchr(word, '.', (size_t)(mark - word))))
        return false;
    size_t n = utf8_decode(p + 1, end, &c);
    return n && utf8proc_category((utf8proc_int32_t)c) != UTF8PROC_CATEGORY_LL;
}

/* The end of the last whole sentence within reach, and its width in characters. */
static size_t last_end(const char *p, size_t len, double *width)
{
    const char *from = p, *end = p + len;
    double so_far = 0;
    size_t at = 0;
    *width = 0;
    while (p < end) {
        uint32_t c = 0;
        const char *mark = p;
        size_t n = utf8_decode(p, end, &c);
        p += n ? n : 1;
        so_far += c >= WIDE && c < 0xF0000 && c != 0xFE0F ? 2.5 : 1;
        bool stops = n && is_stop_mark(c);
        for (uint32_t next; stops && (n = utf8_decode(p, end, &next));) {
            if (!is_closing_mark(next) && !is_stop_mark(next))
                break;
            p += n;
            so_far++;
        }
        if (so_far > POST_QUOTE_MAX)
            break;
        if (p == end || (stops && ends_at_mark(from, mark, p, end))) {
            at = (size_t)(p - from);
            *width = so_far;
        }
    }
    return at;
}

/* The share of the non-blank characters that belong to words. */
static double share_of_letters(const char *p, size_t len)
{
    const char *end = p + len;
    size_t letters = 0, all = 0;
    while (p < end) {
        uint32_t c;
        size_t n = utf8_decode(p, end, &c);
        p += n ? n : 1;
        if (!n || c <= ' ')
            continue;
        all++;
        utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
        letters +=
            (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_ME) || k == UTF8PROC_CATEGORY_ND;
    }
    return all ? (double)letters / (double)all : 0;
}

/* Tags, names and links per word. */
static double share_around(const char *p, size_t len)
{
    const char *end = p + len;
    size_t around = 0, all = 0;
    for (struct post_word w; next_post_word(&p, end, &w); all++)
        around += is_around(&w);
    return all ? (double)around / (double)all : 1;
}

char *post_quote(const char *text)
{
    struct buf b;
    double width;
    char *quote = NULL;
    buf_init(&b, READ + 1);
    strip_post(&b, text);
    size_t n = last_end(buf_text(&b), b.len, &width);
    bool words = share_of_letters(buf_text(&b), n) >= 0.7 && share_around(buf_text(&b), n) <= 0.3;
    if (n && width >= POST_QUOTE_MIN && words && utf8_valid(buf_text(&b), n))
        quote = mem_strn(buf_text(&b), n);
    buf_free(&b);
    return quote;
}

double post_reads_well(const char *quote)
{
    size_t len = strlen(quote);
    double width;
    last_end(quote, len, &width);
    double best = width < BEST_FROM ? width / BEST_FROM : width > BEST_TO ? BEST_TO / width : 1;
    return best * share_of_letters(quote, len) * (1 - share_around(quote, len));
}
