/* One table of forms and one loop over characters serves all of them. */
#include "base/escape.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { MADE = 16 };

/* A character: its value, U+FFFD where it is broken, and its bytes. */
struct decoded {
    uint32_t value;
    const char *bytes;
    size_t n;
    bool broken; /* one byte that begins no UTF-8 */
};

static const char replacement[] = "\xef\xbf\xbd";

static const char *entity(uint32_t c)
{
    return c == '&'    ? "&amp;"
           : c == '<'  ? "&lt;"
           : c == '>'  ? "&gt;"
           : c == '"'  ? "&quot;"
           : c == '\'' ? "&#39;"
                       : NULL;
}

/* Each says what stands in place of a character, made in `made` where it must be; NULL: itself. */

static const char *in_text(struct decoded c, char made[MADE])
{
    (void)made;
    return c.value == '"' || c.value == '\'' ? NULL : entity(c.value);
}

static const char *in_attribute(struct decoded c, char made[MADE])
{
    (void)made;
    return c.value == '\'' ? NULL : entity(c.value);
}

static const char *in_opml(struct decoded c, char made[MADE])
{
    if (c.value != '\n' && c.value != '\t' && (c.value == '\'' || !entity(c.value)))
        return c.value < 0x20 ? "" : NULL;
    snprintf(made, MADE, "&#%u;", (unsigned)c.value);
    return made;
}

static const char *in_xml(struct decoded c, char made[MADE])
{
    (void)made;
    if (c.broken)
        return replacement;
    bool none = (c.value < 0x20 && c.value != '\n' && c.value != '\t') || c.value == 0x7f ||
                c.value == 0xfffe || c.value == 0xffff;
    return none ? "" : entity(c.value);
}

static const char *in_page(struct decoded c, char made[MADE])
{
    (void)made;
    if (c.broken)
        return replacement;
    if (utf8_unsafe(c.value))
        return c.value == '\n' || c.value == '\t' ? " " : "";
    return entity(c.value);
}

static const char *in_json(struct decoded c, char made[MADE])
{
    if (c.broken)
        return replacement;
    if (c.value == '"' || c.value == '\\')
        snprintf(made, MADE, "\\%c", (char)c.value);
    else if (c.value < 0x20 || c.value == 0x7f)
        snprintf(made, MADE, "\\u%04x", (unsigned)c.value);
    else
        return NULL;
    return made;
}

static const char *in_log(struct decoded c, char made[MADE])
{
    if (c.broken || c.value < 0x20 || c.value == 0x7f)
        snprintf(made, MADE, "\\x%02x", (unsigned char)*c.bytes);
    else if (utf8_unsafe(c.value))
        snprintf(made, MADE, "\\u%04x", (unsigned)c.value);
    else
        return in_json(c, made);
    return made;
}

static const char *in_query(struct decoded c, char made[MADE])
{
    if (c.value && c.value < 0x80 && strchr("-._~", (int)c.value))
        return NULL;
    for (size_t i = 0; i < c.n; i++)
        snprintf(made + 3 * i, MADE - 3 * i, "%%%02X", (unsigned char)c.bytes[i]);
    return made;
}

static const char *(*const rules[ESCAPE_COUNT])(struct decoded, char[MADE]) = {
    [ESCAPE_TEXT] = in_text, [ESCAPE_ATTRIBUTE] = in_attribute, [ESCAPE_OPML] = in_opml,
    [ESCAPE_XML] = in_xml,   [ESCAPE_PAGE] = in_page,           [ESCAPE_JSON] = in_json,
    [ESCAPE_LOG] = in_log,   [ESCAPE_QUERY] = in_query,
};

static bool letter_or_digit(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9');
}

/* Beyond ASCII, what stays as it is everywhere but in a query: far from all that is left out. */
static bool harmless(uint32_t c)
{
    return (c >= 0xa0 && c < 0x600) || (c >= 0x3000 && c < 0xfff0);
}

/* Where something may stand that does not stay as it is; most of a text needs no rule. */
static const char *skip_plain(const char *p, const char *end, enum escape_for how)
{
    if (how == ESCAPE_TEXT || how == ESCAPE_ATTRIBUTE) {
        while (p < end && *p != '&' && *p != '<' && *p != '>' && *p != '"')
            p++;
        return p;
    }
    while (p < end) {
        uint32_t c;
        size_t n = 1;
        if (!letter_or_digit(*p) && (*p != ' ' || how == ESCAPE_QUERY)) {
            n = *p & 0x80 && how != ESCAPE_QUERY ? utf8_decode(p, end, &c) : 0;
            if (!n || !harmless(c))
                return p;
        }
        p += n;
    }
    return p;
}

void escape(struct buf *out, enum escape_for how, const char *p, size_t n)
{
    const char *end = p + n, *plain = p;
    char made[MADE];
    while ((p = skip_plain(p, end, how)) < end) {
        struct decoded c = {.value = 0xfffd, .bytes = p};
        c.n = utf8_decode(p, end, &c.value);
        c.broken = !c.n;
        c.n = c.n ? c.n : 1;
        const char *instead = rules[how](c, made);
        p += c.n;
        if (!instead)
            continue;
        buf_add(out, plain, (size_t)(c.bytes - plain));
        buf_adds(out, instead);
        plain = p;
    }
    buf_add(out, plain, (size_t)(end - plain));
}

void escape_text(struct buf *out, enum escape_for how, const char *text)
{
    escape(out, how, text, strlen(text));
}
