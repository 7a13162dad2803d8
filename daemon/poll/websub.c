/* Formats and signatures of WebSub, and parsing of Link headers. State and requests are in
 * hub.c. */
#include "poll/websub.h"

#include "base/escape.h"
#include "base/hex.h"
#include "base/mem.h"

#include <ctype.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void derive(const unsigned char key[WEBSUB_KEY], const char *what, uint64_t feed,
                   const char *topic, size_t bytes, char *out)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    struct buf text;
    buf_init(&text, 1 << 16);
    buf_addf(&text, "%s %" PRIu64 " %s", what, feed, topic);
    if (!HMAC(EVP_sha256(), key, WEBSUB_KEY, (const void *)buf_text(&text), text.len, hash, &n))
        abort(); /* out of memory */
    buf_free(&text);
    hex_write(out, hash, bytes);
}

void websub_token(const unsigned char key[WEBSUB_KEY], uint64_t feed, char out[WEBSUB_TOKEN])
{
    derive(key, "callback", feed, "", WEBSUB_TOKEN / 2, out);
}

void websub_secret(const unsigned char key[WEBSUB_KEY], uint64_t feed, const char *topic,
                   char out[WEBSUB_SECRET])
{
    derive(key, "secret", feed, topic, WEBSUB_SECRET / 2, out);
}

bool websub_signed(const char *signature, const char *secret, const void *body, size_t n)
{
    static const struct {
        const char *name;
        const EVP_MD *(*md)(void);
    } methods[] = {{"sha1=", EVP_sha1},
                   {"sha256=", EVP_sha256},
                   {"sha384=", EVP_sha384},
                   {"sha512=", EVP_sha512}};
    unsigned char hash[EVP_MAX_MD_SIZE];
    char text[EVP_MAX_MD_SIZE * 2 + 1], given[EVP_MAX_MD_SIZE * 2 + 1];
    unsigned length = 0;
    for (size_t i = 0; signature && i < sizeof methods / sizeof *methods; i++) {
        size_t name = strlen(methods[i].name);
        if (strncasecmp(signature, methods[i].name, name) != 0)
            continue;
        if (!HMAC(methods[i].md(), secret, (int)strlen(secret), body, n, hash, &length) ||
            strlen(signature + name) != (size_t)length * 2)
            return false;
        hex_write(text, hash, length);
        for (size_t k = 0; k <= (size_t)length * 2; k++)
            given[k] = (char)tolower((unsigned char)signature[name + k]);
        return !CRYPTO_memcmp(text, given, (size_t)length * 2);
    }
    return false;
}

static void add_form_field(struct buf *out, const char *name, const char *value)
{
    buf_addf(out, "%s%s=", out->len ? "&" : "", name);
    escape_text(out, ESCAPE_QUERY, value);
}

void websub_form(struct buf *out, const struct websub_request *r)
{
    struct buf text;
    buf_init(&text, 1 << 16);
    add_form_field(out, "hub.mode", r->mode);
    add_form_field(out, "hub.topic", r->topic);
    buf_addf(&text, "%s/%" PRIu64 "/%s", r->callback, r->feed, r->token);
    add_form_field(out, "hub.callback", buf_text(&text));
    add_form_field(out, "hub.secret", r->secret);
    buf_clear(&text);
    buf_addf(&text, "%" PRId64, r->lease);
    add_form_field(out, "hub.lease_seconds", buf_text(&text));
    buf_free(&text);
}

/* ---- Link: <address>; rel="one two", <address>; ... ------------------------------------------ */

static bool has_list_word(const char *p, size_t n, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && p[end] != ' ' && p[end] != '\t')
            end++;
        if (end - i == length && !strncasecmp(p + i, word, length))
            return true;
        i = end + 1;
    }
    return false;
}

/* Parses one parameter: sets its value and returns its end. */
static const char *parameter(const char *p, const char **value, size_t *n)
{
    p += strcspn(p, "=;,");
    *value = p;
    *n = 0;
    if (*p != '=')
        return p;
    p += 1 + strspn(p + 1, " \t");
    bool quoted = *p == '"';
    *value = p += quoted;
    *n = strcspn(p, quoted ? "\"" : ";, \t");
    p += *n;
    return p + strcspn(p, ";,");
}

char *websub_link(const char *header, const char *rel)
{
    while (header && (header = strchr(header, '<'))) {
        const char *address = header + 1, *end = strchr(address, '>'), *value;
        bool is = false;
        size_t n;
        if (!end)
            return NULL;
        for (const char *p = end + 1; *p && *p != ',';) {
            p += strspn(p, "; \t");
            bool says = !strncasecmp(p, "rel", 3) && strchr("= \t", p[3]);
            const char *next = parameter(p, &value, &n);
            is |= says && has_list_word(value, n, rel);
            header = next;
            if (next == p)
                break;
            p = next;
        }
        if (is)
            return mem_strn(address, (size_t)(end - address));
        if (header < end)
            header = end;
    }
    return NULL;
}
