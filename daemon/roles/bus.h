/* The connection to the NATS servers of a cluster: its streams, and what a process does with them.
 * Only bus.c uses libnats, which delivers on threads of its own: what arrives is put into a channel
 * for the loop. Calls that block are for other threads, unless stated otherwise.
 *
 * Streams, for a cluster NAME: STORYD_NAME_LOG (storyd.NAME.log), the batches of the engine's
 * store; STORYD_NAME_IN (storyd.NAME.in.*), what fetchers found; STORYD_NAME_STATE
 * (storyd.NAME.lease, .feed.*, .asked.*, .alive.*), the last message of each subject. */
#ifndef ROLES_BUS_H
#define ROLES_BUS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bus;
struct channel;
struct config;

enum bus_stream { BUS_LOG, BUS_IN, BUS_STATE, BUS_STREAMS };

enum bus_result {
    BUS_OK,
    BUS_REFUSED, /* the stream, or the subject, does not end where the sender expects */
    BUS_NONE,    /* there is no such message */
    BUS_UNKNOWN, /* no answer: it may have been done or not */
};

/* Starts to connect, and goes on until it succeeds. NULL, with the reason in `error`, when a file
 * of [cluster] cannot be used. */
struct bus *bus_new(const struct config *config, struct buf *error);
void bus_stop(struct bus *b); /* ends all calls that block, now and later; any thread */
void bus_free(struct bus *b); /* no other thread may use it any more */

bool bus_is_connected(const struct bus *b); /* does not block */
const char *bus_name(const struct bus *b);  /* of this process in the cluster */
const char *bus_cluster(const struct bus *b);

/* Formats the subject storyd.NAME.what[.whose]. */
enum { BUS_SUBJECT = 256 };
const char *bus_subject(const struct bus *b, const char *what, const char *whose,
                        char out[BUS_SUBJECT]);

/* Creates the streams that are needed and do not exist. One thread. */
enum bus_result bus_prepare(struct bus *b);

/* Stores a message. `last`: the sequence number that the stream must end with, or the subject with
 * `of_subject` (0: no message); NULL: any. `*seq` becomes the message's own. */
enum bus_result bus_publish(struct bus *b, const char *subject, const void *data, size_t n,
                            const uint64_t *last, bool of_subject, uint64_t *seq);

enum bus_result bus_range(struct bus *b, enum bus_stream stream, uint64_t *first, uint64_t *last);
/* The message of a sequence number, or with `subject` the last one of that. The caller frees `data`
 * by buf_free(). */
enum bus_result bus_get(struct bus *b, enum bus_stream stream, const char *subject, uint64_t *seq,
                        struct buf *data);
void bus_purge(struct bus *b, enum bus_stream stream, uint64_t before);

/* Messages that nobody stores. bus_send() does not block; a lost one is the receiver's to notice.
 */
void bus_send(struct bus *b, const char *subject, const void *data, size_t n);
enum bus_result bus_request(struct bus *b, const char *subject, const void *data, size_t n,
                            int64_t timeout_ms, struct buf *reply);
/* Puts what arrives on a subject into the channel; what does not fit is dropped. */
void bus_listen(struct bus *b, const char *subject, struct channel *to, int kind);
void bus_unlisten(struct bus *b, const struct channel *to); /* nothing arrives there any more */

/* Puts the messages of a stream into the channel, in order, from `next` on; with 0 the last of each
 * subject, then all later ones. Continues after failures. When the stream turns out to end before
 * the next message, because a server has lost some, an empty message of `kind` with `place` 0 tells
 * so, and reading continues at its end. */
struct bus_reader;
struct bus_reader *bus_read(struct bus *b, enum bus_stream stream, const char *subject,
                            uint64_t next, struct channel *to, int kind);
void bus_reader_free(struct bus_reader *r); /* waits for its thread; after channel_close() */

#endif
