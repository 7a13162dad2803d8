/* Scales a picture from a stranger down to the sizes of the page. Decoders of pictures are a
 * classic way into a program, so the daemon never runs them: it starts itself again with
 * --shrink-picture for each picture, and that process can only read its input and write its output.
 */
#ifndef PAGES_SHRINK_H
#define PAGES_SHRINK_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    SHRINK_MAX_BYTES = 8 << 20,   /* of a picture as received */
    SHRINK_MAX_PIXELS = 25000000, /* the same */
    SHRINK_MAX_OUT = 1 << 20,     /* bytes of both sizes, and a head */
};

/* Sizes of 16:9, both for screens of two device pixels per pixel: width and height of each. */
enum shrink_size { SHRINK_THUMBNAIL, SHRINK_PICTURE, SHRINK_SIZES };
extern const int shrink_sizes[SHRINK_SIZES][2];

/* Whether the bytes begin as a JPEG, PNG, WebP or GIF does. */
bool shrink_knows(const void *bytes, size_t n);

/* Decodes a picture, and appends it in all sizes, each a JPEG, behind a head. Returns NULL, or why
 * not. A picture smaller than a size is not enlarged; one of 64 pixels or less is refused. */
const char *shrink_picture(const void *bytes, size_t n, struct buf *out);

/* One size of what shrink_picture() wrote. False: the bytes are not such. */
bool shrink_part(const void *bytes, size_t n, enum shrink_size size, const char **part,
                 size_t *length);

/* What the process does, from standard input to standard output; the exit status. */
int shrink_main(void) __attribute__((noreturn));

#endif
