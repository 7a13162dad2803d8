/* Maps addresses to publishers, and computes canonical addresses and comparison keys; see
 * publisher.h. It does not fetch anything: redirects are resolved only if the target is part of the
 * address. Used by lib/article, lib/ingest and storyctl. */
#define _GNU_SOURCE /* memmem */
#include "article/publisher.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feed/base64.h"

#include <ctype.h>
#include <idn2.h>
#include <libpsl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "publishers_table.h" /* generated from config/publishers.conf */

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

/* The host in ASCII as in DNS ("bücher.example" becomes punycode); unchanged if it is not a valid
 * DNS name. */
static char *ascii_host(struct url_part part)
{
    char *host = url_decoded(part), *ascii = NULL;
    size_t n = strlen(host), plain = 0;
    while (plain < n && (unsigned char)host[plain] < 128)
        plain++;
    if (plain < n && utf8_valid(host, n) &&
        idn2_to_ascii_8z(host, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK) {
        free(host);
        host = mem_str(ascii);
        idn2_free(ascii);
    }
    return host;
}

/* Whether the text is a valid host, not one that only resembles a host and leads elsewhere. */
static bool is_host(const char *host)
{
    if (*host == '[')
        return strspn(host + 1, "0123456789abcdef:.") + 2 == strlen(host) && strchr(host, ']');
    for (const char *p = host; *p; p++)
        if ((unsigned char)*p <= ' ' || strchr("\x7f#%/:<>?@[\\]^|", *p)) /* as in browsers */
            return false;
    return *host;
}

/* Parses an http address and finds its host, in ASCII and lower case, without a trailing dot. False
 * for any other text. */
static bool read_url(struct url *u, const char *url, char host[MAX_HOST + 1])
{
    url_parse(u, url, strlen(url));
    if (!url_is_http(url) || memmem(u->host.p, u->host.n, "%00", 3))
        return false;
    char *ascii = ascii_host(u->host);
    size_t n = strlen(ascii);
    while (n && ascii[n - 1] == '.')
        n--;
    if (n > MAX_HOST)
        n = 0;
    for (size_t i = 0; i < n; i++)
        host[i] = (char)tolower((unsigned char)ascii[i]);
    host[n] = 0;
    free(ascii);
    return is_host(host);
}

static bool host_of_url(const char *url, char host[MAX_HOST + 1])
{
    struct url u;
    return read_url(&u, url, host);
}

static bool is_below_part(const char *host, struct url_part domain)
{
    size_t n = strlen(host), m = domain.n;
    return n >= m && !memcmp(host + n - m, domain.p, m) && (n == m || host[n - m - 1] == '.');
}

static bool is_below_domain(const char *host, const char *domain)
{
    return is_below_part(host, (struct url_part){domain, strlen(domain)});
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

/* The longest row of a section that equals the host or is a parent domain of it, or -1. */
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
static bool is_numeric_host(const char *host)
{
    return *host == '[' || strspn(host, "0123456789.") == strlen(host);
}

static void add_lower(struct buf *b, struct url_part part)
{
    for (size_t i = 0; i < part.n; i++)
        buf_addc(b, (char)tolower((unsigned char)part.p[i]));
}

/* ---- accounts on platforms ------------------------------------------------------------------- */

/* The host without prefixes for kinds of devices. */
static const char *site_host(const char *host)
{
    static const char *const prefixes[] = {"www.", "m.", "mobile.", "amp."};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (!strncmp(host, prefixes[i], strlen(prefixes[i])))
            return host + strlen(prefixes[i]);
    return host;
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
            return url_decoded((struct url_part){p + m + 1, (size_t)(stop - p) - m - 1});
        p = stop + 1;
    }
    return NULL;
}

/* Whether a path matches the pattern (config/publishers.conf describes the syntax). `account` is
 * the text matched by *, empty if the pattern has none. */
static bool path_is_like(const char *pattern, const char *pattern_end, struct url_part path,
                         struct url_part *account)
{
    const char *p = path.p, *end = p ? p + path.n : p;
    *account = (struct url_part){"", 0};
    while (pattern < pattern_end) {
        if (*pattern == '*') {
            const char *rest = ++pattern;
            while (pattern < pattern_end && !strchr("/$#", *pattern))
                pattern++;
            const char *stop = p < end ? memchr(p, '/', (size_t)(end - p)) : NULL;
            size_t n = (size_t)((stop ? stop : end) - p), m = (size_t)(pattern - rest);
            if (n <= m || strncasecmp(p + n - m, rest, m) != 0)
                return false;
            *account = (struct url_part){p, n - m};
            p += n;
        } else if (*pattern == '#') {
            enum { LEAST = 8 };
            const char *from = p;
            while (p < end && isdigit((unsigned char)*p))
                p++;
            if (p - from < LEAST)
                return false;
            pattern++;
        } else if (*pattern == '$') {
            return p == end || (*p == '/' && p + 1 == end);
        } else if (p == end || tolower((unsigned char)*p++) != *pattern++) {
            return false;
        }
    }
    return p == end || *p == '/';
}

/* Whether the address, on `host` below `platform`, matches the pattern. */
static bool address_is_like(const char *pattern, size_t n, const struct url *u, const char *host,
                            const char *platform, char **account)
{
    const char *end = pattern + n, *mark = memchr(pattern, '?', n);
    struct url_part part = {"", 0};
    *account = NULL;
    if (n == 2 && !memcmp(pattern, "*.", 2)) {
        host = site_host(host);
        size_t below = strlen(platform) + 1; /* with the dot before it */
        if (strlen(host) <= below)
            return false;
        const char *dot = host + strlen(host) - below;
        const char *label = memrchr(host, '.', (size_t)(dot - host));
        label = label ? label + 1 : host;
        *account = mem_strn(label, (size_t)(dot - label));
        return true;
    }
    if (!path_is_like(pattern, mark ? mark : end, u->path, &part))
        return false;
    if (!mark) {
        *account = mem_strn(part.p, part.n);
        return true;
    }
    char *name = mem_strn(mark + 1, (size_t)(end - mark) - 3); /* without "=*" */
    *account = query_value(u, name);
    free(name);
    return *account;
}

/* The publisher key that `form` makes of an account on a platform, in lower case. NULL if the
 * account contains characters that no account has. */
static char *account_in_form(const char *account, const char *form, size_t n, const char *platform)
{
    enum { MOST = 100 };
    struct buf b;
    size_t m = strlen(account);
    if (m == 0 || m > MOST || !utf8_valid(account, m))
        return NULL;
    for (const char *p = account; *p; p++)
        if ((unsigned char)*p <= ' ' || strchr("\x7f/?#\"<>\\", *p))
            return NULL;
    buf_init(&b, 2 * MAX_HOST + MOST);
    if (*form == '/')
        buf_adds(&b, platform);
    const char *star = memchr(form, '*', n);
    add_lower(&b, (struct url_part){form, star ? (size_t)(star - form) : n});
    add_lower(&b, (struct url_part){account, m});
    if (form[0] == '*') { /* "*.", or "*.host" */
        buf_add(&b, form + 1, n - 1);
        if (n == 2)
            buf_adds(&b, platform);
    }
    return buf_take(&b);
}

static size_t word_length(const char *p)
{
    return strcspn(p, " ");
}

static const char *past_word(const char *p)
{
    p += word_length(p);
    return p + strspn(p, " ");
}

/* The account that an address shows by the patterns of a platform, or NULL. */
static char *account_by(const char *patterns, const struct url *u, const char *host,
                        const char *platform)
{
    const char *next;
    for (const char *p = patterns; *p; p = next) {
        bool none = *p == '-';
        const char *pattern = p + none, *form = pattern;
        size_t n = word_length(pattern);
        next = past_word(p);
        if (*next == '>') {
            form = past_word(next);
            next = past_word(form);
        }
        char *account;
        if (!address_is_like(pattern, n, u, host, platform, &account))
            continue;
        char *publisher = none ? NULL : account_in_form(account, form, word_length(form), platform);
        free(account);
        return publisher;
    }
    return NULL;
}

/* The publisher of an account: its family, or the account itself. */
static char *family_of_account(const char *account)
{
    int row = row_named(PUBLISHERS_FAMILIES, PUBLISHERS_FAMILIES_END, account);
    return mem_str(row < 0 ? account : publishers_table[row].value);
}

static char *account_of(const struct url *u, const char *host, int platform)
{
    int row = platform;
    if (row < 0)
        row = row_named(PUBLISHERS_PLATFORMS, PUBLISHERS_PLATFORMS_END, "*");
    struct url plain = *u; /* "/%40name" is "/@name" */
    char *path = url_decoded(u->path);
    plain.path = (struct url_part){path, strlen(path)};
    char *account = account_by(publishers_table[row].value, &plain, host,
                               platform < 0 ? site_host(host) : publishers_table[row].name);
    char *publisher = account ? family_of_account(account) : NULL;
    free(account);
    free(path);
    return publisher;
}

/* ---- publishers ------------------------------------------------------------------------------ */

char *publisher_of_url(const struct publishers *p, const char *url)
{
    struct url u;
    char host[MAX_HOST + 1];
    if (!url || !read_url(&u, url, host) || transport_of(host) >= 0)
        return NULL;
    int platform = platform_of(host);
    char *account = account_of(&u, host, platform);
    if (account || platform >= 0)
        return account;
    int family = row_of(PUBLISHERS_FAMILIES, PUBLISHERS_FAMILIES_END, host);
    if (family >= 0)
        return mem_str(publishers_table[family].value);
    const char *domain = is_numeric_host(host) ? NULL : psl_registrable_domain(p->psl, host);
    return mem_str(domain ? domain : host);
}

bool publisher_is_transport(const char *url)
{
    char host[MAX_HOST + 1];
    return url && host_of_url(url, host) && transport_of(host) >= 0;
}

bool publisher_may_be_transport(const char *domain)
{
    for (int i = PUBLISHERS_TRANSPORTS; *domain && i < PUBLISHERS_TRANSPORTS_END; i++)
        if (is_below_domain(publishers_table[i].name, domain))
            return true;
    return transport_of(domain) >= 0;
}

const char *publisher_platform(const char *url)
{
    char host[MAX_HOST + 1];
    int row = url && host_of_url(url, host) ? platform_of(host) : -1;
    return row < 0 ? NULL : publishers_table[row].name;
}

/* ---- canonical addresses --------------------------------------------------------------------- */

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

/* Whether the text has no blanks or control characters, which addresses must not have, and is
 * UTF-8, which records require. */
static bool is_clean(const char *url)
{
    for (const char *p = url; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return false;
    return utf8_valid(url, strlen(url));
}

/* Google News encodes an article's address in its own: base64 of a message with the address in
 * field 4. Newer links contain only an internal number there. */
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

/* The wrapped address, or NULL. */
static char *unwrap_once(const char *url)
{
    struct url u;
    char host[MAX_HOST + 1];
    if (!read_url(&u, url, host))
        return NULL;
    if (is_below_domain(host, "news.google.com")) {
        char *inner = google_news_address(&u);
        if (inner && host_of_url(inner, host))
            return inner;
        free(inner);
    }
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
        size_t n = strlen(wrappers[i].path);
        if (!is_below_domain(host, wrappers[i].host) || u.path.n < n ||
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
        if (inner && is_clean(inner) && host_of_url(inner, host))
            return inner;
        free(inner);
    }
    return NULL;
}

/* Unwraps repeatedly: one transport may wrap a link of another. */
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

/* A row is a host, or a host and a path prefix. An address that wraps another one, such as the
 * links of news aggregators, counts as that one. */
bool publisher_is_aggregator(const char *url)
{
    char host[MAX_HOST + 1], *inner = url ? unwrap(url) : NULL;
    struct url u;
    bool leads_on = inner != NULL;
    free(inner);
    if (!url || leads_on || !read_url(&u, url, host))
        return false;
    for (int i = PUBLISHERS_AGGREGATORS; i < PUBLISHERS_AGGREGATORS_END; i++) {
        const char *name = publishers_table[i].name, *path = strchrnul(name, '/');
        size_t n = strlen(path);
        if (is_below_part(host, (struct url_part){name, (size_t)(path - name)}) &&
            (!n || (u.path.n >= n && !strncasecmp(u.path.p, path, n) &&
                    (u.path.n == n || u.path.p[n] == '/'))))
            return true;
    }
    return false;
}

/* Feeds that escape an address twice leave "&amp;" in it, which no address contains
 * intentionally. */
static char *unescaped(const char *url)
{
    struct buf b;
    buf_init(&b, MAX_URL * 4);
    for (const char *amp; (amp = strstr(url, "&amp;")); url = amp + strlen("&amp;"))
        buf_add(&b, url, (size_t)(amp - url) + 1);
    buf_adds(&b, url);
    return buf_take(&b);
}

/* ---- tracking parameters --------------------------------------------------------------------- */

/* Whether a pattern of the table, in which one * matches any text, matches the text, ignoring
 * case. */
static bool fits_pattern(struct url_part pattern, struct url_part text)
{
    const char *star = memchr(pattern.p, '*', pattern.n);
    size_t before = star ? (size_t)(star - pattern.p) : pattern.n;
    size_t after = star ? pattern.n - before - 1 : 0;
    return (star ? text.n >= before + after : text.n == before) &&
           !strncasecmp(pattern.p, text.p, before) &&
           !strncasecmp(pattern.p + pattern.n - after, text.p + text.n - after, after);
}

/* The next of the patterns separated by "|" before `end`; false if there is none. */
static bool next_pattern(const char **p, const char *end, struct url_part *pattern)
{
    if (!*p || *p > end)
        return false;
    const char *bar = memchr(*p, '|', (size_t)(end - *p));
    *pattern = (struct url_part){*p, (size_t)((bar ? bar : end) - *p)};
    *p = (bar ? bar : end) + 1;
    return true;
}

static bool fits_one_of(const char *p, const char *end, struct url_part text)
{
    for (struct url_part pattern; next_pattern(&p, end, &pattern);)
        if (fits_pattern(pattern, text))
            return true;
    return false;
}

static bool is_below_one_of(const char *p, const char *end, const char *host)
{
    for (struct url_part domain; next_pattern(&p, end, &domain);)
        if (is_below_part(host, domain))
            return true;
    return false;
}

/* Whether one of the rules in a range of rows applies to a parameter of an address at `host`. */
static bool is_tracking(int row, int end_row, const char *host, struct url_part parameter)
{
    const char *equals = memchr(parameter.p, '=', parameter.n);
    struct url_part name = {parameter.p, equals ? (size_t)(equals - parameter.p) : parameter.n};
    struct url_part value = {name.p + name.n + (equals ? 1 : 0),
                             parameter.n - name.n - (equals ? 1 : 0)};
    for (; row < end_row; row++) {
        const char *rule = publishers_table[row].name, *values = publishers_table[row].value;
        const char *end = rule + strlen(rule), *at = memchr(rule, '@', (size_t)(end - rule));
        if (fits_one_of(rule, at ? at : end, name) && (!at || is_below_one_of(at + 1, end, host)) &&
            (!*values || fits_one_of(values, values + strlen(values), value)))
            return true;
    }
    return false;
}

static bool is_tracker(const char *host, struct url_part parameter)
{
    return is_tracking(PUBLISHERS_TRACKERS, PUBLISHERS_TRACKERS_END, host, parameter);
}

static bool says_where_from(const char *host, struct url_part parameter)
{
    return is_tracker(host, parameter) ||
           is_tracking(PUBLISHERS_TRACKING, PUBLISHERS_TRACKING_END, host, parameter);
}

typedef bool drops(const char *host, struct url_part parameter);

/* Adds the parameters that distinguish articles. */
static void add_query(struct buf *b, const char *host, struct url_part query, drops *drop)
{
    char before = '?';
    for (const char *p = query.p, *end = p ? p + query.n : p; p < end;) {
        const char *stop = memchr(p, '&', (size_t)(end - p));
        if (!stop)
            stop = end;
        struct url_part parameter = {p, (size_t)(stop - p)};
        if (parameter.n && !drop(host, parameter)) {
            buf_addc(b, before);
            buf_add(b, p, parameter.n);
            before = '&';
        }
        p = stop + 1;
    }
}

/* Keeps "#post-12", a place in a live blog, but not "#ref=rss" or "#xtor=...", which track where a
 * reader came from. */
static void add_fragment(struct buf *b, const char *host, struct url_part f, drops *drop)
{
    if (f.n && !(memchr(f.p, '=', f.n) && drop(host, f))) {
        buf_addc(b, '#');
        buf_add(b, f.p, f.n);
    }
}

/* ---- the two forms --------------------------------------------------------------------------- */

static void add_port(struct buf *b, const struct url *u)
{
    const char *usual = u->scheme.n == 5 ? "443" : "80";
    if (u->port.n && !(u->port.n == strlen(usual) && !memcmp(u->port.p, usual, u->port.n))) {
        buf_addc(b, ':');
        buf_add(b, u->port.p, u->port.n);
    }
}

char *publisher_canonical_url(const char *url)
{
    char host[MAX_HOST + 1], *whole = unescaped(url), *inner = unwrap(whole);
    struct url u;
    struct buf b;
    buf_init(&b, MAX_URL);
    if (read_url(&u, inner ? inner : whole, host)) {
        add_lower(&b, u.scheme);
        buf_adds(&b, "://");
        while (u.host.n > 1 && u.host.p[u.host.n - 1] == '.')
            u.host.n--;
        add_lower(&b, u.host);
        add_port(&b, &u);
        if (u.path.n == 0)
            buf_addc(&b, '/');
        buf_add(&b, u.path.p, u.path.n);
        add_query(&b, host, u.query, is_tracker);
        add_fragment(&b, host, u.fragment, is_tracker);
    }
    if (b.full) /* a truncated address leads elsewhere */
        buf_clear(&b);
    free(inner);
    free(whole);
    return buf_take(&b);
}

/* Session ids that servers insert into paths for readers without cookies: "/a;jsessionid=7F3", and
 * ASP.NET's "/(S(7f3))/a". */
static const char *const sessions[] = {";jsessionid=", ";phpsessid=", ";sessionid=", ";sid="};

/* The length of a session id at p, or 0. */
static size_t session_at(const char *p, const char *end)
{
    const char *slash = memchr(p + 1, '/', (size_t)(end - p - 1)), *stop = slash ? slash : end;
    size_t n = (size_t)(stop - p);
    for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++)
        if (n > strlen(sessions[i]) && !strncasecmp(p, sessions[i], strlen(sessions[i])))
            return n;
    return n > 6 && !strncasecmp(p, "/(s(", 4) && !memcmp(stop - 2, "))", 2) ? n : 0;
}

static void add_path_key(struct buf *b, struct url_part path)
{
    size_t start = b->len, session;
    const char *from = path.p, *end = path.p ? path.p + path.n : path.p;
    for (const char *p = from; p < end; p += session ? session : 1) {
        session = *p == ';' || *p == '/' ? session_at(p, end) : 0;
        if (session) {
            url_add_normal(b, (struct url_part){from, (size_t)(p - from)});
            from = p + session;
        }
    }
    url_add_normal(b, (struct url_part){from, (size_t)(end - from)});
    url_remove_dots(b, start);
    while (b->len > start && b->p[b->len - 1] == '/')
        b->len--;
    if (b->len - start >= 4 && !memcmp(b->p + b->len - 4, "/amp", 4))
        b->len -= 4;
    b->p[b->len] = 0;
}

/* In a query, "+" also encodes a blank. */
static void add_query_key(struct buf *b, struct url_part query)
{
    for (const char *p = query.p, *end = p ? p + query.n : p; p < end;) {
        const char *plus = memchr(p, '+', (size_t)(end - p)), *stop = plus ? plus : end;
        url_add_normal(b, (struct url_part){p, (size_t)(stop - p)});
        if (plus)
            buf_adds(b, "%20");
        p = plus ? plus + 1 : end;
    }
}

/* In a guid that is an address, "#2" counts the edits of the article. */
static bool is_counter(struct url_part fragment)
{
    enum { MOST = 3 };
    size_t digits = 0;
    while (digits < fragment.n && isdigit((unsigned char)fragment.p[digits]))
        digits++;
    return digits && digits == fragment.n && digits <= MOST;
}

char *publisher_url_key(const char *canonical)
{
    char host[MAX_HOST + 1];
    struct url u;
    struct buf b, part;
    buf_init(&b, MAX_URL * 4); /* each byte may become three */
    buf_init(&part, MAX_URL * 4);
    if (read_url(&u, canonical, host)) {
        buf_adds(&b, site_host(host));
        add_port(&b, &u);
        add_path_key(&b, u.path);
        add_query_key(&part, u.query);
        add_query(&b, host, (struct url_part){buf_text(&part), part.len}, says_where_from);
        buf_clear(&part);
        if (!is_counter(u.fragment))
            url_add_normal(&part, u.fragment);
        add_fragment(&b, host, (struct url_part){buf_text(&part), part.len}, says_where_from);
    }
    buf_free(&part);
    return buf_take(&b);
}
