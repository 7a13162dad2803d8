/* Splits text into words; see words.h. Short ASCII words take an SSE2 fast path, all others
 * next_other(). It does not stem or filter. Used by lib/text, lib/ingest and libstory. */
#include "text/words.h"

#include "base/utf8.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum char_kind { BLANK, STOP, LETTER, DIGIT, MARK, PAIRED, HIRAGANA, KATAKANA };

/* Scripts that do not separate words by blanks; first and last code points inclusive. */
static const struct {
    int32_t first, last;
} paired_scripts[] = {
    {0x0E00, 0x0E7F},   /* Thai */
    {0x0E80, 0x0EFF},   /* Lao */
    {0x1000, 0x109F},   /* Myanmar */
    {0x1100, 0x11FF},   /* Hangul Jamo */
    {0x1780, 0x17FF},   /* Khmer */
    {0x3005, 0x3007},   /* Han repetition marks */
    {0x3400, 0x4DBF},   /* Han, extension A */
    {0x4E00, 0x9FFF},   /* Han */
    {0xAC00, 0xD7A3},   /* Hangul syllables */
    {0xF900, 0xFAFF},   /* Han, compatibility */
    {0x20000, 0x323AF}, /* Han, further extensions */
};

/* The code point of digit 0 in other scripts that news uses. */
static const int32_t zeros[] = {0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0xFF10};

static int32_t ascii_digit(int32_t c)
{
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
        if (c >= zeros[i] && c < zeros[i] + 10)
            return '0' + c - zeros[i];
    return c;
}

static bool is_paired(int32_t c)
{
    if (c < 0x0E00)
        return false;
    for (size_t i = 0; i < sizeof paired_scripts / sizeof *paired_scripts; i++)
        if (c >= paired_scripts[i].first && c <= paired_scripts[i].last)
            return true;
    return false;
}

static const unsigned char ascii_kinds[128] = {
    ['a' ... 'z'] = LETTER, ['A' ... 'Z'] = LETTER, ['0' ... '9'] = DIGIT,
    ['.'] = STOP,           ['!'] = STOP,           ['?'] = STOP,
    [':'] = STOP,           ['"'] = STOP,           ['\n'] = STOP,
};

static enum char_kind kind_of_char(int32_t c)
{
    if (c < 128)
        return ascii_kinds[c];
    if (c == 0x2018 || c == 0x201C || c == 0x201E || c == 0x00AB || c == 0x2014 || c == 0x3002)
        return STOP;
    if (c >= 0x3041 && c <= 0x309F)
        return HIRAGANA;
    if (c >= 0x30A1 && c <= 0x30FF)
        return c == 0x30FB ? BLANK : KATAKANA; /* the middle dot separates words */
    utf8proc_category_t category = utf8proc_category(c);
    switch (category) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        return is_paired(c) ? PAIRED : MARK;
    case UTF8PROC_CATEGORY_ND:
        return DIGIT;
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return is_paired(c) ? PAIRED : LETTER;
    default:
        return BLANK;
    }
}

static int32_t peek(const struct words *w, const char *p, int *len)
{
    if (p >= w->end) {
        *len = 0;
        return -1;
    }
    uint32_t c;
    size_t n = utf8_decode(p, w->end, &c);
    *len = n ? (int)n : 1;
    return n ? (int32_t)c : ' ';
}

static void append_char(struct word *out, int32_t c)
{
    if (c < 128) {
        if (out->len < WORD_MAX)
            out->text[out->len++] = (char)c;
        return;
    }
    unsigned char bytes[4];
    size_t n = (size_t)utf8proc_encode_char(c, bytes);
    if (out->len + n > WORD_MAX)
        return;
    memcpy(out->text + out->len, bytes, n);
    out->len += n;
    out->ascii = false;
}

static bool is_upper(int32_t c)
{
    return c < 128 ? c >= 'A' && c <= 'Z' : utf8proc_category(c) == UTF8PROC_CATEGORY_LU;
}

static bool is_cased(int32_t c)
{
    if (c < 0x0590)
        return true; /* Latin, Greek, Cyrillic, Armenian */
    return utf8proc_category(c) != UTF8PROC_CATEGORY_LO &&
           utf8proc_category(c) != UTF8PROC_CATEGORY_LM;
}

static int32_t fold_char(int32_t c)
{
    if (c < 128)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return utf8proc_tolower(c);
}

static bool is_apostrophe(int32_t c)
{
    return c == '\'' || c == 0x2019 || c == 0x02BC;
}

/* Whether the dot at `p` joins two single capitals: "U.S.", "U.K". */
static bool joins_capitals(const struct words *w, const struct word *out, const char *p)
{
    return out->len == 1 && out->caps && p + 1 < w->end && p[0] == '.' && p[1] >= 'A' &&
           p[1] <= 'Z' && (p + 2 >= w->end || kind_of_char((unsigned char)p[2]) != LETTER);
}

static void read_initials(struct words *w, struct word *out)
{
    while (w->p + 1 < w->end && w->p[0] == '.' && w->p[1] >= 'A' && w->p[1] <= 'Z') {
        append_char(out, fold_char((unsigned char)w->p[1]));
        w->p += 2;
    }
    if (w->p < w->end && *w->p == '.')
        w->p++;
}

/* `p` points to a dot or a comma. */
static bool joins_digits(const struct words *w, const struct word *out, const char *p)
{
    return out->number && (*p == ',' || *p == '.') && p + 1 < w->end && p[1] >= '0' && p[1] <= '9';
}

/* Whether the separator at `p` is followed by exactly three digits: then it separates thousands
 * ("50,000", "50.000") and is dropped. Otherwise it is a decimal separator ("4.25", "4,25") and
 * becomes a dot. */
static bool parts_thousands(const struct words *w, const char *p)
{
    size_t n = 1;
    while (p + n < w->end && n < 5 && p[n] >= '0' && p[n] <= '9')
        n++;
    return n == 4;
}

/* Cuts off a unit, so that "2.6bn" and "2.6 billion" share the number. A single letter after one
 * digit may be part of a name ("3M") unless it is an amount of money. */
static bool cut_unit(struct word *w, bool money)
{
    static const char *const units[] = {"b", "m", "bn", "mn", "tn", "trn"};
    size_t n = strspn(w->text, "0123456789.");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(w->text + n, units[i]) && (n > 1 || units[i][1] || money)) {
            memset(w->text + n, 0, w->len - n);
            w->len = n;
            w->capital = w->caps = false;
            return true;
        }
    return false;
}

static bool is_plain_char(char c)
{
    unsigned char k = (unsigned char)c < 128 ? ascii_kinds[(unsigned char)c] : BLANK;
    return k == LETTER || k == DIGIT;
}

/* Sets `gap` and `unit` of a number that starts at `from`. */
static void look_about(const struct words *w, const char *from, struct word *out)
{
    enum { MILLION = 7 }; /* digits of a million */
    static const char *const money[] = {"$", "€", "£", "¥", "₹"};
    bool near = from - w->begin >= 2 && (is_plain_char(from[-2]) || (unsigned char)from[-2] >= 128);
    bool is_money = false, parted = w->p - from > (ptrdiff_t)out->len;
    out->gap = near ? from[-1] : 0;
    for (size_t i = 0; i < sizeof money / sizeof *money; i++) {
        size_t n = strlen(money[i]);
        is_money |= (size_t)(from - w->begin) >= n && !memcmp(from - n, money[i], n);
    }
    out->unit = (parted && out->len >= MILLION) || cut_unit(out, is_money) || is_money ||
                (w->p < w->end && *w->p == '%');
}

struct letters { /* counts for the current word */
    size_t n, capitals;
    bool digit_before;
};

/* The `n` bytes at `p`, at most eight, as a little-endian number. */
static uint64_t eight_bytes(const char *p, size_t n, const char *end)
{
    uint64_t bytes = 0;
    if (end - p >= 8) {
        memcpy(&bytes, p, 8);
        return le64toh(bytes) & (UINT64_MAX >> (64 - 8 * n));
    }
    for (size_t i = 0; i < n; i++)
        bytes |= (uint64_t)(unsigned char)p[i] << 8 * i;
    return bytes;
}

/* The number of bytes with bit 6 set; no other bits may be set. */
static size_t bytes_set(uint64_t bytes)
{
    return (bytes >> 6) * 0x0101010101010101u >> 56;
}

/* Reads a run of ASCII letters and digits, which is all of most words. Of these only letters have
 * bit 6 set, and only small letters bit 5 as well. */
static void read_plain(struct words *w, struct word *out, struct letters *letters)
{
    const char *p = w->p, *end = p;
    while (end < w->end && is_plain_char(*end))
        end++;
    if (end == p)
        return;
    out->number |= out->len == 0 && !(*p & 64);
    letters->digit_before = !(end[-1] & 64);
    for (; p < end; p += 8) {
        size_t n = end - p < 8 ? (size_t)(end - p) : 8;
        uint64_t bytes = eight_bytes(p, n, w->end), is_letter = bytes & 0x4040404040404040u;
        uint64_t is_capital = is_letter & ~(bytes << 1);
        if (letters->n == 0 && is_letter)
            out->capital = is_capital & (is_letter & -is_letter);
        letters->n += bytes_set(is_letter);
        letters->capitals += bytes_set(is_capital);
        bytes = htole64(bytes | is_letter >> 1);
        size_t room = WORD_MAX - out->len;
        memcpy(out->text + out->len, &bytes, 8); /* the text has room for eight more bytes */
        out->len += n < room ? n : room;
    }
    w->p = end;
}

static void read_word(struct words *w, struct word *out)
{
    struct letters letters = {0};
    for (;;) {
        int n;
        read_plain(w, out, &letters);
        int32_t c = peek(w, w->p, &n);
        if (n == 0)
            break;
        enum char_kind k = kind_of_char(c);
        if (k == LETTER) {
            letters.n++;
            out->uncased |= !is_cased(c);
            if (is_upper(c)) {
                letters.capitals++;
                if (letters.n == 1)
                    out->capital = true;
            }
        } else if (is_apostrophe(c)) {
            int m;
            int32_t next = peek(w, w->p + n, &m);
            if (out->len == 0 || m == 0 || kind_of_char(next) != LETTER)
                break;
            c = '\'';
        } else if (letters.digit_before && joins_digits(w, out, w->p)) {
            if (parts_thousands(w, w->p)) {
                w->p += n;
                continue;
            }
            c = '.';
        } else if (k != DIGIT && k != MARK) {
            out->caps = letters.n == 1 && letters.capitals == 1;
            if (joins_capitals(w, out, w->p)) {
                read_initials(w, out);
                letters.capitals = letters.n = out->len;
            }
            break;
        }
        if (k == DIGIT && out->len == 0)
            out->number = true;
        letters.digit_before = k == DIGIT;
        append_char(out, k == DIGIT ? ascii_digit(c) : fold_char(c));
        w->p += n;
    }
    out->caps = letters.n > 1 && letters.capitals == letters.n;
    if (out->len > 2 && !memcmp(out->text + out->len - 2, "'s", 2))
        out->len -= 2;
}

static bool read_pair(struct words *w, int32_t first, enum char_kind kind, int n, struct word *out)
{
    int m;
    int32_t second = peek(w, w->p + n, &m);
    bool more = m > 0 && kind_of_char(second) == kind;
    w->p += n;
    if (!more && w->in_run) {
        w->in_run = false; /* the last character of a run was already in the previous pair */
        return false;
    }
    append_char(out, first);
    if (more)
        append_char(out, second);
    w->in_run = more;
    out->pair = out->uncased = true;
    out->kana = kind == HIRAGANA;
    return true;
}

static void read_katakana(struct words *w, struct word *out)
{
    int n;
    int32_t c;
    while ((c = peek(w, w->p, &n)), n > 0 && kind_of_char(c) == KATAKANA) {
        append_char(out, c);
        w->p += n;
    }
    out->uncased = true;
}

void words_init(struct words *w, const char *text, size_t n)
{
    *w = (struct words){.begin = text, .p = text, .end = text + n, .opens = true};
}

static bool begins_address(const struct words *w)
{
    return w->end - w->p >= 2 &&
           ((w->p[0] == 'h' && w->p[1] == 't') || (w->p[0] == 'w' && w->p[1] == 'w'));
}

/* Skips a URL: "http://", "https://" or "www." and everything up to the next blank. */
static bool pass_address(struct words *w)
{
    static const char *const begins[] = {"http://", "https://", "www."};
    size_t left = (size_t)(w->end - w->p);
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        size_t n = strlen(begins[i]);
        if (left <= n || memcmp(w->p, begins[i], n) != 0)
            continue;
        while (w->p < w->end && (unsigned char)*w->p > ' ')
            w->p++;
        return true;
    }
    return false;
}

#ifdef __SSE2__
/* A mask of the sixteen bytes that are in the range of `n` values from `first` on. */
static unsigned bytes_from(__m128i bytes, char first, char n)
{
    __m128i shifted = _mm_add_epi8(bytes, _mm_set1_epi8((char)(128 - first - n)));
    return (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(shifted, _mm_set1_epi8((char)(127 - n))));
}

/* Reads a simple word, as nearly all are: fewer than sixteen ASCII letters and digits, followed by
 * a character that always ends a word. All other words are left to next_other(), and so are all
 * words on machines without SSE2. */
static bool read_simple(struct words *w, struct word *out)
{
    enum { BYTES = WORD_PADDED };
    static const unsigned char keep[2 * BYTES] = {[0 ... BYTES - 1] = 0xff};
    char end[BYTES] = {0};
    const char *p = w->p;
    size_t left = (size_t)(w->end - p);
    __m128i bytes = _mm_loadu_si128((const __m128i *)(left < BYTES ? memcpy(end, p, left) : p));
    __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(32));
    unsigned letters = bytes_from(lower, 'a', 26), digits = bytes_from(bytes, '0', 10);
    unsigned n = (unsigned)__builtin_ctz(~(letters | digits));
    if (n >= BYTES)
        return false;
    letters &= (1u << n) - 1;
    unsigned capitals = letters & ~(unsigned)_mm_movemask_epi8(_mm_slli_epi16(bytes, 2));
    char last = p[n - 1], next = n < left ? p[n] : 0;
    if ((unsigned char)next >= 128 || next == '\'' ||
        ((next == '.' || next == ',') && ((last >= '0' && last <= '9') || n == 1)))
        return false;
    __m128i mask = _mm_loadu_si128((const __m128i *)(keep + BYTES - n));
    _mm_storeu_si128((__m128i *)out->text, _mm_and_si128(lower, mask));
    out->len = n;
    out->number = !(letters & 1);
    out->capital = capitals & (letters & -letters);
    out->caps = capitals == letters && (letters & (letters - 1));
    w->p = p + n;
    return true;
}
#else
static bool read_simple(struct words *w, struct word *out)
{
    (void)w;
    (void)out;
    return false;
}
#endif

static const char *past_blanks(struct words *w)
{
    const char *p = w->p;
    for (; p < w->end && (unsigned char)*p < 128; p++) {
        enum char_kind k = ascii_kinds[(unsigned char)*p];
        if (k > STOP)
            break;
        w->opens |= k == STOP;
    }
    return p;
}

static void begin_word(const struct words *w, struct word *out)
{
    /* clears all but the text and the fields of numbers; the readers pad the text */
    memset(&out->len, 0, sizeof *out - offsetof(struct word, len));
    out->ascii = true;
    out->opens = w->opens;
    out->at = w->p;
}

/* Reads words that are not simple. */
static __attribute__((noinline)) bool next_other(struct words *w, struct word *out)
{
    for (;;) {
        int n;
        int32_t c = peek(w, w->p, &n);
        if (n == 0)
            return false;
        enum char_kind k = kind_of_char(c);
        if (k == BLANK || k == STOP || k == MARK) {
            if (k == STOP)
                w->opens = true;
            w->p += n;
            continue;
        }
        if (c < 128 && begins_address(w) && pass_address(w))
            continue;
        const char *from = w->p;
        begin_word(w, out);
        if (k == PAIRED || k == HIRAGANA) {
            if (!read_pair(w, c, k, n, out))
                continue;
        } else if (k == KATAKANA) {
            read_katakana(w, out);
        } else {
            read_word(w, out);
        }
        if (out->len == 0)
            continue;
        out->text[out->len] = 0;
        if (out->number)
            look_about(w, from, out);
        memset(out->text + out->len, 0, out->len < WORD_PADDED ? WORD_PADDED - out->len : 1);
        w->opens = false;
        return true;
    }
}

bool words_next(struct words *w, struct word *out)
{
    w->p = past_blanks(w);
    if (w->p < w->end && (unsigned char)*w->p < 128 && !begins_address(w)) {
        begin_word(w, out);
        if (read_simple(w, out)) {
            if (out->number)
                look_about(w, w->p - out->len, out);
            w->opens = false;
            return true;
        }
    }
    return next_other(w, out);
}
