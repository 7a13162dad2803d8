/* What storyd knows of a language: its stop words, its Snowball stemmer, how common its words are
 * in news. The lists are built in from config/stopwords and config/background. */
#ifndef TEXT_LANG_H
#define TEXT_LANG_H

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

/* The language of a text: by script, then by its share of stop words. `claimed` (what the feed
 * says, may be NULL) holds unless the script contradicts it. NULL when nothing tells. */
const struct lang *langs_detect(struct langs *l, const char *claimed, const char *text, size_t n);

const char *lang_code(const struct lang *l); /* two lower-case letters */
bool lang_is_stop(const struct lang *l, const char *word, size_t n);

/* The stem of a folded word, without its marks, into `out` (room for `cap` bytes); its length. */
size_t lang_stem(const struct lang *l, const char *word, size_t n, bool ascii, char *out,
                 size_t cap);

/* Calls back for every background word: its stem and the share of articles that contain it. */
void langs_background(struct langs *l,
                      void (*each)(void *, const char *stem, size_t n, double share), void *arg);

#endif
