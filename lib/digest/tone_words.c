/* Lookup of the words of config/tone/ by language and text. Called by tone.c and tone_text.c. */
#include "digest/tone_words.h"

#include "base/hash.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "tones_table.h"

enum {
    ROWS = sizeof tone_rows / sizeof *tone_rows,
    MAX_LANGS = 16,
    MAX_ENTRY = 64, /* bytes */
    SHORTEST = 3,   /* bytes of a prefix that stands for words */
    EXACT = 1,
    BEGINNING = 2,
};

struct letter {
    int lang;
    const char *from, *to;
};

struct tones {
    const char *langs[MAX_LANGS]; /* the first: "any" */
    int n_langs;
    struct map known; /* hash of language, kind and text -> struct tone_known */
    struct tone_known **all;
    size_t n, cap;
    struct letter letters[64];
    size_t n_letters;
};

static uint64_t tone_key(int lang, int kind, const char *p, size_t n)
{
    /* not as the seed: short words of one language would collide with those of another */
    uint64_t key = hash_pair(hash64(p, n, 0), (uint64_t)lang * 4 + (uint64_t)kind);
    return key ? key : 1;
}

static struct tone_known *tone_entry(struct tones *t, int lang, int kind, const char *p, size_t n)
{
    uint64_t key = tone_key(lang, kind, p, n);
    struct tone_known *k = map_get(&t->known, key);
    if (!k) {
        k = mem_zero(sizeof *k);
        map_put(&t->known, key, k);
        MEM_GROW(t->all, t->n, t->cap);
        t->all[t->n++] = k;
    }
    return k;
}

static int lang_at(struct tones *t, const char *code)
{
    for (int i = 0; i < t->n_langs; i++)
        if (!strcmp(t->langs[i], code))
            return i;
    if (t->n_langs == MAX_LANGS)
        abort();
    t->langs[t->n_langs] = code;
    return t->n_langs++;
}

static void add_tone(struct tones *t, int lang, const char *text, size_t n, uint16_t role,
                     double value)
{
    bool beginning =
        n > SHORTEST && text[n - 1] == '*' && (text[n - 2] & 0x40 || text[n - 2] & 0x80);
    struct tone_known *k = tone_entry(t, lang, beginning ? BEGINNING : EXACT, text, n - beginning);
    if (role == TONE_BOOSTERS)
        k->boost = value;
    if (role == TONE_WORDS)
        k->value = value;
    k->roles |= role;
}

/* The text with letters replaced by their common substitutes. 0: it contains none of them. */
static size_t respell(const struct tones *t, int lang, const char *text, char out[MAX_ENTRY])
{
    size_t n = 0;
    bool changed = false;
    while (*text && n + 8 < MAX_ENTRY) {
        const struct letter *l = NULL;
        for (size_t i = 0; i < t->n_letters && !l; i++)
            if (t->letters[i].lang == lang &&
                !strncmp(text, t->letters[i].from, strlen(t->letters[i].from)))
                l = &t->letters[i];
        if (!l) {
            out[n++] = *text++;
            continue;
        }
        size_t len = strlen(l->to);
        memcpy(out + n, l->to, len);
        n += len;
        text += strlen(l->from);
        changed = true;
    }
    out[n] = '\0';
    return changed ? n : 0;
}

static void add_letter(struct tones *t, int lang, const char *pair)
{
    const char *to = strchr(pair, ' ');
    if (!to || strlen(to + 1) > 4 || t->n_letters == sizeof t->letters / sizeof *t->letters)
        abort(); /* an error in the built-in list */
    t->letters[t->n_letters++] =
        (struct letter){.lang = lang, .from = mem_strn(pair, (size_t)(to - pair)), .to = to + 1};
}

/* The longest known prefix of a word (the last one of a phrase). */
static struct tone_known *beginning_of(const struct tones *t, int lang, const char *p, size_t n)
{
    for (size_t i = n; i >= SHORTEST && (i == n || p[i] != ' '); i--) {
        struct tone_known *b = map_get(&t->known, tone_key(lang, BEGINNING, p, i));
        if (b)
            return b;
    }
    return NULL;
}

/* A word that one list contains exactly and another by its prefix belongs to both. */
static void inherit_tone(struct tones *t, int lang, const char *text, size_t n)
{
    const uint16_t passed_on = TONE_WORDS | TONE_CONCERN | TONE_DOUBT | TONE_SUPPORT;
    struct tone_known *k = map_get(&t->known, tone_key(lang, EXACT, text, n));
    const struct tone_known *b = k ? beginning_of(t, lang, text, n) : NULL;
    if (!b)
        return;
    if (!(k->roles & TONE_WORDS))
        k->value = b->value;
    k->roles |= b->roles & passed_on;
}

struct tones *tones_new(void)
{
    struct tones *t = mem_zero(sizeof *t);
    lang_at(t, "any");
    for (size_t i = 0; i < ROWS; i++)
        if (tone_rows[i].role == TONE_LETTERS)
            add_letter(t, lang_at(t, tone_rows[i].lang), tone_rows[i].text);
    for (size_t i = 0; i < ROWS; i++) {
        int lang = lang_at(t, tone_rows[i].lang);
        const char *text = tone_rows[i].text;
        char other[MAX_ENTRY];
        if (tone_rows[i].role == TONE_LETTERS)
            continue;
        add_tone(t, lang, text, strlen(text), tone_rows[i].role, tone_rows[i].value);
        size_t n = respell(t, lang, text, other);
        if (n)
            add_tone(t, lang, other, n, tone_rows[i].role, tone_rows[i].value);
    }
    for (size_t i = 0; i < ROWS; i++) {
        int lang = lang_at(t, tone_rows[i].lang);
        char other[MAX_ENTRY];
        if (tone_rows[i].role == TONE_LETTERS)
            continue;
        inherit_tone(t, lang, tone_rows[i].text, strlen(tone_rows[i].text));
        inherit_tone(t, lang, other, respell(t, lang, tone_rows[i].text, other));
    }
    return t;
}

void tones_free(struct tones *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->n; i++)
        free(t->all[i]);
    for (size_t i = 0; i < t->n_letters; i++)
        free((void *)(uintptr_t)t->letters[i].from);
    free(t->all);
    map_free(&t->known);
    free(t);
}

int tone_lang(const struct tones *t, const char *code)
{
    const char *want = code && *code ? code : "en";
    for (int i = 1; i < t->n_langs; i++)
        if ((want[0] | 32) == t->langs[i][0] && (want[1] | 32) == t->langs[i][1] &&
            (!want[2] || want[2] == '-' || want[2] == '_'))
            return i;
    return 0;
}

const struct tone_known *tone_find(const struct tones *t, int lang, const char *p, size_t n)
{
    if (n == 0 || n > MAX_ENTRY)
        return NULL;
    const struct tone_known *b, *k = map_get(&t->known, tone_key(lang, EXACT, p, n));
    if (!k)
        k = map_get(&t->known, tone_key(0, EXACT, p, n));
    return (!k || !k->roles) && lang > 0 && (b = beginning_of(t, lang, p, n)) ? b : k;
}
