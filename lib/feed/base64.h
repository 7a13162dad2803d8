/* Base64 as Atom content may be in: white space and padding do not matter. */
#ifndef FEED_BASE64_H
#define FEED_BASE64_H

#include "base/buf.h"

/* Text that is not base64 stays as it is. */
void base64_decode_in_place(struct buf *b);

#endif
