/* Parser for HTTP/1.1 requests: head, chunked body, headers, query. Used by server.c and
 * handlers. */
#define _GNU_SOURCE /* memmem */
#include "net/request.h"

#include "base/hex.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const methods[] = {
    [REQUEST_GET] = "GET", [REQUEST_HEAD] = "HEAD",     [REQUEST_POST] = "POST",
    [REQUEST_PUT] = "PUT", [REQUEST_DELETE] = "DELETE", [REQUEST_OPTIONS] = "OPTIONS",
};

static bool is_token(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* Decodes in place. Returns false for an invalid escape, a control character or invalid UTF-8. */
static bool decode(char *text, bool plus_is_blank)
{
    char *out = text;
    for (const char *p = text, *end = text + strlen(text); p < end; p++) {
        char c = *p;
        if (c == '%') {
            int byte = hex_percent(p, end);
            if (byte < 0)
                return false;
            c = (char)byte;
            p += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if ((unsigned char)c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            return false;
        *out++ = c;
    }
    *out = 0;
    return utf8_valid(text, (size_t)(out - text));
}

int request_pairs(char *text, struct request_pair *out, size_t max, size_t *n)
{
    *n = 0;
    for (char *p = text, *next; p && *p; p = next) {
        next = strchr(p, '&');
        if (next)
            *next++ = 0;
        if (!*p)
            continue;
        if (*n == max)
            return -1;
        char *value = strchr(p, '=');
        if (value)
            *value++ = 0;
        else
            value = p + strlen(p);
        if (!decode(p, true) || !decode(value, true))
            return -1;
        out[(*n)++] = (struct request_pair){p, value};
    }
    return 0;
}

/* The absolute form "http://host/path"; its host overrides the Host header. */
static char *take_authority(struct request *r, char *target)
{
    if (strncasecmp(target, "http://", 7) != 0)
        return target;
    char *host = target + 7, *path = strchr(host, '/');
    if (!path || path == host)
        return NULL;
    /* move the host one byte to the front, to make room for its NUL before the path */
    memmove(host - 1, host, (size_t)(path - host));
    path[-1] = 0;
    r->host = host - 1;
    return path;
}

static int take_target(struct request *r, char *target)
{
    if (!strcmp(target, "*") && r->method == REQUEST_OPTIONS) {
        r->target = r->path = target;
        return 0;
    }
    target = take_authority(r, target);
    if (!target || *target != '/')
        return -400;
    r->target = target;
    char *query = strchr(target, '?');
    if (query)
        *query++ = 0;
    if (!decode(target, false))
        return -400;
    r->path = target;
    return query && request_pairs(query, r->parameters, REQUEST_MAX_PARAMETERS, &r->n_parameters)
               ? -400
               : 0;
}

static int take_request_line(struct request *r, char *line)
{
    char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;
    if (!version)
        return -400;
    *target++ = 0;
    *version++ = 0;
    for (const char *p = line; *p; p++)
        if (!is_token(*p))
            return -400;
    for (const char *p = target; *p; p++)
        if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f)
            return -400;
    if (strncmp(version, "HTTP/", 5) != 0)
        return -400;
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return -505;
    r->close = version[7] == '0';
    r->method = REQUEST_OTHER;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (!strcmp(line, methods[i]))
            r->method = (enum request_method)i;
    return take_target(r, target);
}

static int take_request_header(struct request *r, char *line)
{
    char *colon = strchr(line, ':');
    if (!colon || colon == line)
        return -400;
    for (const char *p = line; p < colon; p++)
        if (!is_token(*p)) /* includes blanks: a folded line, or a blank before the colon */
            return -400;
    *colon = 0;
    char *value = colon + 1 + strspn(colon + 1, " \t"), *end = value + strlen(value);
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = 0;
    for (const char *p = value; *p; p++)
        if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
            return -400;
    if (r->n_headers == REQUEST_MAX_HEADERS)
        return -431;
    r->headers[r->n_headers++] = (struct request_pair){line, value};
    return 0;
}

static bool is_number_text(const char *text)
{
    size_t n = strspn(text, "0123456789");
    return n > 0 && n < 19 && !text[n];
}

/* Interprets headers about the message itself. Content-Length, Transfer-Encoding and Host may
 * appear only once. */
static int take_meaning(struct request *r, const struct request_pair *h, bool *has_length,
                        bool *has_host)
{
    if (!strcasecmp(h->name, "Content-Length")) {
        if (*has_length || !is_number_text(h->value))
            return -400;
        *has_length = true;
        r->content_length = strtoull(h->value, NULL, 10);
        return r->content_length > REQUEST_MAX_BODY ? -413 : 0;
    }
    if (!strcasecmp(h->name, "Transfer-Encoding")) {
        if (r->chunked)
            return -400;
        r->chunked = true;
        return strcasecmp(h->value, "chunked") != 0 ? -501 : 0;
    }
    if (!strcasecmp(h->name, "Host")) {
        if (*has_host)
            return -400;
        *has_host = true;
        if (!r->host)
            r->host = h->value;
    } else if (!strcasecmp(h->name, "Connection")) {
        if (request_list_has(h->value, "close"))
            r->close = true;
    } else if (!strcasecmp(h->name, "Expect")) {
        if (strcasecmp(h->value, "100-continue") != 0)
            return -417;
        r->expects_continue = true;
    }
    return 0;
}

/* Takes the next line. Lines end with CR LF and contain no CR, LF or NUL. */
static char *next_request_line(char **p, const char *end)
{
    char *line = *p, *cr = memchr(line, '\r', (size_t)(end - line));
    if (!cr || cr + 1 >= end || cr[1] != '\n' || memchr(line, '\n', (size_t)(cr - line)) ||
        memchr(line, 0, (size_t)(cr - line)))
        return NULL;
    *cr = 0;
    *p = cr + 2;
    return line;
}

/* Length of the empty lines before a request, which some clients send after a body. */
static size_t blank_lines(const char *p, size_t n)
{
    size_t i = 0;
    while (n - i >= 2 && p[i] == '\r' && p[i + 1] == '\n')
        i += 2;
    return i;
}

int request_head_length(const char *p, size_t n)
{
    size_t bounded = n < REQUEST_MAX_HEAD ? n : REQUEST_MAX_HEAD, blank = blank_lines(p, bounded);
    const char *last = memmem(p + blank, bounded - blank, "\r\n\r\n", 4);
    if (last)
        return (int)(last + 4 - p);
    if (n < REQUEST_MAX_HEAD)
        return 0;
    return memchr(p + blank, '\n', bounded - blank) ? -431 : -414;
}

int request_head(struct request *r, char *p, size_t n)
{
    const char *end = p + n - 2; /* excludes the final empty line */
    p += blank_lines(p, n);
    *r = (struct request){.peer_uid = -1, .body = ""};
    char *line = next_request_line(&p, end);
    int error = line ? take_request_line(r, line) : -400;
    while (!error && p < end) {
        line = next_request_line(&p, end);
        error = line ? take_request_header(r, line) : -400;
    }
    bool has_length = false, has_host = false;
    for (size_t i = 0; !error && i < r->n_headers; i++)
        error = take_meaning(r, &r->headers[i], &has_length, &has_host);
    if (!error && has_length && r->chunked)
        error = -400; /* ambiguous end of the body: request smuggling */
    return error;
}

/* Parses a chunk header. Returns where the data begins; 0: more input is needed. */
static int64_t chunk_line(const char *p, size_t n, size_t *size)
{
    enum { MAX_LINE = 256 };
    const char *end = memmem(p, n < MAX_LINE ? n : MAX_LINE, "\r\n", 2);
    if (!end)
        return n >= MAX_LINE ? -400 : 0;
    *size = 0;
    const char *d = p;
    for (; d < end && hex_value(*d) >= 0; d++) {
        *size = *size << 4 | (size_t)hex_value(*d);
        if (*size > REQUEST_MAX_BODY)
            return -413;
    }
    return d == p || (d < end && *d != ';' && *d != ' ' && *d != '\t') ? -400 : end + 2 - p;
}

/* Skips the trailer lines, which are not used. */
static int64_t trailer(const char *p, size_t n)
{
    const char *start = p;
    for (;;) {
        const char *end = memmem(p, n, "\r\n", 2);
        if (!end)
            return n > REQUEST_MAX_HEAD ? -431 : 0;
        if (end == p)
            return end + 2 - start;
        n -= (size_t)(end + 2 - p);
        p = end + 2;
        if (p - start > REQUEST_MAX_HEAD)
            return -431;
    }
}

int64_t request_chunks(struct request_chunks *c, char *p, size_t n)
{
    size_t size;
    for (;;) {
        int64_t line = chunk_line(p + c->at, n - c->at, &size);
        if (line <= 0)
            return line;
        size_t data = c->at + (size_t)line;
        if (!size) {
            int64_t rest = trailer(p + data, n - data);
            return rest <= 0 ? rest : (int64_t)data + rest;
        }
        if (c->length + size > REQUEST_MAX_BODY)
            return -413;
        if (n - data < size + 2)
            return 0;
        if (p[data + size] != '\r' || p[data + size + 1] != '\n')
            return -400;
        memmove(p + c->length, p + data, size);
        c->length += size;
        c->at = data + size + 2;
    }
}

static const char *find_pair(const struct request_pair *pairs, size_t n, const char *name,
                             int (*compare)(const char *, const char *))
{
    for (size_t i = 0; i < n; i++)
        if (!compare(pairs[i].name, name))
            return pairs[i].value;
    return NULL;
}

const char *request_header(const struct request *r, const char *name)
{
    return find_pair(r->headers, r->n_headers, name, strcasecmp);
}

const char *request_parameter(const struct request *r, const char *name)
{
    return find_pair(r->parameters, r->n_parameters, name, strcmp);
}

bool request_list_has(const char *list, const char *word)
{
    static const char blank[] = " \t";
    size_t length = strlen(word);
    for (const char *p = list; *p;) {
        p += strspn(p, " \t,");
        size_t n = strcspn(p, ",;");
        const char *end = p + strcspn(p, ",");
        size_t name = n;
        while (name > 0 && strchr(blank, p[name - 1]))
            name--;
        if (name == length && !strncasecmp(p, word, length)) {
            const char *q = memmem(p + n, (size_t)(end - p) - n, "q=", 2);
            return !q || strtod(q + 2, NULL) > 0;
        }
        p = end;
    }
    return false;
}

bool request_etag_matches(const char *list, const char *etag)
{
    if (!strcmp(list, "*"))
        return true;
    size_t n = strlen(etag);
    for (const char *p = list; *p; p += strcspn(p, ",")) {
        p += strspn(p, " \t,");
        if (!strncmp(p, "W/", 2))
            p += 2;
        if (!strncmp(p, etag, n) && (!p[n] || strchr(" \t,", p[n])))
            return true;
        if (!*p)
            break;
    }
    return false;
}
