/* Files that are read whole. */
#ifndef FILE_H
#define FILE_H

#include <stddef.h>

/* The bytes of a file of at most `max`, with room for one more behind them; the caller frees them.
 * NULL for what is no plain file, is longer, or cannot be opened. */
char *file_read(const char *path, size_t max, size_t *n);

#endif
