/* Decodes base64 content of Atom entries; see base64.h. Used by build.c and lib/article. It does
 * not encode. */
#include "feed/base64.h"

#include <stdbool.h>
#include <stdint.h>

static int value(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

static bool ignored(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '=';
}

void base64_decode_in_place(struct buf *b)
{
    for (size_t i = 0; i < b->len; i++)
        if (value(b->p[i]) < 0 && !ignored(b->p[i]))
            return;
    uint32_t bits = 0;
    int n = 0;
    size_t out = 0;
    for (size_t i = 0; i < b->len; i++) {
        int v = value(b->p[i]);
        if (v < 0)
            continue;
        bits = bits << 6 | (uint32_t)v;
        n += 6;
        if (n >= 8) {
            n -= 8;
            b->p[out++] = (char)(bits >> n);
        }
    }
    if (b->p)
        b->p[out] = 0;
    b->len = out;
}
