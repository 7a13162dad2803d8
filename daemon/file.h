/* Reading a whole file into memory, and replacing one. */
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

/* Replaces the file in one step, with mode 0600, once the new one is on the disk. False with errno
 * set on failure, with the old one in place. */
bool file_replace(const char *path, const void *bytes, size_t n);

#endif
