/* A growing byte buffer with a maximum size set at initialisation (after curl's dynbuf). An
 * addition that would exceed it is dropped and sets `full`; earlier content stays. The text is
 * always NUL-terminated. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *p; /* NULL while empty and never written; buf_text() then returns "" */
    size_t len, cap, max;
    bool full;
};

void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);
void buf_clear(struct buf *b);           /* empties it, keeps the memory */
void buf_cut(struct buf *b, size_t len); /* truncates to `len` bytes and clears `full` */
bool buf_add(struct buf *b, const void *bytes, size_t n);
bool buf_adds(struct buf *b, const char *s);
bool buf_addc(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *buf_text(const struct buf *b);
char *buf_take(struct buf *b); /* the caller frees the text; empties the buffer */

#endif
