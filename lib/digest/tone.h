/* The tone of a post: how friendly its words are, by rules and word lists (config/tone/). The
 * method is VADER's (C.J. Hutto and E.E. Gilbert, ICWSM 2014): words have ratings that boosters,
 * negations, capitals and "but" change; their sum is scaled to -1 to 1. It suits what people write
 * in posts; for news it says little. */
#ifndef DIGEST_TONE_H
#define DIGEST_TONE_H

#include "digest/tone_words.h"

#include <stdbool.h>

struct tone {
    double value; /* -1 (negative) to 1 */
    double concern, doubt,
        support;   /* number of phrases of each kind; after "but" they count more */
    bool ironic;   /* it is marked as not meant seriously */
    bool personal; /* its author speaks of themselves: "I", "our" */
    bool asks;     /* it contains a question */
};

/* `lang` is a code ("de", "pt-BR"); NULL or "" means unknown and is read as English. For a language
 * without lists only emoji, emoticons and punctuation count. `text` may be NULL, or invalid UTF-8.
 */
struct tone tone_read(const struct tones *t, const char *lang, const char *text);
double tone_of(const struct tones *t, const char *lang, const char *text);

#endif
