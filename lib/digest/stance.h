/* Where the author of a post stands, by its words: config/tone/ has what tells of support, doubt
 * and concern. A guess from words, not from what is meant. */
#ifndef DIGEST_STANCE_H
#define DIGEST_STANCE_H

#include "digest/tone.h"

enum stance { STANCE_SUPPORTIVE, STANCE_SKEPTICAL, STANCE_CONCERNED, STANCE_NEUTRAL, STANCES };

struct stance_read {
    enum stance stance;
    double clear; /* by how much it is ahead of the next likely one */
};

/* `lang` and `text` as for tone_read(). */
struct stance_read stance_of(const struct tones *t, const char *lang, const char *text);
const char *stance_name(enum stance s);

#endif
