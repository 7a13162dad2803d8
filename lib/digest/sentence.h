/* An article's title and text -> its sentences, each with what it is about: for choosing among them
 * and for knowing two tellings of one fact. What is no sentence of the report is left out: bylines,
 * datelines, captions, credits, "Read more", "Sign up", cookie notices, addresses. */
#ifndef DIGEST_SENTENCE_H
#define DIGEST_SENTENCE_H

#include "text/lang.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SENTENCE_MOST = 64,        /* of an article, its title among them */
    SENTENCE_MAX_TEXT = 600,   /* bytes; a longer one is left out */
    SENTENCE_TERMS = 48,       /* of one sentence; later words are not looked at */
    SENTENCE_READ = 24 * 1024, /* bytes of a text that are read */
    SENTENCE_FACTS = 13,       /* kinds of facts */
};

enum sentence_mark {
    SENTENCE_TITLE = 1,     /* the article's title */
    SENTENCE_LEAD = 2,      /* the first of the text */
    SENTENCE_DANGLES = 4,   /* begins with a word that leans on a sentence before it: "He said",
                               "But", "The latter", "That is why" */
    SENTENCE_ASKS = 8,      /* a question */
    SENTENCE_QUOTES = 16,   /* has a quotation of several words */
    SENTENCE_QUOTED = 32,   /* is nothing but a quotation, or a part of one */
    SENTENCE_CUT = 64,      /* the text breaks off in it */
    SENTENCE_SAID = 128,    /* somebody said, told, tweeted it */
    SENTENCE_HEADING = 256, /* a line of its own without an end: a heading, a list's entry */
    SENTENCE_ASIDE = 512    /* its writer speaks of themselves, or to the reader */
};

enum sentence_kind { WORD_PLAIN, WORD_NAME, WORD_NUMBER };

struct sentence_term {
    uint32_t id;    /* of the stem, as text/terms.h has it */
    uint16_t at, n; /* where its (first) word stands in the sentence, and its length in bytes */
    uint8_t kind;   /* enum sentence_kind; a name: capitalised where a capital says something */
    uint8_t place;  /* the how manyeth word of the sentence it is, stop words counted */
};

struct sentence {
    const char *text; /* in the article's; not NUL-terminated */
    uint16_t n;       /* bytes */
    uint16_t words;   /* all of them, as people count; of a script without blanks half its
                         characters */
    uint16_t at;      /* the how manyeth of its article, the title 0 */
    uint16_t paragraph;
    uint16_t marks;                /* enum sentence_mark */
    uint8_t facts[SENTENCE_FACTS]; /* what its words say for each kind of fact (digest/kinds.h) */
    uint16_t n_terms;              /* each id once, no stop words */
    struct sentence_term *terms;   /* in the order of the text */
};

struct sentences {
    struct sentence *v;
    size_t n;
    struct sentence_term *terms; /* of all */
    char *text;                  /* own copy: the title, NUL, the text */
};

/* `lang` may be NULL; `text` may be "" or NULL. Both must be valid UTF-8. Sentences that stand in
 * the text twice, and one that repeats the title, are there once. */
void sentences_of(const struct lang *lang, const char *title, const char *text,
                  struct sentences *out);
void sentences_free(struct sentences *s);

/* The number that a word spells ("four": "4"), NULL: none. */
struct cues;
struct word;
const char *sentence_number(const struct cues *c, const struct word *word, bool before_stop);

#endif
