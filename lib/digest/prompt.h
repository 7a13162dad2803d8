/* The request to a language model about one event: restate what the sources' sentences say, citing
 * them by number. Pure: an event's articles in, the request's JSON out, in the format of OpenAI's
 * chat completions. The sources' text is data there: numbered lines without control characters,
 * each ending at its line's end. */
#ifndef DIGEST_PROMPT_H
#define DIGEST_PROMPT_H

#include "digest/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROMPT_ARTICLES = 60,     /* of an event, at most: its first ones and its newest */
    PROMPT_BYTES = 20 * 1024, /* of sentences; with the surrounding text about 6,000 tokens */
    PROMPT_SENTENCES = 200,
    PROMPT_OF_ARTICLE = 12,     /* sentences of one article */
    PROMPT_ANSWER_TOKENS = 2000 /* most tokens of an answer */
};

enum prompt_part { PROMPT_SUMMARY = 1, PROMPT_DETAILS = 2, PROMPT_MEANING = 4 };
/* The field of an event for a part, by number from 0; NULL after the last. */
const char *prompt_part_name(size_t i);
/* "summary, meaning" -> enum prompt_part; false when it contains an unknown word or no part. */
bool prompt_parts(const char *text, unsigned *out);

struct prompt_article {
    uint64_t number;
    char *source, *domain, *url;
    int64_t published;
};

struct prompt_sentence {
    char *text;
    size_t article; /* index in prompt.articles */
};

/* Sentence i has the number i + 1. */
struct prompt {
    char *title, *lang; /* of the event */
    struct prompt_article *articles;
    struct prompt_sentence *sentences;
    size_t n_articles, n;
};

/* Selects the sentences that contain most of what the reports agree on, as many as fit, in the
 * order of their articles. Keeps copies; free with prompt_free(). */
void prompt_of(const struct digest_view *v, const char *lang, struct prompt *out);
void prompt_free(struct prompt *p);

/* The request's JSON, freed by the caller. `by_schema`: requests the form of the answer with a JSON
 * Schema, which not all servers support; otherwise in words only. */
char *prompt_request(const struct prompt *p, const char *model, unsigned parts, bool by_schema);

/* Estimate of the tokens that a request may cost: its own and those of the answer. */
uint64_t prompt_tokens(const char *request);

#endif
