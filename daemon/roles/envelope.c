/* Packs, splits and joins the messages between storyd's processes; see envelope.h. */
#include "roles/envelope.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { PACKED_FROM = 512 /* bytes; shorter ones are sent as they are */ };

static bool pack_body(const char *bytes, size_t n, struct buf *out)
{
    uLongf length = compressBound(n);
    unsigned char *packed = mem_alloc(length);
    bool ok = n >= PACKED_FROM &&
              compress2(packed, &length, (const unsigned char *)bytes, n, Z_BEST_SPEED) == Z_OK &&
              length < n;
    buf_add(out, ok ? (const char *)packed : bytes, ok ? length : n);
    free(packed);
    return ok;
}

void envelope_write(const json_t *head, uint64_t id, const char *bytes, size_t n,
                    struct envelope_parts *out)
{
    struct buf body;
    buf_init(&body, SIZE_MAX / 2);
    bool packed = pack_body(bytes, n, &body);
    out->n = body.len ? (body.len + ENVELOPE_PART - 1) / ENVELOPE_PART : 1;
    out->v = mem_zero(out->n * sizeof *out->v);
    for (size_t i = 0; i < out->n; i++) {
        size_t at = i * ENVELOPE_PART, left = body.len - at;
        json_t *line = json_copy((json_t *)(uintptr_t)head);
        json_object_set_new(line, "format", json_integer(ENVELOPE_FORMAT));
        json_object_set_new(line, "part", json_integer((json_int_t)i));
        json_object_set_new(line, "parts", json_integer((json_int_t)out->n));
        json_object_set_new(line, "id", json_integer((json_int_t)id));
        json_object_set_new(line, "size", json_integer((json_int_t)n));
        json_object_set_new(line, "packed", json_boolean(packed));
        char *text = json_dumps(line, JSON_COMPACT);
        buf_init(&out->v[i], SIZE_MAX / 2);
        buf_adds(&out->v[i], text);
        buf_addc(&out->v[i], '\n');
        buf_add(&out->v[i], body.p ? body.p + at : "", left < ENVELOPE_PART ? left : ENVELOPE_PART);
        free(text);
        json_decref(line);
    }
    buf_free(&body);
}

void envelope_parts_free(struct envelope_parts *parts)
{
    for (size_t i = 0; i < parts->n; i++)
        buf_free(&parts->v[i]);
    free(parts->v);
    *parts = (struct envelope_parts){0};
}

static json_t *read_line(const char *message, size_t n, size_t *length)
{
    const char *end = n ? memchr(message, '\n', n) : NULL;
    json_t *head = end ? json_loadb(message, (size_t)(end - message), 0, NULL) : NULL;
    *length = end ? (size_t)(end - message) + 1 : 0;
    if (json_is_object(head) &&
        json_integer_value(json_object_get(head, "format")) == ENVELOPE_FORMAT)
        return head;
    json_decref(head);
    return NULL;
}

uint64_t envelope_id(const char *message, size_t n)
{
    size_t length;
    json_t *head = read_line(message, n, &length);
    uint64_t id = (uint64_t)json_integer_value(json_object_get(head, "id"));
    json_decref(head);
    return id;
}

void envelope_join_free(struct envelope_join *j)
{
    buf_free(&j->packed);
    *j = (struct envelope_join){0};
}

static bool unpack_body(const struct buf *packed, const json_t *head, struct buf *out)
{
    json_int_t size = json_integer_value(json_object_get(head, "size"));
    if (!json_is_true(json_object_get(head, "packed"))) {
        buf_add(out, packed->p ? packed->p : "", packed->len);
        return (json_int_t)out->len == size;
    }
    if (size < 1 || size > ENVELOPE_MOST)
        return false;
    uLongf length = (uLongf)size;
    unsigned char *bytes = mem_alloc(length);
    bool ok =
        uncompress(bytes, &length, (const unsigned char *)buf_text(packed), packed->len) == Z_OK &&
        (json_int_t)length == size;
    if (ok)
        buf_add(out, bytes, length);
    free(bytes);
    return ok;
}

int envelope_read(struct envelope_join *j, const char *message, size_t n, json_t **out,
                  struct buf *bytes)
{
    size_t length;
    json_t *head = read_line(message, n, &length);
    if (!head)
        return -1;
    json_int_t part = json_integer_value(json_object_get(head, "part")),
               parts = json_integer_value(json_object_get(head, "parts"));
    uint64_t id = (uint64_t)json_integer_value(json_object_get(head, "id"));
    if (part == 0) {
        envelope_join_free(j);
        buf_init(&j->packed, ENVELOPE_MOST);
        j->id = id;
    }
    bool follows = j->id == id && part >= 0 && (size_t)part == j->next && part < parts;
    if (!follows || !buf_add(&j->packed, message + length, n - length)) {
        json_decref(head);
        return part ? 0 : -1;
    }
    if ((json_int_t)++j->next < parts) {
        json_decref(head);
        return 0;
    }
    buf_init(bytes, ENVELOPE_MOST);
    bool ok = unpack_body(&j->packed, head, bytes);
    envelope_join_free(j);
    if (!ok) {
        buf_free(bytes);
        json_decref(head);
        return -1;
    }
    *out = head;
    return 1;
}
