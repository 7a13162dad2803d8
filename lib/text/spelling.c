#include "text/spelling.h"

#include <stdint.h>

/* spelt[]: codes of languages; spellings[]: three bytes of a word, or the two that it begins with,
 * or any two, -> the cost for each; open addressing, key 0 is an empty slot */
#include "spelling_table.h"

_Static_assert((int)SPELT <= (int)SPELLING_MOST, "room for the costs of all languages");

const char *spelling_lang(size_t i)
{
    return i < SPELT ? spelt[i] : NULL;
}

static const uint8_t *find(uint32_t key)
{
    size_t i = (uint64_t)key * SPREAD % SLOTS;
    while (spellings[i].key && spellings[i].key != key)
        i = (i + 1) % SLOTS;
    return spellings[i].key ? spellings[i].cost : NULL;
}

/* Three that no language has are taken for their last two; what no language has tells nothing. */
static void add_cost(uint32_t three, unsigned cost[SPELLING_MOST])
{
    const uint8_t *of = find(three);
    if (!of && three > UINT16_MAX)
        of = find(three & UINT16_MAX);
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
