/* The leading engine's side of the cluster's log: publishes each batch of the store before it is
 * committed, so what a reader has ever seen is in the log. The log must end where the engine
 * expects; if it does not, another engine leads, and the batch is discarded (STORE_FENCED). */
#ifndef ROLES_LOG_OUT_H
#define ROLES_LOG_OUT_H

#include "roles/place.h"

#include <stdint.h>

struct bus;
struct log_out;

enum log_out_result {
    LOG_OUT_READY,
    LOG_OUT_BEHIND,  /* the log has more than the store: follow it first */
    LOG_OUT_FOREIGN, /* the cluster has a log, and the store is not a copy of it */
    LOG_OUT_FAILED,  /* the broker or the store failed */
};

/* Tells the log that this engine leads, and connects the store to it. Blocks for seconds at most.
 * When servers have lost a part of the log, or the store was changed outside the cluster, the log
 * begins anew: copies that are not equal to this store are copied again. */
enum log_out_result log_out_begin(struct bus *b, struct store *s, uint64_t term,
                                  struct log_out **out);
void log_out_free(struct log_out *o); /* after the store was closed */

/* The place after the last batch; any thread. */
void log_out_place(struct log_out *o, struct log_place *out);

#endif
