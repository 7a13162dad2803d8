/* Divides text into sentences, by punctuation, quotations, abbreviations and lines. Called by
 * sentence.c. Does not judge the sentences. */
#include "digest/ends.h"

#include "base/utf8.h"
#include "digest/boilerplate.h"

#include <string.h>
#include <utf8proc.h>

enum {
    QUOTE_REACH = 240,  /* bytes: a quotation that closes within this distance is not divided */
    MAX_TOKEN = 24,     /* bytes of an abbreviation */
    ORDINAL_DIGITS = 2, /* as in "3. Mai" */
    LIST_DIGITS = 3     /* of a list number at the beginning of a line */

};

enum end_mark { NO_MARK, POINT, ASKS, WIDE, ELLIPSIS, OPENS, CLOSES, EITHER, BLANK };

static enum end_mark mark_of(uint32_t c)
{
    switch (c) {
    case '.':
    case 0x6D4: /* Urdu */
    case 0x964: /* Hindi */
    case 0x965:
    case 0x589:  /* Armenian */
    case 0x1362: /* Amharic */
        return POINT;
    case '!':
    case '?':
    case 0x61F: /* Arabic */
    case 0x203C:
    case 0x2047:
    case 0x2048:
    case 0x2049:
        return ASKS;
    case 0x3002:
    case 0xFF01:
    case 0xFF1F:
    case 0xFF0E:
    case 0xFF61:
    case 0x104B: /* Burmese */
    case 0x17D4: /* Khmer */
        return WIDE;
    case 0x2026:
        return ELLIPSIS;
    case '(':
    case '[':
    case 0x2018:
    case 0x201E:
    case 0x201A:
    case 0x300C:
    case 0x300E:
    case 0xFF08:
    case 0x300A:
    case 0xBF:
    case 0xA1:
        return OPENS;
    case ')':
    case ']':
    case 0x2019:
    case 0x201D:
    case 0x300D:
    case 0x300F:
    case 0xFF09:
    case 0x300B:
        return CLOSES;
    case '"':
    case '\'':
    case 0x201C:
    case 0xAB:
    case 0xBB:
    case 0x2039:
    case 0x203A:
        return EITHER;
    case ' ':
    case '\t':
    case 0xA0:
    case 0x2009:
    case 0x202F:
    case 0x3000:
        return BLANK;
    default:
        return NO_MARK;
    }
}

static uint32_t char_at(const char *p, const char *end, size_t *n)
{
    uint32_t c = 0;
    *n = 0;
    if (p >= end)
        return 0;
    c = (unsigned char)*p;
    *n = c < 128 ? 1 : utf8_decode(p, end, &c);
    if (!*n) {
        *n = 1;
        c = 0xFFFD;
    }
    return c;
}

static enum end_mark mark_at(const char *p, const char *end, size_t *n)
{
    return mark_of(char_at(p, end, n));
}

static const char *past_line_blanks(const char *p, const char *end)
{
    for (size_t n; mark_at(p, end, &n) == BLANK && n;)
        p += n;
    return p;
}

static bool is_capital(uint32_t c)
{
    if (c < 128)
        return c >= 'A' && c <= 'Z';
    return utf8proc_category((int32_t)c) == UTF8PROC_CATEGORY_LU;
}

static bool is_small(uint32_t c)
{
    if (c < 128)
        return c >= 'a' && c <= 'z';
    return utf8proc_category((int32_t)c) == UTF8PROC_CATEGORY_LL;
}

static bool is_letter(uint32_t c)
{
    if (c < 128)
        return (c | 32) >= 'a' && (c | 32) <= 'z';
    utf8proc_category_t k = utf8proc_category((int32_t)c);
    return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_MC;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- quotations ------------------------------------------------------------------------------ */

/* True when `c` closes the quotation that `open` began. */
static bool closes_quotation(uint32_t open, uint32_t c)
{
    switch (open) {
    case '"':
        return c == '"';
    case 0x201C:
        return c == 0x201D;
    case 0x201E:
        return c == 0x201C || c == 0x201D;
    case 0xAB:
        return c == 0xBB;
    case 0xBB:
        return c == 0xAB;
    case 0x201D:
        return c == 0x201D;
    case 0x300C:
        return c == 0x300D;
    case 0x300E:
        return c == 0x300F;
    default:
        return false;
    }
}

static bool opens(uint32_t c)
{
    return c == '"' || c == 0x201C || c == 0x201E || c == 0xAB || c == 0xBB || c == 0x201D ||
           c == 0x300C || c == 0x300E;
}

/* Tracks open quotations of the line, at `p`'s character. */
static void follow_quotes(struct ends *e, const char *p, uint32_t c)
{
    if (!opens(c) && c != 0x300D && c != 0x300F)
        return;
    size_t n;
    if (e->quote) {
        if (closes_quotation(char_at(e->quote, e->end, &n), c))
            e->quote = NULL;
        return;
    }
    if (!opens(c))
        return;
    bool after_blank = p == e->p || (unsigned char)p[-1] <= ' ' || p[-1] == '(';
    if ((c == 0x201D || c == 0xBB) && !after_blank)
        return; /* a closing mark without an opening one */
    e->quote = p;
}

/* True when the open quotation closes within reach. */
static bool closes_soon(const struct ends *e, const char *p)
{
    size_t n;
    uint32_t open = char_at(e->quote, e->end, &n);
    const char *end = e->line_end - p > QUOTE_REACH ? p + QUOTE_REACH : e->line_end;
    for (; p < end; p += n)
        if (closes_quotation(open, char_at(p, e->line_end, &n)))
            return true;
    return false;
}

/* ---- the full stop --------------------------------------------------------------------------- */

/* The run of letters, digits and inner points before a full stop. */
static const char *token_begin(const char *begin, const char *p)
{
    while (p > begin) {
        unsigned char c = (unsigned char)p[-1];
        if (c <= ' ' || strchr("\"'()[]/,;:", c))
            break;
        if (c == 0xA0 && p - 1 > begin && (unsigned char)p[-2] == 0xC2)
            break;
        p--;
    }
    return p;
}

/* "u.s", "a.m", "z.b", "j" */
static bool is_dotted(const char *token, size_t n)
{
    bool dotted = false;
    for (size_t i = 0, run = 0, step; i < n; i += step) {
        uint32_t c = char_at(token + i, token + n, &step);
        if (c == '.') {
            dotted = true;
            run = 0;
        } else if (!is_letter(c) || ++run > 2) {
            return false;
        }
    }
    return dotted;
}

static bool is_initial(const char *token, size_t n)
{
    size_t step;
    uint32_t c = char_at(token, token + n, &step);
    return step == n && is_letter(c);
}

static bool is_roman(const char *token, size_t n)
{
    return n > 1 && n <= 6 && strspn(token, "IVX") >= n;
}

enum tie { LOOSE, UNLESS_OPENER, TIED };

/* How strongly a full stop at the end of the word `token` ties it to the next word at `next`. */
static enum tie tie_of(const struct ends *e, const char *token, size_t n, const char *next)
{
    char folded[MAX_TOKEN + 8];
    const char *value = "";
    size_t digits = strspn(token, "0123456789");
    if (digits >= n) {
        if (token == e->p && n <= LIST_DIGITS)
            return TIED;
        return e->cues->ordinals && n <= ORDINAL_DIGITS ? UNLESS_OPENER : LOOSE;
    }
    if (n > MAX_TOKEN)
        return LOOSE;
    if (is_initial(token, n)) {
        size_t step;
        bool more = is_letter(char_at(next, e->line_end, &step)) && next + step < e->line_end &&
                    next[step] == '.';
        return more ? TIED : UNLESS_OPENER; /* "z. B.", "J. K. Rowan" */
    }
    size_t len = cue_fold(token, n, folded, sizeof folded);
    if (cue_is(e->cues, CUE_ABBREVIATION, folded, len, &value)) {
        if (!strcmp(value, "name"))
            return TIED;
        if (!strcmp(value, "number"))
            return next < e->line_end && (is_digit(*next) || is_roman(next, strcspn(next, " .,")))
                       ? TIED
                       : LOOSE;
        return UNLESS_OPENER;
    }
    if (is_dotted(token, n) || (e->cues->ordinals && is_roman(token, n)))
        return UNLESS_OPENER;
    return LOOSE;
}

/* True when a word that typically begins sentences begins here. */
static bool is_opener(const struct ends *e, const char *next)
{
    enum { LONGEST = 32 };
    char folded[LONGEST + 8];
    size_t n = 0, step;
    if (!is_capital(char_at(next, e->line_end, &step)))
        return false;
    for (uint32_t c; next + n < e->line_end && n < LONGEST; n += step)
        if (!is_letter(c = char_at(next + n, e->line_end, &step)) && c != '\'' && c != 0x2019)
            break;
    size_t len = cue_fold(next, n, folded, sizeof folded);
    return cue_is(e->cues, CUE_OPENER, folded, len, NULL);
}

/* ---- sentence ends --------------------------------------------------------------------------- */

struct end {
    const char *stop; /* after the punctuation and the closing marks that follow it */
    bool points, asks, wide, ellipsis, closed;
};

/* True when the open quotation is closed after a space. A straight mark does not count: it may open
 * one. */
static bool closes_next(const struct ends *e, const char *p)
{
    size_t n;
    const char *next = past_line_blanks(p, e->line_end);
    uint32_t open = char_at(e->quote, e->end, &n), c = char_at(next, e->line_end, &n);
    return c != '"' && closes_quotation(open, c);
}

/* All adjacent punctuation marks and the closing marks after them. */
static struct end read_end(struct ends *e, const char *p)
{
    struct end end = {0};
    unsigned points = 0;
    for (size_t n;; p += n) {
        uint32_t c = char_at(p, e->line_end, &n);
        enum end_mark mark = n ? mark_of(c) : NO_MARK;
        if (mark == POINT)
            points++;
        else if (mark == ASKS)
            end.asks = true;
        else if (mark == WIDE)
            end.wide = true;
        else if (mark == ELLIPSIS)
            end.ellipsis = true;
        else if (mark == CLOSES || (mark == EITHER && (c == '\'' || e->quote)))
            end.closed = true;
        else if (mark == BLANK && e->quote && closes_next(e, p))
            continue; /* "« C'est fini. »" */
        else
            break;
        follow_quotes(e, p, c);
    }
    end.points = points > 0;
    end.ellipsis |= points > 2;
    end.stop = p;
    return end;
}

static bool ends_wide(const struct ends *e, const struct end *end, const char *from)
{
    size_t n;
    uint32_t next = char_at(end->stop, e->line_end, &n);
    if (!end->closed)
        return true;
    if (next >= 0x3041 && next <= 0x309F) /* 「...。」と */
        return false;
    bool began = opens(char_at(from, e->line_end, &n)); /* “...。”他说 */
    return !began || !is_letter(next);
}

/* True when the mark at `at`, with all that follows it, ends the sentence. */
static bool is_sentence_end(const struct ends *e, const char *from, const char *at,
                            const struct end *end)
{
    size_t n;
    if (end->stop >= e->line_end)
        return true;
    if (end->wide)
        return e->quote ? !closes_soon(e, end->stop) : ends_wide(e, end, from);
    const char *next = past_line_blanks(end->stop, e->line_end), *word = next;
    if (next >= e->line_end)
        return true;
    for (enum end_mark mark;
         (mark = mark_at(word, e->line_end, &n)), mark == OPENS || mark == EITHER;)
        word += n;
    if (next == end->stop && !(end->points && end->closed && is_opener(e, next)) &&
        !(at > from && is_small((unsigned char)at[-1]) && is_opener(e, next)))
        return false;
    if (e->quote && closes_soon(e, end->stop))
        return false;
    if (is_small(char_at(word, e->line_end, &n)))
        return false;
    if (end->ellipsis)
        return !end->closed ? is_opener(e, word) && word == next : !is_small((unsigned char)*word);
    if (!end->points || end->asks || end->closed)
        return true;
    const char *token = token_begin(from, at);
    switch (token < at ? tie_of(e, token, (size_t)(at - token), word) : LOOSE) {
    case TIED:
        return false;
    case UNLESS_OPENER:
        return is_opener(e, word);
    default:
        return true;
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

void ends_init(struct ends *e, const struct cues *cues, const char *text, size_t n)
{
    *e = (struct ends){.cues = cues, .p = text, .line_end = text, .end = text + n};
}

static bool next_text_line(struct ends *e)
{
    e->quote = NULL;
    e->p = e->line_end;
    while (e->p < e->end && (*e->p == '\n' || *e->p == '\r'))
        e->p++;
    if (e->p >= e->end)
        return false;
    const char *stop = memchr(e->p, '\n', (size_t)(e->end - e->p));
    e->line_end = stop ? stop : e->end;
    e->paragraph++;
    return true;
}

/* "[...]", "(…)" or a bare ellipsis at the end. */
static bool ends_cut(const char *p, size_t n)
{
    while (n && (strchr(" ])", p[n - 1]) && p[n - 1]))
        n--;
    return (n >= 3 && !memcmp(p + n - 3, "...", 3)) ||
           (n >= 3 && !memcmp(p + n - 3, "\xE2\x80\xA6", 3));
}

static void fill_span(struct span *out, const struct ends *e, const char *from, const char *stop)
{
    while (stop > from && (unsigned char)stop[-1] <= ' ')
        stop--;
    out->p = from;
    out->n = (size_t)(stop - from);
    out->paragraph = e->paragraph;
    out->cut = ends_cut(from, out->n);
}

/* Skips a list bullet and a dateline. */
static void pass_begin(struct ends *e)
{
    static const char *const marks[] = {
        "- ",           "* ",           "\xE2\x80\xA2",  "\xE2\x96\xBA",
        "\xE2\x96\xA0", "\xE2\x97\x8F", "\xE2\x80\x93 ", "\xE2\x80\x94 ",
        "\xC2\xB7"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i]);
        if ((size_t)(e->line_end - e->p) > n && !memcmp(e->p, marks[i], n))
            e->p = past_line_blanks(e->p + n, e->line_end);
    }
    e->p += boilerplate_dateline(e->cues, e->p, (size_t)(e->line_end - e->p), e->paragraph == 1);
    e->p = past_line_blanks(e->p, e->line_end);
}

/* Skips dots that only mark an omission. */
static void pass_ellipsis(struct ends *e)
{
    const char *p = e->p;
    for (size_t n = 1; p < e->line_end && n; p += n) {
        enum end_mark mark = mark_at(p, e->line_end, &n);
        if (mark != ELLIPSIS && mark != BLANK && *p != '.')
            break;
    }
    e->p = p;
}

/* Bytes that may end a sentence or a quotation. */
static bool may_matter(unsigned char c)
{
    return c >= 128 || c == '.' || c == '!' || c == '?' || c == '"';
}

bool ends_next(struct ends *e, struct span *out)
{
    bool opens_line = false;
    for (;;) {
        e->p = past_line_blanks(e->p, e->line_end);
        if (e->p < e->line_end)
            break;
        if (!next_text_line(e))
            return false;
        opens_line = true;
    }
    if (opens_line)
        pass_begin(e);
    pass_ellipsis(e);
    const char *from = e->p;
    *out = (struct span){.opens = opens_line, .quoted = e->quote != NULL};
    for (const char *p = from; p < e->line_end;) {
        size_t n = 1;
        if (!may_matter((unsigned char)*p)) {
            p++;
            continue;
        }
        uint32_t c = char_at(p, e->line_end, &n);
        enum end_mark mark = mark_of(c);
        if (mark < POINT || mark > ELLIPSIS) {
            follow_quotes(e, p, c);
            p += n;
            continue;
        }
        struct end end = read_end(e, p);
        if (is_sentence_end(e, from, p, &end)) {
            fill_span(out, e, from, end.stop);
            out->ended = true;
            out->cut &= end.stop >= e->line_end;
            out->quoted |= e->quote != NULL;
            e->p = end.stop;
            return true;
        }
        p = end.stop;
    }
    fill_span(out, e, from, e->line_end);
    out->quoted |= e->quote != NULL;
    e->p = e->line_end;
    return true;
}
