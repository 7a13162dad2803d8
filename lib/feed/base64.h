/* Decodes base64 as it occurs in Atom content: white space and padding are ignored. */
#ifndef FEED_BASE64_H
#define FEED_BASE64_H

#include "base/buf.h"

/* Text that is not base64 is left unchanged. */
void base64_decode_in_place(struct buf *b);

#endif
