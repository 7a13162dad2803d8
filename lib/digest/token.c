/* Divides a sentence into words and marks the cues of config/disputes.conf; see token.h. Called by
 * claims.c. */
#include "digest/token.h"

#include "disputes_table.h"

#include <string.h>

enum { CUES = sizeof cues / sizeof *cues };

static bool is_word_letter(const unsigned char *p, const unsigned char *end)
{
    if (*p < 0x80)
        return (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
    /* symbols of Latin-1 and general punctuation are not letters */
    if (*p == 0xC2)
        return false;
    return !(*p == 0xE2 && p + 1 < end && (p[1] == 0x80 || p[1] == 0x81 || p[1] == 0x82));
}

static bool is_digit_byte(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static size_t character(const unsigned char *p, const unsigned char *end)
{
    size_t n = 1;
    while (p + n < end && (p[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static bool is_apostrophe_at(const unsigned char *p, const unsigned char *end)
{
    return *p == '\'' || (end - p > 2 && !memcmp(p, "\xE2\x80\x99", 3));
}

/* Lower case for ASCII and Latin-1; both apostrophes become one. */
static void fold_token(const unsigned char *p, size_t n, struct token *t)
{
    size_t k = 0;
    for (size_t i = 0; i < n && k < TOKEN_MAX; i++) {
        unsigned char c = p[i];
        if (c == 0xE2 && i + 2 < n && p[i + 1] == 0x80 && p[i + 2] == 0x99) {
            t->text[k++] = '\'';
            i += 2;
            continue;
        }
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + 32);
        else if (i && p[i - 1] == 0xC3 && c >= 0x80 && c <= 0x9E)
            c = (unsigned char)(c + 32);
        t->text[k++] = (char)c;
    }
    t->text[k] = 0;
    if (k > 2 && t->text[k - 1] == 's' && t->text[k - 2] == '\'')
        t->text[k - 2] = 0;
}

/* True when the text between two words ends a clause. */
static bool breaks(const unsigned char *p, const unsigned char *end)
{
    for (; p < end; p++)
        if (strchr(",;:()\"", *p) || (*p == 0xE2 && p + 2 < end && p[1] == 0x80 &&
                                      (p[2] == 0x93 || p[2] == 0x94 || p[2] == 0x95)))
            return true;
    return false;
}

static size_t run_length(const unsigned char *p, const unsigned char *end, bool *number)
{
    const unsigned char *q = p;
    *number = is_digit_byte(*p);
    if (*number) {
        while (q < end && (is_digit_byte(*q) ||
                           ((*q == ',' || *q == '.') && q + 1 < end && is_digit_byte(q[1]))))
            q++;
        return (size_t)(q - p);
    }
    while (q < end) {
        if (is_word_letter(q, end) || is_digit_byte(*q))
            q += character(q, end);
        else if (is_apostrophe_at(q, end) && q + character(q, end) < end &&
                 is_word_letter(q + character(q, end), end))
            q += character(q, end);
        else
            break;
    }
    return (size_t)(q - p);
}

/* The first of a language's cues that does not sort before the word. */
static size_t find_cue(const char *lang, const char *word)
{
    size_t low = 0, high = CUES;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int c = strcmp(cues[mid].lang, lang);
        if (!c)
            c = (unsigned char)cues[mid].words[0] - (unsigned char)word[0];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool same_word(const char *cue, size_t n, const char *word)
{
    if (n && cue[n - 1] == '*')
        return !strncmp(cue, word, n - 1);
    return !strncmp(cue, word, n) && word[n] == 0;
}

static bool words_begin_at(const struct tokens *t, size_t i, const char *words)
{
    for (;; i++) {
        size_t n = strcspn(words, " ");
        if (i >= t->n || !same_word(words, n, t->v[i].text))
            return false;
        if (!words[n])
            return true;
        words += n + 1;
    }
}

static void mark_token(const char *lang, struct tokens *t, size_t i)
{
    struct token *k = &t->v[i];
    for (size_t c = find_cue(lang, k->text);
         c < CUES && !strcmp(cues[c].lang, lang) && cues[c].words[0] == k->text[0]; c++)
        if (k->n_cues < TOKEN_CUES && words_begin_at(t, i, cues[c].words))
            k->cues[k->n_cues++] = &cues[c];
}

void tokens_of(const char *lang, const struct sentence *s, struct tokens *out)
{
    const unsigned char *text = (const unsigned char *)s->text, *end = text + s->n;
    const unsigned char *p = text, *last = text;
    size_t term = 0;
    out->n = 0;
    while (p < end && out->n < TOKENS_MOST) {
        if (!is_digit_byte(*p) && !is_word_letter(p, end)) {
            p += character(p, end);
            continue;
        }
        struct token *t = &out->v[out->n++];
        memset(t, 0, sizeof *t);
        size_t n = run_length(p, end, &t->number);
        t->at = (uint16_t)(p - text);
        t->n = (uint16_t)n;
        t->breaks = breaks(last, p);
        fold_token(p, n, t);
        while (term < s->n_terms && s->terms[term].at + s->terms[term].n <= t->at)
            term++;
        if (term < s->n_terms && s->terms[term].at < t->at + n)
            t->term = &s->terms[term];
        last = p += n;
    }
    for (size_t i = 0; i < out->n; i++)
        mark_token(lang, out, i);
}

const struct cue *token_cue(const struct token *t, enum token_cue_kind kind)
{
    for (size_t i = 0; i < t->n_cues; i++)
        if (t->cues[i]->kind == kind)
            return t->cues[i];
    return NULL;
}

unsigned cue_words(const struct cue *c)
{
    unsigned n = 1;
    for (const char *p = c->words; *p; p++)
        n += *p == ' ';
    return n;
}
