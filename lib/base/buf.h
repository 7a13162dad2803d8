/* A growing byte buffer with a ceiling from birth (after curl's dynbuf). Past the ceiling bytes are
 * dropped and `full` is set; what was added before stays. The text is always NUL-terminated. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *p; /* NULL while nothing was added; buf_text() gives "" then */
    size_t len, cap, max;
    bool full;
};

void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);
void buf_clear(struct buf *b);           /* empty, the memory is kept */
void buf_cut(struct buf *b, size_t len); /* to the first `len` bytes: what did not fit is undone */
bool buf_add(struct buf *b, const void *bytes, size_t n);
bool buf_adds(struct buf *b, const char *s);
bool buf_addc(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *buf_text(const struct buf *b);
char *buf_take(struct buf *b); /* the text, to be freed by the caller; the buffer is empty after */

#endif
