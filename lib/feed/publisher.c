#define _GNU_SOURCE /* memmem */
#include "feed/publisher.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feed/base64.h"

#include <ctype.h>
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "publishers_table.h" /* made of config/publishers.conf */

enum { MAX_URL = 8192, MAX_HOST = 255 };

struct publishers {
    const psl_ctx_t *psl;
};

struct publishers *publishers_new(void)
{
    struct publishers *p = mem_zero(sizeof *p);
    p->psl = psl_builtin();
    return p;
}

void publishers_free(struct publishers *p)
{
    free(p);
}

/* The host in lower case, without a dot at its end; false when the address has none. */
static bool host_of(const char *url, char host[MAX_HOST + 1])
{
    struct url u;
    url_parse(&u, url, strlen(url));
    if (!u.host.p || u.host.n == 0 || u.host.n > MAX_HOST || !u.scheme.p ||
        (strncasecmp(u.scheme.p, "http:", 5) && strncasecmp(u.scheme.p, "https:", 6)))
        return false;
    for (size_t i = 0; i < u.host.n; i++)
        host[i] = (char)tolower((unsigned char)u.host.p[i]);
    host[u.host.n] = 0;
    if (host[u.host.n - 1] == '.')
        host[u.host.n - 1] = 0;
    return *host;
}

static bool is_below(const char *host, const char *domain)
{
    size_t n = strlen(host), m = strlen(domain);
    return n >= m && !strcmp(host + n - m, domain) && (n == m || host[n - m - 1] == '.');
}

/* The row of that name in a section, which is sorted; -1 for none. */
static int row_named(int from, int end, const char *name)
{
    while (from < end) {
        int mid = (from + end) / 2, order = strcmp(publishers_table[mid].name, name);
        if (!order)
            return mid;
        if (order < 0)
            from = mid + 1;
        else
            end = mid;
    }
    return -1;
}

/* The longest row of a section that the host is below, or -1. */
static int row_of(int from, int end, const char *host)
{
    int row = row_named(from, end, host);
    while (row < 0 && (host = strchr(host, '.')))
        row = row_named(from, end, ++host);
    return row;
}

static int transport_of(const char *host)
{
    return row_of(PUBLISHERS_TRANSPORTS, PUBLISHERS_TRANSPORTS_END, host);
}

static int platform_of(const char *host)
{
    return row_of(PUBLISHERS_PLATFORMS, PUBLISHERS_PLATFORMS_END, host);
}

/* "127.0.0.1" and "[::1]" have no registrable part. */
static bool is_number(const char *host)
{
    return *host == '[' || strspn(host, "0123456789.") == strlen(host);
}

char *publisher_of_url(const struct publishers *p, const char *url)
{
    char host[MAX_HOST + 1];
    if (!url || !host_of(url, host) || transport_of(host) >= 0 || platform_of(host) >= 0)
        return NULL;
    int family = row_of(PUBLISHERS_FAMILIES, PUBLISHERS_FAMILIES_END, host);
    if (family >= 0)
        return mem_str(publishers_table[family].value);
    const char *domain = is_number(host) ? NULL : psl_registrable_domain(p->psl, host);
    return mem_str(domain ? domain : host);
}

char *publisher_of_account(const char *account)
{
    int row = row_named(PUBLISHERS_FAMILIES, PUBLISHERS_FAMILIES_END, account);
    return mem_str(row < 0 ? account : publishers_table[row].value);
}

bool publisher_is_transport(const char *url)
{
    char host[MAX_HOST + 1];
    return url && host_of(url, host) && transport_of(host) >= 0;
}

/* A row is a host, or a host and the beginning of a path. */
bool publisher_is_aggregator(const char *url)
{
    char host[MAX_HOST + 1];
    struct url u;
    if (!url || !host_of(url, host))
        return false;
    url_parse(&u, url, strlen(url));
    for (int i = PUBLISHERS_AGGREGATORS; i < PUBLISHERS_AGGREGATORS_END; i++) {
        const char *name = publishers_table[i].name, *path = strchrnul(name, '/');
        char domain[MAX_HOST + 1];
        snprintf(domain, sizeof domain, "%.*s", (int)(path - name), name);
        if (is_below(host, domain) && u.path.n >= strlen(path) &&
            !memcmp(u.path.p ? u.path.p : "", path, strlen(path)))
            return true;
    }
    return false;
}

bool publisher_may_be_transport(const char *domain)
{
    for (int i = PUBLISHERS_TRANSPORTS; *domain && i < PUBLISHERS_TRANSPORTS_END; i++)
        if (is_below(publishers_table[i].name, domain))
            return true;
    return transport_of(domain) >= 0;
}

const char *publisher_platform(const char *url)
{
    char host[MAX_HOST + 1];
    int row = url && host_of(url, host) ? platform_of(host) : -1;
    return row < 0 ? NULL : publishers_table[row].name;
}

/* ---- canonical addresses -------------------------------------------------------------------- */

/* Addresses that wrap another: in a query parameter, or in the rest of the path. */
static const struct {
    const char *host, *path, *param;
} wrappers[] = {
    {"google.com", "/url", "url"},
    {"google.com", "/url", "q"},
    {"google.com", "/amp/s/", NULL},
    {"news.google.com", "/news/url", "url"},
    {"cdn.ampproject.org", "/c/s/", NULL},
    {"cdn.ampproject.org", "/v/s/", NULL},
    {"l.facebook.com", "/l.php", "u"},
    {"feedly.com", "/i/subscription/feed/", NULL},
    {"google.com", "/amp/", NULL},
    {"cdn.ampproject.org", "/c/", NULL},
    {"cdn.ampproject.org", "/v/", NULL},
    {"bing-amp.com", "/c/s/", NULL},
    {"lm.facebook.com", "/l.php", "u"},
    {"bing.com", "/news/apiclick.aspx", "url"},
    {"out.reddit.com", "/", "url"},
    {"safelinks.protection.outlook.com", "/", "url"},
    {"flipboard.com", "/redirect", "url"},
    {"getpocket.com", "/redirect", "url"},
    {"translate.google.com", "/translate", "u"},
    {"vk.com", "/away.php", "to"},
};

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : isxdigit((unsigned char)c) ? (c | 32) - 'a' + 10 : -1;
}

static char *percent_decoded(const char *s, size_t n)
{
    char *out = mem_alloc(n + 1);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '%' && i + 2 < n && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
            out[len++] = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
            i += 2;
        } else {
            out[len++] = s[i];
        }
    }
    out[len] = 0;
    return out;
}

static char *query_value(const struct url *u, const char *param)
{
    size_t m = strlen(param);
    const char *p = u->query.p, *end = p ? p + u->query.n : NULL;
    while (p && p < end) {
        const char *stop = memchr(p, '&', (size_t)(end - p));
        if (!stop)
            stop = end;
        if ((size_t)(stop - p) > m && !memcmp(p, param, m) && p[m] == '=')
            return percent_decoded(p + m + 1, (size_t)(stop - p) - m - 1);
        p = stop + 1;
    }
    return NULL;
}

/* An address has neither blanks nor control characters, and what is not UTF-8 no record can hold.
 */
static bool is_clean(const char *url)
{
    for (const char *p = url; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return false;
    return utf8_valid(url, strlen(url));
}

/* Google News writes an article's address into its own: base64 of a message whose field 4 it is.
 * Newer links hold only a number of Google's there. */
static char *google_news_address(const struct url *u)
{
    static const char mark[] = "/articles/";
    const char *end = u->path.p + u->path.n,
               *p = memmem(u->path.p, u->path.n, mark, sizeof mark - 1);
    if (!p)
        return NULL;
    struct buf b;
    buf_init(&b, MAX_URL);
    for (p += sizeof mark - 1; p < end; p++)
        buf_addc(&b, *p == '-' ? '+' : *p == '_' ? '/' : *p);
    base64_decode_in_place(&b);
    const char *at = memmem(buf_text(&b), b.len, "http", 4);
    size_t n = 0;
    while (at && at + n < b.p + b.len && at[n] > ' ' && at[n] < 0x7f)
        n++;
    char *url = at ? mem_strn(at, n) : NULL;
    buf_free(&b);
    return url;
}

/* The address inside, or NULL. */
static char *unwrap_once(const char *url)
{
    char host[MAX_HOST + 1];
    if (!host_of(url, host))
        return NULL;
    struct url u;
    url_parse(&u, url, strlen(url));
    if (is_below(host, "news.google.com")) {
        char *inner = google_news_address(&u);
        if (inner && host_of(inner, host))
            return inner;
        free(inner);
    }
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
        size_t n = strlen(wrappers[i].path);
        if (!is_below(host, wrappers[i].host) || u.path.n < n ||
            memcmp(u.path.p, wrappers[i].path, n))
            continue;
        char *inner;
        if (wrappers[i].param) {
            inner = query_value(&u, wrappers[i].param);
        } else {
            struct buf b;
            buf_init(&b, MAX_URL);
            buf_adds(&b, "https://");
            buf_add(&b, u.path.p + n, strlen(url) - (size_t)(u.path.p + n - url));
            inner = buf_take(&b);
        }
        if (inner && is_clean(inner) && host_of(inner, host))
            return inner;
        free(inner);
    }
    return NULL;
}

/* One transport may carry another's link. */
static char *unwrap(const char *url)
{
    enum { MOST = 4 };
    char *inner = NULL;
    for (int i = 0; i < MOST; i++) {
        char *next = unwrap_once(inner ? inner : url);
        if (!next)
            break;
        free(inner);
        inner = next;
    }
    return inner;
}

/* Feeds that escape an address twice leave "&amp;" in it, which no address means. */
static char *unescaped(const char *url)
{
    struct buf b;
    buf_init(&b, MAX_URL * 4);
    for (const char *amp; (amp = strstr(url, "&amp;")); url = amp + strlen("&amp;"))
        buf_add(&b, url, (size_t)(amp - url) + 1);
    buf_adds(&b, url);
    return buf_take(&b);
}

static bool is_tracking(const char *param, size_t n)
{
    for (int i = PUBLISHERS_TRACKING; i < PUBLISHERS_TRACKING_END; i++) {
        const char *name = publishers_table[i].name;
        size_t m = strlen(name);
        if (name[m - 1] == '*' ? n >= m - 1 && !memcmp(param, name, m - 1)
                               : n == m && !memcmp(param, name, m))
            return true;
    }
    return false;
}

static void add_query(struct buf *b, const struct url_part *query)
{
    char before = '?';
    for (const char *p = query->p, *end = p + query->n; p < end;) {
        const char *stop = memchr(p, '&', (size_t)(end - p));
        if (!stop)
            stop = end;
        const char *equals = memchr(p, '=', (size_t)(stop - p));
        if (stop > p && !is_tracking(p, (size_t)((equals ? equals : stop) - p))) {
            buf_addc(b, before);
            buf_add(b, p, (size_t)(stop - p));
            before = '&';
        }
        p = stop + 1;
    }
}

/* "#ref=rss" and "#xtor=..." tell where a reader came from, "#post-12" is a place in a live blog.
 */
static bool keeps_fragment(const struct url_part *f)
{
    const char *equals = f->p ? memchr(f->p, '=', f->n) : NULL;
    return f->p && f->n && !(equals && is_tracking(f->p, (size_t)(equals - f->p)));
}

static void add_lower(struct buf *b, const struct url_part *part)
{
    for (size_t i = 0; i < part->n; i++)
        buf_addc(b, (char)tolower((unsigned char)part->p[i]));
}

static bool is_default_port(const struct url *u)
{
    const char *port = u->scheme.n == 5 ? "443" : "80";
    return u->port.n == 0 || (u->port.n == strlen(port) && !memcmp(u->port.p, port, u->port.n));
}

/* The parts of an http address that tell articles apart. */
static void add_canonical(struct buf *b, const char *url, const char *host)
{
    struct url u;
    url_parse(&u, url, strlen(url));
    add_lower(b, &u.scheme);
    buf_adds(b, "://");
    buf_adds(b, host);
    if (u.port.p && !is_default_port(&u)) {
        buf_addc(b, ':');
        buf_add(b, u.port.p, u.port.n);
    }
    if (u.path.n == 0)
        buf_addc(b, '/');
    buf_add(b, u.path.p, u.path.n);
    if (u.query.p)
        add_query(b, &u.query);
    if (keeps_fragment(&u.fragment)) {
        buf_addc(b, '#');
        buf_add(b, u.fragment.p, u.fragment.n);
    }
}

char *publisher_canonical_url(const char *url)
{
    char host[MAX_HOST + 1], *whole = unescaped(url), *inner = unwrap(whole);
    const char *address = inner ? inner : whole;
    struct buf b;
    buf_init(&b, MAX_URL);
    if (host_of(address, host))
        add_canonical(&b, address, host);
    else
        buf_add(&b, address,
                strlen(address) < MAX_URL ? strlen(address) : utf8_cut(address, MAX_URL));
    free(inner);
    free(whole);
    return buf_take(&b);
}

char *publisher_url_key(const char *canonical)
{
    static const char *const prefixes[] = {"www.", "m.", "mobile.", "amp."};
    const char *p = strstr(canonical, "://");
    p = p ? p + 3 : canonical;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (!strncmp(p, prefixes[i], strlen(prefixes[i]))) {
            p += strlen(prefixes[i]);
            break;
        }
    size_t n = strlen(p);
    while (n > 1 && p[n - 1] == '/')
        n--;
    if (n > 4 && !memcmp(p + n - 4, "/amp", 4))
        n -= 4;
    return mem_strn(p, n);
}
