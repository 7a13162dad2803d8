/* The stance of a post's author, judged by words of support, doubt and concern in config/tone/. A
 * guess from words, not from their meaning. */
#ifndef DIGEST_STANCE_H
#define DIGEST_STANCE_H

#include "digest/tone.h"

enum stance { STANCE_SUPPORTIVE, STANCE_SKEPTICAL, STANCE_CONCERNED, STANCE_NEUTRAL, STANCES };

struct stance_read {
    enum stance stance;
    double clear; /* margin over the next most probable stance */
};

/* `lang` and `text` as for tone_read(). */
struct stance_read stance_of(const struct tones *t, const char *lang, const char *text);
const char *stance_name(enum stance s);

#endif
