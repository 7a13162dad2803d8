/* Combines the tone and cue words of a post into a stance; see stance.h. Called by sentiment.c. The
 * words are counted in tone.c. */
#include "digest/stance.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

/* Evidence of a stance, as a multiple of one word that shows it by itself. */
static const double TONE = 1.2;         /* of all positive words, in addition to words of support */
static const double IRONY = 2;          /* the post is marked as not meant seriously */
static const double SCARE_QUOTES = 0.8; /* 'their "plan"' */
static const double ASKED = 0.5; /* factor for praise in a question; added doubt in an angry one */
static const double SUFFERS = 0.9;      /* "I", "we" with negative words */
static const double CLEAR = 0.45;       /* from here on it is a stance */
static const double PLAINLY_BAD = -0.3; /* of the tone value */

enum { QUOTED_WORDS = 2, QUOTED_BYTES = 28 };

static bool opens_quote(uint32_t c)
{
    return c == '"' || c == 0x201C || c == 0x201E || c == 0xAB || c == 0x2018;
}

static bool closes_quote(uint32_t c)
{
    return c == '"' || c == 0x201C || c == 0x201D || c == 0xBB || c == 0x2019;
}

/* True when an opening mark is followed by one or two lower-case words and the closing mark. With
 * capitals it is a title or somebody's words. */
static bool is_aside(const char *p, const char *end)
{
    const char *from = p;
    unsigned words = 1, letters = 0;
    while (p < end && p - from < QUOTED_BYTES) {
        uint32_t c;
        size_t n = utf8_decode(p, end, &c);
        if (!n)
            return false;
        if (closes_quote(c))
            return letters > 2 && words <= QUOTED_WORDS;
        utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
        if (category == UTF8PROC_CATEGORY_LL)
            letters++;
        else if (c == ' ' || c == 0xA0)
            words += letters > 0;
        else if (c != '-' && c != '\'')
            return false;
        p += n;
    }
    return false;
}

static bool has_scare_quotes(const char *text)
{
    const char *end = text + strnlen(text, TONE_READ);
    bool blank = true;
    for (const char *p = text; p < end;) {
        uint32_t c;
        size_t n = utf8_decode(p, end, &c);
        p += n ? n : 1;
        if (n && blank && opens_quote(c) && is_aside(p, end))
            return true;
        blank = !n || c == ' ' || c == '\n' || c == '(';
    }
    return false;
}

struct stance_read stance_of(const struct tones *t, const char *lang, const char *text)
{
    const struct tone tone = tone_read(t, lang, text);
    double good = tone.value > 0 ? tone.value : 0;
    double for_it[STANCES] = {
        [STANCE_SUPPORTIVE] = (tone.support + TONE * good) * (tone.asks ? ASKED : 1),
        [STANCE_SKEPTICAL] = tone.doubt + IRONY * tone.ironic,
        [STANCE_CONCERNED] = tone.concern,
        [STANCE_NEUTRAL] = CLEAR,
    };
    if (has_scare_quotes(text ? text : ""))
        for_it[STANCE_SKEPTICAL] += SCARE_QUOTES;
    if (tone.value < PLAINLY_BAD && tone.asks)
        for_it[STANCE_SKEPTICAL] += ASKED;
    if (tone.value < PLAINLY_BAD && tone.personal)
        for_it[STANCE_CONCERNED] += SUFFERS * -tone.value;
    if (tone.ironic)
        for_it[STANCE_SUPPORTIVE] = 0;
    size_t best = STANCE_NEUTRAL;
    for (size_t i = 0; i < STANCE_NEUTRAL; i++)
        if (for_it[i] > for_it[best])
            best = i;
    double next = 0;
    for (size_t i = 0; i < STANCES; i++)
        if (i != best && for_it[i] > next)
            next = for_it[i];
    return (struct stance_read){.stance = (enum stance)best, .clear = for_it[best] - next};
}

const char *stance_name(enum stance s)
{
    static const char *const names[STANCES] = {
        [STANCE_SUPPORTIVE] = "supportive",
        [STANCE_SKEPTICAL] = "skeptical",
        [STANCE_CONCERNED] = "concerned",
        [STANCE_NEUTRAL] = "neutral",
    };
    return names[s];
}
