/* Normalises the address of a feed as users enter it; see feed_address.h. Used by opml.c,
 * discover.c and storyctl. */
#include "feed/feed_address.h"

#include "base/buf.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { MAX_ADDRESS = 1 << 20 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* Schemes that feed readers registered with browsers, and what they stand for. */
static const struct {
    const char *name, *scheme;
} readers[] = {{"feed:", "http"}, {"feeds:", "https"}, {"itpc:", "http"}, {"pcast:", "http"}};

/* The remainder of an ampersand that was escaped twice. */
static const char *const ampersands[] = {"amp;", "#38;", "#038;", "#x26;"};

static bool starts_with(const char *p, const char *with)
{
    return !strncasecmp(p, with, strlen(with));
}

static bool has_scheme(const char *p)
{
    return starts_with(p + strspn(p, LETTERS "+-."), "://");
}

/* "kestrel.example/rss", "www.kestrel.example", "kestrel.example:8080/rss", with or without a login
 * in front; but not "rss.xml". */
static bool lacks_scheme(const char *p)
{
    const char *at = memchr(p, '@', strcspn(p, "/?#"));
    p = at ? at + 1 : p;
    size_t host = strspn(p, LETTERS ".-_"), port = 0;
    if (p[host] == ':')
        port = strspn(p + host + 1, "0123456789");
    const char *rest = p + host + (port ? port + 1 : 0), *dot = memchr(p, '.', host);
    return dot && dot > p && (*rest == '/' || (!*rest && (port || starts_with(p, "www."))));
}

static const char *skip_spaces(const char *p)
{
    while (*p && (unsigned char)*p <= ' ')
        p++;
    return p;
}

/* Skips readers' schemes; `scheme` is what the last of them stands for. */
static const char *skip_readers(const char *p, const char **scheme)
{
    *scheme = NULL;
    for (size_t i = 0; i < sizeof readers / sizeof *readers;) {
        if (!starts_with(p, readers[i].name)) {
            i++;
            continue;
        }
        *scheme = readers[i].scheme;
        p += strlen(readers[i].name);
        p = skip_spaces(p + (starts_with(p, "//") ? 2 : 0));
        i = 0;
    }
    return p;
}

/* The length of the remainder of an escaped ampersand at p, which follows an ampersand; 0: there is
 * none. */
static size_t reference(const char *p)
{
    for (size_t i = 0; i < sizeof ampersands / sizeof *ampersands; i++)
        if (starts_with(p, ampersands[i]))
            return strlen(ampersands[i]);
    return 0;
}

/* Undoes repeated escaping: "&amp;" may be followed by further "amp;". */
static void add_unescaped(struct buf *out, const char *p, const char *end)
{
    while (p < end) {
        bool ampersand = *p == '&';
        buf_addc(out, *p++);
        while (ampersand && reference(p))
            p += reference(p);
    }
}

char *feed_address(const char *given)
{
    struct buf out;
    const char *scheme;
    buf_init(&out, MAX_ADDRESS);
    const char *p = skip_readers(skip_spaces(given), &scheme), *end = p + strlen(p);
    while (end > p && (unsigned char)end[-1] <= ' ')
        end--;
    if (starts_with(p, "//")) {
        p += 2;
        scheme = scheme ? scheme : "http";
    } else if (has_scheme(p))
        scheme = NULL;
    else if (!scheme && lacks_scheme(p))
        scheme = "http";
    if (scheme)
        buf_addf(&out, "%s://", scheme);
    add_unescaped(&out, p, end);
    return buf_take(&out);
}
