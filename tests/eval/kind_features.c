/* What digest/kinds.h looks at in each sentence of articles: JSON Lines of {title, text, lang} in,
 * one line a sentence out: its features as they are weighed, a tab, the sentence. For kinds.py. */
#include "digest/kinds.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char *text_of(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    return text ? text : "";
}

int main(int argc, char **argv)
{
    if (argc == 2) { /* --names */
        for (size_t i = 0; kind_feature_name(i); i++)
            puts(kind_feature_name(i));
        return argv[1][0] != '-';
    }
    struct langs *langs = langs_new();
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, stdin) > 0) {
        json_t *o = json_loads(line, 0, NULL);
        struct sentences s;
        sentences_of(langs_get(langs, text_of(o, "lang")), text_of(o, "title"), text_of(o, "text"),
                     &s);
        for (size_t i = 0; i < s.n; i++) {
            double features[KIND_FEATURES];
            kind_features(&s, &s.v[i], features);
            for (size_t k = 0; k < KIND_FEATURES; k++)
                printf("%s%.4f", k ? " " : "", features[k]);
            printf("\t%.*s\n", (int)s.v[i].n, s.v[i].text);
        }
        sentences_free(&s);
        json_decref(o);
    }
    free(line);
    langs_free(langs);
    return 0;
}
