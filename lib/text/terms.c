/* Turns titles and texts into terms: reads words ahead, joins compounds and numbers, skips stop
 * words and dates; see terms.h. Used by lib/cluster and lib/digest. */
#include "text/terms.h"

#include "base/mem.h"
#include "text/dates.h"
#include "text/words.h"

#include <stdlib.h>
#include <string.h>

enum { PART_TITLE, PART_BODY };

static struct term *find_or_add(struct terms *t, uint32_t id, const struct word *word)
{
    size_t place = (size_t)id * TERMS_PLACES >> 32; /* in order of id, except for collisions */
    for (; t->taken[place / 64] >> place % 64 & 1; place = (place + 1) % TERMS_PLACES)
        if (t->gathered[t->places[place]].id == id)
            return &t->gathered[t->places[place]];
    if (t->text_len + word->len + 1 > UINT16_MAX)
        return NULL;
    if (t->n == t->cap) {
        MEM_GROW(t->gathered, t->n, t->cap);
        t->v = mem_resize(t->v, t->cap * sizeof *t->v);
    }
    while (t->text_len + sizeof word->text > t->text_cap)
        t->text = mem_resize(t->text, t->text_cap = t->text_cap ? t->text_cap * 2 : 1024);
    memcpy(t->text + t->text_len, word->text, WORD_PADDED); /* enough for most words */
    if (word->len >= WORD_PADDED)
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

/* Whether the word scales the number before it: "5 million", "5 Prozent". */
static bool is_scale(const struct word *word)
{
    static const char *const words[] = {
        "million",    "millions", "millionen", "milhão",  "milhões",  "millón",    "millones",
        "milione",    "milioni",  "miljoen",   "mio",     "mln",      "mn",        "billion",
        "billions",   "bilhão",   "bilhões",   "bn",      "milliard", "milliards", "milliarde",
        "milliarden", "miliardo", "miliardi",  "miljard", "mrd",      "mld",       "trillion",
        "trillions",  "percent",  "pct",       "prozent", "procent"};
    if (!word || !word->text[0] || !strchr("mbtp", word->text[0]))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], word->text))
            return true;
    return false;
}

/* Whether a number is a bare count such as the 45 of "45 patients", which many unrelated articles
 * share. Sums, scores, and numbers attached to the preceding word by a hyphen or a capital ("F-35",
 * "Euro 7") are not. */
static bool is_count(const struct word *before, const struct word *word, const struct word *after,
                     bool title_case)
{
    if (word->len > 2 || word->unit || word->text[strspn(word->text, "0123456789")])
        return false;
    if (word->gap == '-' || (after && ((after->number && after->gap == '-') || is_scale(after))))
        return false;
    bool named = before && before->capital && !before->opens && !title_case;
    return !(named && word->gap == ' ');
}

static uint32_t count_id(const struct word *word)
{
    uint32_t n = 0;
    for (size_t i = 0; i < word->len; i++)
        n = n * 10 + (uint32_t)(word->text[i] - '0');
    return n + 1;
}

/* Gives different spellings of an amount the same id: "278m", "278.2 million" and "$278,200,000",
 * or "2.60bn" and "2,600,000,000". Digits after the first three are dropped; from a million on, the
 * number is scaled to its leading group of digits. */
static uint32_t sum_id(const struct word *word)
{
    static const char digits[] = "0123456789";
    char text[WORD_MAX + 2];
    size_t whole = strspn(word->text, digits), n = word->len;
    if (whole >= 7) {
        size_t lead = (whole - 1) % 3 + 1;
        memcpy(text, word->text, lead);
        text[lead] = '.';
        memcpy(text + lead + 1, word->text + lead, whole - lead);
        n = whole + 1;
        whole = lead;
    } else {
        memcpy(text, word->text, n);
    }
    if (whole < n && text[whole] != '.')
        return term_id(word->text, word->len); /* "278th" */
    if (whole >= 3)
        n = whole;
    while (n > whole && (text[n - 1] == '0' || text[n - 1] == '.'))
        n--;
    return term_id(text, n);
}

static uint32_t number_id(const struct word *before, const struct word *word,
                          const struct word *after, bool title_case)
{
    if (is_count(before, word, after, title_case))
        return count_id(word);
    return word->unit || is_scale(after) ? sum_id(word) : term_id(word->text, word->len);
}

/* How a word counts as a term. */
struct made {
    uint32_t id;
    bool none; /* not a term */
    bool silent, country;
};

static struct made make_term(const struct lang *lang, const struct word *word,
                             struct lang_word known, bool title_case, uint32_t number)
{
    /* in capitals, "US" and "IT" are names even if "us" and "it" are stop words */
    bool acronym = word->caps && !title_case;
    if (((known.lists & LANG_STOP) && !acronym) || word->kana ||
        (word->len == 1 && word->ascii && !word->number))
        return (struct made){.none = true};
    bool country = (known.lists & LANG_COUNTRY) && (word->capital || !(known.lists & LANG_CAPITAL));
    bool stemmed =
        country || (known.lists & LANG_VARIANT) || !(acronym || (known.lists & LANG_COUNTRY));
    bool as_it_is = word->pair || !stemmed;
    return (struct made){
        .id = word->number ? number
              : as_it_is   ? known.hash
                           : known.term,
        .silent = title_case || ((word->opens || lang_capitals(lang)) && !acronym),
        .country = country,
    };
}

static void count_word(struct terms *t, const struct lang *lang, const struct word *word,
                       struct lang_word known, int part, bool title_case, uint32_t number)
{
    struct made made = make_term(lang, word, known, title_case, number);
    struct term *term = made.none ? NULL : find_or_add(t, made.id, word);
    if (!term)
        return;
    t->n_words += word->pair ? 1 : 2; /* in half words; halved at the end */
    bump(part == PART_TITLE ? &term->in_title : &term->in_body);
    if (word->uncased || (word->capital && made.silent))
        term->opens = true;
    else if (word->capital || made.country) /* "Siria" and "sirio" name the country */
        bump(&term->capital);
    else
        bump(&term->lower);
}

/* Words are read ahead: a whole title, to find out how it is capitalised; a body by AHEAD words, so
 * that the prefetched lookup of a word has arrived when it is needed. */
enum { RING = 64, AHEAD = 8 };
struct word_reader {
    struct words words;
    const struct lang *lang;
    size_t ahead, read; /* words to read ahead, words read so far */
    struct word ring[RING];
    struct known *places[RING]; /* their cache slots */
    const char *ends[RING];     /* where they end */
    bool blanks;                /* blanks may separate thousands */
};

/* The `n`th word, or NULL after the last. The ring also has the five words before it and the
 * `ahead` words after it. */
static inline const struct word *word_at(struct word_reader *r, size_t n)
{
    while (r->read <= n + r->ahead && words_next(&r->words, &r->ring[r->read % RING])) {
        r->places[r->read % RING] = lang_ahead(r->lang, &r->ring[r->read % RING]);
        r->ends[r->read % RING] = r->words.p;
        r->read++;
    }
    return n < r->read ? &r->ring[n % RING] : NULL;
}

/* Whether a title is Written Like This, OR LIKE THIS, so that capitals do not identify names. */
static bool is_title_case(const struct word_reader *r)
{
    size_t capital = 0, content = 0;
    for (size_t i = 0; i < r->read; i++) {
        const struct word *word = &r->ring[i];
        if (word->number || word->pair || word->len < 4 || word->opens ||
            (lang_word(r->lang, word, r->places[i]).lists & LANG_STOP))
            continue;
        content++;
        capital += word->capital;
    }
    return content >= 2 && capital * 10 > content * 7;
}

/* Whether the words are a name such as "F-35": letters, a hyphen and digits, optionally with an
 * s. */
static bool is_designation(const struct word *word, const struct word *after)
{
    enum { LONGEST = 6 };
    if (!word->capital || !word->ascii || word->len > LONGEST || after->gap != '-')
        return false;
    size_t letters = strspn(word->text, "abcdefghijklmnopqrstuvwxyz");
    size_t digits = strspn(after->text, "0123456789");
    return !word->text[letters] && !after->text[digits + (after->text[digits] == 's')];
}

/* Whether the word is the next three digits of a number, such as the 000 of "12 000". */
static bool is_thousands(const struct word *after)
{
    unsigned char gap = after ? (unsigned char)after->gap : 0;
    bool blank = after && after->number && (gap == ' ' || gap == 0xA0 || gap == 0xAF);
    return blank && after->len == 3 && strspn(after->text, "0123456789") == 3;
}

static void append_word(struct word *word, const struct word *after)
{
    memcpy(word->text + word->len, after->text, after->len);
    word->len += after->len;
    memset(word->text + word->len, 0, word->len < WORD_PADDED ? WORD_PADDED - word->len : 1);
    word->ascii &= after->ascii;
    word->caps &= after->caps || after->number;
}

static size_t join_thousands(struct word_reader *r, size_t n, struct word *whole)
{
    enum { MOST = 3, MILLION = 7 };
    size_t more = 0;
    if (whole->len > 3 || whole->text[0] == '0' || whole->text[strspn(whole->text, "0123456789")])
        return 0;
    for (const struct word *after; more < MOST && is_thousands(after = word_at(r, n + more + 1));
         more++) {
        append_word(whole, after);
        whole->unit |= after->unit || whole->len >= MILLION;
    }
    return more;
}

/* Whether the word may combine with the next one; a cheap check that few words pass. */
static bool may_join(const struct word_reader *r, const struct word *word, const struct word *after,
                     struct lang_word known)
{
    return after && ((known.lists & LANG_FIRST) ||
                     (after->number && (word->number ? r->blanks : after->gap == '-')));
}

/* Combines words that are elsewhere written as one ("airbase", "F35", "12000") into `whole`: "air
 * base", "F-35", "12 000". Returns the number of words after the first that belong to it. */
static __attribute__((noinline)) size_t join(struct word_reader *r, size_t n, struct word *whole,
                                             struct lang_word *known)
{
    const struct word *word = word_at(r, n), *after = word_at(r, n + 1);
    if (!word || !after)
        return 0;
    *whole = *word;
    if (word->number)
        return join_thousands(r, n, whole);
    bool name = after->number && is_designation(word, after);
    bool compound = lang_word(r->lang, after, r->places[(n + 1) % RING]).lists & LANG_LAST;
    if (!(name || compound) || after->opens || word->len + after->len > WORD_MAX ||
        word_is_date(word, after, word_at(r, n + 2)))
        return 0;
    append_word(whole, after);
    struct lang_word of_whole = lang_word(r->lang, whole, lang_ahead(r->lang, whole));
    if (name || (of_whole.lists & LANG_VARIANT)) {
        *known = of_whole;
        return 1;
    }
    *whole = *word;
    return 0;
}

static void begin_text(struct word_reader *r, const struct lang *lang, const char *text, size_t n,
                       bool title)
{
    words_init(&r->words, text, n);
    r->lang = lang;
    r->read = 0;
    r->blanks = lang_blanks(lang);
    r->ahead = title ? RING - 6 : AHEAD;
}

static void read_text_part(struct terms *t, const struct lang *lang, const char *text, int part,
                           size_t max_words)
{
    struct word_reader r;
    begin_text(&r, lang, text, strlen(text), part == PART_TITLE);
    const struct word *before = NULL, *word = word_at(&r, 0), *after;
    bool title_case = part == PART_TITLE && is_title_case(&r);
    struct word whole;
    size_t next = 0; /* after the last counted word; a combined word spans several */
    for (size_t n = 0; word && t->n_sequence < TERMS_SEQUENCE; n++, before = word, word = after) {
        bool counts = n < max_words, votes = lang && t->votes.words < LANG_VOTERS;
        after = word_at(&r, n + 1);
        if (!counts && !votes) {
            t->sequence[t->n_sequence++] = term_id(word->text, word->len);
            continue;
        }
        struct lang_word known = lang_word(lang, word, r.places[n % RING]);
        t->sequence[t->n_sequence++] = known.hash;
        if (votes)
            lang_vote(lang, word, known, &t->votes);
        if (!counts || n < next || word_is_date(before, word, after))
            continue;
        const struct word *it = word, *behind = after;
        next = n + 1;
        if (may_join(&r, word, after, known)) {
            next += join(&r, n, &whole, &known);
            it = &whole;
            behind = word_at(&r, next);
        }
        count_word(t, lang, it, known, part, title_case,
                   it->number ? number_id(before, it, behind, title_case) : 0);
    }
}

/* Replaces a spelt-out number: "four" by 4. */
static bool spell_out(const struct terms_walk *walk, const struct word_reader *r, size_t n,
                      const struct word *word, const struct word *after, struct word *number)
{
    if (!walk->digits || word->number || word->pair)
        return false;
    bool stop = after && (lang_word(r->lang, after, r->places[(n + 1) % RING]).lists & LANG_STOP);
    const char *digits = walk->digits(walk->arg, word, stop);
    if (!digits)
        return false;
    size_t len = strlen(digits);
    *number = (struct word){.number = true, .ascii = true, .len = len, .gap = ' '};
    memcpy(number->text, digits, len < WORD_MAX ? len : WORD_MAX);
    return true;
}

void terms_walk(const struct terms_walk *walk, const char *text, size_t size)
{
    struct word_reader r;
    begin_text(&r, walk->lang, text, size, walk->title);
    const struct word *before = NULL, *word = word_at(&r, 0), *after;
    bool title_case = walk->title && is_title_case(&r);
    struct word whole;
    size_t next = 0; /* after the last word that was part of a term */
    for (size_t n = 0; word; n++, before = word, word = after) {
        after = word_at(&r, n + 1);
        struct lang_word known = lang_word(walk->lang, word, r.places[n % RING]);
        struct term_seen seen = {.at = word->at, .hash = known.hash, .pair = word->pair};
        const char *end = word->pair ? word->at + word->len : r.ends[n % RING];
        if (n >= next && !word_is_date(before, word, after)) {
            const struct word *it = word, *behind = after;
            next = n + 1;
            if (may_join(&r, word, after, known)) {
                next += join(&r, n, &whole, &known);
                it = &whole;
                behind = word_at(&r, next);
                end = next > n + 1 ? r.ends[(next - 1) % RING] : end;
            } else if (spell_out(walk, &r, n, word, after, &whole)) {
                it = &whole;
                known.lists = 0;
            }
            uint32_t number = it->number ? number_id(before, it, behind, title_case) : 0;
            struct made made = make_term(walk->lang, it, known, title_case, number);
            seen.id = made.id;
            seen.number = it->number;
            seen.upper = it->capital;
            seen.opens = it->uncased || (it->capital && made.silent);
            seen.capital = !seen.opens && (it->capital || made.country);
        }
        seen.n = (size_t)(end - seen.at);
        if (!walk->each(walk->arg, &seen))
            return;
    }
}

/* Insertion sort: `places` has the terms almost in order, except for collisions. */
static void order_terms(struct terms *t)
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
    read_text_part(out, lang, title ? title : "", PART_TITLE, TERMS_TITLE_WORDS);
    out->n_title_sequence = out->n_sequence;
    read_text_part(out, lang, body ? body : "", PART_BODY, TERMS_BODY_WORDS);
    out->n_words = (out->n_words + 1) / 2;
    order_terms(out);
}

unsigned terms_of_title(const struct terms *t)
{
    unsigned n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->v[i].in_title > 0;
    return n;
}

void terms_free(struct terms *t)
{
    free(t->v);
    free(t->gathered);
    free(t->text);
    free(t->sequence);
    *t = (struct terms){0};
}
