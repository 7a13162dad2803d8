/* Which addresses may be connected to: not those of this machine, of private networks, or of cloud
 * metadata services (against SSRF). Pure: works on addresses, not on names or sockets. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct sockaddr;
struct sockaddr_storage;

enum { ADDRESS_MAX_NETWORKS = 64 };

/* IPv4 networks are stored as part of ::ffff:0:0/96. */
struct address_network {
    unsigned char bytes[16];
    int bits;
};

struct address_list {
    struct address_network v[ADDRESS_MAX_NETWORKS];
    size_t n;
};

/* Parses networks ("127.0.0.0/8, fd12::/16, 10.1.2.3") separated by commas or blanks. On failure
 * returns false with a message in `error`. */
bool address_list_read(const char *text, struct address_list *out, struct buf *error);

/* Returns why the address may not be connected to ("a loopback address"), or NULL if it may: it is
 * public, or in `allowed`. */
const char *address_refused(const struct sockaddr *address, const struct address_list *allowed);

/* Whether an IP address is in one of the networks. */
bool address_is_in(const struct sockaddr *address, const struct address_list *networks);

/* Parses "127.0.0.1:8787" or "[::1]:8787"; false if it is neither. */
bool address_endpoint(const char *text, struct sockaddr_storage *out);

bool address_is_loopback(const struct sockaddr *address);

#endif
