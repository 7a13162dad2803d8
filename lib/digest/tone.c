/* Applies VADER's rules to a sequence of words; see tone.h. Called by stance.c and storyctl. */
#include "digest/tone.h"

#include "digest/tone_words.h"

#include <math.h>

/* Measured by the method's authors on ratings by people. */
static const double BOOST = 0.293, CAPITALS = 0.733, NEGATED = -0.74;
static const double BOOST_FADES[] = {1, 0.95, 0.9}; /* by distance */
static const double BEFORE_BUT = 0.5, AFTER_BUT = 1.5;
static const double BANG = 0.292, ASK = 0.18, MANY_ASKS = 0.96;
static const double NORMAL = 15; /* approximates the square of the greatest expected sum */

enum { REACH = 3, MAX_BANGS = 4, MAX_ASKS = 3 };

static bool unit_has_role(const struct tone_unit *u, unsigned roles)
{
    return u->known && u->known->roles & roles;
}

/* True for a word with a tone; a booster only boosts, and "no good" is not negative twice. */
static bool has_tone(const struct tone_text *x, size_t i)
{
    const struct tone_unit *u = &x->units[i];
    if (!unit_has_role(u, TONE_WORDS) || unit_has_role(u, TONE_BOOSTERS))
        return false;
    return !unit_has_role(u, TONE_NEGATORS) || i + 1 == x->n ||
           !unit_has_role(&x->units[i + 1], TONE_WORDS);
}

static double boost(const struct tone_text *x, const struct tone_unit *u, double value)
{
    if (!unit_has_role(u, TONE_BOOSTERS))
        return 0;
    double side = value < 0 ? -1 : 1;
    return side * (BOOST * u->known->boost + (u->caps && x->caps_differ ? CAPITALS : 0));
}

/* "I don't like it at all, not at all": a negator after it, at the end of its clause. */
static bool negated_after(const struct tone_text *x, size_t i)
{
    for (size_t k = 1; k <= REACH && i + k < x->n && !x->units[i + k - 1].ends; k++)
        if (unit_has_role(&x->units[i + k], TONE_NEGATORS_AFTER))
            return x->units[i + k].ends;
    return false;
}

static bool is_negated(const struct tone_text *x, size_t i)
{
    for (size_t k = 1; k <= REACH && k <= i && !x->units[i - k].ends; k++)
        if (unit_has_role(&x->units[i - k], TONE_NEGATORS))
            return true;
    return negated_after(x, i);
}

static double unit_value(const struct tone_text *x, size_t i)
{
    const struct tone_unit *u = &x->units[i];
    if (!has_tone(x, i))
        return 0;
    double value = u->known->value;
    if (u->caps && x->caps_differ)
        value += value > 0 ? CAPITALS : -CAPITALS;
    for (size_t k = 1; k <= REACH && k <= i; k++)
        value += BOOST_FADES[k - 1] * boost(x, &x->units[i - k], value);
    return is_negated(x, i) ? value * NEGATED : value;
}

/* The index of "but", or the end when there is none. */
static size_t find_but(const struct tone_text *x)
{
    size_t but = 0;
    while (but < x->n && !unit_has_role(&x->units[but], TONE_BUT))
        but++;
    return but;
}

static double unit_weight(const struct tone_text *x, size_t but, size_t i)
{
    return but == x->n ? 1 : i < but ? BEFORE_BUT : AFTER_BUT;
}

static double sum_units(const struct tone_text *x)
{
    size_t but = find_but(x);
    double total = 0;
    for (size_t i = 0; i < x->n; i++)
        total += unit_value(x, i) * unit_weight(x, but, i);
    return total;
}

static double emphasis(const struct tone_text *x)
{
    double bangs = BANG * (x->bangs < MAX_BANGS ? x->bangs : MAX_BANGS);
    return bangs + (x->asks < 2 ? 0 : x->asks <= MAX_ASKS ? ASK * x->asks : MANY_ASKS);
}

static void count_cues(const struct tone_text *x, struct tone *out)
{
    size_t but = find_but(x);
    for (size_t i = 0; i < x->n; i++) {
        const struct tone_unit *u = &x->units[i];
        out->ironic |= unit_has_role(u, TONE_IRONY);
        out->personal |= unit_has_role(u, TONE_PERSONAL);
        if (!unit_has_role(u, TONE_CONCERN | TONE_DOUBT | TONE_SUPPORT))
            continue;
        bool negated = is_negated(x, i);
        double one = unit_weight(x, but, i);
        out->concern += unit_has_role(u, TONE_CONCERN) && !negated ? one : 0;
        out->doubt += unit_has_role(u, negated ? TONE_SUPPORT : TONE_DOUBT) ? one : 0;
        out->support += unit_has_role(u, TONE_SUPPORT) && !negated ? one : 0;
    }
    out->asks = x->asks > 0;
}

struct tone tone_read(const struct tones *t, const char *lang, const char *text)
{
    struct tone_text x;
    struct tone out = {0};
    tone_split(t, tone_lang(t, lang), text ? text : "", &x);
    double total = sum_units(&x);
    if (total != 0)
        total += total > 0 ? emphasis(&x) : -emphasis(&x);
    count_cues(&x, &out);
    if (out.ironic && total > 0)
        total *= NEGATED;
    out.value = total / sqrt(total * total + NORMAL);
    return out;
}

double tone_of(const struct tones *t, const char *lang, const char *text)
{
    return tone_read(t, lang, text).value;
}
