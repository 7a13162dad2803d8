/* A post's text -> a sequence of words, phrases, emoji and emoticons. Called by tone.c. */
#include "digest/tone_words.h"

#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

enum { MAX_PHRASE = 4, MAX_PHRASE_BYTES = 64 };

/* A word, not yet joined to phrases: a part of the lower-case text. */
struct tone_piece {
    uint16_t at, n;
    bool caps, cased; /* all its letters are capitals; it has letters */
    bool ends, asks;  /* punctuation ends its clause; that includes a question mark */
    bool mute;        /* an address or somebody's name: never looked up */
};

struct tone_reader {
    const struct tones *t;
    int lang;
    char low[TONE_READ * 2]; /* the text in lower case */
    size_t n_low;
    struct tone_piece pieces[TONE_UNITS];
    size_t n;
    bool upper, lower; /* whether the token so far has capitals, and lower-case letters */
    unsigned bangs, asks;
};

/* Plain equivalents of characters; 0: the character is dropped. */
static const struct {
    uint32_t from;
    char to;
} plainer[] = {
    {0x2018, '\''}, {0x2019, '\''}, {0x02BC, '\''}, {0x201C, '"'}, {0x201D, '"'}, {0x201E, '"'},
    {0xAB, '"'},    {0xBB, '"'},    {0x2013, '-'},  {0x2014, ';'}, {0x2026, '.'}, {0xFF01, '!'},
    {0xFF1F, '?'},  {0xA1, 0},      {0xBF, 0},      {0xFE0F, 0},   {0xFE0E, 0},   {0x200D, 0},
    {0x1F3FB, 0},   {0x1F3FC, 0},   {0x1F3FD, 0},   {0x1F3FE, 0},  {0x1F3FF, 0},
};

static uint32_t plain_letter(uint32_t c)
{
    for (size_t i = 0; i < sizeof plainer / sizeof *plainer; i++)
        if (plainer[i].from == c)
            return (unsigned char)plainer[i].to;
    return c;
}

static bool is_white_space(uint32_t c)
{
    return c <= ' ' || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200B) || c == 0x2028;
}

static bool is_mark(char c)
{
    return c > ' ' && c < 127 && !((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'));
}

static const struct tone_known *find_tone(const struct tone_reader *r, size_t at, size_t n)
{
    return tone_find(r->t, r->lang, r->low + at, n);
}

static struct tone_piece *put_piece(struct tone_reader *r, size_t at, size_t n)
{
    if (r->n == TONE_UNITS || n == 0)
        return NULL;
    struct tone_piece *p = &r->pieces[r->n++];
    *p = (struct tone_piece){.at = (uint16_t)at,
                             .n = (uint16_t)n,
                             .caps = r->upper && !r->lower,
                             .cased = r->upper || r->lower};
    return p;
}

/* "sooooo good": three or more equal letters become `most` of them. */
static size_t squeeze_letters(const char *p, size_t n, size_t most, char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < n;) {
        size_t run = 1;
        while (i + run < n && p[i + run] == p[i])
            run++;
        for (size_t k = 0; k < (run < 3 ? run : most); k++)
            out[len++] = p[i];
        i += run;
    }
    return len;
}

/* The known form of a word, without lengthening and without "'s". */
static size_t known_form(struct tone_reader *r, size_t at, size_t n)
{
    char *p = r->low + at, other[MAX_PHRASE_BYTES];
    if (n > sizeof other || find_tone(r, at, n))
        return n;
    if (n > 3 && p[n - 2] == '\'' && p[n - 1] == 's' && find_tone(r, at, n - 2))
        return n - 2;
    for (size_t most = 2; most > 0; most--) {
        size_t len = squeeze_letters(p, n, most, other);
        if (len < n && tone_find(r->t, r->lang, other, len)) {
            memcpy(p, other, len);
            return len;
        }
    }
    return n;
}

/* "l'espoir": two words in languages that write so. */
static size_t elided(const struct tone_reader *r, size_t at, size_t n)
{
    const char *quote = memchr(r->low + at, '\'', n);
    size_t len = quote ? (size_t)(quote - r->low) - at + 1 : 0;
    const struct tone_known *k = len && len < n ? find_tone(r, at, len) : NULL;
    return k && k->roles & TONE_ELIDED ? len : 0;
}

static void put_word(struct tone_reader *r, size_t at, size_t n)
{
    size_t first = elided(r, at, n);
    if (first)
        put_piece(r, at, first);
    put_piece(r, at + first, known_form(r, at + first, n - first));
}

static size_t separator(const struct tone_reader *r, size_t at, size_t end)
{
    static const char separators[] = ".,;:!?/\"()[]*_~|+=<>&";
    size_t i = at;
    while (i < end && !strchr(separators, r->low[i]) &&
           !(r->low[i] == '-' && i + 1 < end && r->low[i + 1] == '-'))
        i++;
    return i;
}

/* "good/bad", "late.But": parts separated by punctuation. */
static void put_parts(struct tone_reader *r, size_t at, size_t end)
{
    while (at < end) {
        size_t to = separator(r, at, end);
        size_t before = r->n;
        while (to > at && r->low[to - 1] == '-')
            to--;
        if (to > at)
            put_word(r, at, to - at);
        for (at = to; at < end && is_mark(r->low[at]); at++)
            if (r->n > before && strchr(".,;:!?", r->low[at]))
                r->pieces[r->n - 1].ends = true;
    }
}

/* The punctuation after a word: it may contain an emoticon, or end a clause. */
static void put_tail(struct tone_reader *r, size_t at, size_t end)
{
    struct tone_piece *word = r->n ? &r->pieces[r->n - 1] : NULL;
    for (size_t i = at; i < end; i++) {
        if (word && strchr(".,;:!?", r->low[i]))
            word->ends = true;
        if (word && r->low[i] == '?')
            word->asks = true;
        if (end - i > 1 && find_tone(r, i, end - i)) {
            put_piece(r, i, end - i);
            return;
        }
    }
}

/* Emoticons, ":-)", ":D", "<3": exactly, or with the last character once. */
static bool put_emoticon(struct tone_reader *r, size_t at, size_t end)
{
    size_t to = end;
    while (to > at + 2 && r->low[to - 1] == r->low[to - 2])
        to--;
    size_t n = find_tone(r, at, end - at) ? end - at : find_tone(r, at, to - at) ? to - at : 0;
    if (n)
        put_piece(r, at, n);
    return n > 0;
}

static bool is_address(const char *p, size_t n)
{
    return (n > 7 && (!strncmp(p, "http://", 7) || !strncmp(p, "https:/", 7))) ||
           (n > 4 && !strncmp(p, "www.", 4)) || (n > 1 && *p == '@');
}

/* The token ends at a space. */
static void end_token(struct tone_reader *r, size_t at)
{
    size_t end = r->n_low, from = at, to = end;
    if (at == end)
        return;
    while (from < to && is_mark(r->low[from]))
        from++;
    while (to > from && is_mark(r->low[to - 1]))
        to--;
    if (is_address(r->low + at, end - at)) {
        struct tone_piece *p = put_piece(r, at, end - at);
        if (p)
            p->mute = true;
    } else if (to - from > 2 && r->low[at] == '#' && find_tone(r, at, to - at)) {
        put_piece(r, at, to - at);
    } else if (to - from > 2 && find_tone(r, from, to - from)) {
        put_piece(r, from, to - from);
        put_tail(r, to, end);
    } else if (to - from > 2 || !put_emoticon(r, at, end)) {
        put_parts(r, from, to);
        if (to > from)
            put_tail(r, to, end);
    }
}

static void note_case(struct tone_reader *r, uint32_t c)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    r->upper |= category == UTF8PROC_CATEGORY_LU;
    r->lower |= category == UTF8PROC_CATEGORY_LL;
}

static bool is_emoji(const struct tone_reader *r, uint32_t c, const char *bytes, size_t n)
{
    return (c >= 0x2190 && c < 0x2e80) || c >= 0x1f000 ? tone_find(r->t, 0, bytes, n) != NULL
                                                       : false;
}

static void read_pieces(struct tone_reader *r, const char *p, const char *end)
{
    size_t token = 0;
    while (p < end && r->n_low + 8 < sizeof r->low) {
        uint32_t c;
        size_t len = utf8_decode(p, end, &c);
        p += len ? len : 1;
        c = len ? plain_letter(c) : ' ';
        if (c == 0)
            continue;
        char bytes[4];
        size_t n = utf8_encode((uint32_t)utf8proc_tolower((utf8proc_int32_t)c), bytes);
        bool emoji = is_emoji(r, c, bytes, n);
        if (emoji || is_white_space(c)) {
            end_token(r, token);
            token = r->n_low;
            r->upper = r->lower = false;
            if (c == '\n' && r->n)
                r->pieces[r->n - 1].ends = true;
            if (!emoji)
                continue;
        }
        memcpy(r->low + r->n_low, bytes, n);
        r->n_low += n;
        if (emoji) {
            put_piece(r, token, n);
            token = r->n_low;
            continue;
        }
        note_case(r, c);
        r->bangs += c == '!';
        r->asks += c == '?';
    }
    end_token(r, token);
}

/* The longest known phrase that begins at a piece: its number of pieces, 0: none. */
static size_t longest_tone(const struct tone_reader *r, size_t i, const struct tone_known **out)
{
    char phrase[MAX_PHRASE_BYTES];
    size_t n = 0, pieces = 0;
    *out = NULL;
    for (size_t k = 0; k < MAX_PHRASE && i + k < r->n; k++) {
        const struct tone_piece *p = &r->pieces[i + k];
        if (p->mute || (k > 0 && p[-1].ends) || n + p->n + 2 > sizeof phrase)
            break;
        if (k > 0)
            phrase[n++] = ' ';
        memcpy(phrase + n, r->low + p->at, p->n);
        n += p->n;
        const struct tone_known *known = NULL;
        if (p->asks) {
            phrase[n] = '?';
            known = tone_find(r->t, r->lang, phrase, n + 1);
        }
        if (!known)
            known = tone_find(r->t, r->lang, phrase, n);
        if (known) {
            *out = known;
            pieces = k + 1;
        }
    }
    return pieces;
}

static bool all_caps(const struct tone_reader *r, size_t i, size_t n)
{
    for (size_t k = i; k < i + n; k++)
        if (!r->pieces[k].caps)
            return false;
    return true;
}

void tone_split(const struct tones *t, int lang, const char *text, struct tone_text *out)
{
    struct tone_reader r = {.t = t, .lang = lang};
    size_t n = text ? strnlen(text, TONE_READ + 4) : 0, caps = 0;
    read_pieces(&r, text, text + (n > TONE_READ ? utf8_cut(text, TONE_READ) : n));
    out->n = 0;
    for (size_t i = 0, step; i < r.n; i += step) {
        struct tone_unit *u = &out->units[out->n++];
        size_t found = longest_tone(&r, i, &u->known);
        step = found ? found : 1;
        u->caps = all_caps(&r, i, step);
        u->ends = r.pieces[i + step - 1].ends || i + step == r.n;
    }
    for (size_t i = 0; i < r.n; i++)
        caps += r.pieces[i].caps;
    out->caps_differ = caps > 0 && caps < r.n;
    out->bangs = r.bangs;
    out->asks = r.asks;
}
