/* A bounded queue of messages from threads to the event loop, which a descriptor wakes. */
#ifndef ROLES_CHANNEL_H
#define ROLES_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct channel;

/* Owned by whoever took it; freed by message_free(). */
struct message {
    int kind;              /* the sender's */
    uint64_t place;        /* in its stream; 0: none */
    char *subject, *reply; /* or NULL */
    char *data;
    size_t n;
    struct message *next;
};

struct message *message_new(int kind, const char *data, size_t n);
void message_free(struct message *m);

/* At most `most` messages and about 64 MiB. */
struct channel *channel_new(size_t most);
void channel_free(struct channel *c);    /* no thread may use it any more */
int channel_fd(const struct channel *c); /* an eventfd, readable while there may be messages */

/* Takes ownership. With `wait` blocks while the queue is full; otherwise, and after
 * channel_close(), a message that does not fit is freed and false returned. */
bool channel_put(struct channel *c, struct message *m, bool wait);
struct message *channel_take(struct channel *c); /* NULL: empty */
void channel_close(struct channel *c);           /* wakes and refuses the senders */

#endif
