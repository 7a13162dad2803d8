/* Error codes of the store besides those of LMDB and errno; see store_strerror(). */
#ifndef STORE_CODES_H
#define STORE_CODES_H

/* The first two are LMDB's own codes. */
enum {
    STORE_NOT_FOUND = -30798,
    STORE_CORRUPT = -30796,
    STORE_BUSY = -30700,
    STORE_NEWER = -30701,
    STORE_TRUNCATED = -30703,
    STORE_FENCED = -30704, /* the log of store_set_log() refused the batch */
};

#endif
