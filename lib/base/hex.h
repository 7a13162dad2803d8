/* Hex digits: read in either case, written in lower case. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stddef.h>

/* The value of a digit, or -1 for what is none. */
static inline int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that is percent-encoded at p ("%2F"), or -1. Nothing is read at `end` or behind it. */
static inline int hex_percent(const char *p, const char *end)
{
    if (end - p < 3 || *p != '%')
        return -1;
    int high = hex_value(p[1]), low = hex_value(p[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Two digits a byte, and a NUL: `out` has room for 2 * n + 1. */
static inline void hex_write(char *out, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = (const unsigned char *)bytes;
    for (size_t i = 0; i < n; i++) {
        *out++ = digits[from[i] >> 4];
        *out++ = digits[from[i] & 15];
    }
    *out = 0;
}

#endif
