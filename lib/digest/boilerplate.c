/* Recognises boilerplate sentences and cuts datelines; see boilerplate.h. Called by ends.c and
 * sentence.c. The word lists are in config/boilerplate.conf; this file holds the rules about form.
 */
#define _GNU_SOURCE /* memmem() */
#include "digest/boilerplate.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum {
    WORDS = 30, /* most words of a sentence dropped for its cue, by default */
    BYLINE_WORDS = 10,
    BANNER_WORDS = 14,
    ADDRESS_WORDS = 6,
    PLACE = 60,  /* bytes of a dateline before its brackets or its dash */
    AGENCY = 40, /* bytes between brackets */
    PLACE_WORDS = 8
};

static bool within_words(const char *value, unsigned words)
{
    unsigned most = value && *value ? (unsigned)strtoul(value, NULL, 10) : WORDS;
    return words <= most;
}

/* A banner: letters, none of them lower case. */
static bool is_banner(const struct span *s)
{
    size_t upper = 0;
    const char *end = s->p + s->n;
    uint32_t c;
    for (const char *p = s->p; p < end;) {
        size_t n = utf8_decode(p, end, &c);
        if (!n)
            return false;
        p += n;
        utf8proc_category_t k = utf8proc_category((int32_t)c);
        if (k == UTF8PROC_CATEGORY_LL || k == UTF8PROC_CATEGORY_LO)
            return false;
        upper += k == UTF8PROC_CATEGORY_LU;
    }
    return upper >= 3;
}

/* True when it contains no letter. */
static bool is_mute(const char *folded)
{
    for (; *folded; folded++)
        if ((*folded >= 'a' && *folded <= 'z') || (unsigned char)*folded >= 128)
            return false;
    return true;
}

static bool has_address(const char *folded)
{
    const char *at = strchr(folded, '@');
    if (strstr(folded, "www."))
        return true;
    return at && at > folded && at[-1] != ' ' && strchr(at, '.');
}

/* "By Jane Doe": a line without final punctuation whose word after the cue has a capital. */
static bool is_byline(const struct cues *c, const struct span *s, const char *folded, size_t n,
                      unsigned words)
{
    size_t cue;
    if (s->ended || words > BYLINE_WORDS || words < 2 ||
        !(cue = cue_at(c, CUE_BYLINE, folded, folded + n, NULL)))
        return false;
    const char *p = s->p, *end = s->p + s->n;
    for (const char *q = folded; q <= folded + cue; q++)
        if (*q == ' ' || *q == 0)
            for (p += strcspn(p, " "); p < end && *p == ' ';)
                p++;
    return p < end && (unsigned char)*p < 128 ? *p >= 'A' && *p <= 'Z' : p < end;
}

/* "#ferry #storm" */
static bool is_tagged(const char *folded)
{
    for (; *folded; folded += *folded == ' ')
        if (*folded != '#')
            return false;
        else
            folded += strcspn(folded, " ");
    return true;
}

/* A value of "8$" means: at the end of a sentence of at most 8 words. */
static bool has_word_cue(const struct cues *c, const char *folded, size_t n, unsigned words)
{
    const char *end = folded + n, *value = "";
    for (const char *p = folded; p < end && (p = cue_in(c, CUE_HAS, p, (size_t)(end - p), &value));
         p += strcspn(p, " "))
        if (within_words(value, words) && (!strchr(value, '$') || p + strcspn(p, " ") == end))
            return true;
    return false;
}

bool boilerplate_is(const struct cues *c, const struct span *s, const char *folded, size_t n,
                    unsigned words)
{
    const char *value = "";
    if (is_mute(folded) || cue_is(c, CUE_LINE, folded, n, NULL))
        return true;
    if (cue_at(c, CUE_BEGIN, folded, folded + n, &value) && within_words(value, words))
        return true;
    return has_word_cue(c, folded, n, words) || is_tagged(folded) ||
           is_byline(c, s, folded, n, words) || (words <= BANNER_WORDS && is_banner(s)) ||
           (words <= ADDRESS_WORDS && has_address(folded)) || strstr(folded, "http:") ||
           strstr(folded, "https:");
}

/* ---- datelines ------------------------------------------------------------------------------- */

/* The position after a dash surrounded by spaces, also "--"; NULL: there is none. */
static const char *past_dash(const char *p, const char *end)
{
    static const char *const dashes[] = {"\xE2\x80\x94", "\xE2\x80\x93", "\xE2\x80\x95", "--", "-"};
    while (p < end && (*p == ' ' || *p == '.'))
        p++;
    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++) {
        size_t n = strlen(dashes[i]);
        if ((size_t)(end - p) > n && !memcmp(p, dashes[i], n)) {
            for (p += n; p < end && *p == ' ';)
                p++;
            return p;
        }
    }
    return NULL;
}

struct place_words {
    unsigned words, capitals, caps, small;
};

/* Counts how the words of a possible place and date are written. */
static struct place_words look_at_place(const char *p, const char *end)
{
    struct place_words l = {0};
    while (p < end) {
        const char *word = p;
        size_t upper = 0, lower = 0, step;
        bool first = false;
        uint32_t c;
        for (; p < end && *p != ' ' && *p != ','; p += step) {
            step = utf8_decode(p, end, &c);
            if (!step)
                return l;
            utf8proc_category_t k = utf8proc_category((int32_t)c);
            upper += k == UTF8PROC_CATEGORY_LU;
            lower += k == UTF8PROC_CATEGORY_LL;
            first |= p == word && (k == UTF8PROC_CATEGORY_LU || k == UTF8PROC_CATEGORY_ND);
        }
        l.words += p > word;
        l.capitals += first;
        l.caps += upper > 1 && !lower;
        l.small += p > word && !first;
        while (p < end && (*p == ' ' || *p == ','))
            p++;
    }
    return l;
}

static bool is_agency(const struct cues *c, const char *p, const char *end)
{
    char folded[AGENCY + 8];
    size_t n =
        (size_t)(end - p) <= AGENCY ? cue_fold(p, (size_t)(end - p), folded, sizeof folded) : 0;
    return n && cue_in(c, CUE_AGENCY, folded, n, NULL);
}

/* "WASHINGTON (Reuters) - ", "(CNN) ", "Madrid, 3 may (EFE).- ", "МОСКВА, 3 мая. /ТАСС/. " */
static size_t bracketed(const struct cues *c, const char *p, const char *end)
{
    const char *stop = end - p > PLACE ? p + PLACE : end, *open = p;
    while (open < stop && *open != '(' && *open != '/')
        open++;
    if (open >= stop)
        return 0;
    const char *close = memchr(open + 1, *open == '(' ? ')' : '/', (size_t)(end - open - 1));
    if (!close || close - open > AGENCY)
        return 0;
    struct place_words place = look_at_place(p, open);
    bool agency = is_agency(c, open + 1, close);
    if (place.words > PLACE_WORDS || place.small > place.capitals)
        return 0;
    const char *text = past_dash(close + 1, end);
    if (text && (agency || (place.words && place.caps)))
        return (size_t)(text - p);
    if (!agency || (place.words && !place.caps))
        return 0;
    for (text = close + 1; text < end && (*text == ' ' || *text == '.' || *text == ':');)
        text++;
    return (size_t)(text - p);
}

/* "LONDON — ", "NEW YORK, March 3 - "; "Berlin - Die ..." only at the beginning of a text. */
static size_t dashed(const char *p, const char *end, bool lead)
{
    const char *stop = end - p > PLACE ? p + PLACE : end;
    for (const char *q = p; q < stop; q++) {
        if (*q != ' ' && (unsigned char)*q != 0xE2)
            continue;
        const char *text = past_dash(q, end);
        if (!text)
            continue;
        if (*q == ' ' && q[1] == '-' && q[2] != ' ' && q[2] != '-')
            continue; /* "North -South" */
        struct place_words place = look_at_place(p, q);
        size_t first = strcspn(p, " ,");
        struct place_words head = look_at_place(p, p + first);
        if (head.caps && place.small <= 1 && place.words <= PLACE_WORDS)
            return (size_t)(text - p);
        uint32_t c = 0;
        bool capital =
            utf8_decode(text, end, &c) && utf8proc_category((int32_t)c) == UTF8PROC_CATEGORY_LU;
        if (lead && capital && place.words && place.words <= 2 && place.capitals == place.words)
            return (size_t)(text - p);
        return 0;
    }
    return 0;
}

/* "【北京共同】", "新华社北京5月3日电（记者某某）" */
static size_t unspaced(const char *p, const char *end)
{
    static const struct {
        const char *begin, *stop;
    } forms[] = {{"【", "】"},     {"新华社", "电"}, {"新華社", "電"}, {"中新社", "电"},
                 {"中新网", "电"}, {"中央社", "電"}, {"（", "電）"}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t n = strlen(forms[i].begin), m = strlen(forms[i].stop);
        if ((size_t)(end - p) <= n || memcmp(p, forms[i].begin, n) != 0)
            continue;
        const char *stop = end - p > PLACE + 20 ? p + PLACE + 20 : end;
        const char *found = memmem(p, (size_t)(stop - p), forms[i].stop, m);
        if (!found)
            continue;
        found += m;
        static const char open[] = "（", close[] = "）";
        if ((size_t)(end - found) > sizeof open && !memcmp(found, open, sizeof open - 1)) {
            size_t left = (size_t)(end - found);
            const char *more = memmem(found, left < 60 ? left : 60, close, sizeof close - 1);
            found = more ? more + sizeof close - 1 : found;
        }
        while (found < end && *found == ' ')
            found++;
        if ((size_t)(end - found) > 3 && !memcmp(found, "\xE3\x80\x80", 3))
            found += 3;
        return (size_t)(found - p);
    }
    return 0;
}

size_t boilerplate_dateline(const struct cues *c, const char *p, size_t n, bool lead)
{
    const char *end = p + n;
    if (n < 4)
        return 0;
    if ((unsigned char)*p >= 0xE3)
        return unspaced(p, end);
    size_t cut = bracketed(c, p, end);
    if (!cut)
        cut = dashed(p, end, lead);
    return cut < n ? cut : 0;
}
