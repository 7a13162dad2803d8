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
    for (; t->taken[place / 64] >> place % 64 & 1; place = (place + 1) % TERMS_PLACES)
        if (t->gathered[t->places[place]].id == id)
            return &t->gathered[t->places[place]];
    if (t->text_len + word->len + 1 > UINT16_MAX)
        return NULL;
    if (t->n == t->cap) {
        MEM_GROW(t->gathered, t->n, t->cap);
        t->v = mem_resize(t->v, t->cap * sizeof *t->v);
    }
    while (t->text_len + word->len + 1 > t->text_cap)
        t->text = mem_resize(t->text, t->text_cap = t->text_cap ? t->text_cap * 2 : 1024);
    memcpy(t->text + t->text_len, word->text, word->len + 1);
    struct term *new = &t->gathered[t->n];
    *new = (struct term){.id = id, .number = word->number, .text = (uint16_t)t->text_len};
    t->text_len += word->len + 1;
    t->places[place] = (uint16_t)t->n++;
    t->taken[place / 64] |= UINT64_C(1) << place % 64;
    return new;
}

static void bump(uint8_t *count)
{
    if (*count < UINT8_MAX)
        ++*count;
}

static void count_word(struct terms *t, const struct lang *lang, const struct word *word,
                       uint64_t hash, struct lang_word known, int part, bool title_case)
{
    /* "US" and "IT" in capitals are names even where "us" and "it" are stop words */
    bool acronym = word->caps && !title_case;
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

static bool next_word(struct words *w, const struct lang *lang, struct word *out, uint64_t *hash)
{
    if (!words_next(w, out))
        return false;
    *hash = hash64(out->text, out->len, 0);
    lang_ahead(lang, *hash);
    return true;
}

static void read_part(struct terms *t, const struct lang *lang, const char *text, int part,
                      size_t max_words)
{
    bool title_case = part == PART_TITLE && is_title_case(lang, text);
    enum { AHEAD = 8, RING = 2 * AHEAD };
    struct words w;
    struct word ring[RING]; /* the word before, the word, and those after it */
    uint64_t hashes[RING];
    size_t read = 0;
    words_init(&w, text, strlen(text));
    for (size_t n = 0; t->n_sequence < TERMS_SEQUENCE; n++) {
        while (read <= n + AHEAD && next_word(&w, lang, &ring[read % RING], &hashes[read % RING]))
            read++;
        if (n == read)
            break;
        const struct word *word = &ring[n % RING];
        const struct word *before = n ? &ring[(n - 1) % RING] : NULL;
        const struct word *after = n + 1 < read ? &ring[(n + 1) % RING] : NULL;
        uint64_t hash = hashes[n % RING];
        t->sequence[t->n_sequence++] = (uint32_t)hash;
        bool counts = n < max_words;
        if (!counts && (!lang || t->votes.words == LANG_VOTERS))
            continue;
        struct lang_word known = lang_word(lang, word, hash);
        if (lang)
            lang_vote(lang, word, hash, known, &t->votes);
        if (counts && !word_is_date(before, word, after))
            count_word(t, lang, word, hash, known, part, title_case);
    }
}

/* The places have them in order already, but for those that collided. */
static void order_by_id(struct terms *t)
{
    size_t n = 0;
    for (size_t i = 0; i < TERMS_PLACES / 64; i++)
        for (uint64_t taken = t->taken[i]; taken; taken &= taken - 1) {
            size_t place = i * 64 + (size_t)__builtin_ctzll(taken), at = n++;
            struct term term = t->gathered[t->places[place]];
            for (; at > 0 && t->v[at - 1].id > term.id; at--)
                t->v[at] = t->v[at - 1];
            t->v[at] = term;
        }
}

void terms_extract(const struct lang *lang, const char *title, const char *body, struct terms *out)
{
    if (!out->sequence)
        out->sequence = mem_alloc(TERMS_SEQUENCE * sizeof *out->sequence);
    out->n = out->text_len = out->n_sequence = out->n_words = 0;
    out->votes = (struct lang_votes){0};
    memset(out->taken, 0, sizeof out->taken);
    read_part(out, lang, title ? title : "", PART_TITLE, TERMS_TITLE_WORDS);
    out->n_title_sequence = out->n_sequence;
    read_part(out, lang, body ? body : "", PART_BODY, TERMS_BODY_WORDS);
    out->n_words = (out->n_words + 1) / 2;
    order_by_id(out);
}

void terms_free(struct terms *t)
{
    free(t->v);
    free(t->gathered);
    free(t->text);
    free(t->sequence);
    *t = (struct terms){0};
}
