/* How the words of a language are spelt, learnt from config/stopwords, config/background and
 * config/spelling: a text of few or no stop words still shows its language by it. */
#ifndef TEXT_SPELLING_H
#define TEXT_SPELLING_H

#include <stddef.h>

/* Of the languages spelt in Latin letters, the most there may be; a cost of so many stands for odds
 * of one in e. */
enum { SPELLING_MOST = 32, SPELLING_UNIT = 16 };

const char *spelling_lang(size_t i); /* two letters; NULL behind the last */

/* What a folded word costs each language, more than it does the one that it costs least. */
void spelling_word(const char *word, size_t n, unsigned cost[SPELLING_MOST]);

#endif
