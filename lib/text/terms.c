#include "text/terms.h"

#include "base/hash.h"
#include "base/mem.h"
#include "text/dates.h"
#include "text/words.h"

#include <stdlib.h>
#include <string.h>

enum { PART_TITLE, PART_BODY };

/* Most capitals of a Title Written Like This, OR LIKE THIS, say nothing about names. */
static bool is_title_case(const struct lang *lang, const char *title)
{
    struct words w;
    struct word word;
    size_t capital = 0, content = 0;
    words_init(&w, title, strlen(title));
    while (words_next(&w, &word)) {
        if (word.number || word.pair || word.len < 4 || word.opens ||
            lang_word(lang, &word, hash64(word.text, word.len, 0)).stop)
            continue;
        content++;
        capital += word.capital;
    }
    return content >= 2 && capital * 10 > content * 7;
}

static struct term *find_or_add(struct terms *t, uint32_t id, const struct word *word)
{
    size_t place = (size_t)id * TERMS_PLACES >> 32; /* in order of id, but for collisions */
    for (; t->places[place]; place = (place + 1) % TERMS_PLACES)
        if (t->v[t->places[place] - 1].id == id)
            return &t->v[t->places[place] - 1];
    if (t->text_len + word->len + 1 > UINT16_MAX)
        return NULL;
    MEM_GROW(t->v, t->n, t->cap);
    while (t->text_len + word->len + 1 > t->text_cap)
        t->text = mem_resize(t->text, t->text_cap = t->text_cap ? t->text_cap * 2 : 1024);
    memcpy(t->text + t->text_len, word->text, word->len + 1);
    struct term *new = &t->v[t->n++];
    *new = (struct term){.id = id, .number = word->number, .text = (uint16_t)t->text_len};
    t->text_len += word->len + 1;
    t->places[place] = (uint16_t)t->n;
    return new;
}

static void bump(uint8_t *count)
{
    if (*count < UINT8_MAX)
        ++*count;
}

static void count_word(struct terms *t, const struct lang *lang, const struct word *word,
                       uint64_t hash, int part, bool title_case)
{
    /* "US" and "IT" in capitals are names even where "us" and "it" are stop words */
    bool acronym = word->caps && !title_case;
    struct lang_word known = lang_word(lang, word, hash);
    if ((known.stop && !acronym) || word->kana)
        return;
    if (word->len == 1 && word->ascii && !word->number)
        return;
    bool as_it_is = word->number || word->pair || acronym;
    struct term *term = find_or_add(t, as_it_is ? (uint32_t)hash : known.term, word);
    if (!term)
        return;
    t->n_words += word->pair ? 1 : 2; /* halved at the end */
    bump(part == PART_TITLE ? &term->in_title : &term->in_body);
    bool silent = title_case || ((word->opens || lang_capitals(lang)) && !acronym);
    if (word->uncased || (word->capital && silent))
        term->opens = true;
    else if (word->capital)
        bump(&term->capital);
    else
        bump(&term->lower);
}

static void read_part(struct terms *t, const struct lang *lang, const char *text, int part,
                      size_t max_words)
{
    bool title_case = part == PART_TITLE && is_title_case(lang, text);
    struct words w;
    struct word ring[3]; /* the word before, the word, the word after */
    words_init(&w, text, strlen(text));
    bool more = words_next(&w, &ring[0]);
    for (size_t n = 0; more && t->n_sequence < TERMS_SEQUENCE; n++) {
        const struct word *word = &ring[n % 3], *before = n ? &ring[(n + 2) % 3] : NULL;
        struct word *after = &ring[(n + 1) % 3];
        more = words_next(&w, after);
        uint64_t hash = hash64(word->text, word->len, 0);
        t->sequence[t->n_sequence++] = (uint32_t)hash;
        if (lang)
            lang_vote(lang, word, hash, &t->votes);
        if (n < max_words && !word_is_date(before, word, more ? after : NULL))
            count_word(t, lang, word, hash, part, title_case);
    }
}

/* The places have them in order already, but for those that collided. */
static void order_by_id(struct terms *t)
{
    struct term *ordered = mem_alloc(t->cap * sizeof *ordered);
    size_t n = 0;
    for (size_t place = 0; place < TERMS_PLACES; place++) {
        uint64_t four;
        memcpy(&four, &t->places[place & ~(size_t)3], sizeof four);
        if (!four)
            place |= 3; /* most are empty: four at a time */
        if (!t->places[place])
            continue;
        struct term term = t->v[t->places[place] - 1];
        size_t at = n++;
        for (; at > 0 && ordered[at - 1].id > term.id; at--)
            ordered[at] = ordered[at - 1];
        ordered[at] = term;
    }
    free(t->v);
    t->v = ordered;
}

void terms_extract(const struct lang *lang, const char *title, const char *body, struct terms *out)
{
    if (!out->sequence)
        out->sequence = mem_alloc(TERMS_SEQUENCE * sizeof *out->sequence);
    out->n = out->text_len = out->n_sequence = out->n_words = 0;
    out->votes = (struct lang_votes){0};
    memset(out->places, 0, sizeof out->places);
    read_part(out, lang, title ? title : "", PART_TITLE, TERMS_TITLE_WORDS);
    out->n_title_sequence = out->n_sequence;
    read_part(out, lang, body ? body : "", PART_BODY, TERMS_BODY_WORDS);
    out->n_words = (out->n_words + 1) / 2;
    order_by_id(out);
}

void terms_free(struct terms *t)
{
    free(t->v);
    free(t->text);
    free(t->sequence);
    *t = (struct terms){0};
}
