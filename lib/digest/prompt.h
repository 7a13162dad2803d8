/* What a language model is asked of an event: to say in its own words what sentences of the sources
 * say, each of which has a number to be cited by. Pure: an event's articles in, the request's JSON
 * out, as servers take it that know OpenAI's chat completions. What sources wrote is data there:
 * numbered lines, without control characters, which end where their line ends. */
#ifndef DIGEST_PROMPT_H
#define DIGEST_PROMPT_H

#include "digest/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROMPT_ARTICLES = 60,     /* of an event, at most: its first ones and its newest */
    PROMPT_BYTES = 20 * 1024, /* of sentences; with what is said around them some 6,000 tokens */
    PROMPT_SENTENCES = 200,
    PROMPT_OF_ARTICLE = 12,     /* sentences of one article */
    PROMPT_ANSWER_TOKENS = 2000 /* that an answer may have */
};

enum prompt_part { PROMPT_SUMMARY = 1, PROMPT_DETAILS = 2, PROMPT_MEANING = 4 };
/* The field of an event that a part is, by number from 0; NULL after the last. */
const char *prompt_part_name(size_t i);
/* "summary, meaning" -> enum prompt_part; false: a word of it is none, or there is none at all. */
bool prompt_parts(const char *text, unsigned *out);

struct prompt_article {
    uint64_t number;
    char *source, *domain, *url;
    int64_t published;
};

struct prompt_sentence {
    char *text;
    size_t article; /* place in prompt.articles */
};

/* Sentence i has the number i + 1. */
struct prompt {
    char *title, *lang; /* of the event */
    struct prompt_article *articles;
    struct prompt_sentence *sentences;
    size_t n_articles, n;
};

/* The sentences that say most of what reports agree on, as many as there is room for, in the order
 * of their articles. Keeps copies; prompt_free(). */
void prompt_of(const struct digest_view *v, const char *lang, struct prompt *out);
void prompt_free(struct prompt *p);

/* The request's JSON, to be freed. `by_schema`: the answer's form is asked for by a JSON Schema,
 * which some servers do not know; without it in words alone. */
char *prompt_request(const struct prompt *p, const char *model, unsigned parts, bool by_schema);

/* Tokens that a request may cost, before it is known: its own, and those of the answer. */
uint64_t prompt_tokens(const char *request);

#endif
