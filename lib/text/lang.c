/* Language detection, stop words, stems and per-word lookups with a cache; see lang.h. Used by
 * terms.c, rarity.c, lib/cluster and lib/digest. */
#define _GNU_SOURCE /* memmem */
#include "text/lang.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/spelling.h"
#include "text/words.h"

#include <endian.h>
#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* tables: struct { const char *lang, *words; } stopword_lists[] and struct { const char *lang;
 * double share; const char *word; } background_words[], both terminated by NULLs */
#include "wordlists.h"
/* struct { const char *lang, *term, *form; bool capital; } country_forms[] */
#include "countries_table.h"
/* struct { const char *lang, *term, *form, *first, *last; } variant_forms[]: `first` and `last` are
 * the two words of a compound, otherwise NULL */
#include "variants_table.h"

/* language code, Snowball algorithm */
static const char *const snowball[][2] = {
    {"ar", "arabic"},     {"ca", "catalan"},   {"da", "danish"},     {"de", "german"},
    {"el", "greek"},      {"en", "english"},   {"es", "spanish"},    {"eu", "basque"},
    {"fi", "finnish"},    {"fr", "french"},    {"ga", "irish"},      {"hi", "hindi"},
    {"hu", "hungarian"},  {"hy", "armenian"},  {"id", "indonesian"}, {"it", "italian"},
    {"lt", "lithuanian"}, {"nb", "norwegian"}, {"ne", "nepali"},     {"nl", "dutch"},
    {"pt", "portuguese"}, {"ro", "romanian"},  {"ru", "russian"},    {"sr", "serbian"},
    {"sv", "swedish"},    {"ta", "tamil"},     {"tr", "turkish"},    {"yi", "yiddish"},
};

/* Scripts, first and last code points inclusive, and the language to assume for each. */
static const struct {
    uint32_t first, last;
    const char *lang;
} scripts[] = {
    {0x0370, 0x03FF, "el"}, {0x0400, 0x04FF, "ru"}, {0x0530, 0x058F, "hy"}, {0x0590, 0x05FF, "he"},
    {0x0600, 0x06FF, "ar"}, {0x0900, 0x097F, "hi"}, {0x0980, 0x09FF, "bn"}, {0x0B80, 0x0BFF, "ta"},
    {0x0E00, 0x0E7F, "th"}, {0x10A0, 0x10FF, "ka"}, {0x1100, 0x11FF, "ko"}, {0x3041, 0x30FF, "ja"},
    {0x3400, 0x4DBF, "zh"}, {0x4E00, 0x9FFF, "zh"}, {0xAC00, 0xD7A3, "ko"},
};
enum { N_SCRIPTS = sizeof scripts / sizeof *scripts };

/* Letters that identify another language than the one assumed for its script. A row does not apply
 * if the text has a letter of `not`. The first row that applies decides. */
static const struct {
    const char *script, *lang, *letters, *not ;
} tells[] = {
    {"ru", "be", "ў", ""},    {"ru", "uk", "іїєґ", "ыъэ"}, {"ru", "sr", "ђћљњ", "ыъэ"},
    {"ru", "kk", "әқңұ", ""}, {"ar", "ur", "ٹڈڑے", ""},    {"ar", "fa", "یکگچپژ", "ةكي"},
};
enum { TELLING = 2 }; /* bytes of such a letter */

/* Languages that share a script with one above: a claim of such a language is accepted. */
static const char *const same_script[][2] = {
    {"ru", "uk"}, {"ru", "be"}, {"ru", "bg"}, {"ru", "sr"}, {"ru", "mk"},
    {"ru", "kk"}, {"ru", "mn"}, {"ar", "fa"}, {"ar", "ur"}, {"ar", "ps"},
    {"hi", "mr"}, {"hi", "ne"}, {"zh", "ja"}, {"he", "yi"},
};

/* Letters that only one of the listed languages uses: each counts as a stop word. */
static const struct {
    const char *lang, *letter;
} letters[] = {
    {"pt", "ã"}, {"pt", "õ"}, {"es", "ñ"}, {"de", "ß"}, {"pl", "ł"},
    {"pl", "ż"}, {"tr", "ğ"}, {"tr", "ş"}, {"tr", "ı"}, {"fr", "œ"},
};

/* Languages whose news is half in another language: the other's stop words are theirs too, but do
 * not count as votes for them. */
static const char *const mixed[][2] = {{"tl", "en"}};

/* Aliases of codes: older codes, and country codes used as language codes. */
static const char *const aliases[][2] = {{"no", "nb"}, {"iw", "he"}, {"in", "id"}, {"jp", "ja"},
                                         {"cn", "zh"}, {"cz", "cs"}, {"dk", "da"}, {"ua", "uk"}};

/* All codes of ISO 639-1. */
static const char codes[] =
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb "
    "lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn nr nv ny oc oj om or "
    "os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw "
    "ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

enum {
    MAX_LANGS = 26 * 26,
    ONE_VOTE = 12,
    STOP_SLOTS = 1 << 14,
    KNOWN_WORDS = 1 << 19,
    FORM_SLOTS = 1 << 13
};

/* Stop words of all languages in one table, so that one lookup gives all languages that have a
 * word: open addressing, hash 0 is an empty slot. */
struct stop {
    uint64_t hash;
    uint64_t lists; /* a bit for each language that has it */
};

/* A stem that countries.txt or variants.txt lists for a language: open addressing, key 0 is an
 * empty slot. */
struct stem_form {
    uint64_t key;   /* the language's number and the stem's id */
    uint64_t lists; /* LANG_COUNTRY and the flags after it */
    uint32_t term;
};

/* A cached word lookup; the next word of the same slot replaces it. */
struct known {
    uint64_t key[2];
    struct lang_word word;
};

struct lang {
    char code[3];
    struct sb_stemmer *stemmer;
    uint64_t list;            /* its bit in stop.lists, 0 without a stop word list */
    uint64_t list_too;        /* the same of a language mixed into it */
    uint64_t number;          /* sequence number of the language, in order of first use */
    bool capitals;            /* it capitalises all nouns */
    bool blanks;              /* it separates thousands by blanks */
    const struct stop *stops; /* these three tables are shared by all languages */
    const struct stem_form *forms;
    struct known *known;
};

struct langs {
    struct lang *v[MAX_LANGS]; /* by the two letters; results do not depend on which exist */
    const struct lang *listed[LANG_LISTS];   /* indexed by bit, in order of their codes */
    const struct lang *spelt[SPELLING_MOST]; /* in order of spelling_lang() */
    uint8_t mixed_in[SPELLING_MOST];         /* index of the language mixed into each, or its own */
    size_t n_listed, n_langs, n_spelt;
    struct stop stops[STOP_SLOTS];
    struct stem_form forms[FORM_SLOTS];
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

static const struct stem_form *form_of_stem(const struct lang *l, uint32_t stem)
{
    uint64_t key = l->number << 32 | stem;
    size_t i = (stem ^ l->number) % FORM_SLOTS;
    while (l->forms[i].key && l->forms[i].key != key)
        i = (i + 1) % FORM_SLOTS;
    return &l->forms[i];
}

static uint32_t stem_id(const struct lang *l, const struct word *word);

static uint32_t stem_of(const struct lang *l, const char *text)
{
    struct words w;
    struct word word;
    words_init(&w, text, strlen(text));
    return words_next(&w, &word) ? stem_id(l, &word) : 0;
}

static struct stem_form *add_form(struct langs *all, const struct lang *l, const char *text)
{
    uint32_t stem = stem_of(l, text);
    struct stem_form *f = &all->forms[form_of_stem(l, stem) - all->forms];
    if (!f->key)
        *f = (struct stem_form){.key = l->number << 32 | stem, .term = stem};
    return f;
}

static void add_countries(struct langs *all, const struct lang *l)
{
    for (size_t i = 0; i < sizeof country_forms / sizeof *country_forms; i++) {
        if (strcmp(country_forms[i].lang, l->code) != 0)
            continue;
        struct stem_form *f = add_form(all, l, country_forms[i].form);
        bool capital = country_forms[i].capital && (!f->lists || (f->lists & LANG_CAPITAL));
        f->lists = LANG_COUNTRY | (capital ? LANG_CAPITAL : 0);
        f->term = term_id(country_forms[i].term, strlen(country_forms[i].term));
    }
}

static void add_variants(struct langs *all, const struct lang *l)
{
    for (size_t i = 0; i < sizeof variant_forms / sizeof *variant_forms; i++) {
        if (strcmp(variant_forms[i].lang, l->code) != 0)
            continue;
        struct stem_form *f = add_form(all, l, variant_forms[i].form);
        f->lists |= LANG_VARIANT;
        f->term = stem_of(l, variant_forms[i].term);
        if (!variant_forms[i].first)
            continue;
        add_form(all, l, variant_forms[i].first)->lists |= LANG_FIRST;
        add_form(all, l, variant_forms[i].last)->lists |= LANG_LAST;
    }
}

static struct lang *new_lang(struct langs *all, const char *code)
{
    struct lang *new = mem_zero(sizeof *new);
    const struct lang *list_too = NULL;
    memcpy(new->code, code, 3);
    new->number = ++all->n_langs;
    new->capitals = !strcmp(code, "de") || !strcmp(code, "lb");
    new->blanks = strstr("bg cs da de es et fi fr hu lt lv nb pl pt ru sk sv uk", code);
    new->stops = all->stops;
    new->forms = all->forms;
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
            list_too = langs_get(all, mixed[i][1]);
    new->list_too = list_too ? list_too->list : 0;
    add_countries(all, new);
    add_variants(all, new);
    return new;
}

struct langs *langs_new(void)
{
    struct langs *l = mem_large(sizeof *l);
    for (size_t i = 0; stopword_lists[i].lang; i++)
        langs_get(l, stopword_lists[i].lang);
    for (const char *code; (code = spelling_lang(l->n_spelt)); l->n_spelt++)
        l->spelt[l->n_spelt] = langs_get(l, code);
    for (size_t i = 0; i < l->n_spelt; i++) {
        l->mixed_in[i] = (uint8_t)i;
        for (size_t k = 0; l->spelt[i]->list_too && k < l->n_spelt; k++)
            if (l->spelt[k]->list == l->spelt[i]->list_too)
                l->mixed_in[i] = (uint8_t)k;
    }
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

static bool is_code_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

const struct lang *langs_get(struct langs *l, const char *code)
{
    if (!code || !is_code_letter(code[0]) || !is_code_letter(code[1]) || is_code_letter(code[2]))
        return NULL;
    char low[3] = {(char)(code[0] | 32), (char)(code[1] | 32), 0};
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (!strcmp(aliases[i][0], low))
            memcpy(low, aliases[i][1], sizeof low);
    struct lang **at = &l->v[(low[0] - 'a') * 26 + low[1] - 'a'];
    if (!*at && !strstr(codes, low))
        return NULL;
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
        uint32_t c = 0;
        size_t k = utf8_decode(p, end, &c);
        p += k ? k : 1;
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

/* ---- votes ----------------------------------------------------------------------------------- */

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
    vote(l->stops, word, known.lists & (LANG_STOP - 1), votes);
}

/* "de" is a stop word in five languages, "nicht" in one: the latter has more weight. */
static size_t first_in(const struct langs *l, const struct lang_votes *votes)
{
    size_t best = 0;
    for (size_t i = 1; i < l->n_listed; i++)
        if (votes->weight[i] > votes->weight[best])
            best = i;
    return best;
}

/* Whether the language shares its script with others, so that only its words can identify it. */
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

/* ---- spelling costs -------------------------------------------------------------------------- */

/* The cost of a text's words for each language with spelling data (see spelling.h). */
struct costs {
    bool mixed;              /* words of a language mixed into another also count for that one */
    unsigned words, telling; /* telling: a stop word or not capitalised, so no name */
    unsigned of[SPELLING_MOST];
};

enum {
    DEAREST = 4 * SPELLING_UNIT, /* maximum for one word, which may be a foreign name */
    STRANGE = 3 * SPELLING_UNIT, /* minimum for another language's stop word */
    BORROWED = SPELLING_UNIT,    /* surcharge for a word of the language mixed into another */
};

static void add_costs(const struct langs *l, const struct word *word, struct costs *c)
{
    uint64_t lists = lists_of(l->stops, word->text, word->len);
    unsigned cost[SPELLING_MOST];
    if (word->number || word->uncased || (word->len == 1 && !lists))
        return;
    spelling_word(word->text, word->len, cost);
    c->words++;
    c->telling += lists || !word->capital;
    for (size_t i = 0; i < l->n_spelt; i++) {
        uint64_t own = l->spelt[i]->list;
        cost[i] = cost[i] < DEAREST ? cost[i] : DEAREST;
        if (lists && own)
            cost[i] = lists & own ? 0 : cost[i] > STRANGE ? cost[i] : STRANGE;
    }
    for (size_t i = 0; i < l->n_spelt; i++) {
        size_t lent = l->mixed_in[i];
        bool borrows = c->mixed && cost[lent] + BORROWED < cost[i];
        c->of[i] += borrows ? cost[lent] + BORROWED : cost[i];
    }
}

/* Words in capitals may be abbreviations of organisations and states ("UN", "DE"); they are used
 * only if most words are in capitals. */
static void costs_of(const struct langs *l, const char *text, size_t n, bool mixing,
                     struct costs *out)
{
    struct costs caps = {.mixed = mixing};
    struct words w;
    struct word word;
    *out = caps;
    words_init(&w, text, n);
    while (out->words + caps.words < LANG_VOTERS && words_next(&w, &word))
        add_costs(l, &word, word.caps ? &caps : out);
    if (caps.words > out->words)
        *out = caps;
}

/* The language with the lowest cost other than `but`. */
static size_t cheapest(const struct langs *l, const struct costs *c, size_t but)
{
    size_t best = but == 0;
    for (size_t i = best + 1; i < l->n_spelt; i++)
        if (i != but && c->of[i] < c->of[best])
            best = i;
    return best;
}

/* Whether the text has words that are likely more than names. */
static bool words_tell(const struct costs *c)
{
    enum { MORE_THAN_NAMES = 5 };
    return c->telling || c->words >= MORE_THAN_NAMES;
}

static const struct lang *by_words(const struct langs *l, const char *text, size_t n)
{
    enum { SURE = 2 * SPELLING_UNIT };
    struct costs c;
    costs_of(l, text, n, false, &c);
    size_t best = cheapest(l, &c, SIZE_MAX), next = cheapest(l, &c, best);
    return words_tell(&c) && c.of[next] - c.of[best] >= SURE ? l->spelt[best] : NULL;
}

/* Decides by stop words, for a language without spelling data, whose costs are unknown. For a
 * language in Latin script, a third of all words must be stop words of the other, because its own
 * may look like them. */
static bool is_full_of(const struct langs *l, const struct lang *other, const struct lang *read_as,
                       const struct lang_votes *votes)
{
    size_t hits = 0;
    for (size_t i = 0; i < l->n_listed; i++)
        if (l->listed[i] == other)
            hits = votes->hits[i];
    return is_latin(read_as->code) ? hits >= 4 && hits * 3 >= votes->words
                                   : hits >= 2 && hits * 8 >= votes->words;
}

/* Another language must save a high cost, and more for a longer text, which may contain quotations.
 * The title must not be more costly in it: it is the article's own text. */
const struct lang *langs_elect(const struct langs *l, const struct lang *read_as, bool said,
                               const struct lang_votes *votes, const char *text, size_t n,
                               size_t title)
{
    enum { SAID = 5 * SPELLING_UNIT, USUAL = 3 * SPELLING_UNIT, A_WORD = SPELLING_UNIT / 8 };
    struct costs all, of_title;
    size_t first = first_in(l, votes), own = 0;
    if ((votes->hits[first] > 0 && l->listed[first] == read_as) || by_script(text, n))
        return read_as;
    if (!said && !is_latin(read_as->code))
        return by_words(l, text, n);
    costs_of(l, text, n, true, &all);
    size_t best = cheapest(l, &all, SIZE_MAX);
    while (own < l->n_spelt && l->spelt[own] != read_as)
        own++;
    bool spelt = own < l->n_spelt;
    unsigned saved = all.of[spelt ? own : cheapest(l, &all, best)] - all.of[best];
    if (!words_tell(&all) || saved < (said ? SAID : USUAL) + all.words * A_WORD ||
        (!spelt && !is_full_of(l, l->spelt[best], read_as, votes)))
        return read_as;
    costs_of(l, text, title, true, &of_title);
    return spelt && of_title.of[best] > of_title.of[own] ? read_as : l->spelt[best];
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
    return claim ? claim : by_words(l, text, n);
}

const char *lang_code(const struct lang *l)
{
    return l->code;
}

bool lang_capitals(const struct lang *l)
{
    return l && l->capitals;
}

bool lang_blanks(const struct lang *l)
{
    return l && l->blanks;
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

/* English adjectives of places in -ia: "Bavarian" from "Bavaria". Shorter stems belong to first
 * names, "Julian" and "Julia". */
static bool is_of_a_place(const struct lang *l, const char *stem, size_t n)
{
    enum { SHORTEST = 7 };
    return n >= SHORTEST && !memcmp(stem + n - 3, "ian", 3) && !strcmp(l->code, "en");
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
        if (is_of_a_place(l, stem, n))
            n--;
    }
    if (n > 2 && stem[n - 1] == 's' && stem[n - 2] >= '0' && stem[n - 2] <= '9')
        n--; /* plural s, as in "two F16s" */
    if (word->ascii || word->pair)
        return term_id(stem, n);
    char plain[WORD_MAX];
    return term_id(plain, strip_marks(stem, n, plain, sizeof plain));
}

/* Whether a pair of Chinese characters contains a word that connects others, such as "的": such a
 * pair is not a word but spans two. */
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
    const struct stem_form *form = form_of_stem(l, new.term);
    if (form->key && !word->pair) {
        new.term = form->term;
        new.lists |= form->lists;
    }
    return new;
}

/* A word of up to FREE bytes is its own key, with the language's number in the unused bytes. A
 * longer one is identified by its hash and a marker that no text contains. */
static void make_word_key(const struct lang *l, const struct word *word, uint64_t key[2])
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
    make_word_key(l, word, key);
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
    make_word_key(l, word, key);
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
            each(arg, look_up(langs_get(l, background_words[i].lang), &word).term,
                 background_words[i].share);
    }
}
