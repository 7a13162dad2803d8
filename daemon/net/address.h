/* Which addresses may be asked: not those of this machine, of the networks around it, or of the
 * services that clouds keep there. Pure: looks at addresses, never at names or sockets. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct sockaddr;
struct sockaddr_storage;

enum { ADDRESS_MAX_NETWORKS = 64 };

/* An IPv4 network is kept as the part of ::ffff:0:0/96 that it is. */
struct address_network {
    unsigned char bytes[16];
    int bits;
};

struct address_list {
    struct address_network v[ADDRESS_MAX_NETWORKS];
    size_t n;
};

/* Reads networks ("127.0.0.0/8, fd12::/16, 10.1.2.3") with commas or blanks between them. False
 * with the one that is none, and what is expected, in `error`. */
bool address_list_read(const char *text, struct address_list *out, struct buf *error);

/* Why the address may not be asked ("a loopback address"), or NULL when it may: it is public, or
 * `allowed` has it. */
const char *address_refused(const struct sockaddr *address, const struct address_list *allowed);

/* Reads "127.0.0.1:8787" or "[::1]:8787"; false when it is neither. */
bool address_endpoint(const char *text, struct sockaddr_storage *out);

bool address_is_loopback(const struct sockaddr *address);

#endif
