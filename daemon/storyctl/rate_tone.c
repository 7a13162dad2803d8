/* storyctl tone: reads posts as JSON Lines and prints the tone of each. Uses no store. */
#include "storyctl/rate_tone.h"

#include "digest/tone.h"
#include "storyctl/arguments.h"

#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINE = 8 << 20 };

static bool rate_line(const struct tones *t, size_t number, const char *line, size_t len,
                      bool first_refused)
{
    json_error_t error = {.text = "longer than 8 MiB"};
    json_t *object = len < MAX_LINE ? json_loadb(line, len, 0, &error) : NULL;
    const char *text = json_string_value(json_object_get(object, "text"));
    if (text) {
        const char *lang = json_string_value(json_object_get(object, "lang"));
        double tone = round(tone_of(t, lang, text) * 1e4) / 1e4;
        printf("{\"tone\": %.4f}\n", tone == 0 ? 0 : tone);
    } else {
        puts("{\"tone\": null}");
        if (first_refused)
            fprintf(stderr,
                    "storyctl tone: line %zu has no tone: %s; expected an object with a \"text\"\n",
                    number, object ? "no \"text\"" : error.text);
    }
    json_decref(object);
    return text != NULL;
}

static const char help[] = "usage: storyctl tone < POSTS.jsonl\n"
                           "\n"
                           "Reads posts as JSON Lines (text, lang?) and prints {\"tone\": ...} for "
                           "each, from -1 (negative)\n"
                           "to 1. An invalid line has the tone null.\n"
                           "\n"
                           "      --help          print this text and exit\n";

int tone_main(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int c = getopt_long(argc, argv, "", options, NULL);
    if (c != -1) {
        fputs(help, c == 'h' ? stdout : stderr);
        return c == 'h' ? 0 : 2;
    }
    if (!arguments_fit("tone", help, 0, argc - optind, argv + optind))
        return 2;
    struct tones *t = tones_new();
    char *line = NULL;
    size_t cap = 0, number = 0, refused = 0;
    ssize_t len;
    while ((len = getline(&line, &cap, stdin)) > 0)
        refused += !rate_line(t, ++number, line, (size_t)len, refused == 0);
    if (refused)
        fprintf(stderr, "storyctl tone: %zu of %zu lines have no tone\n", refused, number);
    free(line);
    tones_free(t);
    return refused ? 1 : 0;
}
