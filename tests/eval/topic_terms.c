/* The terms of articles, as storyd knows them: what tests/eval/topics.py fits and measures with.
 *
 * usage: topic_terms < ARTICLES.jsonl (lang, title, body)
 *
 * Standard output: a line for each article: of each term its id, how often it is in the title and
 * in the body, and the word. */
#include "text/terms.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char *text_of(json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

int main(void)
{
    struct langs *langs = langs_new();
    struct terms terms = {0};
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, stdin) > 0) {
        json_t *a = json_loads(line, 0, NULL);
        terms_extract(langs_get(langs, text_of(a, "lang")), text_of(a, "title"), text_of(a, "body"),
                      &terms);
        for (size_t i = 0; i < terms.n; i++)
            if (!terms.v[i].number)
                printf("%u %u %u %s ", terms.v[i].id, terms.v[i].in_title, terms.v[i].in_body,
                       term_text(&terms, &terms.v[i]));
        putchar('\n');
        json_decref(a);
    }
    free(line);
    terms_free(&terms);
    langs_free(langs);
    return 0;
}
