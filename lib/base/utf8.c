/* Decoding, validating and cleaning of UTF-8; see utf8.h. Used throughout lib and daemon. */
#include "base/utf8.h"

#include <string.h>

size_t utf8_encode(uint32_t c, char out[4])
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = 0xfffd;
    return (size_t)utf8proc_encode_char((utf8proc_int32_t)c, (utf8proc_uint8_t *)out);
}

size_t utf8_ascii(const char *p, size_t n)
{
    const char *s = p, *end = p + n;
    uint64_t word;
    while (end - s >= 8) {
        memcpy(&word, s, 8);
        if (word & 0x8080808080808080u)
            break;
        s += 8;
    }
    while (s < end && !(*s & 0x80))
        s++;
    return (size_t)(s - p);
}

bool utf8_valid(const char *p, size_t n)
{
    const char *end = p + n;
    uint32_t c;
    for (;;) {
        p += utf8_ascii(p, (size_t)(end - p));
        if (p == end)
            return true;
        size_t len = utf8_decode(p, end, &c);
        if (!len)
            return false;
        p += len;
    }
}

size_t utf8_cut(const char *p, size_t n)
{
    size_t i = n;
    while (i > 0 && n - i < 3 && ((unsigned char)p[i - 1] & 0xc0) == 0x80)
        i--;
    if (i == 0)
        return n;
    unsigned char lead = (unsigned char)p[i - 1];
    size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    return n - (i - 1) < need ? i - 1 : n;
}

bool utf8_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 ||
           c == 0x2029;
}

uint32_t utf8_windows_1252(unsigned char byte)
{
    static const uint16_t table[32] = {
        0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};
    return byte >= 0x80 && byte < 0xa0 ? table[byte - 0x80] : 0;
}

/* Whether eight bytes are all printable ASCII. */
static bool plain_word(const char *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
    return !(((word - 0x2020202020202020u) | word | (word + 0x0101010101010101u)) &
             0x8080808080808080u);
}

/* Whether the byte can be copied without a look at its neighbours. */
static bool is_plain_byte(unsigned char c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t';
}

void utf8_clean(struct buf *out, const char *p, size_t n)
{
    const char *end = p + n;
    char code[4];
    while (p < end) {
        const char *start = p;
        uint32_t c = 0;
        size_t len = 1;
        while (p < end) { /* copy everything that needs no change in one piece */
            if (end - p >= 8 && plain_word(p)) {
                p += 8;
                continue;
            }
            if (is_plain_byte((unsigned char)*p)) {
                p++;
                continue;
            }
            len = utf8_decode(p, end, &c);
            if (len < 2 || c < 0xa0 || c == 0xfeff)
                break;
            p += len;
        }
        if (!buf_add(out, start, (size_t)(p - start)) || p >= end)
            return;
        if (!len) {
            buf_add(out, "\xef\xbf\xbd", 3);
            len = 1;
            while (p + len < end && (p[len] & 0xc0) == 0x80) /* one for each broken character */
                len++;
        } else if (c == '\r') {
            if (p + 1 == end || p[1] != '\n')
                buf_addc(out, '\n');
        } else if (len == 2 && (c = utf8_windows_1252((unsigned char)c))) {
            buf_add(out, code, utf8_encode(c, code));
        }
        p += len;
    }
}
