/* Normalises and matches the paths and patterns of robots.txt; see robots_path.h. Used by robots.c
 * and rights.c. */
#define _GNU_SOURCE /* memmem */
#include "page/robots_path.h"

#include "base/hex.h"

#include <string.h>

/* Whether the byte must always be encoded. */
static bool never_raw(unsigned char c)
{
    return c <= ' ' || c >= 127 || strchr("\"#%<>\\^`{|}", c);
}

/* Whether encoding the byte changes the meaning, because it is a separator otherwise. In a query a
 * slash is not a separator (RFC 9309 equates "?baz=http%3A%2F%2F" and "?baz=http://"). */
static bool differs(unsigned char c, bool in_query)
{
    return strchr("?&=+;*$", c) || (c == '/' && !in_query);
}

void robots_path_add(struct buf *out, const char *p, size_t n, bool is_pattern)
{
    bool in_query = false;
    for (const char *end = n ? p + n : p; p < end && !out->full;) {
        int byte = hex_percent(p, end);
        unsigned char c = (unsigned char)(byte < 0 ? *p : byte);
        p += byte < 0 ? 1 : 3;
        bool special = byte < 0 && is_pattern && (c == '*' || (c == '$' && p == end));
        bool encode =
            never_raw(c) || (byte < 0 ? !special && (c == '*' || c == '$') : differs(c, in_query));
        if (encode)
            buf_addf(out, "%%%02X", c);
        else
            buf_addc(out, (char)c);
        in_query |= byte < 0 && c == '?';
    }
}

void robots_path_of(struct buf *out, const char *url)
{
    struct url u;
    size_t start = out->len;
    url_parse(&u, url, strlen(url));
    if (u.path.n)
        robots_path_add(out, u.path.p, u.path.n, false);
    else
        buf_addc(out, '/');
    url_remove_dots(out, start);
    if (u.query.p)
        robots_path_add(out, u.query.p - 1, u.query.n + 1, false);
}

/* Text between two stars is matched at its first occurrence: if the rest matches after a later one,
 * it also matches after the first. So no backtracking is needed. */
bool robots_path_match(struct url_part pattern, struct url_part path)
{
    const char *p = pattern.p, *end = p + pattern.n, *at = path.p, *stop = at + path.n;
    bool to_the_end = pattern.n && end[-1] == '$';
    end -= to_the_end;
    for (bool first = true;; first = false) {
        const char *star = memchr(p, '*', (size_t)(end - p));
        size_t n = (size_t)((star ? star : end) - p);
        if (n > (size_t)(stop - at))
            return false;
        if (!first && !star && to_the_end)
            at = stop - n;
        else if (!first)
            at = memmem(at, (size_t)(stop - at), p, n);
        if (!at || memcmp(at, p, n) != 0)
            return false;
        at += n;
        if (!star)
            return !to_the_end || at == stop;
        p = star + 1;
    }
}
