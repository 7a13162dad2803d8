/* Spelling costs of words, from a table generated at build time (spelling.awk); see spelling.h.
 * Used by lang.c only. */
#include "text/spelling.h"

#include <stdint.h>

/* Generated: spelt[] has the codes of the languages; spellings[] maps three bytes of a word, or the
 * two it starts with, or any two, to the cost for each language. Open addressing, key 0 is an empty
 * slot. */
#include "spelling_table.h"

_Static_assert((int)SPELT <= (int)SPELLING_MOST, "room for the costs of all languages");

const char *spelling_lang(size_t i)
{
    return i < SPELT ? spelt[i] : NULL;
}

static const uint8_t *find_spelling(uint32_t key)
{
    size_t i = (uint64_t)key * SPREAD % SLOTS;
    while (spellings[i].key && spellings[i].key != key)
        i = (i + 1) % SLOTS;
    return spellings[i].key ? spellings[i].cost : NULL;
}

/* A trigram unknown in all languages falls back to its last two bytes; if these are unknown too, it
 * adds no cost. */
static void add_cost(uint32_t three, unsigned cost[SPELLING_MOST])
{
    const uint8_t *of = find_spelling(three);
    if (!of && three > UINT16_MAX)
        of = find_spelling(three & UINT16_MAX);
    for (size_t i = 0; of && i < SPELT; i++)
        cost[i] += of[i];
}

void spelling_word(const char *word, size_t n, unsigned cost[SPELLING_MOST])
{
    uint32_t three = ' ';
    unsigned least = UINT32_MAX;
    for (size_t i = 0; i < SPELT; i++)
        cost[i] = 0;
    for (size_t i = 0; i <= n; i++) {
        unsigned char c = i < n && word[i] != '\'' ? (unsigned char)word[i] : ' ';
        three = c == ' ' && (three & 255) == ' ' ? ' ' : (three << 8 | c) & 0xFFFFFF;
        if (three > ' ')
            add_cost(three, cost);
        if (c == ' ')
            three = ' ';
    }
    for (size_t i = 0; i < SPELT; i++)
        least = cost[i] < least ? cost[i] : least;
    for (size_t i = 0; i < SPELT; i++)
        cost[i] -= least;
}
