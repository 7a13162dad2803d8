/* The form of all messages between storyd's processes: a line of JSON, then bytes, which are
 * compressed, and split when they are longer than the broker accepts. Pure.
 *
 * The line has the sender's fields and `format` (ENVELOPE_FORMAT), `part`, `parts`, `id` (which all
 * parts of an envelope share), `size` (of the bytes before compression) and `packed`. A receiver
 * refuses another format, and ignores fields that it does not know. */
#ifndef ROLES_ENVELOPE_H
#define ROLES_ENVELOPE_H

#include "base/buf.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ENVELOPE_FORMAT = 1,
    ENVELOPE_PART = 700 << 10, /* bytes; NATS accepts 1 MiB unless told otherwise */
    ENVELOPE_MOST = 512 << 20, /* bytes of an envelope; a longer one is refused */
};

struct envelope_parts {
    struct buf *v;
    size_t n;
};

/* `head` stays the caller's. */
void envelope_write(const json_t *head, uint64_t id, const char *bytes, size_t n,
                    struct envelope_parts *out);
void envelope_parts_free(struct envelope_parts *parts);

/* The identity of a part, without its bytes; 0: it is no envelope. */
uint64_t envelope_id(const char *message, size_t n);

/* Joins the parts of one sender, which arrive in order. Starts as zeros. */
struct envelope_join {
    uint64_t id;
    size_t next; /* the part that is expected */
    struct buf packed;
};

/* The next message. Returns 1 when it completes an envelope: the caller then owns `head` and
 * `bytes`; 0 when parts are missing; -1 when it is no valid envelope, or of another format. A first
 * part drops what was incomplete; any other part that does not follow is dropped. */
int envelope_read(struct envelope_join *j, const char *message, size_t n, json_t **head,
                  struct buf *bytes);
void envelope_join_free(struct envelope_join *j);

#endif
