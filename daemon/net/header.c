/* Parses the header lines of HTTP responses for fetch.c. */
#include "net/header.h"

#include "base/mem.h"

#include <string.h>
#include <strings.h>

static bool is_header_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool header_read(const char *line, size_t n, struct header *out)
{
    const char *colon = memchr(line, ':', n), *end = line + n;
    if (!colon || colon == line)
        return false;
    for (const char *p = line; p < colon; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return false;
    const char *value = colon + 1;
    while (value < end && is_header_blank(*value))
        value++;
    while (end > value && is_header_blank(end[-1]))
        end--;
    *out = (struct header){line, value, (size_t)(colon - line), (size_t)(end - value)};
    return true;
}

bool header_is(const struct header *h, const char *name)
{
    return h->name_length == strlen(name) && !strncasecmp(h->name, name, h->name_length);
}

bool header_begins_answer(const char *line, size_t n)
{
    return n > 5 && !strncasecmp(line, "HTTP/", 5);
}

char *header_value(const struct header *h)
{
    if (!h->value_length || h->value_length > HEADER_MAX_VALUE)
        return NULL;
    for (size_t i = 0; i < h->value_length; i++)
        if (((unsigned char)h->value[i] < ' ' && h->value[i] != '\t') || h->value[i] == 0x7f)
            return NULL;
    return mem_strn(h->value, h->value_length);
}
