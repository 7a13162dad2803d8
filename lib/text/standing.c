/* Finds the standing boilerplate at the end of a publisher's texts; see standing.h. Used by
 * lib/ingest, for posts. */
#define _GNU_SOURCE /* memmem */
#include "text/standing.h"

#include <stdbool.h>
#include <string.h>

enum {
    LEAST = 24,     /* minimum bytes of a piece whose repetition is significant */
    GAP = 2,        /* maximum number of non-repeated pieces in between: tags, links */
    LOOKED_AT = 40, /* maximum number of pieces examined, from the end */
    TWO = 2,
};

/* Whether a sentence or a line starts there. */
static bool begins_sentence(const char *text, size_t at)
{
    if (at == 0 || text[at - 1] == '\n')
        return true;
    return at > 1 && text[at - 1] == ' ' && strchr(".!?:)\"", text[at - 2]);
}

static bool stands_in_others(const char *piece, size_t n, const char *const *others,
                             size_t n_others)
{
    size_t in = 0;
    for (size_t i = 0; i < n_others && in < TWO; i++)
        in += memmem(others[i], strlen(others[i]), piece, n) != NULL;
    return in == TWO;
}

size_t standing_bytes(const char *text, const char *const *others, size_t n)
{
    size_t size = strlen(text), from = size, end = size, gap = 0;
    for (size_t pieces = 0; end > 0 && gap <= GAP && pieces < LOOKED_AT; pieces++) {
        size_t at = end - 1;
        while (!begins_sentence(text, at))
            at--;
        size_t length = end - at;
        while (length > 0 && (text[at + length - 1] == ' ' || text[at + length - 1] == '\n'))
            length--;
        if (length >= LEAST && stands_in_others(text + at, length, others, n)) {
            from = at;
            gap = 0;
        } else {
            gap++;
        }
        end = at;
    }
    return size - from;
}
