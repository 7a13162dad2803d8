/* Where the server listens: TCP addresses, Unix sockets, and sockets that systemd hands over. */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct config;

enum { LISTEN_MAX = 16 };

struct listen_socket {
    int fd;
    bool is_unix;
    char name[128]; /* "127.0.0.1:8787", or the path */
    bool remove;    /* the path, when done */
};

/* Takes the sockets that systemd hands over, and opens what the configuration says where none of
 * that kind, TCP or Unix, is among them. The number of sockets; -1 with the reason in `error`.
 * `has_tokens`: may listen where strangers are. */
int listen_open(const struct config *config, bool has_tokens, struct listen_socket out[LISTEN_MAX],
                struct buf *error);

/* After the descriptor was closed. */
void listen_forget(const struct listen_socket *s);

#endif
