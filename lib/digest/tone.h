/* The tone of a post: how friendly its words are, by rules and lists of words (config/tone/). The
 * method is VADER's (C.J. Hutto and E.E. Gilbert, ICWSM 2014): words have ratings that boosters,
 * negations, capitals and "but" change; their sum is brought to -1 to 1. It fits what people write
 * in posts; of news it says little. */
#ifndef DIGEST_TONE_H
#define DIGEST_TONE_H

#include "digest/tone_words.h"

#include <stdbool.h>

struct tone {
    double value; /* -1 (bad) to 1 */
    double concern, doubt,
        support;   /* how many phrases tell of each; behind "but" they weigh more */
    bool ironic;   /* it is marked as not meant */
    bool personal; /* its author speaks of themselves: "I", "our" */
    bool asks;     /* there is a question in it */
};

/* `lang` is a code ("de", "pt-BR"), NULL or "" where it is not known: English then. Of a language
 * without lists emoji, emoticons and punctuation count. `text` may be NULL, or invalid UTF-8. */
struct tone tone_read(const struct tones *t, const char *lang, const char *text);
double tone_of(const struct tones *t, const char *lang, const char *text);

#endif
