/* Turns an article into sentences with terms and marks; see sentence.h. Called by digest.c. The
 * ends of sentences are found in ends.c, boilerplate in boilerplate.c. */
#define _GNU_SOURCE /* memmem() */
#include "digest/sentence.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "digest/boilerplate.h"
#include "digest/cue.h"
#include "digest/ends.h"
#include "text/terms.h"

#include <stdlib.h>
#include <string.h>

enum {
    FOLDED = SENTENCE_MAX_TEXT * 2,
    HEADING_WORDS = 10, /* most words of a line without final punctuation that counts as a heading;
                           a longer one is a sentence */
    HEADING_BYTES = 90,
    QUOTE_WORDS = 4, /* of a quotation that counts */
};

/* Data about a term while an article is read. */
struct gathered {
    struct sentence_term term;
    bool opens, upper; /* as in struct term_seen */
};

struct sentence_reading {
    const struct lang *lang;
    struct cues cues;
    struct sentences *out;
    size_t cap, n_terms, cap_terms;
    struct gathered *terms;
    size_t from;      /* index of the current sentence's first term */
    const char *text; /* of the current sentence */
    unsigned place;   /* words of it so far */
    /* where all nouns are capitalised: whether the previous word was a noun, the index of its term,
     * its end */
    bool before;
    size_t before_at, before_end;
    uint64_t hash; /* of its words */
    uint64_t seen[SENTENCE_MOST];
};

/* ---- terms ----------------------------------------------------------------------------------- */

const char *sentence_number(const struct cues *c, const struct word *word, bool before_stop)
{
    const char *value = "", *end = word->text + word->len;
    static const char *const small[] = {"1", "2", "3", "4",  "5",  "6",
                                        "7", "8", "9", "10", "11", "12"};
    if (word->capital && !word->opens)
        return NULL;
    if (cue_at(c, CUE_NUMBER, word->text, end, &value) != word->len)
        return NULL;
    size_t n = strcspn(value, "?");
    if (value[n] && before_stop)
        return NULL;
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        if (value[n] && strlen(small[i]) == n && !memcmp(small[i], value, n))
            return small[i];
    return value[n] ? NULL : value;
}

static const char *sentence_digits(void *arg, const struct word *word, bool before_stop)
{
    const struct sentence_reading *r = arg;
    return sentence_number(&r->cues, word, before_stop);
}

static void note_adjacent(struct sentence_reading *r, const struct term_seen *seen, size_t at,
                          size_t index);

/* The index of a term among those of the sentence, or the end when it is missing. */
static size_t find_term(const struct sentence_reading *r, uint32_t id)
{
    size_t i = r->from;
    while (i < r->n_terms && r->terms[i].term.id != id)
        i++;
    return i;
}

static bool add_term(void *arg, const struct term_seen *seen)
{
    struct sentence_reading *r = arg;
    r->hash = (r->hash ^ seen->hash) * 0x9E3779B97F4A7C15u;
    r->hash ^= r->hash >> 29;
    unsigned place = r->place++;
    if (!seen->id || r->n_terms - r->from >= SENTENCE_TERMS)
        return true;
    size_t i = find_term(r, seen->id), at = (size_t)(seen->at - r->text);
    if (i == r->n_terms) {
        MEM_GROW(r->terms, r->n_terms, r->cap_terms);
        r->terms[r->n_terms++] = (struct gathered){
            .term = {.id = seen->id,
                     .at = (uint16_t)at,
                     .n = (uint16_t)seen->n,
                     .kind = seen->number ? WORD_NUMBER : WORD_PLAIN,
                     .place = (uint8_t)(place < UINT8_MAX ? place : UINT8_MAX)},
        };
    }
    struct gathered *g = &r->terms[i];
    if (seen->capital && !seen->number)
        g->term.kind = WORD_NAME;
    g->opens |= seen->opens;
    g->upper |= seen->upper;
    note_adjacent(r, seen, at, i);
    return true;
}

/* Where all nouns are capitalised, two adjacent ones are a name: "Olaf Scholz". */
static void note_adjacent(struct sentence_reading *r, const struct term_seen *seen, size_t at,
                          size_t index)
{
    if (!lang_capitals(r->lang))
        return;
    char folded[WORD_MAX + 8];
    bool noun = seen->upper && !seen->number;
    if (noun && seen->n < sizeof folded - 8) {
        size_t n = cue_fold(seen->at, seen->n, folded, sizeof folded);
        noun = !cue_is(&r->cues, CUE_MEASURE, folded, n, NULL) && at > 0;
    }
    if (noun && r->before && r->before_end + 1 == at && r->text[r->before_end] == ' ')
        r->terms[index].term.kind = r->terms[r->before_at].term.kind = WORD_NAME;
    r->before = noun;
    r->before_at = index;
    r->before_end = at + seen->n;
}

/* A capital in an uninformative place belongs to a name when the word is a name elsewhere in the
 * article. */
static void name_terms(struct sentence_reading *r)
{
    size_t size = 64;
    while (size < r->n_terms * 2)
        size *= 2;
    uint32_t *names = mem_zero(size * sizeof *names);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < r->n_terms; i++) {
            struct gathered *g = &r->terms[i];
            bool name = g->term.kind == WORD_NAME;
            if (pass ? g->term.kind != WORD_PLAIN || !g->upper : !name)
                continue;
            size_t at = (g->term.id * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (size - 1);
            while (names[at] && names[at] != g->term.id)
                at = (at + 1) & (size - 1);
            if (pass && names[at])
                g->term.kind = WORD_NAME;
            if (!pass)
                names[at] = g->term.id;
        }
    free(names);
}

/* ---- marks ----------------------------------------------------------------------------------- */

static bool is_wide(uint32_t c)
{
    return (c >= 0xE00 && c <= 0xEFF) || (c >= 0x1000 && c <= 0x109F) ||
           (c >= 0x1780 && c <= 0x17FF) || (c >= 0x3041 && c <= 0x30FF) ||
           (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x20000 && c <= 0x323AF);
}

/* Words as people count them; in a script without spaces, half its characters. */
static unsigned count_words(const char *p, size_t n)
{
    const char *end = p + n;
    unsigned words = 0, wide = 0;
    for (bool in = false; p < end;) {
        unsigned char byte = (unsigned char)*p;
        if (byte < 128) {
            bool letter =
                (byte >= '0' && byte <= '9') || ((byte | 32) >= 'a' && (byte | 32) <= 'z');
            words += letter && !in;
            in = byte > ' ' && (in || letter);
            p++;
            continue;
        }
        uint32_t c = 0;
        size_t step = utf8_decode(p, end, &c);
        if (!step)
            break;
        p += step;
        bool mark = (c >= 0x2000 && c <= 0x206F) || c == 0xA0 || c == 0xAB || c == 0xBB ||
                    (c >= 0x3000 && c <= 0x3020) || c >= 0xFF00;
        if (is_wide(c)) {
            wide++;
            in = false;
        } else if (mark) {
            in = in && (c == 0x2019 || c == 0x2010 || c == 0x2011);
        } else {
            words += !in;
            in = true;
        }
    }
    return words + (wide + 1) / 2;
}

static uint32_t quote_at(const char *p, const char *end, size_t *n)
{
    uint32_t c = (unsigned char)*p;
    *n = 1;
    if (c >= 128 && !(*n = utf8_decode(p, end, &c)))
        *n = 1;
    bool is = c == '"' || c == 0x201C || c == 0x201D || c == 0x201E || c == 0xAB || c == 0xBB ||
              c == 0x300C || c == 0x300D || c == 0x300E || c == 0x300F || c == 0x2018;
    return is ? c : 0;
}

/* SENTENCE_QUOTES, and SENTENCE_QUOTED when hardly anything is outside quotation marks. */
static unsigned quotation_marks(const char *p, size_t n)
{
    const char *end = p + n, *open = NULL;
    size_t inside = 0;
    unsigned marks = 0;
    for (size_t step; p < end; p += step) {
        step = 1;
        if (*p != '"' && (unsigned char)*p < 128)
            continue;
        if (!quote_at(p, end, &step))
            continue;
        if (!open) {
            open = p + step;
            continue;
        }
        inside += (size_t)(p - open);
        if (count_words(open, (size_t)(p - open)) >= QUOTE_WORDS)
            marks |= SENTENCE_QUOTES;
        open = NULL;
    }
    if (open && count_words(open, (size_t)(end - open)) >= QUOTE_WORDS)
        marks |= SENTENCE_QUOTES;
    return inside && inside + 10 > n ? marks | SENTENCE_QUOTED : marks;
}

static bool asks(const char *p, size_t n)
{
    static const char *const marks[] = {"?", "\xEF\xBC\x9F", "\xD8\x9F"};
    size_t tail = n < 8 ? n : 8;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (memmem(p + n - tail, tail, marks[i], strlen(marks[i])))
            return true;
    return n > 2 && !memcmp(p, "\xC2\xBF", 2);
}

static unsigned marks_of(const struct sentence_reading *r, const struct span *s, const char *folded,
                         size_t n, unsigned words)
{
    unsigned marks = quotation_marks(s->p, s->n);
    if (s->quoted)
        marks |= SENTENCE_QUOTED;
    if (cue_at(&r->cues, CUE_DANGLE, folded, folded + n, NULL))
        marks |= SENTENCE_DANGLES;
    if (cue_in(&r->cues, CUE_SAID, folded, n, NULL))
        marks |= SENTENCE_SAID;
    if (!(marks & SENTENCE_QUOTES) && cue_in(&r->cues, CUE_ASIDE, folded, n, NULL))
        marks |= SENTENCE_ASIDE;
    if (asks(s->p, s->n))
        marks |= SENTENCE_ASKS;
    if (s->cut)
        marks |= SENTENCE_CUT;
    else if (!s->ended && words <= HEADING_WORDS && s->n <= HEADING_BYTES)
        marks |= SENTENCE_HEADING;
    return marks;
}

/* ---- sentences ------------------------------------------------------------------------------- */

static bool has_sentence(const struct sentence_reading *r)
{
    for (size_t i = 0; i < r->out->n; i++)
        if (r->seen[i] == r->hash)
            return true;
    return false;
}

/* Adds the sentence unless it is already there. */
static bool add_new_sentence(struct sentence_reading *r, const struct span *s, unsigned marks,
                             unsigned words, size_t at)
{
    r->from = r->n_terms;
    r->text = s->p;
    r->place = 0;
    r->hash = 0;
    r->before = false;
    terms_walk(&(struct terms_walk){.lang = r->lang,
                                    .each = add_term,
                                    .digits = sentence_digits,
                                    .arg = r,
                                    .title = marks & (SENTENCE_TITLE | SENTENCE_HEADING)},
               s->p, s->n);
    if (!r->place || has_sentence(r)) {
        r->n_terms = r->from;
        return false;
    }
    r->seen[r->out->n] = r->hash;
    MEM_GROW(r->out->v, r->out->n, r->cap);
    r->out->v[r->out->n++] = (struct sentence){.text = s->p,
                                               .n = (uint16_t)s->n,
                                               .words = (uint16_t)words,
                                               .at = (uint16_t)at,
                                               .paragraph = (uint16_t)s->paragraph,
                                               .marks = (uint16_t)marks,
                                               .n_terms = (uint16_t)(r->n_terms - r->from)};
    return true;
}

_Static_assert(CUE_KINDS - CUE_FACTS == SENTENCE_FACTS, "a sum for each kind of fact");

static void weigh_facts(struct sentence_reading *r, const char *folded, size_t n)
{
    cue_weigh_facts(&r->cues, folded, n, r->out->v[r->out->n - 1].facts);
}

static void read_title_sentence(struct sentence_reading *r, const char *title)
{
    char folded[FOLDED];
    struct span span = {.p = title, .n = strlen(title), .ended = true};
    while (span.n && (unsigned char)*span.p <= ' ') {
        span.p++;
        span.n--;
    }
    while (span.n && (unsigned char)span.p[span.n - 1] <= ' ')
        span.n--;
    size_t n = cue_fold(span.p, span.n, folded, sizeof folded);
    unsigned words = count_words(span.p, span.n);
    if (n &&
        add_new_sentence(r, &span, SENTENCE_TITLE | marks_of(r, &span, folded, n, words), words, 0))
        weigh_facts(r, folded, n);
}

static void read_text_sentences(struct sentence_reading *r, const char *text, size_t size)
{
    struct ends ends;
    struct span span;
    size_t at = 1;
    bool lead = false;
    ends_init(&ends, &r->cues, text, size);
    while (r->out->n < SENTENCE_MOST && ends_next(&ends, &span)) {
        char folded[FOLDED];
        if (!span.n || span.n > SENTENCE_MAX_TEXT)
            continue;
        size_t n = cue_fold(span.p, span.n, folded, sizeof folded);
        unsigned words = count_words(span.p, span.n);
        if (!words || boilerplate_is(&r->cues, &span, folded, n, words))
            continue;
        unsigned marks = marks_of(r, &span, folded, n, words);
        bool leads = !lead && !(marks & SENTENCE_HEADING);
        if (!add_new_sentence(r, &span, leads ? marks | SENTENCE_LEAD : marks, words, at))
            continue;
        weigh_facts(r, folded, n);
        lead |= leads;
        at++;
    }
}

/* Own copy: the title, NUL, the text, each up to its limit. */
static size_t copy_texts(struct sentences *out, const char *title, const char *text, size_t *size)
{
    size_t n = strlen(title), m = strnlen(text, SENTENCE_READ + 1);
    n = n > SENTENCE_MAX_TEXT ? 0 : n;
    bool broken = m > SENTENCE_READ;
    m = broken ? utf8_cut(text, SENTENCE_READ) : m;
    out->text = mem_alloc(n + m + 2);
    memcpy(out->text, title, n);
    out->text[n] = 0;
    memcpy(out->text + n + 1, text, m);
    out->text[n + 1 + m] = 0;
    *size = m;
    return n + 1;
}

void sentences_of(const struct lang *lang, const char *title, const char *text,
                  struct sentences *out)
{
    struct sentence_reading r = {.lang = lang, .out = out};
    size_t size;
    *out = (struct sentences){0};
    cues_init(&r.cues, lang ? lang_code(lang) : NULL);
    size_t from = copy_texts(out, title ? title : "", text ? text : "", &size);
    read_title_sentence(&r, out->text);
    read_text_sentences(&r, out->text + from, size);
    name_terms(&r);
    out->terms = mem_alloc(r.n_terms * sizeof *out->terms + 1);
    for (size_t i = 0; i < r.n_terms; i++)
        out->terms[i] = r.terms[i].term;
    for (size_t i = 0, at = 0; i < out->n; at += out->v[i++].n_terms)
        out->v[i].terms = out->terms + at;
    free(r.terms);
}

void sentences_free(struct sentences *s)
{
    free(s->v);
    free(s->terms);
    free(s->text);
    *s = (struct sentences){0};
}
