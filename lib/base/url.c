/* Parses, resolves and normalises URLs; see url.h. It does not validate them beyond url_is_http()
 * and does not process host names (see lib/article/publisher.c). Used throughout lib and daemon. */
#define _GNU_SOURCE /* memrchr */
#include "base/url.h"

#include "base/buf.h"
#include "base/hex.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_URL = 1 << 20 };

static bool alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool scheme_char(char c)
{
    return alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

static size_t scheme_length(const char *p, size_t n)
{
    size_t i = 0;
    if (!n || !alpha(p[0]))
        return 0;
    while (i < n && scheme_char(p[i]))
        i++;
    return i < n && p[i] == ':' ? i : 0;
}

/* Reads up to one of the stop characters. */
static struct url_part cut_part(const char **p, const char *end, const char *stops)
{
    const char *start = *p;
    while (*p < end && !strchr(stops, **p))
        (*p)++;
    return (struct url_part){start, (size_t)(*p - start)};
}

static void parse_authority(struct url *u, struct url_part a)
{
    const char *end = a.p + a.n;
    const char *at = a.n ? memrchr(a.p, '@', a.n) : NULL;
    const char *host = at ? at + 1 : a.p;
    if (at)
        u->userinfo = (struct url_part){a.p, (size_t)(at - a.p)};
    const char *bracket =
        host < end && *host == '[' ? memchr(host, ']', (size_t)(end - host)) : NULL;
    const char *from = bracket ? bracket : host;
    const char *colon = from < end ? memrchr(from, ':', (size_t)(end - from)) : NULL;
    if (colon)
        u->port = (struct url_part){colon + 1, (size_t)(end - colon - 1)};
    u->host = (struct url_part){host, (size_t)((colon ? colon : end) - host)};
}

void url_parse(struct url *u, const char *p, size_t n)
{
    const char *end = p + n;
    *u = (struct url){0};
    size_t scheme = scheme_length(p, n);
    if (scheme) {
        u->scheme = (struct url_part){p, scheme};
        p += scheme + 1;
    }
    if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
        p += 2;
        u->has_authority = true;
        parse_authority(u, cut_part(&p, end, "/?#"));
    }
    u->path = cut_part(&p, end, "?#");
    if (p < end && *p == '?') {
        p++;
        u->query = cut_part(&p, end, "#");
    }
    if (p < end)
        u->fragment = (struct url_part){p + 1, (size_t)(end - p - 1)};
}

bool url_is_absolute(const char *text)
{
    return scheme_length(text, strlen(text)) > 0;
}

bool url_is_http(const char *text)
{
    struct url u;
    size_t digits = 0;
    url_parse(&u, text, strlen(text));
    while (digits < u.port.n && u.port.p[digits] >= '0' && u.port.p[digits] <= '9')
        digits++;
    for (size_t i = 0; i < u.host.n; i++)
        if ((unsigned char)u.host.p[i] <= ' ')
            return false;
    return u.scheme.p && u.host.n && digits == u.port.n && digits <= 5 &&
           ((u.scheme.n == 4 && !strncasecmp(u.scheme.p, "http", 4)) ||
            (u.scheme.n == 5 && !strncasecmp(u.scheme.p, "https", 5)));
}

void url_remove_dots(struct buf *b, size_t start)
{
    if (b->len == start)
        return;
    char *in = b->p + start, *end = b->p + b->len, *out = in, *first = in;
    while (in < end) {
        char *slash = *in == '/' ? in : NULL, *name = slash ? in + 1 : in;
        char *stop = memchr(name, '/', (size_t)(end - name));
        if (!stop)
            stop = end;
        size_t n = (size_t)(stop - name);
        bool one = n == 1 && name[0] == '.', two = n == 2 && name[0] == '.' && name[1] == '.';
        if (one || two) {
            if (two)
                while (out > first && *--out != '/')
                    ;
            if (stop == end && (slash || out > first))
                *out++ = '/';
            in = slash ? stop : stop < end ? stop + 1 : stop;
        } else {
            memmove(out, in, (size_t)(stop - in));
            out += stop - in;
            in = stop;
        }
    }
    *out = 0;
    b->len = (size_t)(out - b->p);
}

static void add_part(struct buf *b, const char *before, struct url_part part)
{
    if (part.p) {
        buf_adds(b, before);
        buf_add(b, part.p, part.n);
    }
}

static void add_authority(struct buf *b, const struct url *u)
{
    if (!u->has_authority)
        return;
    buf_adds(b, "//");
    if (u->userinfo.p) {
        add_part(b, "", u->userinfo);
        buf_addc(b, '@');
    }
    add_part(b, "", u->host);
    add_part(b, ":", u->port);
}

/* RFC 3986 5.2.3, including the removal of dot segments. */
static void add_merged_path(struct buf *b, const struct url *base, const struct url *ref)
{
    size_t start = b->len;
    if (ref->path.n && ref->path.p[0] == '/') {
        add_part(b, "", ref->path);
    } else {
        const char *slash = base->path.n ? memrchr(base->path.p, '/', base->path.n) : NULL;
        if (slash)
            buf_add(b, base->path.p, (size_t)(slash - base->path.p) + 1);
        else if (base->has_authority)
            buf_addc(b, '/');
        add_part(b, "", ref->path);
    }
    url_remove_dots(b, start);
}

static char *tidy(const char *text)
{
    struct buf b;
    buf_init(&b, MAX_URL);
    const char *end = text + strlen(text);
    while (end > text && (unsigned char)end[-1] <= ' ')
        end--;
    while (text < end && (unsigned char)*text <= ' ')
        text++;
    if (strcspn(text, "\t\r\n") >= (size_t)(end - text))
        return mem_strn(text, (size_t)(end - text));
    while (text < end) {
        size_t n = strcspn(text, "\t\r\n");
        if (n > (size_t)(end - text))
            n = (size_t)(end - text);
        buf_add(&b, text, n);
        text += n + 1;
    }
    return buf_take(&b);
}

static char *resolve_ref(const char *base_text, const char *ref_text)
{
    struct url base, ref;
    url_parse(&base, base_text, strlen(base_text));
    url_parse(&ref, ref_text, strlen(ref_text));
    if (!base.has_authority && !(base.path.n && base.path.p[0] == '/'))
        return NULL; /* mailto: and similar have no path that a reference could be relative to */
    struct buf b;
    buf_init(&b, MAX_URL);
    add_part(&b, "", base.scheme);
    buf_addc(&b, ':');
    add_authority(&b, ref.has_authority ? &ref : &base);
    if (ref.has_authority) {
        size_t start = b.len;
        add_part(&b, "", ref.path);
        url_remove_dots(&b, start);
        add_part(&b, "?", ref.query);
    } else if (!ref.path.n) {
        add_part(&b, "", base.path);
        add_part(&b, "?", ref.query.p ? ref.query : base.query);
    } else {
        add_merged_path(&b, &base, &ref);
        add_part(&b, "?", ref.query);
    }
    add_part(&b, "#", ref.fragment);
    return buf_take(&b);
}

/* Handles a login in a malformed address without a usable host ("http:/user:word@host/",
 * "http://user:wo/rd@host/"): the host follows the last "@". "http:///host/@name" has no login. */
static char *mend_login(const char *text, char **login)
{
    size_t scheme = !strncasecmp(text, "http:", 5) ? 5 : !strncasecmp(text, "https:", 6) ? 6 : 0;
    const char *from = text + scheme + strspn(text + scheme, "/\\"), *at = strrchr(from, '@');
    struct buf b;
    if (!scheme || !at || url_is_http(text) || from[strcspn(from, ":/@")] == '/')
        return mem_str(text);
    if (login)
        *login = mem_strn(from, (size_t)(at - from));
    buf_init(&b, MAX_URL);
    buf_add(&b, text, scheme);
    buf_addf(&b, "//%s", at + 1);
    return buf_take(&b);
}

/* NULL if the address has no userinfo. */
static char *cut_login(const char *text, char **login)
{
    struct url u;
    struct buf b;
    url_parse(&u, text, strlen(text));
    while (u.scheme.p && !u.has_authority && *u.path.p != '/') { /* "feed:https://..." */
        const char *inner = u.scheme.p + u.scheme.n + 1;
        url_parse(&u, inner, strlen(inner));
    }
    if (!u.userinfo.p || !u.scheme.p)
        return NULL;
    if (login)
        *login = mem_strn(u.userinfo.p, u.userinfo.n);
    buf_init(&b, MAX_URL);
    buf_add(&b, text, (size_t)(u.userinfo.p - text));
    buf_adds(&b, u.host.p);
    return buf_take(&b);
}

char *url_without_login(const char *text, char **login)
{
    if (login)
        *login = NULL;
    char *without = cut_login(text, login);
    return without ? without : mend_login(text, login);
}

static char *drop_login(char *url)
{
    bool is_web = !strncasecmp(url, "http://", 7) || !strncasecmp(url, "https://", 8);
    char *without = is_web ? cut_login(url, NULL) : NULL; /* the user of ssh://git@host is kept */
    if (!without)
        return url;
    free(url);
    return without;
}

char *url_resolve(const char *base, const char *ref)
{
    char *clean = tidy(ref);
    if (!base || url_is_absolute(clean))
        return drop_login(clean);
    char *clean_base = tidy(base);
    char *url = url_is_absolute(clean_base) ? resolve_ref(clean_base, clean) : NULL;
    free(clean_base);
    if (!url)
        return clean;
    free(clean);
    return drop_login(url);
}

char *url_decoded(struct url_part part)
{
    char *out = mem_alloc(part.n + 1);
    size_t n = 0;
    for (const char *p = part.p, *end = p ? p + part.n : p; p < end; p++) {
        int byte = hex_percent(p, end);
        out[n++] = byte < 0 ? *p : (char)byte;
        p += byte < 0 ? 0 : 2;
    }
    out[n] = 0;
    return out;
}

void url_add_normal(struct buf *b, struct url_part part)
{
    static const char unreserved[] = "-._~!'()*", reserved[] = "-._~!'()*:/?#@$&+,;=";
    for (const char *p = part.p, *end = p ? p + part.n : p; p < end; p++) {
        int byte = hex_percent(p, end);
        unsigned char c = (unsigned char)(byte < 0 ? *p : byte);
        const char *marks = byte < 0 ? reserved : unreserved;
        if (alpha((char)c) || (c >= '0' && c <= '9') || (c && strchr(marks, c)))
            buf_addc(b, (char)c);
        else
            buf_addf(b, "%%%02X", c);
        p += byte < 0 ? 0 : 2;
    }
}

static struct url_part site_of(const char *url)
{
    struct url u;
    url_parse(&u, url, strlen(url));
    bool www = u.host.n > 4 && !strncasecmp(u.host.p, "www.", 4);
    return www ? (struct url_part){u.host.p + 4, u.host.n - 4} : u.host;
}

static bool is_below_host(struct url_part host, struct url_part other)
{
    size_t more = host.n - other.n;
    return other.n && host.n >= other.n && !strncasecmp(host.p + more, other.p, other.n) &&
           (!more || host.p[more - 1] == '.');
}

bool url_same_site(const char *a, const char *b)
{
    struct url_part host = site_of(a), other = site_of(b);
    return is_below_host(host, other) || is_below_host(other, host);
}
