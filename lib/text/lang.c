#define _GNU_SOURCE /* memmem */
#include "text/lang.h"

#include "base/hash.h"
#include "base/mem.h"
#include "text/words.h"

#include <endian.h>
#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* tables: struct { const char *lang, *words; } stopword_lists[] and struct { const char *lang;
 * double share; const char *word; } background_words[], both ending in NULLs */
#include "wordlists.h"

/* code, Snowball algorithm */
static const char *const snowball[][2] = {
    {"ar", "arabic"},     {"ca", "catalan"},   {"da", "danish"},     {"de", "german"},
    {"el", "greek"},      {"en", "english"},   {"es", "spanish"},    {"eu", "basque"},
    {"fi", "finnish"},    {"fr", "french"},    {"ga", "irish"},      {"hi", "hindi"},
    {"hu", "hungarian"},  {"hy", "armenian"},  {"id", "indonesian"}, {"it", "italian"},
    {"lt", "lithuanian"}, {"nb", "norwegian"}, {"ne", "nepali"},     {"nl", "dutch"},
    {"pt", "portuguese"}, {"ro", "romanian"},  {"ru", "russian"},    {"sr", "serbian"},
    {"sv", "swedish"},    {"ta", "tamil"},     {"tr", "turkish"},    {"yi", "yiddish"},
};

/* A script that only one of the languages we meet uses; [first, last] code points. */
static const struct {
    int32_t first, last;
    const char *lang;
} scripts[] = {
    {0x0370, 0x03FF, "el"}, {0x0400, 0x04FF, "ru"}, {0x0530, 0x058F, "hy"}, {0x0590, 0x05FF, "he"},
    {0x0600, 0x06FF, "ar"}, {0x0900, 0x097F, "hi"}, {0x0980, 0x09FF, "bn"}, {0x0B80, 0x0BFF, "ta"},
    {0x0E00, 0x0E7F, "th"}, {0x10A0, 0x10FF, "ka"}, {0x1100, 0x11FF, "ko"}, {0x3041, 0x30FF, "ja"},
    {0x3400, 0x4DBF, "zh"}, {0x4E00, 0x9FFF, "zh"}, {0xAC00, 0xD7A3, "ko"},
};
enum { N_SCRIPTS = sizeof scripts / sizeof *scripts };

/* Letters that tell a language from the one which its script stands for; one that has a letter of
 * `not` is not meant. The first row that fits counts. */
static const struct {
    const char *script, *lang, *letters, *not ;
} tells[] = {
    {"ru", "be", "ў", ""},    {"ru", "uk", "іїєґ", "ыъэ"}, {"ru", "sr", "ђћљњ", "ыъэ"},
    {"ru", "kk", "әқңұ", ""}, {"ar", "ur", "ٹڈڑے", ""},    {"ar", "fa", "یکگچپژ", "ةكي"},
};
enum { TELLING = 2 }; /* bytes of such a letter */

/* Languages that share a script with one above: a claim of one of these is believed. */
static const char *const same_script[][2] = {
    {"ru", "uk"}, {"ru", "be"}, {"ru", "bg"}, {"ru", "sr"}, {"ru", "mk"},
    {"ru", "kk"}, {"ru", "mn"}, {"ar", "fa"}, {"ar", "ur"}, {"ar", "ps"},
    {"hi", "mr"}, {"hi", "ne"}, {"zh", "ja"}, {"he", "yi"},
};

/* Letters that one of the listed languages has alone: as good as a stop word. */
static const struct {
    const char *lang, *letter;
} letters[] = {
    {"pt", "ã"}, {"pt", "õ"}, {"es", "ñ"}, {"de", "ß"}, {"pl", "ł"},
    {"pl", "ż"}, {"tr", "ğ"}, {"tr", "ş"}, {"tr", "ı"}, {"fr", "œ"},
};

/* Languages whose news is half in another: the other's stop words are theirs too, but do not vote
 * for them. */
static const char *const mixed[][2] = {{"tl", "en"}};

/* Codes that mean what another does. */
static const char *const aliases[][2] = {{"no", "nb"}, {"iw", "he"}, {"in", "id"}};

enum { MAX_LANGS = 26 * 26, ONE_VOTE = 12, STOP_SLOTS = 1 << 14, KNOWN_WORDS = 1 << 19 };

/* Stop words of all languages, so that one look tells whose they are: open addressing, hash 0 is an
 * empty slot. */
struct stop {
    uint64_t hash;
    uint64_t lists; /* a bit for each language that has it */
};

/* A word that was looked up before; the next one of the same slot takes its place. */
struct known {
    uint64_t key[2];
    struct lang_word word;
};

struct lang {
    char code[3];
    struct sb_stemmer *stemmer;
    uint64_t list;            /* its bit among the stop words, 0 without a list */
    uint64_t list_too;        /* and that of a language mixed into it */
    uint64_t number;          /* of languages, in the order in which they were asked for */
    bool capitals;            /* it writes all nouns with one */
    const struct stop *stops; /* these two are those of all languages */
    struct known *known;
};

struct langs {
    struct lang *v[MAX_LANGS]; /* by their two letters; which are there changes no answer */
    const struct lang *listed[LANG_LISTS]; /* by bit, in order of their codes */
    size_t n_listed, n_langs;
    struct stop stops[STOP_SLOTS];
    struct known known[KNOWN_WORDS];
};

static struct stop *stop_slot(const struct stop *stops, uint64_t hash)
{
    size_t i = hash % STOP_SLOTS;
    while (stops[i].hash && stops[i].hash != hash)
        i = (i + 1) % STOP_SLOTS;
    return (struct stop *)(uintptr_t)&stops[i];
}

static void add_stop(struct langs *all, const struct lang *l, const char *word)
{
    uint64_t hash = hash64(word, strlen(word), 0);
    struct stop *s = stop_slot(all->stops, hash);
    s->hash = hash;
    s->lists |= l->list;
}

static void add_stops(struct langs *all, struct lang *l, const char *words)
{
    if (!l->list) {
        l->list = 1ull << all->n_listed;
        all->listed[all->n_listed++] = l;
    }
    for (const char *w = words; *w; w += strlen(w) + 1)
        add_stop(all, l, w);
}

static struct lang *new_lang(struct langs *all, const char *code)
{
    struct lang *new = mem_zero(sizeof *new);
    memcpy(new->code, code, 3);
    new->number = ++all->n_langs;
    new->capitals = !strcmp(code, "de") || !strcmp(code, "lb");
    new->stops = all->stops;
    new->known = all->known;
    for (size_t i = 0; i < sizeof snowball / sizeof *snowball; i++)
        if (!strcmp(snowball[i][0], code))
            new->stemmer = sb_stemmer_new(snowball[i][1], "UTF_8");
    for (size_t i = 0; stopword_lists[i].lang; i++)
        if (!strcmp(stopword_lists[i].lang, code))
            add_stops(all, new, stopword_lists[i].words);
    for (size_t i = 0; new->list &&i < sizeof letters / sizeof *letters; i++)
        if (!strcmp(letters[i].lang, code))
            add_stop(all, new, letters[i].letter);
    for (size_t i = 0; i < sizeof mixed / sizeof *mixed; i++)
        if (!strcmp(mixed[i][0], code))
            new->list_too = langs_get(all, mixed[i][1])->list;
    return new;
}

struct langs *langs_new(void)
{
    struct langs *l = mem_large(sizeof *l);
    for (size_t i = 0; stopword_lists[i].lang; i++)
        langs_get(l, stopword_lists[i].lang);
    return l;
}

void langs_free(struct langs *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < MAX_LANGS; i++) {
        if (!l->v[i])
            continue;
        sb_stemmer_delete(l->v[i]->stemmer);
        free(l->v[i]);
    }
    mem_large_free(l, sizeof *l);
}

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

const struct lang *langs_get(struct langs *l, const char *code)
{
    if (!code || !is_letter(code[0]) || !is_letter(code[1]) || is_letter(code[2]))
        return NULL;
    char low[3] = {(char)(code[0] | 32), (char)(code[1] | 32), 0};
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (!strcmp(aliases[i][0], low))
            memcpy(low, aliases[i][1], sizeof low);
    struct lang **at = &l->v[(low[0] - 'a') * 26 + low[1] - 'a'];
    if (!*at)
        *at = new_lang(l, low);
    return *at;
}

static bool has_any(const char *text, size_t n, const char *of)
{
    for (; *of; of += TELLING)
        if (memmem(text, n, of, TELLING))
            return true;
    return false;
}

static const char *by_letters(const char *script, const char *text, size_t n)
{
    for (size_t i = 0; i < sizeof tells / sizeof *tells; i++)
        if (!strcmp(tells[i].script, script) && has_any(text, n, tells[i].letters) &&
            !has_any(text, n, tells[i].not ))
            return tells[i].lang;
    return script;
}

static bool is_ascii(const char *text, size_t n)
{
    uint64_t all = 0, eight;
    for (; n >= 8; text += 8, n -= 8) {
        memcpy(&eight, text, 8);
        all |= eight;
    }
    for (; n > 0; text++, n--)
        all |= (unsigned char)*text;
    return !(all & 0x8080808080808080u);
}

static const char *by_script(const char *text, size_t n)
{
    if (is_ascii(text, n))
        return NULL;
    size_t count[N_SCRIPTS] = {0}, latin = 0, best = 0;
    for (const char *p = text, *end = text + n; p < end;) {
        if ((unsigned char)*p < 128) {
            latin += (*p | 32) >= 'a' && (*p | 32) <= 'z';
            p++;
            continue;
        }
        utf8proc_int32_t c;
        utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)p, end - p, &c);
        p += k > 0 ? k : 1;
        latin += c >= 0xC0 && c < 0x250;
        for (size_t i = 0; i < N_SCRIPTS; i++)
            if (c >= scripts[i].first && c <= scripts[i].last)
                count[i]++;
    }
    size_t all = 0, kana = 0, han = 0;
    for (size_t i = 0; i < N_SCRIPTS; i++) {
        all += count[i];
        if (count[i] > count[best])
            best = i;
        if (!strcmp(scripts[i].lang, "ja"))
            kana += count[i];
        if (!strcmp(scripts[i].lang, "zh"))
            han += count[i];
    }
    if (all == 0 || all * 2 < latin)
        return NULL;
    if (kana && (kana + han) * 2 > all)
        return "ja";
    return scripts[best].lang;
}

/* ---- votes ---------------------------------------------------------------------------------- */

static void count_votes(uint64_t lists, struct lang_votes *votes)
{
    unsigned weight = lists ? ONE_VOTE / (unsigned)__builtin_popcountll(lists) : 0;
    for (; lists; lists &= lists - 1) {
        votes->hits[__builtin_ctzll(lists)]++;
        votes->weight[__builtin_ctzll(lists)] += (uint16_t)weight;
    }
}

static uint64_t lists_of(const struct stop *stops, const char *text, size_t n)
{
    return stop_slot(stops, hash64(text, n, 0))->lists;
}

static void vote(const struct stop *stops, const struct word *word, uint64_t lists,
                 struct lang_votes *votes)
{
    votes->words++;
    count_votes(lists, votes);
    for (size_t i = 0; !word->ascii && i < sizeof letters / sizeof *letters; i++)
        if (strstr(word->text, letters[i].letter))
            count_votes(lists_of(stops, letters[i].letter, strlen(letters[i].letter)), votes);
}

void lang_vote(const struct lang *l, const struct word *word, struct lang_word known,
               struct lang_votes *votes)
{
    vote(l->stops, word, known.lists & ~LANG_STOP, votes);
}

/* "de" is five languages' stop word, "nicht" one's: that one tells more. */
static size_t first_in(const struct langs *l, const struct lang_votes *votes)
{
    size_t best = 0;
    for (size_t i = 1; i < l->n_listed; i++)
        if (votes->weight[i] > votes->weight[best])
            best = i;
    return best;
}

static const struct lang *by_stop_words(const struct langs *l, const char *text, size_t n)
{
    struct lang_votes votes = {0};
    struct words w;
    struct word word;
    words_init(&w, text, n);
    while (votes.words < LANG_VOTERS && words_next(&w, &word))
        vote(l->stops, &word, lists_of(l->stops, word.text, word.len), &votes);
    size_t best = first_in(l, &votes), hits = votes.hits[best];
    return hits >= 2 && hits * 8 >= votes.words ? l->listed[best] : NULL;
}

/* Is it written in a script that others share with it, so that its words must tell? */
static bool is_latin(const char *code)
{
    for (size_t i = 0; i < N_SCRIPTS; i++)
        if (!strcmp(scripts[i].lang, code))
            return false;
    for (size_t i = 0; i < sizeof same_script / sizeof *same_script; i++)
        if (!strcmp(same_script[i][1], code))
            return false;
    return true;
}

/* Short titles hold words that are another language's stop words by chance ("State media: Un
 * made"), so few of them outvote nobody. A language without a list cannot vote for itself: there a
 * third of the words must be another's, more than its own that happen to look like them. */
const struct lang *langs_elect(const struct langs *l, const struct lang *read_as,
                               const struct lang_votes *votes)
{
    size_t best = first_in(l, votes), hits = votes->hits[best], own = 0;
    if (hits < 2 || hits * 8 < votes->words || l->listed[best] == read_as ||
        !is_latin(read_as->code) || !is_latin(l->listed[best]->code))
        return read_as;
    size_t weight = votes->weight[best], own_weight = 0;
    for (size_t i = 0; i < l->n_listed; i++)
        if (l->listed[i] == read_as) {
            own = votes->hits[i];
            own_weight = votes->weight[i];
        }
    bool clear = read_as->list ? own == 0 || (hits >= 4 && weight >= own_weight * 2)
                               : hits >= 4 && hits * 3 >= votes->words;
    return clear ? l->listed[best] : read_as;
}

const struct lang *langs_detect(struct langs *l, const char *claimed, const char *text, size_t n)
{
    const struct lang *claim = langs_get(l, claimed);
    const char *script = by_script(text, n);
    if (script) {
        for (size_t i = 0; claim && i < sizeof same_script / sizeof *same_script; i++)
            if (!strcmp(same_script[i][0], script) && !strcmp(same_script[i][1], claim->code))
                return claim;
        return langs_get(l, by_letters(script, text, n));
    }
    return claim ? claim : by_stop_words(l, text, n);
}

const char *lang_code(const struct lang *l)
{
    return l->code;
}

bool lang_capitals(const struct lang *l)
{
    return l && l->capitals;
}

uint32_t term_id(const char *stem, size_t n)
{
    return (uint32_t)hash64(stem, n, 0);
}

static size_t strip_marks(const char *word, size_t n, char *out, size_t cap)
{
    utf8proc_int32_t points[4 * WORD_MAX];
    utf8proc_ssize_t k = utf8proc_decompose(
        (const utf8proc_uint8_t *)word, (utf8proc_ssize_t)n, points, sizeof points / sizeof *points,
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD);
    size_t len = 0;
    for (utf8proc_ssize_t i = 0; i < k; i++) {
        utf8proc_uint8_t bytes[4];
        size_t m = (size_t)utf8proc_encode_char(points[i], bytes);
        if (len + m > cap)
            break;
        memcpy(out + len, bytes, m);
        len += m;
    }
    return len;
}

static uint32_t stem_id(const struct lang *l, const struct word *word)
{
    const char *stem = word->text;
    size_t n = word->len;
    if (l && l->stemmer && !word->pair) {
        stem = (const char *)sb_stemmer_stem(l->stemmer, (const sb_symbol *)stem, (int)n);
        if (!stem)
            abort(); /* out of memory */
        n = (size_t)sb_stemmer_length(l->stemmer);
    }
    if (word->ascii || word->pair)
        return term_id(stem, n);
    char plain[WORD_MAX];
    return term_id(plain, strip_marks(stem, n, plain, sizeof plain));
}

/* A pair of Chinese characters of which one is a word that ties others together, as "的" does, is
 * no word but lies across two. */
static bool ties_words(const struct lang *l, const struct word *word)
{
    enum { HAN = 3 }; /* bytes of a character */
    if (!word->pair || word->len != 2 * HAN || strcmp(l->code, "zh"))
        return false;
    return (lists_of(l->stops, word->text, HAN) | lists_of(l->stops, word->text + HAN, HAN)) &
           l->list;
}

static struct lang_word look_up(const struct lang *l, const struct word *word)
{
    uint64_t hash = hash64(word->text, word->len, 0);
    struct lang_word new = {.hash = (uint32_t)hash, .term = stem_id(l, word)};
    if (!l)
        return new;
    new.lists = stop_slot(l->stops, hash)->lists;
    if ((new.lists &(l->list | l->list_too)) || ties_words(l, word))
        new.lists |= LANG_STOP;
    return new;
}

/* A short word is its own key, with the language in the bytes that it leaves free; a longer one's
 * hash is, beside bytes that are none of a text's. */
static void make_key(const struct lang *l, const struct word *word, uint64_t key[2])
{
    enum { FREE = WORD_PADDED - sizeof(uint16_t) };
    memcpy(key, word->text, WORD_PADDED);
    key[0] = le64toh(key[0]);
    key[1] = le64toh(key[1]);
    if (word->len > FREE) {
        key[0] = hash64(word->text, word->len, 0);
        key[1] = UINT64_MAX >> 16;
    }
    key[1] |= l->number << 48;
}

struct known *lang_ahead(const struct lang *l, const struct word *word)
{
    uint64_t key[2];
    if (!l)
        return NULL;
    make_key(l, word, key);
    uint64_t spread = (key[0] * 0x9e3779b97f4a7c15u ^ key[1]) * 0xd6e8feb86659fd93u;
    struct known *known = &l->known[(spread ^ spread >> 32) % KNOWN_WORDS];
    __builtin_prefetch(known);
    return known;
}

struct lang_word lang_word(const struct lang *l, const struct word *word, struct known *place)
{
    if (!l)
        return look_up(NULL, word);
    uint64_t key[2];
    make_key(l, word, key);
    if (place->key[0] != key[0] || place->key[1] != key[1])
        *place = (struct known){{key[0], key[1]}, look_up(l, word)};
    return place->word;
}

void langs_background(struct langs *l, void (*each)(void *, uint32_t, double), void *arg)
{
    for (size_t i = 0; background_words[i].lang; i++) {
        struct words w;
        struct word word;
        words_init(&w, background_words[i].word, strlen(background_words[i].word));
        while (words_next(&w, &word))
            each(arg, stem_id(langs_get(l, background_words[i].lang), &word),
                 background_words[i].share);
    }
}
