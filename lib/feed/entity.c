/* Decodes the character references of HTML and XML; see entity.h. Used by html.c, loose.c and
 * xml.c. */
#include "feed/entity.h"

#include "base/hex.h"
#include "base/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { MAX_NAME = 32 };

struct entity {
    const char *name, *text;
    bool open_ended;
};

static const struct entity entities[] = {
#include "feed/entity_table.h"
};

static const struct entity *find_entity(const char *name, size_t n)
{
    size_t low = 0, high = sizeof entities / sizeof *entities;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int order = strncmp(entities[mid].name, name, n);
        if (!order && entities[mid].name[n])
            order = 1;
        if (!order)
            return &entities[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

const char *entity_find(const char *name, size_t n)
{
    const struct entity *e = n && n <= MAX_NAME ? find_entity(name, n) : NULL;
    return e ? e->text : NULL;
}

static size_t decode_number(const char *p, const char *end, char out[ENTITY_MAX], size_t *n)
{
    const char *s = p + 2;
    int base = 10, v;
    if (s < end && (*s == 'x' || *s == 'X')) {
        base = 16;
        s++;
    }
    const char *digits = s;
    uint32_t c = 0;
    for (; s < end && (v = hex_value(*s)) >= 0 && v < base; s++)
        c = c > 0x10ffff ? c : c * (uint32_t)base + (uint32_t)v;
    if (s == digits)
        return 0;
    if (s < end && *s == ';')
        s++;
    if (c >= 0x80 && c < 0xa0)
        c = utf8_windows_1252((unsigned char)c);
    *n = c < 0x20 && c != '\t' && c != '\n' ? 0 : utf8_encode(c, out);
    return (size_t)(s - p);
}

static bool is_entity_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

size_t entity_decode(const char *p, const char *end, char out[ENTITY_MAX], size_t *n)
{
    if (end - p < 3)
        return 0;
    if (p[1] == '#')
        return decode_number(p, end, out, n);
    const char *s = p + 1;
    while (s < end && s - p <= MAX_NAME && is_entity_char(*s))
        s++;
    bool closed = s < end && *s == ';';
    const struct entity *e = s > p + 1 ? find_entity(p + 1, (size_t)(s - p - 1)) : NULL;
    if (!e || (!closed && (!e->open_ended || (s < end && *s == '='))))
        return 0;
    *n = strlen(e->text);
    memcpy(out, e->text, *n);
    return (size_t)(s - p) + closed;
}
