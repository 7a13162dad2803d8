/* Growing byte buffer with a maximum size; see buf.h. Used throughout lib and daemon. */
#include "base/buf.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->full = false;
    if (b->p)
        b->p[0] = 0;
}

void buf_cut(struct buf *b, size_t len)
{
    b->full = false;
    if (len >= b->len)
        return;
    b->len = len;
    b->p[len] = 0;
}

bool buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (b->full || n > b->max - b->len) {
        b->full = true;
        return false;
    }
    if (b->len + n + 1 > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < b->len + n + 1)
            cap *= 2;
        b->p = mem_resize(b->p, cap);
        b->cap = cap;
    }
    if (n)
        memcpy(b->p + b->len, bytes, n);
    b->len += n;
    b->p[b->len] = 0;
    return true;
}

bool buf_adds(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

bool buf_addc(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

bool buf_addf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    va_end(ap);
    bool ok;
    if (n < (int)sizeof small) {
        ok = n >= 0 && buf_add(b, small, (size_t)n);
    } else {
        char *large = mem_alloc((size_t)n + 1);
        vsnprintf(large, (size_t)n + 1, fmt, again);
        ok = buf_add(b, large, (size_t)n);
        free(large);
    }
    va_end(again);
    return ok;
}

const char *buf_text(const struct buf *b)
{
    return b->p ? b->p : "";
}

char *buf_take(struct buf *b)
{
    char *p = b->p ? b->p : mem_str("");
    *b = (struct buf){.max = b->max};
    return p;
}
