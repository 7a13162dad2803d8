/* Lookup of cue words in folded text; see cue.h. Called by sentence.c, ends.c, boilerplate.c,
 * cited.c, kinds.c and keyword.c. Folding is in fold.c. */
#include "digest/cue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cues_table.h" /* generated from config/sentences.conf, boilerplate.conf and details.conf */

enum { ROWS = sizeof cues_table / sizeof *cues_table, MOST_WORDS = 5, UNSPACED = 0xE3 };

static const char *const kinds[CUE_KINDS] = {
    [CUE_ABBREVIATION] = "abbreviation",
    [CUE_OPENER] = "opener",
    [CUE_DANGLE] = "dangle",
    [CUE_SAID] = "said",
    [CUE_NUMBER] = "number",
    [CUE_MEASURE] = "measure",
    [CUE_BEGIN] = "begin",
    [CUE_LINE] = "line",
    [CUE_HAS] = "has",
    [CUE_BYLINE] = "byline",
    [CUE_AGENCY] = "agency",
    [CUE_ASIDE] = "aside",
    [CUE_HAPPENED] = "happened",
    [CUE_WHO] = "who",
    [CUE_WHERE_WHEN] = "where_when",
    [CUE_NUMBERS] = "numbers",
    [CUE_REACTION] = "reaction",
    [CUE_CAUSE] = "cause",
    [CUE_LEGAL] = "legal",
    [CUE_MONEY] = "money",
    [CUE_STRATEGY] = "strategy",
    [CUE_PARTNERSHIP] = "partnership",
    [CUE_CONTEXT] = "context",
    [CUE_NEXT] = "next",
    [CUE_ANALYSIS] = "analysis",
    [CUE_NOT] = "not",
    [CUE_TELLING] = "telling",
    [CUE_HEDGE] = "hedge",
};

/* The first row whose section is not less than this one. */
static int section_from(const char *section)
{
    int low = 0, high = ROWS;
    while (low < high) {
        int mid = (low + high) / 2;
        if (strcmp(cues_table[mid].section, section) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct cue_rows section_rows(const char *kind, const char *code)
{
    char section[32];
    snprintf(section, sizeof section, "%s_%s", kind, code);
    struct cue_rows rows = {section_from(section), 0};
    for (rows.end = rows.begin; rows.end < ROWS && !strcmp(cues_table[rows.end].section, section);)
        rows.end++;
    return rows;
}

/* -1, 0, 1: order of the text relative to a row's name. */
static int compare_row(const char *text, size_t n, int row)
{
    const char *name = cues_table[row].name;
    int order = strncmp(text, name, n);
    return order ? order : name[n] ? -1 : 0;
}

static int find_row(struct cue_rows rows, const char *text, size_t n)
{
    while (rows.begin < rows.end) {
        int mid = (rows.begin + rows.end) / 2, order = compare_row(text, n, mid);
        if (!order)
            return mid;
        if (order < 0)
            rows.end = mid;
        else
            rows.begin = mid + 1;
    }
    return -1;
}

/* The end of the word of a folded text that begins at `at`. */
static const char *word_end(const char *at, const char *end)
{
    while (at < end && *at != ' ' && *at != ':' && *at != '/')
        at++;
    return at;
}

/* A filter: few words share a bit with the first word of a cue. */
static unsigned first_bit(const char *word, const char *end)
{
    size_t n = (size_t)(word_end(word, end) - word);
    if ((unsigned char)*word >= UNSPACED || !n)
        return (unsigned char)*word;
    return ((unsigned char)word[0] * 7 + (unsigned char)word[n / 2] * 31 +
            (unsigned char)word[n - 1] * 131 + (unsigned)n * 517) %
           CUE_BITS;
}

void cues_init(struct cues *c, const char *code)
{
    *c = (struct cues){0};
    code = code ? code : "en";
    struct cue_rows ordinals = {CUES_ORDINALS, CUES_ORDINALS_END};
    c->ordinals = find_row(ordinals, code, strlen(code)) >= 0;
    for (int kind = 0; kind < CUE_KINDS; kind++) {
        c->rows[kind][0] = section_rows(kinds[kind], code);
        c->rows[kind][1] = section_rows(kinds[kind], "any");
        for (int i = 0; i < 2; i++)
            for (int k = c->rows[kind][i].begin; k < c->rows[kind][i].end; k++) {
                const char *name = cues_table[k].name;
                unsigned bit = first_bit(name, name + strlen(name));
                c->first[kind][bit / 64] |= UINT64_C(1) << bit % 64;
                c->unspaced[kind] |= (unsigned char)*name >= UNSPACED;
            }
    }
}

static bool may_begin_cue(const struct cues *c, enum cue_kind kind, unsigned bit)
{
    return c->first[kind][bit / 64] >> bit % 64 & 1;
}

static size_t unspaced_at(struct cue_rows rows, const char *at, const char *end, const char **value)
{
    size_t longest = 0;
    for (int i = rows.begin; i < rows.end; i++) {
        size_t n = strlen(cues_table[i].name);
        if (n <= longest || n > (size_t)(end - at) || memcmp(at, cues_table[i].name, n) != 0)
            continue;
        longest = n;
        if (value)
            *value = cues_table[i].value;
    }
    return longest;
}

static size_t words_at(struct cue_rows rows, const char *at, const char *end, const char **value)
{
    size_t longest = 0;
    const char *stop = at;
    for (int k = 0; k < MOST_WORDS && stop < end; k++) {
        stop = word_end(stop + (k && *stop == ' '), end);
        stop += stop < end && *stop != ' '; /* the colon belongs to the word */
        size_t n = (size_t)(stop - at);
        size_t joined = stop[-1] == ':' || stop[-1] == '/'; /* a cue may include it or not */
        for (size_t less = 0; less <= joined; less++) {
            int row = n > less ? find_row(rows, at, n - less) : -1;
            if (row < 0)
                continue;
            longest = n - less;
            if (value)
                *value = cues_table[row].value;
            break;
        }
    }
    return longest;
}

static size_t longest_at(const struct cues *c, enum cue_kind kind, const char *at, const char *end,
                         const char **value)
{
    size_t longest = 0;
    for (int i = 0; i < 2; i++) {
        const char *said = "";
        size_t n = (unsigned char)*at >= UNSPACED ? unspaced_at(c->rows[kind][i], at, end, &said)
                                                  : words_at(c->rows[kind][i], at, end, &said);
        if (n <= longest)
            continue;
        longest = n;
        if (value)
            *value = said;
    }
    return longest;
}

size_t cue_at(const struct cues *c, enum cue_kind kind, const char *at, const char *end,
              const char **value)
{
    return at < end && may_begin_cue(c, kind, first_bit(at, end))
               ? longest_at(c, kind, at, end, value)
               : 0;
}

const char *cue_in(const struct cues *c, enum cue_kind kind, const char *text, size_t n,
                   const char **value)
{
    const char *end = text + n;
    for (const char *p = text; p < end; p++) {
        bool begins = p == text || p[-1] == ' ' || p[-1] == '/';
        bool unspaced = c->unspaced[kind] && (unsigned char)*p >= UNSPACED;
        if ((begins || unspaced) && cue_at(c, kind, p, end, value))
            return p;
    }
    return NULL;
}

bool cue_is(const struct cues *c, enum cue_kind kind, const char *text, size_t n,
            const char **value)
{
    for (int i = 0; i < 2; i++) {
        int row = find_row(c->rows[kind][i], text, n);
        if (row < 0)
            continue;
        if (value)
            *value = cues_table[row].value;
        return true;
    }
    return false;
}

void cue_weigh_facts(const struct cues *c, const char *text, size_t n,
                     uint8_t sums[CUE_KINDS - CUE_FACTS])
{
    const char *end = text + n;
    for (const char *p = text; p < end; p = word_end(p, end) + 1) {
        unsigned bit = first_bit(p, end);
        for (int kind = CUE_FACTS; kind < CUE_KINDS; kind++) {
            const char *value = "";
            if (!may_begin_cue(c, kind, bit) || !longest_at(c, kind, p, end, &value))
                continue;
            unsigned long sum = sums[kind - CUE_FACTS] + (*value ? strtoul(value, NULL, 10) : 1UL);
            sums[kind - CUE_FACTS] = (uint8_t)(sum > UINT8_MAX ? UINT8_MAX : sum);
        }
    }
}

const char *cue_value(const char *kind, const char *code, const char *name)
{
    int row = find_row(section_rows(kind, code), name, strlen(name));
    return row < 0 ? NULL : cues_table[row].value;
}
