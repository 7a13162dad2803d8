/* Language data: stop words, Snowball stemmers, and how frequent words are in news. The lists are
 * compiled in from config/stopwords and config/background, the forms of country names from
 * config/countries.txt, and spelling variants from config/variants.txt. */
#ifndef TEXT_LANG_H
#define TEXT_LANG_H

#include "text/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct langs; /* the tables of all languages; must not be shared between threads */
struct lang;

struct langs *langs_new(void);
void langs_free(struct langs *l);

/* Finds a language by its ISO 639-1 code ("en", "pt-BR", "PT_br": the part before the separator
 * counts). NULL for anything else. A language without tables has a code only: no stop words, no
 * stems. */
const struct lang *langs_get(struct langs *l, const char *code);

/* Detects the language of a text, first by script, then by spelling costs. `claimed` (what the feed
 * declares or the publisher usually uses; may be NULL) is accepted unless the script contradicts
 * it; langs_elect() may still reject it. NULL if undecided: names and numbers do not identify a
 * language. */
const struct lang *langs_detect(struct langs *l, const char *claimed, const char *text, size_t n);

/* Counts the stop words of each language among the first LANG_VOTERS words of a text. */
enum { LANG_LISTS = 58, LANG_VOTERS = 60 };
struct lang_votes {
    unsigned words;
    uint8_t hits[LANG_LISTS];
    uint16_t weight[LANG_LISTS]; /* hits, weighted less the more languages share the word */
};

/* Decides the language in which to read a text: `read_as`, the claimed language, unless the words
 * clearly belong to another. `said`: the feed itself declares it. The first `title` bytes are the
 * title. NULL if the words belong to no known language and the publisher's usual language has
 * another script. */
const struct lang *langs_elect(const struct langs *l, const struct lang *read_as, bool said,
                               const struct lang_votes *votes, const char *text, size_t n,
                               size_t title);

const char *lang_code(const struct lang *l); /* two lower-case letters */
bool lang_capitals(const struct lang *l);    /* it capitalises all nouns */
bool lang_blanks(const struct lang *l);      /* it separates thousands by blanks */

/* The id of a folded stem: stems with equal ids are the same term. */
uint32_t term_id(const char *stem, size_t n);

/* The properties of a word in a language (NULL: one without stop words and stems). */
struct lang_word {
    uint64_t lists; /* a bit for each language that has it as a stop word, and the flags below */
    uint32_t hash;  /* of its text */
    uint32_t term;  /* id of its stem without marks, or of the country it names, or of the main
                       spelling of a variant */
};
#define LANG_STOP    (UINT64_C(1) << LANG_LISTS)       /* a stop word in this language */
#define LANG_COUNTRY (UINT64_C(1) << (LANG_LISTS + 1)) /* names a country or its people */
#define LANG_CAPITAL (UINT64_C(1) << (LANG_LISTS + 2)) /* but only if capitalised */
#define LANG_FIRST                                                                                 \
    (UINT64_C(1) << (LANG_LISTS + 3)) /* first word of a compound that is also written as two */
#define LANG_LAST    (UINT64_C(1) << (LANG_LISTS + 4)) /* its last word */
#define LANG_VARIANT (UINT64_C(1) << (LANG_LISTS + 5)) /* one of several spellings of a word */
/* lang_ahead() finds and prefetches the cache slot of a word; lang_word() looks the word up there,
 * and fills the slot if it has another one. */
struct known *lang_ahead(const struct lang *l, const struct word *word);
struct lang_word lang_word(const struct lang *l, const struct word *word, struct known *place);

/* Counts one word of a text that is read as `l`; `known` comes from lang_word(). */
void lang_vote(const struct lang *l, const struct word *word, struct lang_word known,
               struct lang_votes *votes);

/* Calls back for every word of the background lists with its term and the share of articles that
 * contain it. */
void langs_background(struct langs *l, void (*each)(void *, uint32_t term, double share),
                      void *arg);

#endif
