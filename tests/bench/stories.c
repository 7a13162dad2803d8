#include "stories.h"

#include "base/mem.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    VOCABULARY = 500000,
    COMMON = 30000,
    COMMONEST = 60, /* as Mandelbrot's law has it: the ranks that are about equally frequent */
    TITLE_WORDS = 10,
    BODY_WORDS = 90,
    STORY_NAMES = 4,
    STORY_WORDS = 40,
    TOPICS = 60, /* that many stories share some words of */
    TOPIC_WORDS = 10,
    PUBLISHERS = 2000,
    LARGEST_STORY = 150,
};

static const char *const stop_words[] = {
    "the",  "of",   "to",    "and",   "a",    "in",   "that", "is",   "for",  "on",
    "with", "was",  "as",    "it",    "by",   "at",   "from", "be",   "has",  "have",
    "are",  "were", "an",    "not",   "he",   "she",  "they", "this", "his",  "her",
    "its",  "but",  "which", "after", "been", "who",  "will", "had",  "or",   "their",
    "more", "when", "about", "there", "into", "over", "than", "all",  "also", "before",
};

/* Common syllables and endings: the words look and stem as English ones do. */
static const char *const syllables[] = {
    "ba", "con", "der", "el",  "fi",  "gra", "hol", "in",  "ju",  "kel", "lor", "mi",  "nor",
    "o",  "per", "qua", "ri",  "sta", "tu",  "un",  "ver", "wil", "ex",  "yo",  "zen", "bri",
    "ca", "dra", "em",  "fol", "gen", "hu",  "is",  "pra", "re",  "sol", "ter", "vi",
};
static const char *const endings[] = {"",   "",    "",   "s",    "s",   "ed",   "ing",
                                      "er", "ion", "al", "ment", "ity", "ness", "ly"};
#define COUNT(array) (sizeof(array) / sizeof *(array))

struct stories {
    char (*words)[24]; /* by rank */
    uint64_t *slots;   /* story told at article number % window, 0: a new one */
    size_t window;
    uint64_t number, next_story;
    uint64_t state;
};

/* splitmix64: a number of a number */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

static uint64_t draw(uint64_t *state)
{
    return *state = mix(*state);
}

static unsigned below(uint64_t *state, unsigned n)
{
    return (unsigned)((draw(state) >> 32) * n >> 32);
}

static double uniform(uint64_t *state) /* over 0, up to 1 */
{
    return ((double)(draw(state) >> 11) + 1) / 9007199254740992.0;
}

/* Mandelbrot's law over the common words; one word of ten is one of the many rare ones. */
static unsigned rank(uint64_t *state)
{
    double q = COMMONEST, u = uniform(state);
    double first = below(state, 10) > 0 ? 0 : COMMON, last = first > 0 ? VOCABULARY : COMMON;
    unsigned r = (unsigned)((first + q) * pow((last + q) / (first + q), u) - q);
    return r < VOCABULARY ? r : VOCABULARY - 1;
}

static void make_words(struct stories *s)
{
    s->words = mem_zero(VOCABULARY * sizeof *s->words);
    for (uint64_t i = 0; i < VOCABULARY; i++) {
        uint64_t state = i + 1;
        unsigned parts = 1 + (i > 2000) + below(&state, 2);
        size_t n = 0;
        for (unsigned k = 0; k < parts; k++)
            n += (size_t)snprintf(s->words[i] + n, sizeof *s->words - n, "%s",
                                  syllables[below(&state, COUNT(syllables))]);
        snprintf(s->words[i] + n, sizeof *s->words - n, "%s%s",
                 i < 400 ? "" : (const char[2]){(char)('b' + i % 24), 0},
                 endings[below(&state, COUNT(endings))]);
    }
}

struct stories *stories_new(size_t window)
{
    struct stories *s = mem_zero(sizeof *s);
    s->window = window;
    s->slots = mem_zero(window * sizeof *s->slots);
    s->state = 1;
    make_words(s);
    return s;
}

void stories_free(struct stories *s)
{
    free(s->words);
    free(s->slots);
    free(s);
}

/* Four stories of five are told once; of the others most are told by few, and some by very many. */
static unsigned story_size(uint64_t *state)
{
    if (below(state, 5) > 0)
        return 1;
    double n = 2 * pow(uniform(state), -1 / 1.6);
    return n < LARGEST_STORY ? (unsigned)n : LARGEST_STORY;
}

/* Half of a story's articles come early, the last ones late. */
static void plan(struct stories *s, uint64_t story)
{
    unsigned size = story_size(&s->state);
    for (unsigned i = 1; i < size; i++) {
        double late = -log(uniform(&s->state)) * (double)s->window / 10;
        size_t at = s->number + 1 + (size_t)(late < (double)s->window / 3 ? late : 0);
        for (size_t tries = 0; tries < s->window && s->slots[at % s->window]; tries++)
            at++;
        s->slots[at % s->window] = story;
    }
}

struct text {
    char *p;
    size_t n, cap;
};

static void put(struct text *t, const char *word, bool capital)
{
    int n = snprintf(t->p + t->n, t->cap - t->n, "%s%s", t->n ? " " : "", word);
    if (capital)
        t->p[t->n + (t->n > 0)] = (char)toupper((unsigned char)t->p[t->n + (t->n > 0)]);
    t->n += (size_t)n;
}

/* A word that the story's tellers share; the first ones come oftenest. */
static void put_story_word(const struct stories *s, struct text *t, uint64_t story, uint64_t *state)
{
    char number[16];
    double u = uniform(state);
    unsigned which = (unsigned)(u * u * (STORY_NAMES + STORY_WORDS));
    uint64_t own = mix(story * 1000003 + which);
    if (which < STORY_NAMES) {
        put(t, s->words[3000 + below(&own, VOCABULARY - 3000)], true);
    } else if (which < STORY_NAMES + 2) {
        snprintf(number, sizeof number, "%u", 2 + below(&own, which & 1 ? 100 : 5000));
        put(t, number, false);
    } else if (which < STORY_NAMES + TOPIC_WORDS && story % 4 == 0) {
        uint64_t topic = mix(story % TOPICS * 7919 + which);
        put(t, s->words[300 + rank(&topic) % 20000], false);
    } else {
        put(t, s->words[rank(&own)], false);
    }
}

static void put_word(const struct stories *s, struct text *t, uint64_t story, unsigned shared,
                     uint64_t *state, bool opens)
{
    unsigned kind = below(state, 100);
    if (kind < 42) {
        put(t, stop_words[below(state, COUNT(stop_words))], opens);
    } else if (kind < 42 + shared) {
        put_story_word(s, t, story, state);
    } else {
        unsigned r = rank(state);
        put(t, s->words[r], opens || r % 9 == 8);
    }
}

void stories_next(struct stories *s, struct story_article *out)
{
    uint64_t *slot = &s->slots[s->number % s->window];
    out->story = *slot;
    *slot = 0;
    if (!out->story) {
        out->story = ++s->next_story;
        plan(s, out->story);
    }
    s->number++;
    uint64_t state = mix(s->number), copy = out->story * 31, publisher = mix(~s->number);
    struct text title = {out->title, 0, sizeof out->title};
    struct text body = {out->body, 0, sizeof out->body};
    for (unsigned i = 0; i < TITLE_WORDS; i++)
        put_word(s, &title, out->story, 45, &state, i == 0);
    if (below(&state, 8) == 0) /* the agency's text, as it came */
        state = copy;
    unsigned sentence = 0;
    for (unsigned i = 0; i < BODY_WORDS; i++) {
        bool opens = sentence == 0;
        put_word(s, &body, out->story, 30, &state, opens);
        if (++sentence > 8 + below(&state, 16) || i + 1 == BODY_WORDS) {
            out->body[body.n++] = '.';
            sentence = 0;
        }
    }
    out->body[body.n] = 0;
    snprintf(out->publisher, sizeof out->publisher, "site%u.example",
             below(&publisher, PUBLISHERS));
}
