/* The words of config/tone/ with their roles, and a text as a sequence of them. */
#ifndef DIGEST_TONE_WORDS_H
#define DIGEST_TONE_WORDS_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

enum { TONE_READ = 4096 }; /* bytes of a text that are read */

struct tones; /* the words of all languages */
struct tones *tones_new(void);
void tones_free(struct tones *t);

enum tone_role {
    TONE_WORDS = 1, /* the sections of the files */
    TONE_BOOSTERS = 2,
    TONE_NEGATORS = 4,
    TONE_NEGATORS_AFTER = 8,
    TONE_BUT = 16,
    TONE_IRONY = 32,
    TONE_CONCERN = 64,
    TONE_DOUBT = 128,
    TONE_SUPPORT = 256,
    TONE_PLAIN = 512,
    TONE_ELIDED = 1024,
    TONE_LETTERS = 2048,
    TONE_PERSONAL = 4096,
};

struct tone_known {
    double value, boost;
    uint16_t roles; /* enum tone_role */
};

/* A word, a known phrase, an emoji or an emoticon. */
struct tone_unit {
    const struct tone_known *known; /* NULL: unknown */
    bool caps;                      /* all its letters are capitals */
    bool ends;                      /* its clause ends after it */
};

enum { TONE_UNITS = 1000 }; /* of a text, the first */

struct tone_text {
    struct tone_unit units[TONE_UNITS];
    size_t n;
    unsigned bangs, asks; /* exclamation marks, question marks */
    bool caps_differ; /* some words are in capitals and others not, so capitals are informative */
};

int tone_lang(const struct tones *t, const char *code);
void tone_split(const struct tones *t, int lang, const char *text, struct tone_text *out);

/* The entry for the text in a language, or in all languages; NULL: none. */
const struct tone_known *tone_find(const struct tones *t, int lang, const char *p, size_t n);

#endif
