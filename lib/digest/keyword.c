/* Chooses an event's keywords from the words of its reports; see keyword.h. One of the parts that
 * digest.c calls. Word lists are in config/keywords.conf. */
#include "digest/keyword.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "digest/cue.h"
#include "article/credit.h"
#include "text/rarity.h"
#include "keywords_table.h" /* generated from config/keywords.conf */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
    REPORTS_MOST = 64,
    SENTENCES_READ = 300, /* of all articles together */
    RUN = 5,              /* words of a name */
    FORMS = 3,            /* spellings of one phrase that are counted */
    ROWS = sizeof keywords_table / sizeof *keywords_table,
};

/* A longer name replaces a part of it when at least this share of the reports with the part
 * contains it. */
static const double longer = .35;
static const double common = 3; /* the idf from which a plain word is informative */

struct form {
    const char *p;
    uint32_t n, times;
};

/* A word, or adjacent words that form a name. */
struct phrase {
    uint32_t ids[RUN];
    uint64_t reports; /* a bit for each report that contains it */
    uint32_t n, times, titles;
    uint32_t sure, small; /* of a word: occurrences as a certain name, and in lower case */
    uint32_t alone;       /* of a word: occurrences as a complete name */
    struct form forms[FORMS];
    double weight;
    const char *lang;
    bool used;
};

struct words_of {
    const struct digest_view *v;
    struct phrase *all; /* in order of first occurrence */
    size_t n, cap;
    struct map places; /* hash of the ids -> index in `all` + 1 */
    const char *domains[REPORTS_MOST];
    size_t reports;
};

/* ---- tables ---------------------------------------------------------------------------------- */

/* The value for a word, NULL: it is not in the section. */
static const char *keyword_value(const char *section, const char *word)
{
    size_t low = 0, high = ROWS; /* sorted by section, then by word */
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(keywords_table[mid].section, section);
        order = order ? order : strcmp(keywords_table[mid].name, word);
        if (!order)
            return keywords_table[mid].value;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static bool is_word_of_kind(const char *kind, const char *lang, const char *p, size_t n)
{
    char word[KEYWORD_MAX + 1], section[32];
    snprintf(section, sizeof section, "%s_%.3s", kind, lang);
    n = n > KEYWORD_MAX / 2 ? 0 : n;
    n = cue_fold(p, n, word, sizeof word);
    word[n] = 0;
    return keyword_value(section, word) != NULL;
}

/* What may separate two words of one name: a space, a hyphen, the point of an initial, or a short
 * word or two. */
static bool ties(const char *p, size_t n, size_t before)
{
    if (n == 1 && (*p == ' ' || *p == '-'))
        return true;
    if (n == 2 && !memcmp(p, ". ", 2))
        return before <= 2;
    if (n < 4 || n > 12 || *p != ' ' || p[n - 1] != ' ')
        return false;
    for (size_t i = 1, k; i < n; i = k + 1) {
        for (k = i; p[k] != ' '; k++)
            ;
        if (!is_word_of_kind("within", "any", p + i, k - i))
            return false;
    }
    return true;
}

/* ---- reading --------------------------------------------------------------------------------- */

static size_t report_of_domain(struct words_of *w, const struct digest_article *a)
{
    size_t i = 0;
    while (i < w->reports && strcmp(w->domains[i], a->domain) != 0)
        i++;
    if (i == REPORTS_MOST)
        return REPORTS_MOST - 1;
    if (i == w->reports)
        w->domains[w->reports++] = a->domain;
    return i;
}

static struct phrase *phrase_of(struct words_of *w, const uint32_t *ids, size_t n)
{
    uint64_t key = n;
    for (size_t i = 0; i < n; i++)
        key = (key ^ ids[i]) * UINT64_C(0x9E3779B97F4A7C15), key ^= key >> 31;
    uintptr_t at = (uintptr_t)map_get(&w->places, key | 1);
    if (at)
        return &w->all[at - 1];
    MEM_GROW(w->all, w->n, w->cap);
    struct phrase *p = &w->all[w->n++];
    *p = (struct phrase){.n = (uint32_t)n};
    memcpy(p->ids, ids, n * sizeof *ids);
    map_put(&w->places, key | 1, (void *)(uintptr_t)w->n);
    return p;
}

static size_t reports_of(const struct phrase *p)
{
    return (size_t)__builtin_popcountll(p->reports);
}

/* Length of a possessive ending: "Trump's". */
static size_t own(const char *text, size_t n)
{
    static const char *const ends[] = {"'s", "\xE2\x80\x99s", "'", "\xE2\x80\x99"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t m = strlen(ends[i]);
        if (n > m && !memcmp(text + n - m, ends[i], m))
            return m;
    }
    return 0;
}

static void note_form(struct phrase *p, const char *text, size_t n)
{
    n -= own(text, n);
    if (n > KEYWORD_MAX)
        return;
    size_t i = 0;
    while (i < FORMS && p->forms[i].times && (p->forms[i].n != n || memcmp(p->forms[i].p, text, n)))
        i++;
    if (i == FORMS)
        return;
    if (!p->forms[i].times)
        p->forms[i] = (struct form){.p = text, .n = (uint32_t)n};
    p->forms[i].times++;
}

struct seen_in {
    const struct digest_article *article;
    const struct sentence *s;
    uint64_t report;
};

static bool begins_small(const char *p)
{
    uint32_t c = 0;
    return utf8_decode(p, p + strnlen(p, 4), &c) && c != (uint32_t)utf8proc_toupper((int32_t)c);
}

/* "New York": a common word that is not an engine term may begin a name. */
static size_t with_before(const struct seen_in *in, size_t at)
{
    size_t from;
    const char *p = in->s->text;
    if (at < 3 || (p[at - 1] != ' ' && p[at - 1] != '-'))
        return at;
    for (from = at - 1; from > 0 && p[from - 1] != ' ';)
        from--;
    return !begins_small(p + from) && is_word_of_kind("before", "any", p + from, at - 1 - from)
               ? from
               : at;
}

static struct phrase *note_phrase(struct words_of *w, const struct seen_in *in, size_t i, size_t n)
{
    const struct sentence_term *t = &in->s->terms[i], *last = t + n - 1;
    uint32_t ids[RUN];
    for (size_t k = 0; k < n; k++)
        ids[k] = t[k].id;
    struct phrase *p = phrase_of(w, ids, n);
    size_t from = t->kind == WORD_NAME ? with_before(in, t->at) : t->at;
    p->reports |= in->report;
    p->times++;
    p->titles += in->s->marks & SENTENCE_TITLE ? 1 : 0;
    p->lang = in->article->lang;
    note_form(p, in->s->text + from, (size_t)(last->at + last->n) - from);
    return p;
}

static void read_phrases(struct words_of *w, const struct seen_in *in)
{
    for (size_t i = 0; i < in->s->n_terms; i++) {
        const struct sentence_term *t = &in->s->terms[i];
        if (t->kind == WORD_NUMBER)
            continue;
        struct phrase *p = note_phrase(w, in, i, 1);
        p->sure += t->kind == WORD_NAME;
        p->small += begins_small(in->s->text + t->at);
    }
}

/* A word that is a name elsewhere also counts as one at the beginning of a sentence, or in a Title
 * Like This. */
static bool is_name_phrase(const struct words_of *w, const struct phrase *p)
{
    if (p->small)
        return p->sure > p->small;
    return p->sure || rarity_name(w->v->rarity, p->ids[0]) > .5;
}

static bool name_at(struct words_of *w, const struct seen_in *in, size_t i)
{
    const struct sentence_term *t = &in->s->terms[i];
    return t->kind != WORD_NUMBER && !begins_small(in->s->text + t->at) &&
           is_name_phrase(w, phrase_of(w, &t->id, 1));
}

/* A first word of sentences in several reports that is never in lower case may begin a name. */
static bool may_begin_name(struct words_of *w, const struct seen_in *in, size_t i)
{
    const struct sentence_term *t = &in->s->terms[i];
    const struct phrase *p = t->kind == WORD_PLAIN && !t->place ? phrase_of(w, &t->id, 1) : NULL;
    return p && !p->small && reports_of(p) > 1;
}

static bool joins(struct words_of *w, const struct seen_in *in, size_t i)
{
    const struct sentence *s = in->s;
    const struct sentence_term *a = &s->terms[i], *b = a + 1;
    const char *lang = in->article->lang;
    size_t end = (size_t)a->at + a->n;
    if (i + 1 >= s->n_terms || b->at <= end || own(s->text + a->at, a->n) ||
        is_word_of_kind("titles", lang, s->text + a->at, a->n))
        return false;
    if (b->kind == WORD_NUMBER)
        return b->at == end + 1 && s->text[end] == '-';
    return name_at(w, in, i + 1) && !is_word_of_kind("titles", lang, s->text + b->at, b->n) &&
           !is_word_of_kind("offices", lang, s->text + b->at, b->n) &&
           ties(s->text + end, b->at - end, a->n);
}

/* Counts each part of a run of names. */
static void read_names(struct words_of *w, const struct seen_in *in)
{
    for (size_t i = 0, end; i < in->s->n_terms; i = end) {
        end = i + 1;
        bool name = name_at(w, in, i);
        if (!name && !may_begin_name(w, in, i))
            continue;
        while (joins(w, in, end - 1))
            end++;
        phrase_of(w, &in->s->terms[i].id, 1)->alone += name && end == i + 1;
        for (size_t from = i; from + 1 < end; from++)
            for (size_t n = 2; n <= RUN && from + n <= end; n++)
                note_phrase(w, in, from, n);
    }
}

static void read_sentences(struct words_of *w,
                           void (*read)(struct words_of *, const struct seen_in *))
{
    const struct digest_view *v = w->v;
    size_t each = SENTENCES_READ / (v->n ? v->n : 1) + 1;
    each = each < 2 ? 2 : each;
    for (size_t i = 0; i < v->n; i++) {
        if (v->articles[i].copy_of && i > 0) /* the first may copy an expired one */
            continue;
        struct seen_in in = {.article = &v->articles[i],
                             .report = UINT64_C(1) << report_of_domain(w, &v->articles[i])};
        for (size_t k = 0; k < v->texts[i]->n && k < each; k++) {
            in.s = &v->texts[i]->v[k];
            read(w, &in);
        }
    }
}

/* ---- choosing -------------------------------------------------------------------------------- */

static bool has_id(const struct phrase *p, uint32_t id)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->ids[i] == id)
            return true;
    return false;
}

/* All capitals: an abbreviation, or a shouting headline. */
static bool is_loud(const struct form *f)
{
    size_t capitals = 0;
    for (size_t k = 0; k < f->n; k++) {
        capitals += f->p[k] >= 'A' && f->p[k] <= 'Z';
        if ((f->p[k] >= 'a' && f->p[k] <= 'z') || (f->p[k] >= '0' && f->p[k] <= '9') ||
            (unsigned char)f->p[k] >= 128)
            return false;
    }
    return capitals > 3;
}

/* The most frequent spelling; of equals the first. */
static const struct form *form_of_phrase(const struct phrase *p)
{
    const struct form *best = NULL;
    for (size_t i = 0; i < FORMS && p->forms[i].times; i++) {
        const struct form *f = &p->forms[i];
        if (!best || (is_loud(best) && !is_loud(f)) ||
            (f->times > best->times && is_loud(f) <= is_loud(best)))
            best = f;
    }
    return best;
}

static void weigh_phrases(struct words_of *w)
{
    for (size_t i = 0; i < w->n; i++) {
        struct phrase *p = &w->all[i];
        bool name = p->n > 1 || is_name_phrase(w, p);
        double idf = p->n == 1 ? fmin(rarity_idf(w->v->rarity, p->ids[0]), 9) : 0;
        p->weight = ((double)reports_of(p) - .5) * (p->titles ? 2 : 1) * (name ? 4 + idf : idf) *
                    (1 + .1 * log(1 + (double)p->times));
        if (!name && idf < common)
            p->weight = 0;
    }
}

/* True when the name contains words of others that were chosen. */
static bool is_taken(const struct words_of *w, const struct phrase *p)
{
    size_t taken = 0;
    for (size_t i = 0; i < w->n; i++)
        taken += w->all[i].n == 1 && w->all[i].used && has_id(p, w->all[i].ids[0]);
    return taken > 1;
}

/* The longest sufficiently frequent name with the word; at equal length, the most frequent. A word
 * that is hardly ever a complete name is shown as part of one, or not at all (NULL). */
static const struct phrase *longest_phrase(const struct words_of *w, const struct phrase *word)
{
    bool part = word->alone * 4 < word->times && word->alone < 3;
    const struct phrase *best = part && word->sure + 1 < word->times ? NULL : word,
                        *longer_one = NULL;
    double need = fmax(longer * (double)reports_of(word), w->reports > 2 && !part ? 2 : 1);
    for (size_t i = 0; i < w->n; i++) {
        const struct phrase *p = &w->all[i];
        if (p->n < 2 || (double)reports_of(p) < need || !has_id(p, word->ids[0]) ||
            !form_of_phrase(p) ||
            (w->reports < 3 && p->times < longer * word->times && !p->titles) || is_taken(w, p))
            continue;
        if (!longer_one || p->n > longer_one->n ||
            (p->n == longer_one->n && p->times > longer_one->times))
            longer_one = p;
    }
    return longer_one ? longer_one : best;
}

/* The text in lower case, or the common form of all names of one thing. */
static const char *same_as(const char *text, size_t n, char out[KEYWORD_MAX * 2 + 8])
{
    n = cue_fold(text, n, out, KEYWORD_MAX * 2 + 7);
    out[n] = 0;
    const char *same = keyword_value("same_any", out);
    return same ? same : out;
}

static bool has_keyword(const struct codec_list *keywords, const char *text, size_t n)
{
    char a[KEYWORD_MAX * 2 + 8], b[KEYWORD_MAX * 2 + 8];
    const char *same = same_as(text, n, a);
    for (size_t i = 0; i < keywords->n; i++) {
        const char *one = ((char *const *)keywords->v)[i];
        if (!strcmp(same_as(one, strlen(one), b), same))
            return true;
    }
    return false;
}

static void add_keyword(struct words_of *w, const struct phrase *p, struct digest *out)
{
    const struct form *f = form_of_phrase(p);
    char text[KEYWORD_MAX * 2 + 8];
    size_t n = f->n;
    memcpy(text, f->p, n);
    if (p->n == 1 && p->small && !is_name_phrase(w, p))
        n = cue_fold(f->p, f->n, text, sizeof text);
    if (n && n <= KEYWORD_MAX && !has_keyword(&out->keywords, text, n))
        codec_add_text(&out->keywords, text, n);
    for (size_t i = 0; i < w->n; i++)
        if (w->all[i].n == 1 && has_id(p, w->all[i].ids[0]))
            w->all[i].used = true;
}

static bool is_publisher_name(const struct words_of *w, const struct form *f)
{
    char name[KEYWORD_MAX + 1];
    memcpy(name, f->p, f->n);
    name[f->n] = 0;
    for (size_t i = 0; i < w->v->n; i++)
        if (!strcmp(w->v->articles[i].source, name))
            return true;
    return credit_of_author(name) != NULL;
}

/* True when the word qualifies as a keyword, as a name or as a plain word. */
static bool fits_keywords(const struct words_of *w, const struct phrase *p, bool name)
{
    if (p->n != 1 || p->used || p->weight <= 0 || !p->forms[0].times ||
        is_name_phrase(w, p) != name)
        return false;
    if (reports_of(p) < 2 && !p->titles)
        return false;
    const struct form *f = form_of_phrase(p);
    return !is_word_of_kind("titles", p->lang, f->p, f->n) &&
           (reports_of(p) > 1 || w->reports < 2 || !is_loud(f));
}

static void choose_keywords(struct words_of *w, bool name, size_t most, struct digest *out)
{
    while (out->keywords.n < most) {
        struct phrase *best = NULL;
        for (size_t i = 0; i < w->n; i++)
            if ((!best || w->all[i].weight > best->weight) && fits_keywords(w, &w->all[i], name))
                best = &w->all[i];
        if (!best)
            return;
        const struct phrase *whole = name ? longest_phrase(w, best) : best;
        best->used = true;
        if (whole && !is_publisher_name(w, form_of_phrase(whole)))
            add_keyword(w, whole, out);
    }
}

void keywords_say(const struct digest_view *v, struct digest *out)
{
    struct words_of w = {.v = v};
    read_sentences(&w, read_phrases);
    read_sentences(&w, read_names);
    weigh_phrases(&w);
    choose_keywords(&w, true, KEYWORDS_NAMES, out);
    choose_keywords(&w, false, KEYWORDS, out);
    free(w.all);
    map_free(&w.places);
}
