/* Reading a whole file into memory. */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Returns the contents of a file of at most `max` bytes; the allocation has room for one more byte.
 * The caller frees it. NULL if it is not a regular file, is longer, or cannot be opened. */
char *file_read(const char *path, size_t max, size_t *n);

/* Appends a file of any kind, or standard input for "-". Returns false with errno set if it cannot
 * be read; what exceeds the buffer's limit is dropped. */
bool file_append(const char *path, struct buf *out);

#endif
