/* Extracts the distinct terms (stems) of an article's title and body, and the sequence of its
 * words. */
#ifndef TEXT_TERMS_H
#define TEXT_TERMS_H

#include "text/lang.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TERMS_TITLE_WORDS = 60, /* maximum number of words used of a title */
    TERMS_BODY_WORDS = 200, /* maximum number of words of a body that become terms */
    TERMS_SEQUENCE = 1000,  /* maximum number of words kept in sequence, for shingles */
    TERMS_PLACES = 1024,
};

struct term {
    uint32_t id;      /* hash of the stem: stems with equal ids are the same term */
    uint8_t in_title; /* occurrences in the title, in the body (saturating at 255) */
    uint8_t in_body;
    uint8_t capital; /* occurrences with a significant capital */
    uint8_t lower;   /* occurrences without a capital */
    bool opens; /* it may be a name: capitalised where a capital is not significant (in a Title Like
                   This, the first word of a sentence), or in a script without capitals */
    bool number;
    uint16_t text; /* offset of its first surface form in terms.text */
};

struct terms {
    struct term *v;        /* ordered by id */
    struct term *gathered; /* in order of occurrence */
    size_t n, cap;
    uint16_t places[TERMS_PLACES]; /* hash table used during extraction: indices into `gathered` */
    uint64_t taken[TERMS_PLACES / 64]; /* a bit for each used place */
    char *text;                        /* folded words, each NUL-terminated */
    size_t text_len, text_cap;
    uint32_t *sequence; /* hashes of all words: the title's, then the body's */
    size_t n_sequence, n_title_sequence;
    struct lang_votes votes;
    size_t n_words; /* words without stop words, with repetitions; a pair is half */
};

/* Replaces the contents of `out`; zero it before the first use and call terms_free() after the
 * last. `lang` may be NULL (no stop words, no stems). Both texts must be valid UTF-8. */
void terms_extract(const struct lang *lang, const char *title, const char *body, struct terms *out);
void terms_free(struct terms *t);
unsigned terms_of_title(const struct terms *t); /* number of terms in the title */

/* A word of a text, or several words that are one term, as reported by terms_walk(). */
struct term_seen {
    const char *at; /* its start and its length in bytes */
    size_t n;
    uint32_t hash; /* of the (first) word as written */
    uint32_t id;   /* of the term; 0 if it is not a term, such as a stop word or a date */
    bool number;
    bool capital; /* it names something, by its capital or as a country */
    bool opens;   /* it may name something; see term.opens */
    bool upper;   /* it has a capital, significant or not */
    bool pair;    /* two characters of a script without blanks */
};

/* Calls back for each word of a text, in order, with the term that terms_extract() would make of
 * it, until the callback returns false. `digits` may be NULL; otherwise it returns the digits of a
 * spelt-out number ("four": "4"), or NULL for other words; `before_stop`: the next word is a stop
 * word. */
struct terms_walk {
    const struct lang *lang;
    bool (*each)(void *arg, const struct term_seen *seen);
    const char *(*digits)(void *arg, const struct word *word, bool before_stop);
    void *arg;
    bool title; /* it may be capitalised Like This, so that capitals are not significant */
};
void terms_walk(const struct terms_walk *walk, const char *text, size_t n);

/* A bare count of one or two digits, such as the 45 of "45 patients", has its value plus one as its
 * id, so that it is recognised by it. */
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
