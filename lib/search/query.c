/* Parses a search and writes it as an expression of FTS5; see query.h. Nothing of the text gets
 * into the expression but folded words between quotation marks, so none of it is an operator there.
 */
#include "search/query.h"

#include "base/moment.h"
#include "base/nfc.h"
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX   " *"
#define ANYWHERE "{title body source} : "

enum { MAX_MATCH = 32 << 10, SHARP_S = 0x00DF };

/* ---- words ----------------------------------------------------------------------------------- */

static bool is_accent(int32_t c)
{
    return c >= 0x0300 && c <= 0x036F;
}

/* The letter without its accents where that is the same letter to readers: in Latin and Greek. */
static int32_t without_accent(int32_t c)
{
    enum { MOST = 8 };
    utf8proc_int32_t parts[MOST];
    int last;
    if (c < 0x00C0 || (c >= 0x0400 && c < 0x1E00) || c >= 0x2000)
        return c;
    utf8proc_ssize_t n = utf8proc_decompose_char(c, parts, MOST, UTF8PROC_DECOMPOSE, &last);
    return n > 0 && n <= MOST ? parts[0] : c;
}

void query_fold_word(const struct word *w, char out[WORD_MAX + 9])
{
    size_t len = 0, n;
    uint32_t c;
    for (const char *p = w->text, *end = p + w->len; (n = utf8_decode(p, end, &c)); p += n) {
        char bytes[4];
        if (is_accent((int32_t)c))
            continue;
        size_t m = c == SHARP_S ? 2 : utf8_encode((uint32_t)without_accent((int32_t)c), bytes);
        if (c == SHARP_S)
            memcpy(bytes, "ss", 2);
        if (len + m > WORD_MAX)
            break;
        memcpy(out + len, bytes, m);
        len += m;
    }
    out[len] = 0;
}

void query_fold(const char *text, size_t n, struct buf *out)
{
    struct words words;
    struct word w;
    char one[WORD_MAX + 9];
    words_init(&words, text, n);
    while (words_next(&words, &w)) {
        query_fold_word(&w, one);
        buf_addf(out, "%s ", one);
    }
}

/* ---- terms ----------------------------------------------------------------------------------- */

struct query_reader {
    struct query *q;
    struct buf not ; /* what is excluded */
    struct buf *error;
    int64_t now;
    size_t terms;
};

/* One thing of the query: [-][name:]text, or [-][name:]"text". */
struct query_term {
    bool excluded, quoted, last;
    const char *name;
    char text[QUERY_MAX + 1];
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A name before a colon that means something; else the colon is between two words. */
static const char *read_name(const char **p)
{
    static const char *const names[] = {"source:", "lang:", "category:", "since:", "until:"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        if (!strncmp(*p, names[i], n) && (*p)[n] && !is_blank((*p)[n])) {
            *p += n;
            return names[i];
        }
    }
    return NULL;
}

static bool next_term(const char **p, struct query_term *t)
{
    *t = (struct query_term){.name = NULL};
    while (is_blank(**p))
        ++*p;
    if (!**p)
        return false;
    if (**p == '-' && (*p)[1] && !is_blank((*p)[1])) {
        t->excluded = true;
        ++*p;
    }
    t->name = read_name(p);
    t->quoted = **p == '"';
    if (t->quoted)
        ++*p;
    const char *begin = *p;
    while (**p && (t->quoted ? **p != '"' : !is_blank(**p)))
        ++*p;
    snprintf(t->text, sizeof t->text, "%.*s", (int)(*p - begin), begin);
    if (t->quoted && **p)
        ++*p;
    const char *rest = *p;
    while (is_blank(*rest))
        rest++;
    t->last = !*rest;
    return true;
}

static void remember_words(struct query *q, const char *folded, bool prefix)
{
    for (const char *p = folded; *p && q->n_words < QUERY_MAX_WORDS;) {
        size_t n = strcspn(p, " ");
        struct query_word *w = &q->words[q->n_words++];
        snprintf(w->text, sizeof w->text, "%.*s", (int)n, p);
        p += n + 1;
        w->prefix = prefix && !*p;
    }
}

/* A term of several words is a phrase: "Ex-minister", "東京都". One without any is nothing. */
static void add_words(struct query_reader *r, const struct query_term *t)
{
    struct buf folded;
    buf_init(&folded, MAX_MATCH);
    query_fold(t->text, strlen(t->text), &folded);
    if (folded.len) {
        const char *last = buf_text(&folded) + folded.len - 1;
        while (last > folded.p && last[-1] != ' ')
            last--;
        bool prefix = t->last && !t->quoted && !t->excluded && !t->name &&
                      strlen(last) > QUERY_LEAST_PREFIX; /* with its blank */
        bool in_column = t->name != NULL;
        struct buf *out = t->excluded ? &r->not : &r->q->match;
        buf_addf(out, "%s%s%.*s%s\"%.*s\"%s", out->len ? (t->excluded ? " OR " : " AND ") : "",
                 in_column ? "" : ANYWHERE, in_column ? (int)strlen(t->name) - 1 : 0,
                 in_column ? t->name : "", in_column ? " : " : "", (int)folded.len - 1,
                 buf_text(&folded), prefix ? PREFIX : "");
        if (!t->excluded && !in_column)
            remember_words(r->q, buf_text(&folded), prefix);
    }
    buf_free(&folded);
}

static bool read_query_time(struct query_reader *r, const struct query_term *t, bool is_end,
                            int64_t *out)
{
    if (moment_read(t->text, r->now, is_end, out))
        return true;
    buf_addf(r->error, "%s%.40s; expected " MOMENT_FORMS, t->name, t->text);
    return false;
}

static bool take_term(struct query_reader *r, const struct query_term *t)
{
    struct query *q = r->q;
    char first = t->name ? *t->name : 0;
    if (r->terms++ == QUERY_MAX_TERMS) {
        buf_addf(r->error, "expected at most %d words, phrases and conditions", QUERY_MAX_TERMS);
        return false;
    }
    if (t->excluded && (first == 'c' || first == 'u' || (t->name && !strcmp(t->name, "since:")))) {
        buf_addf(
            r->error,
            "-%s cannot be excluded; expected -word, -\"phrase\", -source: or -lang:", t->name);
        return false;
    }
    if (first == 'c')
        snprintf(q->category, sizeof q->category, "%s", t->text);
    else if (first == 'u')
        return read_query_time(r, t, true, &q->until);
    else if (first == 's' && !strcmp(t->name, "since:"))
        return read_query_time(r, t, false, &q->since);
    else
        add_words(r, t);
    return true;
}

bool query_read(const char *text, int64_t now, struct query *out, struct buf *error)
{
    struct query_reader r = {.q = out, .error = error, .now = now};
    struct query_term t;
    char *composed = NULL;
    *out = (struct query){.since = INT64_MIN, .until = INT64_MAX};
    buf_init(&out->match, MAX_MATCH);
    buf_init(&r.not, MAX_MATCH);
    bool ok = strlen(text) <= QUERY_MAX && utf8_valid(text, strlen(text));
    if (!ok)
        buf_addf(error, "expected UTF-8 of at most %d bytes", QUERY_MAX);
    else
        composed = nfc_str(text);
    for (const char *p = composed; ok && next_term(&p, &t);)
        ok = take_term(&r, &t);
    if (ok && !out->match.len) {
        ok = false;
        buf_adds(error, "expected a word, a \"phrase\", source: or lang: to look for");
    }
    if (ok && r.not .len) {
        char *wanted = buf_take(&out->match);
        buf_addf(&out->match, "(%s) NOT (%s)", wanted, buf_text(&r.not ));
        free(wanted);
    }
    free(composed);
    buf_free(&r.not );
    return ok;
}

void query_free(struct query *q)
{
    buf_free(&q->match);
}

bool query_whole(const struct query *q, struct buf *match)
{
    const char *text = buf_text(&q->match), *mark = strstr(text, PREFIX);
    if (!mark)
        return false;
    buf_add(match, text, (size_t)(mark - text));
    return buf_adds(match, mark + strlen(PREFIX));
}
