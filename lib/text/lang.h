/* What storyd knows of a language: its stop words, its Snowball stemmer, how common its words are
 * in news. The lists are built in from config/stopwords and config/background, the forms of
 * countries' names from config/countries.txt, other spellings from config/variants.txt. */
#ifndef TEXT_LANG_H
#define TEXT_LANG_H

#include "text/words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct langs; /* the tables of all languages; not to be shared between threads */
struct lang;

struct langs *langs_new(void);
void langs_free(struct langs *l);

/* By code ("en", "pt-BR", "PT_br": the part before the separator counts), of ISO 639-1. NULL for
 * anything else.
 * A language without tables is known by its code alone: no stop words, no stems. */
const struct lang *langs_get(struct langs *l, const char *code);

/* The language of a text: by script, then by what its words cost. `claimed` (what the feed says or
 * its publisher usually writes, may be NULL) holds unless the script contradicts it, or
 * langs_elect() does afterwards. NULL when nothing tells: names and numbers do not. */
const struct lang *langs_detect(struct langs *l, const char *claimed, const char *text, size_t n);

/* Whose stop words the first words of a text are; more than LANG_VOTERS do not vote. */
enum { LANG_LISTS = 58, LANG_VOTERS = 60 };
struct lang_votes {
    unsigned words;
    uint8_t hits[LANG_LISTS];
    uint16_t weight[LANG_LISTS]; /* hits, each the less the more languages share the word */
};

/* The language to read the text as: `read_as`, which it was claimed to be, unless its words clearly
 * are another's. `said`: by the feed itself. The first `title` bytes are its title. NULL when they
 * are none's, and what its publisher usually writes has other letters. */
const struct lang *langs_elect(const struct langs *l, const struct lang *read_as, bool said,
                               const struct lang_votes *votes, const char *text, size_t n,
                               size_t title);

const char *lang_code(const struct lang *l); /* two lower-case letters */
bool lang_capitals(const struct lang *l);    /* it writes all nouns with a capital */
bool lang_blanks(const struct lang *l);      /* it sets thousands apart by blanks */

/* The id of a folded stem: two stems of one id are one term. */
uint32_t term_id(const char *stem, size_t n);

/* What a word is to a language (NULL: one without stop words and stems). */
struct lang_word {
    uint64_t lists; /* a bit for each language that has it as a stop word, and those below */
    uint32_t hash;  /* of its text */
    uint32_t term;  /* the id of its stem without marks, or of the country that it names, or of the
                       first of its spellings */
};
#define LANG_STOP    (UINT64_C(1) << LANG_LISTS)       /* this language has it as a stop word */
#define LANG_COUNTRY (UINT64_C(1) << (LANG_LISTS + 1)) /* it names a country or its people */
#define LANG_CAPITAL (UINT64_C(1) << (LANG_LISTS + 2)) /* but only where it has a capital */
#define LANG_FIRST                                                                                 \
    (UINT64_C(1) << (LANG_LISTS + 3))               /* a compound's first word, where it is two    \
                                                     */
#define LANG_LAST (UINT64_C(1) << (LANG_LISTS + 4)) /* and its last one */
#define LANG_VARIANT                                                                               \
    (UINT64_C(1) << (LANG_LISTS + 5)) /* it is a spelling of one that has others                   \
                                       */
/* Where it is kept, which is asked of the memory; then what is kept there. */
struct known *lang_ahead(const struct lang *l, const struct word *word);
struct lang_word lang_word(const struct lang *l, const struct word *word, struct known *place);

/* One word of a text that is read as `l`, and what it is to `l`. */
void lang_vote(const struct lang *l, const struct word *word, struct lang_word known,
               struct lang_votes *votes);

/* Calls back for every background word: its term and the share of articles that contain it. */
void langs_background(struct langs *l, void (*each)(void *, uint32_t term, double share),
                      void *arg);

#endif
