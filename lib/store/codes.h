/* Errors of the store beside those of LMDB and errno; store_strerror() has their texts. */
#ifndef STORE_CODES_H
#define STORE_CODES_H

/* The first two are LMDB's own codes. */
enum {
    STORE_NOT_FOUND = -30798,
    STORE_CORRUPT = -30796,
    STORE_BUSY = -30700,
    STORE_NEWER = -30701,
    STORE_TRUNCATED = -30703,
};

#endif
