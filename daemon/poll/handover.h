/* The response that `storyctl feeds add` received when it probed an address. storyd uses it for the
 * first poll of the feed, so that the server gets one request only. A file below the store keeps it
 * until then. */
#ifndef POLL_HANDOVER_H
#define POLL_HANDOVER_H

#include "base/buf.h"
#include "net/fetch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct handover {
    struct fetch_answer answer;
    int64_t time; /* when it was received */
    const char *body;
    size_t n;
    char *bytes; /* the whole file; the other members point into it */
};

/* Appends the serialised response to a request of `url` at `time`. */
void handover_pack(struct buf *out, const char *url, const struct fetch_answer *a, int64_t time,
                   const struct buf *body);

/* Write and delete the file for an address. Failures, for example if the store does not exist or is
 * not writable, are ignored: storyd then sends a request. */
void handover_put(const char *store, const char *url, const struct buf *packed);
void handover_drop(const char *store, const char *url);

/* Reads and deletes the file for an address. NULL if there is none, it is invalid, or it is older
 * than a day. */
struct handover *handover_take(const char *store, const char *url, size_t max_body, int64_t now);
void handover_free(struct handover *h);

#endif
