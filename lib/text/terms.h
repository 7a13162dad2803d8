/* An article's title and body -> its distinct terms (stems), and the sequence of its words. */
#ifndef TEXT_TERMS_H
#define TEXT_TERMS_H

#include "text/lang.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TERMS_TITLE_WORDS = 60, /* words of a title that count */
    TERMS_BODY_WORDS = 200, /* words of a body that become terms */
    TERMS_SEQUENCE = 1000,  /* words of title and body kept in sequence, for shingles */
    TERMS_PLACES = 1024,
};

struct term {
    uint32_t id;      /* hash of the stem: two stems of one id are one term */
    uint8_t in_title; /* times in the title, in the body (both stop at 255) */
    uint8_t in_body;
    uint8_t capital; /* times capitalised where a capital says something */
    uint8_t lower;   /* times not capitalised */
    bool opens;      /* it may be a name: capitalised where a capital says nothing (in a Title Like
                        This, a sentence's first word), or of a script without capitals */
    bool number;
    uint16_t text; /* offset of its first surface form in terms.text */
};

struct terms {
    struct term *v;        /* ordered by id */
    struct term *gathered; /* as they came */
    size_t n, cap;
    uint16_t places[TERMS_PLACES];     /* while they are gathered: by id, where each stands */
    uint64_t taken[TERMS_PLACES / 64]; /* a bit for each place that is */
    char *text;                        /* folded words, each NUL-terminated */
    size_t text_len, text_cap;
    uint32_t *sequence; /* hashes of the words, stop words included: the title's, then the body's */
    size_t n_sequence, n_title_sequence;
    struct lang_votes votes;
    size_t n_words; /* words that are no stop words, repeated ones counted; a pair is half a word */
};

/* Replaces what `out` holds; zero it before the first use, terms_free() after the last.
 * `lang` may be NULL (no stop words, no stems). Both texts must be valid UTF-8. */
void terms_extract(const struct lang *lang, const char *title, const char *body, struct terms *out);
void terms_free(struct terms *t);
unsigned terms_of_title(const struct terms *t); /* how many stand in the title */

/* A word of a text, or several that are one term, as terms_walk() comes to it. */
struct term_seen {
    const char *at; /* where it begins, and its length in bytes */
    size_t n;
    uint32_t hash; /* of the (first) word as it stands */
    uint32_t id;   /* of the term; 0: it is none, as stop words and dates are not */
    bool number;
    bool capital; /* it names something, by its capital or as a country */
    bool opens;   /* it may: as term.opens */
    bool upper;   /* it has a capital, whether that says something or not */
    bool pair;    /* two characters of a script without blanks */
};

/* Calls back for each word of a text, in order, until it says false: with the terms that
 * terms_extract() would make of it. `digits` may be NULL; else it says what number a word is that
 * spells one ("four": "4"), NULL for others; `after`, the next word (may be NULL), is a stop word
 * or not. */
struct terms_walk {
    const struct lang *lang;
    bool (*each)(void *arg, const struct term_seen *seen);
    const char *(*digits)(void *arg, const struct word *word, bool before_stop);
    void *arg;
    bool title; /* it may be written Like This, where a capital says nothing */
};
void terms_walk(const struct terms_walk *walk, const char *text, size_t n);

/* A bare count of one or two digits, the 45 of "45 patients", has itself and one as its id, so that
 * it is known by it. */
enum { TERM_COUNTS = 100 };
static inline bool term_is_count(uint32_t id)
{
    return id <= TERM_COUNTS;
}

static inline const char *term_text(const struct terms *t, const struct term *term)
{
    return t->text + term->text;
}

#endif
