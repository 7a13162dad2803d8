/* Listening sockets of the HTTP server: TCP, Unix, or passed by systemd. */
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
    bool remove;    /* unlink the path when done */
};

/* Adopts the sockets passed by systemd, then opens the configured TCP and Unix sockets, each only
 * if systemd passed none of that kind. Returns the number of sockets; -1 with the reason in
 * `error`. `is_closed`: other than loopback addresses are allowed. */
int listen_open(const struct config *config, bool is_closed, struct listen_socket out[LISTEN_MAX],
                struct buf *error);

/* Call after closing the descriptor: removes the path of a Unix socket. */
void listen_forget(const struct listen_socket *s);

#endif
