/* Extracts comparable claims (numbers, days, years, opposed words) from an article's sentences.
 * Called by digest.c; dispute.c and grown.c compare them. Word lists are in config/disputes.conf.
 */
#include "digest/claims.h"

#include "base/date_name.h"
#include "base/mem.h"
#include "digest/token.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Reach, in words, of the context that belongs to a claim. */
enum {
    NEAR_COUNT = 6, /* what happened to those counted */
    NEAR_NOUN = 3,  /* what is counted */
    NEAR_SUM = 5,   /* what an amount or a share refers to */
    NEAR_DAY = 3,   /* what was done on a day */
    NEAR_SIDE = 8,  /* whom and what an opposed word refers to */
    NEAR_NAME = 6,
    NEAR_PART = 2,
    NEAR_NOT = 4,
};

struct claim_reading {
    const char *lang;
    const struct sentence *s;
    struct tokens t;
    struct claims *out;
    bool moved;
};

static struct claim *add_claim(struct claim_reading *r, size_t i, size_t last, enum claim_kind kind)
{
    if (r->out->n >= CLAIMS_OF_ARTICLE)
        return NULL;
    MEM_GROW(r->out->v, r->out->n, r->out->cap);
    struct claim *c = &r->out->v[r->out->n++];
    memset(c, 0, sizeof *c);
    c->s = r->s;
    c->kind = (uint8_t)kind;
    c->at = r->t.v[i].at;
    c->n = (uint16_t)(r->t.v[last].at + r->t.v[last].n - c->at);
    c->moved = r->moved;
    return c;
}

static bool is_number_token(const struct token *t)
{
    return t->number || token_cue(t, CUE_NUMBER);
}

static void add_key(struct claim *c, const struct token *t)
{
    if (t->term && t->term->kind != WORD_NUMBER && c->n_keys < CLAIM_KEYS &&
        !token_cue(t, CUE_ANYONE) && !token_cue(t, CUE_SPEECH) && !token_cue(t, CUE_WEEKDAY))
        c->keys[c->n_keys++] = t->term->id;
}

/* Adds the terms up to `before` words before the claim and `after` behind it, within its clause if
 * `clause`. */
static void add_keys(const struct claim_reading *r, struct claim *c, size_t i, size_t last,
                     size_t before, size_t after, bool clause)
{
    for (size_t k = last + 1; k < r->t.n && k <= last + after; k++) {
        if (clause && (r->t.v[k].breaks || is_number_token(&r->t.v[k])))
            break;
        add_key(c, &r->t.v[k]);
    }
    for (size_t k = i; k > 0 && i - k < before; k--) {
        if (clause && r->t.v[k].breaks)
            break;
        add_key(c, &r->t.v[k - 1]);
    }
}

static void add_claim_names(const struct claim_reading *r, struct claim *c, size_t i, size_t last)
{
    size_t from = i > NEAR_NAME ? i - NEAR_NAME : 0;
    for (size_t k = from; k < r->t.n && k <= last + NEAR_NAME; k++)
        if (r->t.v[k].term && r->t.v[k].term->kind == WORD_NAME && c->n_names < CLAIM_NAMES &&
            !token_cue(&r->t.v[k], CUE_WEEKDAY))
            c->names[c->n_names++] = r->t.v[k].term->id;
}

static unsigned char byte_at(const struct sentence *s, size_t at)
{
    return at < s->n ? (unsigned char)s->text[at] : 0;
}

/* 1,234.5 and 1.234,5: three digits after a separator are thousands, except after a single point in
 * English. */
static double number_in_text(const char *text, size_t n, bool english)
{
    double whole = 0, part = 0, unit = 1;
    bool decimals = false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (c >= '0' && c <= '9') {
            if (decimals)
                part += (c - '0') * (unit /= 10);
            else
                whole = whole * 10 + (c - '0');
            continue;
        }
        size_t digits = 0;
        while (i + 1 + digits < n && text[i + 1 + digits] >= '0' && text[i + 1 + digits] <= '9')
            digits++;
        decimals = digits != 3 || (english && c == '.');
    }
    return whole + part;
}

static bool is_month_token(const struct claim_reading *r, size_t i)
{
    const struct token *t = &r->t.v[i];
    return i < r->t.n && !t->number && strlen(t->text) > 2 &&
           date_name_find(t->text, r->lang).months;
}

/* Digits of identifiers, dates and scores, and parts of words. */
static bool is_other(const struct claim_reading *r, size_t i)
{
    const struct token *t = &r->t.v[i];
    unsigned char before = t->at ? byte_at(r->s, t->at - 1u) : 0;
    unsigned char after = byte_at(r->s, (size_t)t->at + t->n);
    unsigned char next = byte_at(r->s, (size_t)t->at + t->n + 1);
    if (before && strchr("-/#:.", before))
        return true;
    if (after && strchr(":/", after) && next >= '0' && next <= '9')
        return true;
    if (after == '-' && next >= '0' && next <= '9')
        return true;
    return (i > 0 && is_month_token(r, i - 1)) || (i + 1 < r->t.n && is_month_token(r, i + 1));
}

static bool is_money(const struct sentence *s, size_t at)
{
    if (at && s->text[at - 1] == '$')
        return true;
    if (at > 1 && !memcmp(s->text + at - 2, "\xC2\xA3", 2))
        return true;
    return at > 2 && !memcmp(s->text + at - 3, "\xE2\x82\xAC", 3);
}

static bool is_part_number(const struct claim_reading *r, size_t i, size_t last)
{
    for (size_t k = i; k > 0 && i - k < NEAR_PART && !r->t.v[k].breaks; k--) {
        const struct token *t = &r->t.v[k - 1];
        if (token_cue(t, CUE_PART) && !token_cue(t, CUE_LEAST))
            return true;
    }
    const struct token *next = last + 1 < r->t.n ? &r->t.v[last + 1] : NULL;
    return next && !next->breaks && token_cue(next, CUE_PART);
}

static enum claim_hedge hedge_of(const struct claim_reading *r, size_t i)
{
    static const enum token_cue_kind kinds[] = {
        [HEDGE_ABOUT] = CUE_ABOUT, [HEDGE_LEAST] = CUE_LEAST, [HEDGE_MOST] = CUE_MOST};
    for (size_t k = i; k > 0 && i - k < 4; k--)
        for (size_t h = HEDGE_ABOUT; h <= HEDGE_MOST; h++)
            if (token_cue(&r->t.v[k - 1], kinds[h]))
                return (enum claim_hedge)h;
    return HEDGE_NONE;
}

/* What happened to those counted: stated after the number, or else before it. */
static const struct cue *counted(const struct claim_reading *r, size_t i, size_t last)
{
    for (size_t k = last + 1; k < r->t.n && k <= last + NEAR_COUNT; k++) {
        const struct token *t = &r->t.v[k];
        if (t->breaks || is_number_token(t))
            break;
        const struct cue *c = token_cue(t, CUE_COUNT);
        if (c && (c->grows || k <= last + 2))
            return c;
    }
    for (size_t k = i; k > 0 && i - k < NEAR_COUNT && !r->t.v[k].breaks; k--) {
        const struct cue *c = token_cue(&r->t.v[k - 1], CUE_COUNT);
        if (is_number_token(&r->t.v[k - 1]))
            break;
        if (c && c->grows)
            return c;
    }
    return NULL;
}

static void add_count_claim(struct claim_reading *r, size_t i, size_t last, double value)
{
    const struct cue *group = counted(r, i, last);
    struct claim *c = add_claim(r, i, last, CLAIM_COUNT);
    if (!c)
        return;
    c->value = value;
    c->hedge = (uint8_t)hedge_of(r, i);
    if (group) {
        c->group = group->group;
        c->grows = group->grows;
    }
    add_keys(r, c, i, last, 0, NEAR_NOUN, true);
    add_claim_names(r, c, i, last);
    if (!c->group && !c->n_keys)
        r->out->n--;
}

static void add_sum(struct claim_reading *r, size_t i, size_t last, enum claim_kind kind,
                    double value)
{
    struct claim *c = add_claim(r, i, last, kind);
    if (!c)
        return;
    c->value = value;
    c->hedge = (uint8_t)hedge_of(r, i);
    add_keys(r, c, i, last, NEAR_SUM, NEAR_SUM, false);
    add_claim_names(r, c, i, last);
}

static void add_day(struct claim_reading *r, size_t i, enum claim_kind kind, double value)
{
    struct claim *c = add_claim(r, i, i, kind);
    if (!c)
        return;
    c->value = value;
    add_keys(r, c, i, i, NEAR_DAY, NEAR_DAY, true);
    add_claim_names(r, c, i, i);
}

static void read_number_claim(struct claim_reading *r, size_t i)
{
    const struct token *t = &r->t.v[i], *next = i + 1 < r->t.n ? &r->t.v[i + 1] : NULL;
    const struct cue *word = token_cue(t, CUE_NUMBER);
    const struct cue *scale = next ? token_cue(next, CUE_SCALE) : NULL;
    size_t end = (size_t)t->at + t->n;
    bool glued = next && next->at == end;
    double value =
        word ? word->side : number_in_text(r->s->text + t->at, t->n, !strcmp(r->lang, "en"));
    if ((!word && is_other(r, i)) || value > 1e12)
        return;
    if (scale && (glued || strlen(scale->words) > 2))
        value *= scale->side;
    else if (glued)
        return;
    else
        scale = NULL;
    size_t last = scale ? i + 1 : i;
    end = (size_t)r->t.v[last].at + r->t.v[last].n;
    next = last + 1 < r->t.n ? &r->t.v[last + 1] : NULL;
    if (is_part_number(r, i, last))
        return;
    if (next && r->s->text[end] == '-') {
        if (!strcmp(next->text, "year") && last + 2 < r->t.n &&
            !strcmp(r->t.v[last + 2].text, "old"))
            add_sum(r, i, last + 2, CLAIM_AGE, value);
        return;
    }
    if (is_money(r->s, t->at))
        add_sum(r, i, last, CLAIM_MONEY, value);
    else if (byte_at(r->s, end) == '%' || (next && token_cue(next, CUE_PERCENT)))
        add_sum(r, i, last, CLAIM_PERCENT, value);
    else if (!word && !scale && t->n == 4 && value >= 1900 && value < 2100)
        add_day(r, i, CLAIM_YEAR, value);
    else
        add_count_claim(r, i, last, value);
}

static void read_side(struct claim_reading *r, size_t i, const struct cue *cue)
{
    size_t last = i + cue_words(cue) - 1;
    for (size_t k = i + 1; k > 0 && i + 1 - k <= NEAR_NOT; k--)
        if (token_cue(&r->t.v[k - 1], CUE_NOT))
            return;
    struct claim *c = add_claim(r, i, last, CLAIM_SIDE);
    if (!c)
        return;
    c->group = cue->group;
    c->value = cue->side;
    add_claim_names(r, c, i, last);
    add_keys(r, c, i, last, NEAR_SIDE, NEAR_SIDE, false);
}

static void read_sentence(struct claim_reading *r)
{
    tokens_of(r->lang, r->s, &r->t);
    r->moved = false;
    for (size_t i = 0; i < r->t.n; i++)
        r->moved |= token_cue(&r->t.v[i], CUE_MOVED) != NULL;
    for (size_t i = 0; i < r->t.n; i++) {
        const struct cue *day = token_cue(&r->t.v[i], CUE_WEEKDAY);
        if (day)
            add_day(r, i, CLAIM_DAY, day->side);
        if (is_number_token(&r->t.v[i]))
            read_number_claim(r, i);
        const struct cue *side = token_cue(&r->t.v[i], CUE_OPPOSE);
        if (side)
            read_side(r, i, side);
    }
}

void claims_of(const char *lang, const struct sentences *s, struct claims *out)
{
    struct claim_reading r = {.lang = lang, .out = out};
    *out = (struct claims){0};
    for (size_t i = 0; i < s->n; i++) {
        if (s->v[i].marks & (SENTENCE_ASKS | SENTENCE_QUOTED | SENTENCE_CUT))
            continue;
        r.s = &s->v[i];
        read_sentence(&r);
    }
}

/* "1,500" is 1,523 rounded to the digits before its zeros; "nearly 50" is 49. */
static bool is_round_of(const struct claim *round, const struct claim *exact)
{
    double unit = 1;
    while (unit < round->value && fmod(round->value, unit * 10) == 0)
        unit *= 10;
    if (fmod(round->value, 1) != 0)
        unit = 0.1;
    if (round->hedge == HEDGE_ABOUT)
        return fabs(round->value - exact->value) <= fmax(unit, round->value * 0.1);
    /* without a hedge, it rounds a number with more digits */
    return (unit > 1 || fmod(exact->value, 1) != 0) && fabs(round->value - exact->value) < unit &&
           fabs(round->value - exact->value) <= exact->value * 0.1 && fmod(exact->value, unit) != 0;
}

static bool keeps_bound(const struct claim *bound, const struct claim *other)
{
    if (bound->hedge == HEDGE_LEAST)
        return other->value >= bound->value || other->hedge == HEDGE_LEAST;
    return bound->hedge == HEDGE_MOST &&
           (other->value <= bound->value || other->hedge == HEDGE_MOST);
}

bool claims_agree(const struct claim *a, const struct claim *b)
{
    if (fabs(a->value - b->value) < 1e-9)
        return true;
    if (a->kind >= CLAIM_YEAR)
        return false;
    return keeps_bound(a, b) || keeps_bound(b, a) || is_round_of(a, b) || is_round_of(b, a);
}
