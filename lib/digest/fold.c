/* Folds text to the form used by the cue tables; see cue_fold() in cue.h. */
#include "digest/cue.h"
#include "base/utf8.h"

#include <utf8proc.h>

enum fate { KEEP, LOWER, BLANK, DROP, POINT };

static const unsigned char fates[128] = {
    [0 ... ' '] = BLANK, ['A' ... 'Z'] = LOWER, ['"'] = DROP,  ['('] = BLANK, [')'] = BLANK,
    ['['] = BLANK,       [']'] = BLANK,         ['{'] = BLANK, ['}'] = BLANK, ['*'] = BLANK,
    ['|'] = BLANK,       ['!'] = BLANK,         ['?'] = BLANK, [';'] = BLANK, [','] = BLANK,
    ['.'] = POINT,       ['>'] = BLANK,         ['<'] = BLANK,
};

/* For punctuation outside ASCII. */
static enum fate fate_of(uint32_t c)
{
    switch (c) {
    case 0x2018:
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0xAB:
    case 0xBB:
    case 0xAD:
    case 0x200B:
    case 0xFEFF:
        return DROP;
    case 0xA0:
    case 0x2009:
    case 0x202F:
    case 0x3000:
    case 0x2013:
    case 0x2014:
    case 0x2022:
    case 0x2026:
    case 0xB7:
    case 0xBF:
    case 0xA1:
        return BLANK;
    default:
        return c < 0x500 ? LOWER : KEEP;
    }
}

size_t cue_fold(const char *text, size_t n, char *out, size_t cap)
{
    const char *end = text + n;
    size_t len = 0;
    for (size_t step; text < end && len + 5 < cap; text += step) {
        uint32_t c = (unsigned char)*text;
        step = c < 128 ? 1 : utf8_decode(text, end, &c);
        if (!step)
            break;
        enum fate fate = c < 128 ? (enum fate)fates[c] : fate_of(c);
        if (fate == POINT) /* a point inside a word stays */
            fate = text + 1 < end && (unsigned char)text[1] > ' ' && fates[text[1] & 127] <= LOWER
                       ? KEEP
                       : DROP;
        if (c == '-' && (!len || out[len - 1] == ' ') && (text + 1 == end || text[1] == ' '))
            fate = BLANK;
        if (fate == DROP)
            continue;
        if (fate == BLANK) {
            if (len && out[len - 1] != ' ')
                out[len++] = ' ';
            continue;
        }
        if (c < 128)
            out[len++] = (char)(fate == LOWER ? c + 32 : c);
        else if (c == 0x2019)
            out[len++] = '\'';
        else
            len +=
                utf8_encode(fate == LOWER ? (uint32_t)utf8proc_tolower((int32_t)c) : c, out + len);
    }
    while (len && out[len - 1] == ' ')
        len--;
    out[len] = 0;
    return len;
}
