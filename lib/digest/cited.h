/* What a language model answers -> statements of an event. None is believed: each cites sentences
 * that it was given (digest/prompt.h), and is dropped unless its names, numbers and the words that
 * matter stand in them. So an answer can say nothing that the event's sources do not, whatever
 * told the model to. Pure: bytes in, records out. */
#ifndef DIGEST_CITED_H
#define DIGEST_CITED_H

#include "digest/prompt.h"
#include "text/lang.h"
#include "text/rarity.h"

#include <stddef.h>
#include <stdint.h>

enum {
    CITED_ANSWER = 256 * 1024, /* bytes of an answer, at most */
    CITED_TEXT = 500,          /* bytes of one statement */
    CITED_SENTENCES = 5,       /* that one statement cites */
};

/* Why statements were dropped: symbol, name to people and in figures. */
#define CITED_REASONS(R)                                                                           \
    R(FORM, "form")         /* no text of one sentence or two, of a length that fits */            \
    R(CITES, "cites")       /* it cites nothing, or what is not there */                           \
    R(NUMBER, "number")     /* a number, or a date, that the sentences do not have */              \
    R(NAME, "name")         /* the same of a name */                                               \
    R(WORDS, "words")       /* of words that matter */                                             \
    R(NEGATION, "negation") /* it denies what they do not, or the other way */                     \
    R(HEDGE, "hedge")       /* it is sure of what they leave open */                               \
    R(QUOTE, "quote")       /* a quotation that does not stand so in one of them */                \
    R(MANY, "many")         /* more than there is room for, or said twice */

enum cited_reason {
#define R(symbol, name) CITED_##symbol,
    CITED_REASONS(R)
#undef R
        CITED_REASON_COUNT
};
const char *cited_reason_name(size_t i); /* NULL after the last */

struct cited_rules {
    const struct lang *lang; /* of the event; may be NULL */
    const struct rarity *rarity;
    const char *by; /* the model's name */
    unsigned parts; /* enum prompt_part: what was asked for */
};

/* What the server says. */
struct cited_answer {
    char *text;      /* of the model; NULL: there is none */
    uint64_t tokens; /* that were used; 0: it does not say */
};

/* The body of a server's answer; false where it is none with a text. */
bool cited_answer(const char *bytes, size_t n, struct cited_answer *out);

/* Statements of the text, in `out` (codec_free() with digest_table), and how many were dropped.
 * False: it is no JSON object with any of the parts. */
bool cited_read(const char *text, const struct prompt *p, const struct cited_rules *rules,
                struct digest *out, size_t dropped[CITED_REASON_COUNT]);

#endif
