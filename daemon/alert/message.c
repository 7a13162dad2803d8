#include "alert/message.h"

#include "base/utf8.h"
#include "store/record.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

char *message_json(const char *id, const char *alert, int64_t now, const json_t *event)
{
    struct buf safe;
    buf_init(&safe, SIZE_MAX / 2);
    json_t *message = json_pack("{s:s,s:s,s:I,s:O}", "id", id, "alert", alert, "time",
                                (json_int_t)now, "event", event);
    char *text = json_dumps(message, JSON_COMPACT);
    if (!text)
        abort(); /* out of memory, or an alert's name that is not UTF-8 */
    record_add(&safe, text, strlen(text));
    free(text);
    json_decref(message);
    return buf_take(&safe);
}

static void add_base64(struct buf *out, const void *bytes, size_t n)
{
    unsigned char text[128];
    EVP_EncodeBlock(text, bytes, (int)n); /* n is at most 90 */
    buf_adds(out, (const char *)text);
}

void message_signature(const char *secret, const char *id, const char *time, const char *body,
                       struct buf *out)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    buf_addf(&text, "%s.%s.", id, time);
    buf_adds(&text, body);
    if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), (const void *)buf_text(&text), text.len,
              hash, &n))
        abort(); /* out of memory */
    buf_free(&text);
    buf_adds(out, "v1,");
    add_base64(out, hash, n);
}

/* RFC 2047: words in lines of at most 76 bytes, none of which cuts a character. */
static void add_subject(struct buf *out, const char *text)
{
    enum { BYTES = 39, MOST = 390 }; /* the first stands behind "Subject: " */
    size_t left = strlen(text);
    left = left > MOST ? utf8_cut(text, MOST) : left;
    while (left) {
        size_t n = left > BYTES ? utf8_cut(text, BYTES) : left;
        buf_adds(out, "=?utf-8?B?");
        add_base64(out, text, n);
        text += n;
        left -= n;
        buf_adds(out, left ? "?=\n " : "?=");
    }
}

/* Base64: no line is too long, and none says anything to a mail server. */
static void add_lines(struct buf *out, const struct buf *text)
{
    enum { BYTES = 57 };
    for (size_t i = 0; i < text->len; i += BYTES) {
        add_base64(out, text->p + i, text->len - i < BYTES ? text->len - i : BYTES);
        buf_addc(out, '\n');
    }
}

static void add_sources(struct buf *out, const json_t *event)
{
    size_t i;
    const json_t *source;
    json_array_foreach(json_object_get(event, "sources"), i, source)
        buf_addf(out, "%s%s", i ? ", " : "", record_text(source, "name"));
}

void message_mail(const json_t *message, const char *to, struct buf *out)
{
    const json_t *event = json_object_get(message, "event"), *said;
    const char *title = record_text(event, "title");
    struct buf text, subject;
    size_t i;
    buf_init(&text, 1 << 20);
    buf_init(&subject, 4096);
    buf_addf(&text,
             "%s\n%s\n\nEvent %" PRIu64 ": %" PRIu64 " sources, %" PRIu64 " independent reports.\n",
             title, record_address(event), record_number(event, "id"),
             record_number(event, "source_count"), record_number(event, "report_count"));
    json_array_foreach(json_object_get(event, "summary"), i, said)
        buf_addf(&text, "\n%s (%s)\n", record_text(said, "text"), record_text(said, "source"));
    buf_adds(&text, "\nReported by ");
    add_sources(&text, event);
    buf_adds(&text, "\n");
    buf_addf(&subject, "[%s] %s", record_text(message, "alert"), title);
    buf_adds(out, "To: ");
    for (const char *p = to; *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        buf_addf(out, "%s%.*s", p == to ? "" : ", ", (int)n, p);
        p += n;
    }
    buf_adds(out, "\nSubject: ");
    add_subject(out, buf_text(&subject));
    buf_addf(out,
             "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
             "Content-Transfer-Encoding: base64\nAuto-Submitted: auto-generated\n"
             "X-Storyd-Id: %s\n\n",
             record_text(message, "id"));
    add_lines(out, &text);
    buf_free(&subject);
    buf_free(&text);
}
