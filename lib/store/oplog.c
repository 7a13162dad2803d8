/* Encodes and decodes the changes of a batch; see oplog.h. */
#include "store/oplog.h"

#include <stdint.h>

enum { HEAD = 10 };

static void put_u32(unsigned char *at, size_t n)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(n >> (8 * i));
}

static size_t get_u32(const unsigned char *at)
{
    return (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
}

void oplog_add(struct buf *out, const struct oplog_change *change)
{
    unsigned char head[HEAD] = {(unsigned char)change->kind, (unsigned char)change->db};
    put_u32(head + 2, change->key.n);
    put_u32(head + 6, change->value.n);
    buf_add(out, head, sizeof head);
    buf_add(out, change->key.p, change->key.n);
    buf_add(out, change->value.p, change->value.n);
}

int oplog_next(const char *bytes, size_t n, size_t *at, struct oplog_change *out)
{
    const unsigned char *head = (const unsigned char *)bytes + *at;
    size_t left = n - *at;
    if (!left)
        return 0;
    if (left < HEAD || head[0] >= OPLOG_KINDS || head[1] >= STORE_DATABASE_COUNT ||
        store_is_local((enum store_db)head[1]))
        return STORE_CORRUPT;
    size_t key = get_u32(head + 2), value = get_u32(head + 6);
    left -= HEAD;
    if (key > left || value > left - key)
        return STORE_CORRUPT;
    *out = (struct oplog_change){(enum oplog_kind)head[0],
                                 (enum store_db)head[1],
                                 {head + HEAD, key},
                                 {head + HEAD + key, value}};
    *at += HEAD + key + value;
    return 1;
}
