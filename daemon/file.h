/* Files that are read whole. */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* The bytes of a file of at most `max`, with room for one more behind them; the caller frees them.
 * NULL for what is no plain file, is longer, or cannot be opened. */
char *file_read(const char *path, size_t max, size_t *n);

/* Appends a file of any kind, or the standard input for "-". False, with errno, when it cannot be
 * read; what is past the buffer's ceiling is left out. */
bool file_append(const char *path, struct buf *out);

#endif
