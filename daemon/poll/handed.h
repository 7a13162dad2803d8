/* The answer that `storyctl feeds add` got when it looked what an address is. storyd takes it for
 * its first poll of the feed, so that a server is asked once: a file that lies beside the store
 * from when the feed is listed until it is taken up. */
#ifndef POLL_HANDED_H
#define POLL_HANDED_H

#include "base/buf.h"
#include "net/fetch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handed {
    struct fetch_answer answer;
    int64_t time; /* when it came */
    const char *body;
    size_t n;
    char *bytes; /* all of the file; the others point into it */
};

/* The file's text: what came at `time` when `url` was asked. `out` is ready to be added to. */
void handed_pack(struct buf *out, const char *url, const struct fetch_answer *a, int64_t time,
                 const struct buf *body);

/* Files of the store in this folder. A store that is not there yet, or that may not be written to,
 * has none: then storyd asks. */
void handed_put(const char *store, const char *url, const struct buf *packed);
void handed_drop(const char *store, const char *url);

/* Reads the file of the address, which is gone then; NULL where there is none, or none of this
 * day. */
struct handed *handed_take(const char *store, const char *url, size_t max_body, int64_t now);
void handed_free(struct handed *h);

#endif
