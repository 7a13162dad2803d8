/* Classifies articles by topic, from sections and words; see topic.h. Called by digest.c and
 * topics_say.c. */
#include "digest/topic.h"

#include "base/mem.h"
#include "base/url.h"
#include "base/utf8.h"
#include "text/terms.h"
#include "topics_table.h" /* generated from config/topics.conf and config/topics */

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
    SECTION_MAX = 64, /* bytes of a section's name */
    PATH_MAX_READ = 2000,
    WORDS_READ = 200, /* of a text, as many as the model was fitted on */
    LANGS = sizeof topic_langs / sizeof *topic_langs,
    SECTIONS = sizeof topic_sections / sizeof *topic_sections,
};
_Static_assert((int)TOPICS_KNOWN == (int)TOPICS, "config/topics.conf has IPTC's 17 top levels");

/* How evidence is weighted. */
static const double section_share = .5; /* weight of the publisher's sections, if any */
static const double tempered = 1.4; /* words of one article are correlated, so they count less */
static const double few_words = 3;  /* known words that give half of the full weight */
static const double least = .1;     /* least share of the total for a topic */
static const double near = .3;      /* least share of the first topic's value for a second */

const char *topic_name(size_t i)
{
    return i < TOPICS ? topic_names[i] : NULL;
}

const char *topic_code(const char *name)
{
    for (size_t i = 0; i < TOPICS; i++)
        if (!strcmp(name, topic_names[i]))
            return topic_codes[i];
    return NULL;
}

/* ---- sections -------------------------------------------------------------------------------- */

/* In lower case, without diacritics, with a "-" in place of anything that is not a letter or digit,
 * and none at the ends. */
static size_t plain_section(const char *text, size_t n, char out[SECTION_MAX + 1])
{
    utf8proc_int32_t points[SECTION_MAX * 2];
    if (n > SECTION_MAX)
        return 0;
    utf8proc_ssize_t k = utf8proc_decompose(
        (const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, points, sizeof points / sizeof *points,
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
    size_t len = 0;
    for (utf8proc_ssize_t i = 0; i < k && k <= SECTION_MAX * 2 && len + 5 < SECTION_MAX; i++) {
        utf8proc_category_t c = utf8proc_category(points[i]);
        bool is = c <= UTF8PROC_CATEGORY_LO || c == UTF8PROC_CATEGORY_ND;
        if (is && c != UTF8PROC_CATEGORY_CN)
            len += utf8_encode((uint32_t)points[i], out + len);
        else if (len && out[len - 1] != '-')
            out[len++] = '-';
    }
    len -= len && out[len - 1] == '-';
    out[len] = 0;
    return len;
}

static size_t find_section(const char *name)
{
    size_t low = 0, high = SECTIONS;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(topic_sections[mid].name, name);
        if (!order)
            return topic_sections[mid].topic;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return TOPICS;
}

static size_t of_part(const char *text, size_t n, const char *domain)
{
    char name[SECTION_MAX * 4 + 2];
    size_t len = plain_section(text, n, name), topic = TOPICS, m = strlen(domain);
    if (!len)
        return TOPICS;
    if (m && m < SECTION_MAX * 2) {
        name[len] = '@';
        memcpy(name + len + 1, domain, m + 1);
        topic = find_section(name);
        name[len] = 0;
    }
    if (topic == TOPICS)
        topic = find_section(name);
    size_t digits = len; /* "technology-32" */
    while (digits && name[digits - 1] >= '0' && name[digits - 1] <= '9')
        digits--;
    if (topic == TOPICS && digits > 1 && digits < len && name[digits - 1] == '-') {
        name[digits - 1] = 0;
        topic = find_section(name);
    }
    return topic;
}

size_t topic_of_section(const char *text, const char *domain)
{
    size_t topic = TOPICS;
    for (size_t end = strnlen(text, PATH_MAX_READ), from; topic == TOPICS && end > 0; end = from) {
        from = end;
        while (from > 0 && text[from - 1] != '/')
            from--;
        topic = of_part(text + from, end - from, domain);
        from -= from > 0;
    }
    return topic;
}

static size_t of_address(const char *address, const char *domain)
{
    struct url u;
    url_parse(&u, address, strlen(address));
    char *path = url_decoded(u.path);
    size_t topic = utf8_valid(path, strlen(path)) ? topic_of_section(path, domain) : (size_t)TOPICS;
    free(path);
    return topic;
}

/* The publisher's own classification, as shares of 1; false when there is none. The address counts
 * as two categories, because an item may have several categories of which some are tags. */
static bool read_sections(const struct topic_article *a, double out[TOPICS])
{
    double n = 0;
    for (size_t i = 0; i <= a->n_categories; i++) {
        bool address = i == a->n_categories;
        size_t topic =
            address ? of_address(a->url, a->domain) : topic_of_section(a->categories[i], a->domain);
        double weight = topic == TOPICS ? 0 : address ? 2 : 1;
        if (topic != TOPICS)
            out[topic] += weight;
        n += weight;
    }
    for (size_t i = 0; n > 0 && i < TOPICS; i++)
        out[i] /= n;
    return n > 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

struct known_word {
    uint32_t id; /* of its term; 0: empty slot */
    uint32_t article;
    const struct topic_weight *weights;
    size_t n;
};

struct topics {
    struct langs *langs;
    struct known_word *words[LANGS]; /* hash table by id */
    size_t room[LANGS];              /* a power of two */
    uint32_t article; /* counts articles: marks the last one in which a word occurred */
};

struct topics *topics_new(struct langs *langs)
{
    struct topics *t = mem_zero(sizeof *t);
    t->langs = langs;
    return t;
}

void topics_free(struct topics *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < LANGS; i++)
        free(t->words[i]);
    free(t);
}

static struct known_word *place_of_word(const struct topics *t, size_t lang, uint32_t id)
{
    size_t at = (id * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (t->room[lang] - 1);
    while (t->words[lang][at].id && t->words[lang][at].id != id)
        at = (at + 1) & (t->room[lang] - 1);
    return &t->words[lang][at];
}

/* Words become the engine's terms; of two with the same stem the first counts. */
static void read_topic_words(struct topics *t, size_t lang)
{
    struct terms terms = {0};
    const struct lang *l = langs_get(t->langs, topic_langs[lang].lang);
    const struct topic_weight *weights = topic_weights;
    const char *word = topic_langs[lang].words;
    size_t row = 0;
    for (; row < topic_langs[lang].first; row++)
        weights += topic_counts[row];
    for (t->room[lang] = 64; t->room[lang] < topic_langs[lang].n * 2; t->room[lang] *= 2)
        ;
    t->words[lang] = mem_zero(t->room[lang] * sizeof *t->words[lang]);
    for (size_t i = 0; i < topic_langs[lang].n; i++, row++) {
        char one[WORD_MAX * 2];
        size_t n = strcspn(word, "\n");
        if (n < sizeof one) {
            memcpy(one, word, n);
            one[n] = 0;
            terms_extract(l, one, "", &terms);
        }
        if (n < sizeof one && terms.n == 1) {
            struct known_word *w = place_of_word(t, lang, terms.v[0].id);
            if (!w->id)
                *w = (struct known_word){
                    .id = terms.v[0].id, .weights = weights, .n = topic_counts[row]};
        }
        weights += topic_counts[row];
        word += n + 1;
    }
    terms_free(&terms);
}

/* Each word counts once, and twice when it is in the title, which is read first. */
static double add_sentence_words(struct topics *t, size_t lang, const struct sentence *s,
                                 double sums[TOPICS])
{
    double x = s->marks & SENTENCE_TITLE ? 2 : 1, squares = 0;
    for (size_t i = 0; i < s->n_terms; i++) {
        if (s->terms[i].kind == WORD_NUMBER)
            continue;
        struct known_word *w = place_of_word(t, lang, s->terms[i].id);
        if (!w->id || w->article == t->article)
            continue;
        w->article = t->article;
        squares += x * x;
        for (size_t k = 0; k < w->n; k++)
            sums[w->weights[k].topic] += x * w->weights[k].weight;
    }
    return squares;
}

static void make_shares(double v[TOPICS])
{
    double most = v[0], sum = 0;
    for (size_t i = 1; i < TOPICS; i++)
        most = fmax(most, v[i]);
    for (size_t i = 0; i < TOPICS; i++)
        sum += v[i] = exp(v[i] - most);
    for (size_t i = 0; i < TOPICS; i++)
        v[i] /= sum;
}

/* What its words indicate, as shares of 1; returns how much evidence there is, 0 to 1. */
static double weigh_words(struct topics *t, const struct topic_article *a, double out[TOPICS])
{
    size_t lang = 0, words = 0;
    double squares = 0;
    const struct lang *l = langs_get(t->langs, a->lang);
    while (l && lang < LANGS && strcmp(topic_langs[lang].lang, lang_code(l)) != 0)
        lang++;
    if (!l || lang == LANGS)
        return 0;
    if (!t->words[lang])
        read_topic_words(t, lang);
    t->article++;
    for (size_t i = 0; i < a->sentences->n && words < WORDS_READ; i++) {
        const struct sentence *s = &a->sentences->v[i];
        squares += add_sentence_words(t, lang, s, out);
        words += s->marks & SENTENCE_TITLE ? 0U : s->words;
    }
    if (squares <= 0)
        return 0;
    for (size_t i = 0; i < TOPICS; i++)
        out[i] = (out[i] / sqrt(sqrt(squares)) + topic_bias[i]) / (100 * tempered);
    make_shares(out);
    return squares / (squares + few_words);
}

/* ---- articles and events --------------------------------------------------------------------- */

void topic_of_article(struct topics *t, const struct topic_article *a, struct topic_shares *out)
{
    double words[TOPICS] = {0}, sections[TOPICS] = {0};
    double sure = weigh_words(t, a, words);
    double said = read_sections(a, sections) ? section_share : 0;
    for (size_t i = 0; i < TOPICS; i++)
        out->of[i] = (float)(said * sections[i] + (1 - said) * sure * words[i]);
}

size_t topics_choose(const struct topic_shares *sum, size_t out[TOPICS_OF_EVENT])
{
    size_t first = 0, second = TOPICS, n = 0;
    double all = 0;
    for (size_t i = 0; i < TOPICS; i++) {
        all += (double)sum->of[i];
        if (sum->of[i] > sum->of[first])
            first = i;
    }
    for (size_t i = 0; i < TOPICS; i++)
        if (i != first && (second == TOPICS || sum->of[i] > sum->of[second]))
            second = i;
    if (all > 0 && (double)sum->of[first] >= least * all)
        out[n++] = first;
    if (n && sum->of[second] >= (float)near * sum->of[first] &&
        (double)sum->of[second] >= least * all)
        out[n++] = second;
    return n;
}
