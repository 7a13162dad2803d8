/* Folds the text of dates for comparison; see date_fold.h. Used by date.c, date_name.c and the
 * build-time generator gen/make_dates.c. */
#include "base/date_fold.h"

#include <string.h>
#include <utf8proc.h>

/* Ranges, first and last inclusive: marks that are dropped because a word without them reads the
 * same. */
static const struct {
    utf8proc_int32_t first, last;
} dropped[] = {
    {0x0300, 0x036F}, {0x0591, 0x05BD}, {0x05BF, 0x05C7}, {0x064B, 0x065F}, {0x0670, 0x0670},
};

/* The code point of digit 0 in each script. */
static const utf8proc_int32_t zeros[] = {
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
    0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0x1040, 0x17E0, 0x1810,
};

/* The replacement for a character, 0 to drop it. */
static utf8proc_int32_t folded(utf8proc_int32_t c)
{
    if (c < 128)
        return c;
    if (c == 0x0131) /* Turkish dotless i, often written with a dot */
        return 'i';
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (c >= dropped[i].first && c <= dropped[i].last)
            return 0;
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
        if (c >= zeros[i] && c < zeros[i] + 10)
            return '0' + c - zeros[i];
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return c;
    case UTF8PROC_CATEGORY_PD:
        return '-';
    default:
        return c == 0x2212 ? '-' : ' ';
    }
}

static bool fold_unicode(const char *text, size_t n, char out[DATE_TEXT])
{
    utf8proc_int32_t points[4 * DATE_TEXT];
    utf8proc_ssize_t kept = 0;
    utf8proc_ssize_t length = utf8proc_decompose(
        (const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, points,
        sizeof points / sizeof *points - 1,
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    if (length < 0 || length >= (utf8proc_ssize_t)(sizeof points / sizeof *points))
        return false;
    for (utf8proc_ssize_t i = 0; i < length; i++)
        if ((points[kept] = folded(points[i])))
            kept++;
    length = utf8proc_reencode(points, kept, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    if (length <= 0 || length >= DATE_TEXT)
        return false;
    memcpy(out, points, (size_t)length + 1);
    return true;
}

bool date_fold(const char *text, size_t n, char out[DATE_TEXT])
{
    bool ascii = true;
    while (n && (unsigned char)text[n - 1] <= ' ')
        n--;
    while (n && (unsigned char)*text <= ' ')
        text++, n--;
    if (!n || n >= DATE_TEXT)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        ascii &= !(c & 0x80);
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    out[n] = 0;
    return ascii || fold_unicode(text, n, out);
}

bool date_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c & 0x80);
}

size_t date_word(const char *p)
{
    size_t n = 0;
    while (date_letter(p[n]) ||
           (n && (p[n] == '.' || p[n] == '/' || p[n] == '_') && date_letter(p[n + 1])))
        n++;
    return n;
}

size_t date_characters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += (*text & 0xc0) != 0x80;
    return n;
}
