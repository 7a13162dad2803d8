/* The answer of a language model -> statements of an event. No statement is trusted: each cites
 * sentences that the model was given (digest/prompt.h) and is dropped unless its names, numbers and
 * significant words are in them. So an answer cannot state anything that the event's sources do
 * not, even after a prompt injection. Pure: bytes in, records out. */
#ifndef DIGEST_CITED_H
#define DIGEST_CITED_H

#include "digest/prompt.h"
#include "text/lang.h"
#include "text/rarity.h"

#include <stddef.h>
#include <stdint.h>

enum {
    CITED_ANSWER = 256 * 1024, /* most bytes of an answer */
    CITED_TEXT = 500,          /* bytes of one statement */
    CITED_SENTENCES = 5,       /* that one statement cites */
};

/* Why a statement was dropped: symbol, name in the log and in metrics. */
#define CITED_REASONS(R)                                                                           \
    R(FORM, "form")         /* no text of one or two sentences, or of an unsuitable length */      \
    R(CITES, "cites")       /* cites nothing, or sentences that do not exist */                    \
    R(NUMBER, "number")     /* a number or date that the sentences lack */                         \
    R(NAME, "name")         /* a name that they lack */                                            \
    R(WORDS, "words")       /* significant words that they lack */                                 \
    R(NEGATION, "negation") /* negates what they do not, or the reverse */                         \
    R(HEDGE, "hedge")       /* is certain where they hedge */                                      \
    R(QUOTE, "quote")       /* a quotation that is in none of them */                              \
    R(MANY, "many")         /* more than fits, or a repetition */

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
    unsigned parts; /* enum prompt_part: the parts requested */
};

/* The content of a server's response. */
struct cited_answer {
    char *text;      /* from the model; NULL: none */
    uint64_t tokens; /* tokens used; 0: not stated */
};

/* Parses the body of a server's response; false when it contains no text. */
bool cited_answer(const char *bytes, size_t n, struct cited_answer *out);

/* Reads the statements of the text into `out` (codec_free() with digest_table) and counts the
 * dropped ones. False when there is no JSON object with any of the parts. */
bool cited_read(const char *text, const struct prompt *p, const struct cited_rules *rules,
                struct digest *out, size_t dropped[CITED_REASON_COUNT]);

#endif
