/* The edit distance of two words, for the configuration and storyctl. */
#include "base/edits.h"

#include <string.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t edits_between(const char *from, const char *to)
{
    size_t row[EDITS_MOST + 1], n = strlen(to);
    if (n > EDITS_MOST || strlen(from) > EDITS_MOST)
        return EDITS_MOST;
    for (size_t k = 0; k <= n; k++)
        row[k] = k;
    for (size_t i = 0; from[i]; i++) {
        size_t before = row[0]++;
        for (size_t k = 1; k <= n; k++) {
            size_t above = row[k];
            row[k] = smaller(smaller(row[k - 1], above) + 1, before + (from[i] != to[k - 1]));
            before = above;
        }
    }
    return row[n];
}
