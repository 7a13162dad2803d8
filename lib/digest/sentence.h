/* An article's title and text -> its sentences, each with its terms, for choosing among them and
 * for recognising two reports of one fact. Text that is not a sentence of the report is left out:
 * bylines, datelines, captions, credits, "Read more", "Sign up", cookie notices, addresses. */
#ifndef DIGEST_SENTENCE_H
#define DIGEST_SENTENCE_H

#include "text/lang.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SENTENCE_MOST = 64,        /* of an article, including its title */
    SENTENCE_MAX_TEXT = 600,   /* bytes; a longer sentence is left out */
    SENTENCE_TERMS = 48,       /* of one sentence; later words are ignored */
    SENTENCE_READ = 24 * 1024, /* bytes of a text that are read */
    SENTENCE_FACTS = 13,       /* kinds of facts */
};

enum sentence_mark {
    SENTENCE_TITLE = 1,     /* the article's title */
    SENTENCE_LEAD = 2,      /* the first of the text */
    SENTENCE_DANGLES = 4,   /* begins with a word that refers to a previous sentence: "He said",
                               "But", "The latter", "That is why" */
    SENTENCE_ASKS = 8,      /* a question */
    SENTENCE_QUOTES = 16,   /* contains a quotation of several words */
    SENTENCE_QUOTED = 32,   /* is only a quotation, or part of one */
    SENTENCE_CUT = 64,      /* the text is cut off in it */
    SENTENCE_SAID = 128,    /* attributed: somebody said, told, tweeted it */
    SENTENCE_HEADING = 256, /* a line without final punctuation: a heading, a list entry */
    SENTENCE_ASIDE = 512    /* the writer speaks of themselves, or to the reader */
};

enum sentence_kind { WORD_PLAIN, WORD_NAME, WORD_NUMBER };

struct sentence_term {
    uint32_t id;    /* of the stem, as in text/terms.h */
    uint16_t at, n; /* position of its (first) word in the sentence, and its length in bytes */
    uint8_t kind;   /* enum sentence_kind; a name: capitalised where a capital is informative */
    uint8_t place;  /* the index of the word in the sentence, stop words included */
};

struct sentence {
    const char *text; /* points into the article's text; not NUL-terminated */
    uint16_t n;       /* bytes */
    uint16_t words;   /* all words, as people count them; in a script without spaces, half its
                         characters */
    uint16_t at;      /* its index in the article, the title is 0 */
    uint16_t paragraph;
    uint16_t marks;                /* enum sentence_mark */
    uint8_t facts[SENTENCE_FACTS]; /* sums of cues for each kind of fact (digest/kinds.h) */
    uint16_t n_terms;              /* each id once, no stop words */
    struct sentence_term *terms;   /* in the order of the text */
};

struct sentences {
    struct sentence *v;
    size_t n;
    struct sentence_term *terms; /* of all sentences */
    char *text;                  /* own copy: the title, NUL, the text */
};

/* `lang` may be NULL; `text` may be "" or NULL. Texts must be valid UTF-8. A repeated sentence, and
 * one that repeats the title, is included once. */
void sentences_of(const struct lang *lang, const char *title, const char *text,
                  struct sentences *out);
void sentences_free(struct sentences *s);

/* The number that a word spells ("four": "4"), NULL: none. */
struct cues;
struct word;
const char *sentence_number(const struct cues *c, const struct word *word, bool before_stop);

#endif
