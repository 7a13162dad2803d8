/* Signatures of events, their likeness, and the search for similar events of the window; see
 * similar.h. Called by ingest (related events), which keeps the signatures of events that have left
 * the window. */
#include "cluster/similar.h"

#include "cluster/engine_state.h"
#include "cluster/window.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- signatures ------------------------------------------------------------------------------ */

static uint8_t signature_share(double part, double whole)
{
    double share = whole > 0 ? part / whole : 0;
    return (uint8_t)lround(SIGNATURE_ONE * (share < 0 ? 0 : share > 1 ? 1 : share));
}

static void sign(struct engine *e, struct news_event *event, struct signature *out)
{
    struct sums_of_one room;
    news_event_sum_up(&e->sums, event);
    news_event_ready(event);
    const struct sums *sums = news_event_sums(event, &room);
    double most = 0;
    out->n = 0;
    for (size_t i = 0; i < event->n_tops && out->n < SIGNATURE_TERMS; i++) {
        struct sum s = sums_find(sums, event->tops[i]);
        double weight = (double)sum_of(s.w, VIEW_ALL);
        most = i == 0 ? weight : most;
        if (term_is_count(event->tops[i]) || sum_weighs_nothing(s))
            continue;
        out->terms[out->n++] = (struct signature_term){
            .id = event->tops[i],
            .weight = signature_share(weight, most),
            .name = signature_share(rarity_name(e->rarity, event->tops[i]), 1)};
    }
}

bool engine_signature(struct engine *e, uint64_t number, struct signature *out)
{
    struct news_event *event = map_get(&e->events, number);
    out->n = 0;
    if (event)
        sign(e, event, out);
    return event != NULL;
}

/* ---- likeness -------------------------------------------------------------------------------- */

enum { TOP_TERMS = 6 };
static const double rare = 3.5, /* idf of a term that identifies the story */
    very_rare = 5,              /* idf of a term that identifies it almost alone */
    alike_least = 0.36,         /* least likeness with two names shared */
    alike_words = 0.46;         /* with one name, or none */
static const uint8_t name_least = 150, weight_least = 70;

static bool is_name_term(const struct signature_term *t)
{
    return t->name >= name_least;
}

size_t signature_keys(const struct rarity *rarity, const struct signature *s,
                      uint32_t out[SIGNATURE_KEYS])
{
    size_t n = 0;
    for (int names = 1; names >= 0; names--)
        for (size_t i = 0; i < s->n && n < SIGNATURE_KEYS; i++)
            if (is_name_term(&s->terms[i]) == names && rarity_idf(rarity, s->terms[i].id) >= rare)
                out[n++] = s->terms[i].id;
    return n;
}

static double weight_of(const struct rarity *rarity, const struct signature_term *t)
{
    return (double)t->weight / SIGNATURE_ONE * rarity_idf(rarity, t->id);
}

static double length_of(const struct rarity *rarity, const struct signature *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->n; i++)
        sum += pow(weight_of(rarity, &s->terms[i]), 2);
    return sqrt(sum);
}

/* Names first, then by weight. */
static void note_shared(struct likeness *out, bool *names, uint32_t id, bool name)
{
    size_t at = out->n++;
    for (; name && at > 0 && !names[at - 1]; at--) {
        out->shared[at] = out->shared[at - 1];
        names[at] = names[at - 1];
    }
    out->shared[at] = id;
    names[at] = name;
}

bool signature_alike(const struct rarity *rarity, const struct signature *a,
                     const struct signature *b, struct likeness *out)
{
    bool names[SIGNATURE_TERMS];
    double dot = 0;
    size_t rare_names = 0, rare_words = 0, top = 0;
    double rarest = 0;
    *out = (struct likeness){0};
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++) {
            const struct signature_term *x = &a->terms[i], *y = &b->terms[k];
            if (x->id != y->id)
                continue;
            double idf = rarity_idf(rarity, x->id);
            bool name = is_name_term(x);
            dot += weight_of(rarity, x) * weight_of(rarity, y);
            note_shared(out, names, x->id, name);
            bool weighs = x->weight >= weight_least && y->weight >= weight_least && idf >= rare;
            rare_names += weighs && name;
            rare_words += weighs && !name;
            top += weighs && i < TOP_TERMS && k < TOP_TERMS;
            if (weighs && idf > rarest)
                rarest = idf;
        }
    double lengths = length_of(rarity, a) * length_of(rarity, b);
    out->value = lengths > 0 ? dot / lengths : 0;
    if (rare_names + rare_words < 2 || top < 1 || rarest < very_rare)
        return false;
    return out->value >= (rare_names >= 2 ? alike_least : alike_words);
}

/* ---- the window ------------------------------------------------------------------------------ */

enum { MOST_FOUND = 24, NEWEST = 2 };

struct finding {
    struct engine *e;
    const struct news_event *event;
    struct found found;
};

static void find_numbers(struct finding *f, const struct sketch_term *terms, size_t n)
{
    uint32_t sketch[SKETCH_BANDS], numbers[INDEX_FOUND + 1];
    struct engine *e = f->e;
    sketch_weighted(&e->sketching, terms, n, sketch);
    size_t found = index_find(e->index, sketch, (uint32_t)(e->first + e->gone), numbers);
    for (size_t i = 0; i < found && f->found.n < INDEX_FOUND; i++) {
        uint32_t home = e->homes[numbers[i] - e->first];
        if (home != f->event->handle)
            found_note(&f->found, home, numbers[i]);
    }
}

/* Searches with the event's heaviest terms, and with those of its newest articles. */
static void find_all(struct finding *f, const struct signature *own)
{
    struct sketch_term terms[VECTOR_MOST];
    found_begin(&f->found);
    for (size_t i = 0; i < own->n; i++)
        terms[i] = (struct sketch_term){own->terms[i].id, own->terms[i].weight};
    find_numbers(f, terms, own->n);
    for (size_t i = news_event_newest(f->event, NEWEST); i < f->event->n; i++) {
        const struct vector *v = &f->event->members[i]->vector;
        for (size_t k = 0; k < v->n; k++)
            terms[k] = (struct sketch_term){v->v[k].id, v->v[k].w[VIEW_ALL]};
        find_numbers(f, terms, v->n);
    }
}

static size_t keep_similar(struct engine_similar *out, size_t n, const struct engine_similar *new)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++)
        if (out[i].event == new->event)
            return n;
    while (at < n && (out[at].likeness.value > new->likeness.value ||
                      (out[at].likeness.value >= new->likeness.value &&out[at].event < new->event)))
        at++;
    if (at == ENGINE_SIMILAR)
        return n;
    n += n < ENGINE_SIMILAR;
    memmove(out + at + 1, out + at, (n - 1 - at) * sizeof *out);
    out[at] = *new;
    return n;
}

size_t engine_similar(struct engine *e, uint64_t number, const uint64_t *known, size_t n_known,
                      struct engine_similar out[ENGINE_SIMILAR])
{
    struct finding f = {.e = e, .event = map_get(&e->events, number)};
    struct signature own, other;
    size_t n = 0;
    if (!engine_signature(e, number, &own) || !own.n)
        return 0;
    find_all(&f, &own);
    size_t most = f.found.n < MOST_FOUND ? f.found.n : MOST_FOUND;
    found_choose(f.found.rank, f.found.n, most);
    for (size_t i = 0; i < most + n_known; i++) {
        struct news_event *event = i < most
                                       ? pool_at(&e->pool, found_event(&f.found, f.found.rank[i]))
                                       : map_get(&e->events, known[i - most]);
        if (!event || event == f.event)
            continue;
        struct engine_similar new = {.event = event->number};
        sign(e, event, &other);
        if (signature_alike(e->rarity, &own, &other, &new.likeness))
            n = keep_similar(out, n, &new);
    }
    return n;
}

/* ---- words ----------------------------------------------------------------------------------- */

enum { SAID_MOST = 64, PIECE_MOST = 60 /* bytes */ };

/* A word of a text that is one of the ids. */
struct said_word {
    size_t begin, end; /* offsets in the text */
    size_t id;         /* index of the id */
    bool name;         /* has a capital, or its script has none */
    bool follows;      /* continues the name before it: "Port of Lumen" */
};

static bool is_between(const char *p)
{
    unsigned char c = (unsigned char)*p;
    if (c < 0x80)
        return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
    return false;
}

/* Length in bytes of a separator: ASCII punctuation and spaces, non-breaking spaces, quotation
 * marks, dashes. */
static size_t skip_mark(const char *p)
{
    static const char *const marks[] = {"\xC2\xA0", "\xC2\xAB", "\xC2\xBB"};
    if (is_between(p))
        return 1;
    if (!memcmp(p, "\xE2\x80", 2))
        return 3;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (!memcmp(p, marks[i], 2))
            return 2;
    return 0;
}

static size_t after_character(const char *text, size_t at)
{
    at += text[at] != 0;
    while (((unsigned char)text[at] & 0xC0) == 0x80)
        at++;
    return at;
}

static size_t cut_genitive(const char *text, size_t begin, size_t end)
{
    static const char *const marks[] = {"'s", "\u2019s", "'", "\u2019"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]);
        if (end - begin > n && !memcmp(text + end - n, marks[i], n))
            return end - n;
    }
    return end;
}

static size_t id_of_word(const struct lang *lang, const struct word *word, const uint32_t *ids,
                         size_t n)
{
    struct lang_word known = lang_word(lang, word, lang_ahead(lang, word));
    if ((known.lists & LANG_STOP) && !word->caps)
        return n;
    size_t i = 0;
    while (i < n && ids[i] != known.term && ids[i] != known.hash)
        i++;
    return i;
}

/* The words of a name are separated by a space or a short word. */
static bool goes_on(const char *text, size_t from, size_t to)
{
    enum { MOST = 6 };
    for (size_t i = from; i < to; i++)
        if (i - from >= MOST || strchr(",.;:!?()\"|", text[i]))
            return false;
    return true;
}

static size_t find_said(const struct lang *lang, const char *text, const uint32_t *ids, size_t n,
                        struct said_word *out)
{
    struct words words;
    struct word word;
    size_t found = 0, between = 0, at = 0;
    words_init(&words, text, strlen(text));
    while (found < SAID_MOST && words_next(&words, &word)) {
        size_t begin = at, end = (size_t)(words.p - text);
        at = end;
        while (begin < end && skip_mark(text + begin))
            begin += skip_mark(text + begin);
        if (word.pair) /* it extends over the next character */
            end = after_character(text, end);
        size_t id = id_of_word(lang, &word, ids, n);
        if (id == n || begin >= end) {
            between++;
            continue;
        }
        struct said_word *s = &out[found];
        *s = (struct said_word){begin, cut_genitive(text, begin, end), id,
                                word.capital || word.uncased, false};
        if (found > 0 && between <= 1 && s->name && out[found - 1].name)
            s->follows = goes_on(text, out[found - 1].end, begin);
        found++;
        between = 0;
    }
    return found;
}

static bool is_said(const bool *done, const struct said_word *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!done[s[i].id])
            return false;
    return true;
}

/* Appends the longest name that contains the id, unless all of it has been written already. */
static void say_longest_name(const char *text, const struct said_word *all, size_t n, size_t id,
                             bool *done, struct buf *out)
{
    size_t best = n, best_n = 0;
    for (size_t i = 0; i < n; i++) {
        size_t first = i, last = i;
        if (all[i].id != id)
            continue;
        while (first > 0 && all[first].follows)
            first--;
        while (last + 1 < n && all[last + 1].follows)
            last++;
        size_t count = last - first + 1;
        if (count > best_n && all[last].end - all[first].begin <= PIECE_MOST) {
            best = first;
            best_n = count;
        }
    }
    if (best == n || is_said(done, all + best, best_n))
        return;
    size_t bytes = all[best + best_n - 1].end - all[best].begin;
    if (out->len + bytes + 2 > SIMILAR_WHY)
        return;
    buf_adds(out, out->len ? ", " : "");
    buf_add(out, text + all[best].begin, bytes);
    for (size_t i = 0; i < best_n; i++)
        done[all[best + i].id] = true;
}

size_t engine_spell(struct engine *e, uint64_t number, const uint32_t *ids, size_t n,
                    const char *title, const char *text, struct buf *out)
{
    const struct news_event *event = map_get(&e->events, number);
    const struct lang *lang = event ? langs_get(e->langs, event->lang) : NULL;
    const char *const texts[] = {title, text};
    struct said_word all[SAID_MOST];
    bool done[SIGNATURE_TERMS] = {false};
    size_t said = 0;
    n = n < SIGNATURE_TERMS ? n : SIGNATURE_TERMS;
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        size_t found = find_said(lang, texts[t], ids, n, all);
        for (size_t i = 0; i < n; i++)
            if (!done[i])
                say_longest_name(texts[t], all, found, i, done, out);
    }
    for (size_t i = 0; i < n; i++)
        said += done[i];
    return said;
}
