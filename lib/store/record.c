/* Writes stored records so that their addresses are safe to follow; see record.h. Called by the
 * readers of records. */
#define _GNU_SOURCE /* memrchr */
#include "store/record.h"

#include "base/url.h"

#include <string.h>
#include <strings.h>

uint64_t record_number(const json_t *object, const char *field)
{
    return (uint64_t)json_integer_value(json_object_get(object, field));
}

const char *record_text(const json_t *object, const char *field)
{
    const char *s = json_string_value(json_object_get(object, field));
    return s ? s : "";
}

const char *record_address(const char *url)
{
    return url && url_is_http(url) ? url : "";
}

/* Records are compact JSON: outside a string, a member's name is in quotes directly before its
 * colon; inside one, quotes follow a backslash. */
void record_add(struct buf *out, const char *json, size_t n)
{
    static const char *const fields[] = {"\"url", "\"link", "\"image", "\"home"};
    const char *end = json + n, *from = json;
    for (const char *at = json; (at = memchr(at, ':', (size_t)(end - at))); at++) {
        if (at == json || at[-1] != '"' || end - at < 3 || at[1] != '"' || at[2] == '"')
            continue;
        const char *name_end = at - 1, *value = at + 2, *stop = value;
        bool is_address = false;
        for (size_t i = 0; i < sizeof fields / sizeof *fields && !is_address; i++) {
            size_t m = strlen(fields[i]);
            is_address = (size_t)(name_end - json) >= m && !memcmp(name_end - m, fields[i], m);
        }
        if (!is_address)
            continue;
        while (stop < end && *stop != '"')
            stop += *stop == '\\' ? 2 : 1;
        stop = stop < end ? stop : end;
        size_t scheme = (size_t)(stop - value) < 9           ? 0
                        : !strncasecmp(value, "http://", 7)  ? 7
                        : !strncasecmp(value, "https://", 8) ? 8
                                                             : 0;
        const char *host = value + scheme, *path = host, *login;
        while (path < stop && !strchr("/?#", *path))
            path++;
        if (!scheme) {
            buf_add(out, from, (size_t)(value - 1 - from));
            buf_adds(out, name_end[-1] == 'l' ? "\"\"" : "null"); /* url is always a string */
            from = stop < end ? stop + 1 : end;
        } else if ((login = memrchr(host, '@', (size_t)(path - host)))) {
            buf_add(out, from, (size_t)(host - from));
            from = login + 1;
        }
        at = stop - 1;
    }
    buf_add(out, from, (size_t)(end - from));
}
