/* Parses a language model's answer and keeps the statements that their cited sentences support; see
 * cited.h. Called by daemon/enrich. prompt.c builds the request; neither sends anything. */
#define _GNU_SOURCE /* memmem() */
#include "digest/cited.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "digest/cue.h"
#include "digest/kinds.h"
#include "text/terms.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEEN = 1400,   /* words of the sentences that one statement cites */
    TOO_LONG = 60, /* words of a statement */
    ITEMS = 50,    /* of one part that are read */
    TRIES = 32,    /* positions in a text where its JSON may begin */
    MOST_TOKENS = 10000000,
};

/* A word that is neither a name nor a number may be the model's own when it is among the commonest
 * of news (people, police, government; stop words are never checked) or is a plain verb of
 * reporting (CUE_TELLING). At most one word in OWN_OF may be. */
static const double rare = 2.8; /* idf; about one article in sixteen contains the word */
enum { OWN_OF = 4 };

const char *cited_reason_name(size_t i)
{
    static const char *const names[] = {
#define R(symbol, name) name,
        CITED_REASONS(R)
#undef R
    };
    return i < CITED_REASON_COUNT ? names[i] : NULL;
}

/* ---- words ----------------------------------------------------------------------------------- */

struct seen_word {
    uint32_t id, hash; /* id 0: a stop word, or part of a date */
    bool number, name, stop;
    const char *at; /* in the text, which may be freed unless it is the statement */
    size_t length;
};

struct seen {
    const struct lang *lang;
    struct cues cues;
    struct seen_word v[SEEN];
    size_t n, pairs;
};

/* "sixteen" and "16" are the same number. */
static const char *cited_digits(void *arg, const struct word *word, bool before_stop)
{
    const struct seen *s = arg;
    return sentence_number(&s->cues, word, before_stop);
}

static bool is_stop(const struct lang *lang, const struct term_seen *seen)
{
    struct words words;
    struct word word;
    words_init(&words, seen->at, seen->n);
    return lang && words_next(&words, &word) && !word.number &&
           lang_word(lang, &word, lang_ahead(lang, &word)).lists & LANG_STOP;
}

static bool note_term(void *arg, const struct term_seen *seen)
{
    struct seen *s = arg;
    if (s->n == SEEN)
        return false;
    bool digit = *seen->at >= '0' && *seen->at <= '9';
    s->v[s->n++] = (struct seen_word){.id = seen->id,
                                      .hash = seen->hash,
                                      .number = seen->number || digit,
                                      .name = seen->upper && !seen->opens &&
                                              !(s->lang && lang_capitals(s->lang)),
                                      .stop = !seen->id && is_stop(s->lang, seen),
                                      .at = seen->at,
                                      .length = seen->n};
    s->pairs += seen->pair;
    return true;
}

/* Adds the words of a text. */
static void look_at_text(struct seen *s, const char *text)
{
    const struct terms_walk walk = {
        .lang = s->lang, .each = note_term, .digits = cited_digits, .arg = s};
    terms_walk(&walk, text, strlen(text));
}

static void begin_seen(struct seen *s, const struct lang *lang)
{
    s->lang = lang;
    s->n = s->pairs = 0;
    cues_init(&s->cues, lang ? lang_code(lang) : NULL);
}

static bool has_seen(const struct seen *s, const struct seen_word *w)
{
    for (size_t i = 0; i < s->n; i++)
        if (w->id ? s->v[i].id == w->id : s->v[i].hash == w->hash)
            return true;
    return false;
}

/* ---- one statement --------------------------------------------------------------------------- */

struct cited_reading {
    const struct prompt *p;
    const struct cited_rules *rules;
    size_t *dropped;
    struct seen words, cited; /* of the current statement, and of the sentences that it cites */
    size_t cites[CITED_SENTENCES], n_cites;
    struct seen kept[DIGEST_BULLETS + DIGEST_DETAILS + DIGEST_MEANING];
    size_t n_kept;
};

/* The text on one line; NULL when it contains markup, an address or other machine text. */
static char *plain_line(const json_t *value, size_t most)
{
    static const char *const not [] = {"://", "www.", "<", ">", "`", "*", "{", "}", "[", "]", "|"};
    const char *text = json_string_value(value);
    struct buf b;
    if (!text || strlen(text) > most || strlen(text) != json_string_length(value))
        return NULL;
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++)
        if (strstr(text, not [i]))
            return NULL;
    buf_init(&b, most + 1);
    for (const char *p = text, *end = text + strlen(text); p < end;) {
        uint32_t c = 0;
        size_t n = utf8_decode(p, end, &c);
        bool blank = !n || c <= ' ' || c == 0xA0 || utf8_unsafe(c);
        if (!blank)
            buf_add(&b, p, n);
        else if (b.len && b.p[b.len - 1] != ' ')
            buf_addc(&b, ' ');
        p += n ? n : 1;
    }
    while (b.len && b.p[b.len - 1] == ' ')
        buf_cut(&b, b.len - 1);
    if (b.len)
        return buf_take(&b);
    buf_free(&b);
    return NULL;
}

static bool read_cites(struct cited_reading *r, const json_t *cites)
{
    size_t i;
    json_t *one;
    r->n_cites = 0;
    begin_seen(&r->cited, r->rules->lang);
    if (!json_array_size(cites) || json_array_size(cites) > 4 * CITED_SENTENCES)
        return false;
    json_array_foreach(cites, i, one)
    {
        json_int_t number = json_integer_value(one);
        bool known = false;
        if (number < 1 || (uint64_t)number > r->p->n)
            return false;
        for (size_t k = 0; k < r->n_cites; k++)
            known |= r->cites[k] == (size_t)number - 1;
        if (!known && r->n_cites == CITED_SENTENCES)
            return false;
        if (!known)
            r->cites[r->n_cites++] = (size_t)number - 1;
    }
    for (i = 0; i < r->n_cites; i++) { /* the statement may name the source of a sentence */
        const struct prompt_sentence *s = &r->p->sentences[r->cites[i]];
        look_at_text(&r->cited, s->text);
        look_at_text(&r->cited, r->p->articles[s->article].source);
    }
    return true;
}

static bool text_has_cue(const struct cited_reading *r, enum cue_kind kind, const char *text)
{
    char folded[SENTENCE_MAX_TEXT * 2];
    size_t n = cue_fold(text, strlen(text), folded, sizeof folded);
    return cue_in(&r->words.cues, kind, folded, n, NULL) != NULL;
}

/* In how many of the cited sentences. */
static size_t cited_with(const struct cited_reading *r, enum cue_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_cites; i++)
        n += text_has_cue(r, kind, r->p->sentences[r->cites[i]].text);
    return n;
}

/* True when it contains a negation and no cited sentence does, or the reverse. (For languages
 * without negation words in config/sentences.conf nothing is detected.) */
static bool turns_it_round(const struct cited_reading *r, const char *text)
{
    size_t n = cited_with(r, CUE_NOT);
    return text_has_cue(r, CUE_NOT, text) ? n == 0 : n == r->n_cites;
}

/* True when all cited sentences hedge and the statement does not. */
static bool is_too_sure(const struct cited_reading *r, const char *text)
{
    return cited_with(r, CUE_HEDGE) == r->n_cites && !text_has_cue(r, CUE_HEDGE, text);
}

static bool stands_in_one(const struct cited_reading *r, const char *p, size_t n)
{
    for (size_t i = 0; i < r->n_cites; i++) {
        const char *text = r->p->sentences[r->cites[i]].text;
        if (memmem(text, strlen(text), p, n))
            return true;
    }
    return false;
}

/* The length of the quotation mark at `p`; 0: there is none. */
static size_t quotation_mark(const char *p)
{
    static const char *const marks[] = {"\"",           "\xe2\x80\x9c", "\xe2\x80\x9d",
                                        "\xe2\x80\x9e", "\xc2\xab",     "\xc2\xbb"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (!strncmp(p, marks[i], strlen(marks[i])))
            return strlen(marks[i]);
    return 0;
}

/* True when words in quotation marks do not appear exactly in a cited sentence; spaces and
 * punctuation at their ends are ignored. */
static bool misquotes(const struct cited_reading *r, const char *text)
{
    static const char ends[] = " .,;:!?";
    const char *open = NULL;
    for (const char *p = text;; p++) {
        size_t mark = *p ? quotation_mark(p) : 0;
        if (open && (mark || !*p)) {
            size_t n = (size_t)(p - open), skip = strspn(open, ends);
            skip = skip < n ? skip : n;
            for (open += skip, n -= skip; n && strchr(ends, open[n - 1]);)
                n--;
            if (n && !stands_in_one(r, open, n))
                return true;
            open = NULL;
        } else if (mark) {
            open = p + mark;
        }
        if (!*p)
            return false;
        p += mark ? mark - 1 : 0;
    }
}

/* True when a word that no cited sentence contains may be the model's own. */
static bool may_be_own(const struct cited_reading *r, const struct seen_word *w)
{
    char folded[WORD_MAX * 2];
    if (rarity_idf(r->rules->rarity, w->id) <= rare)
        return true;
    size_t n =
        w->length < sizeof folded / 2 ? cue_fold(w->at, w->length, folded, sizeof folded) : 0;
    return n && cue_is(&r->words.cues, CUE_TELLING, folded, n, NULL);
}

/* Why the words of `text` do not follow from the cited sentences; CITED_REASON_COUNT: they do. */
static enum cited_reason statement_fault(struct cited_reading *r, const char *text)
{
    size_t own = 0, terms = 0;
    begin_seen(&r->words, r->rules->lang);
    look_at_text(&r->words, text);
    if (r->words.n == SEEN || r->words.n - r->words.pairs / 2 > TOO_LONG)
        return CITED_FORM;
    for (size_t i = 0; i < r->words.n; i++) {
        const struct seen_word *w = &r->words.v[i];
        terms += w->id != 0;
        if (w->stop || has_seen(&r->cited, w))
            continue;
        if (w->number || !w->id)
            return CITED_NUMBER;
        if (w->name)
            return CITED_NAME;
        if (!may_be_own(r, w))
            return CITED_WORDS;
        own++;
    }
    if (terms < 2 || own * OWN_OF > terms)
        return terms < 2 ? CITED_FORM : CITED_WORDS;
    return turns_it_round(r, text) ? CITED_NEGATION
           : is_too_sure(r, text)  ? CITED_HEDGE
           : misquotes(r, text)    ? CITED_QUOTE
                                   : CITED_REASON_COUNT;
}

/* True when a kept statement contains nearly all of its words: six of seven. */
static bool is_kept_already(const struct cited_reading *r)
{
    for (size_t i = 0; i < r->n_kept; i++) {
        size_t terms = 0, there = 0;
        for (size_t k = 0; k < r->words.n; k++) {
            terms += r->words.v[k].id != 0;
            there += r->words.v[k].id && has_seen(&r->kept[i], &r->words.v[k]);
        }
        if (there * 7 >= terms * 6)
            return true;
    }
    return false;
}

static void add_cites(const struct cited_reading *r, struct digest_statement *s)
{
    for (size_t i = 0; i < r->n_cites; i++) {
        const struct prompt_sentence *said = &r->p->sentences[r->cites[i]];
        const struct prompt_article *a = &r->p->articles[said->article];
        struct digest_cite *c = codec_add(&s->cites, sizeof *c);
        bool known = false;
        for (size_t k = 0; k < i; k++)
            known |=
                !strcmp(r->p->articles[r->p->sentences[r->cites[k]].article].domain, a->domain);
        if (!known)
            codec_add_text(&s->sources, a->source, strlen(a->source));
        *c = (struct digest_cite){.text = mem_str(said->text),
                                  .article = a->number,
                                  .source = mem_str(a->source),
                                  .url = *a->url ? mem_str(a->url) : NULL};
    }
}

static void set_kind(struct cited_reading *r, const json_t *item, struct digest_statement *s)
{
    const char *type = json_string_value(json_object_get(item, "type"));
    char *heading = plain_line(json_object_get(item, "heading"), DIGEST_HEADING * 4);
    size_t characters = 0;
    for (size_t i = 0; type && kind_name(i); i++)
        if (!strcmp(kind_name(i), type))
            s->type = mem_str(type);
    for (const char *p = heading; p && *p; p++)
        characters += (*p & 0xC0) != 0x80;
    if (heading && characters <= DIGEST_HEADING &&
        statement_fault(r, heading) == CITED_REASON_COUNT)
        s->heading = heading;
    else
        free(heading);
}

/* Adds the item; returns its number of words, 0: it was dropped. */
static size_t take_statement(struct cited_reading *r, const json_t *item, bool detail, size_t room,
                             struct codec_list *out)
{
    char *text = plain_line(json_object_get(item, "text"), CITED_TEXT);
    enum cited_reason fault = !text ? CITED_FORM
                              : !read_cites(r, json_object_get(item, "cites"))
                                  ? CITED_CITES
                                  : statement_fault(r, text);
    size_t words = text ? r->words.n - r->words.pairs / 2 : 0;
    if (fault == CITED_REASON_COUNT && (words > room || is_kept_already(r)))
        fault = CITED_MANY;
    if (fault != CITED_REASON_COUNT) {
        r->dropped[fault]++;
        free(text);
        return 0;
    }
    const struct prompt_article *a = &r->p->articles[r->p->sentences[r->cites[0]].article];
    struct digest_statement *s = codec_add(out, sizeof *s);
    *s = (struct digest_statement){.text = text,
                                   .article = a->number,
                                   .source = mem_str(a->source),
                                   .url = *a->url ? mem_str(a->url) : NULL,
                                   .time = a->published,
                                   .by = mem_str(r->rules->by),
                                   .kind = mem_str("generated")};
    add_cites(r, s);
    r->kept[r->n_kept++] = r->words;
    if (detail)
        set_kind(r, item, s);
    return words;
}

/* ---- the whole answer ------------------------------------------------------------------------ */

static void read_answer_part(struct cited_reading *r, const json_t *items, bool detail, size_t most,
                             size_t words, struct codec_list *out)
{
    size_t i;
    json_t *item;
    json_array_foreach(items, i, item)
    {
        if (out->n == most || i == ITEMS) {
            r->dropped[CITED_MANY] += json_array_size(items) - i;
            return;
        }
        words -= take_statement(r, item, detail, words, out);
    }
}

/* By type; stable. */
static void sort_details(struct codec_list *details)
{
    struct digest_statement *v = details->v;
    for (size_t i = 1; i < details->n; i++) {
        struct digest_statement s = v[i];
        size_t at = i;
        for (; at && kind_order(v[at - 1].type) > kind_order(s.type); at--)
            v[at] = v[at - 1];
        v[at] = s;
    }
}

static bool has_answer_part(const json_t *object)
{
    bool any = false;
    for (size_t i = 0; prompt_part_name(i); i++)
        any |= json_is_array(json_object_get(object, prompt_part_name(i)));
    return any;
}

/* The first JSON object with a part: models often add text around their answer. */
static json_t *find_object(const char *text)
{
    const char *at = strchr(text, '{');
    for (int i = 0; at && i < TRIES; i++, at = strchr(at + 1, '{')) {
        json_t *object = json_loads(at, JSON_DISABLE_EOF_CHECK, NULL);
        if (has_answer_part(object))
            return object;
        json_decref(object);
    }
    return NULL;
}

bool cited_read(const char *text, const struct prompt *p, const struct cited_rules *rules,
                struct digest *out, size_t dropped[CITED_REASON_COUNT])
{
    *out = (struct digest){0};
    memset(dropped, 0, CITED_REASON_COUNT * sizeof *dropped);
    json_t *answer = find_object(text);
    if (!answer)
        return false;
    struct cited_reading *r = mem_zero(sizeof *r);
    r->p = p;
    r->rules = rules;
    r->dropped = dropped;
    if (rules->parts & PROMPT_SUMMARY)
        read_answer_part(r, json_object_get(answer, "summary"), false, DIGEST_BULLETS,
                         DIGEST_BULLETS_WORDS, &out->summary);
    if (rules->parts & PROMPT_DETAILS)
        read_answer_part(r, json_object_get(answer, "details"), true, DIGEST_DETAILS,
                         DIGEST_DETAILS_WORDS, &out->details);
    if (rules->parts & PROMPT_MEANING)
        read_answer_part(r, json_object_get(answer, "meaning"), false, DIGEST_MEANING,
                         DIGEST_BULLETS_WORDS, &out->meaning);
    sort_details(&out->details);
    free(r);
    json_decref(answer);
    return true;
}

bool cited_answer(const char *bytes, size_t n, struct cited_answer *out)
{
    *out = (struct cited_answer){0};
    json_t *body = n <= CITED_ANSWER ? json_loadb(bytes, n, 0, NULL) : NULL;
    const json_t *first = json_array_get(json_object_get(body, "choices"), 0);
    const char *text =
        json_string_value(json_object_get(json_object_get(first, "message"), "content"));
    json_int_t tokens =
        json_integer_value(json_object_get(json_object_get(body, "usage"), "total_tokens"));
    if (text)
        out->text = mem_str(text);
    out->tokens = tokens > 0 && tokens < MOST_TOKENS ? (uint64_t)tokens : 0;
    json_decref(body);
    return out->text != NULL;
}
