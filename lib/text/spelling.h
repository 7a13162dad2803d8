/* How probable a word's spelling is in each language, learned from config/stopwords,
 * config/background and config/spelling: it identifies the language of a text with few or no stop
 * words. */
#ifndef TEXT_SPELLING_H
#define TEXT_SPELLING_H

#include <stddef.h>

/* Maximum number of languages, all in Latin script; and the cost that corresponds to odds of one in
 * e. */
enum { SPELLING_MOST = 32, SPELLING_UNIT = 16 };

const char *spelling_lang(size_t i); /* two letters; NULL after the last */

/* Sets the cost of a folded word for each language, relative to the language with the lowest
 * cost. */
void spelling_word(const char *word, size_t n, unsigned cost[SPELLING_MOST]);

#endif
