/* Reads articles as JSON Lines, for cluster.c and describe_event.c. */
#include "storyctl/lines.h"

#include "base/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *lines_text(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

int64_t lines_time(const json_t *object, const char *key)
{
    static const double latest = 253402300799; /* the last second of the year 9999 */
    const json_t *value = json_object_get(object, key);
    int64_t date = json_is_string(value) ? date_parse(json_string_value(value)) : DATE_NONE;
    double time = json_is_number(value) ? json_number_value(value)
                  : date != DATE_NONE   ? (double)date
                                        : -1;
    return time >= 0 && time <= latest ? (int64_t)time : INT64_MIN;
}

int lines_read(const char *command, void (*take)(void *, json_t *object), void *arg)
{
    char *line = NULL;
    size_t cap = 0, number = 0, refused = 0;
    ssize_t n;
    while ((n = getline(&line, &cap, stdin)) > 0) {
        number++;
        if (!line[strspn(line, " \t\r\n")])
            continue;
        json_error_t error = {.text = "longer than 8 MiB"};
        json_t *object = n < LINES_MAX ? json_loadb(line, (size_t)n, 0, &error) : NULL;
        if (json_is_object(object) && json_object_get(object, "id"))
            take(arg, object);
        else if (refused++ == 0)
            fprintf(stderr,
                    "storyctl %s: line %zu skipped: %s; expected an object with an \"id\"\n",
                    command, number, object ? "no \"id\"" : error.text);
        json_decref(object);
    }
    free(line);
    if (refused)
        fprintf(stderr, "storyctl %s: %zu of %zu lines skipped\n", command, refused, number);
    return refused ? 1 : 0;
}
