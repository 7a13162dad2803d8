/* Classifies IP addresses for access rules, and parses networks and endpoints. fetch.c checks each
 * connection with it; config.c, listen.c and the poller parse options. */
#include "net/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Addresses outside the public Internet: the IANA registries of special-purpose addresses (RFC 6890
 * and updates), and metadata services of clouds. The first match gives the reason. */
static const struct {
    const char *network, *what;
} closed[] = {
    {"169.254.169.254", "a cloud's metadata address"},
    {"169.254.170.2", "a cloud's metadata address"},
    {"168.63.129.16", "a cloud's metadata address"},
    {"100.100.100.200", "a cloud's metadata address"},
    {"192.0.0.192", "a cloud's metadata address"},
    {"fd00:ec2::254", "a cloud's metadata address"},
    {"fd20:ce::254", "a cloud's metadata address"},
    {"0.0.0.0/8", "an unspecified address"},
    {"10.0.0.0/8", "a private address"},
    {"100.64.0.0/10", "a carrier-grade NAT address"},
    {"127.0.0.0/8", "a loopback address"},
    {"169.254.0.0/16", "a link-local address"},
    {"172.16.0.0/12", "a private address"},
    {"192.0.0.0/24", "a reserved address"},
    {"192.0.2.0/24", "an address for documentation"},
    {"192.88.99.0/24", "a 6to4 address"},
    {"192.168.0.0/16", "a private address"},
    {"198.18.0.0/15", "an address for benchmarks"},
    {"198.51.100.0/24", "an address for documentation"},
    {"203.0.113.0/24", "an address for documentation"},
    {"224.0.0.0/4", "a multicast address"},
    {"240.0.0.0/4", "a reserved address"},
    {"::", "an unspecified address"},
    {"::1", "a loopback address"},
    {"::/96", "an IPv4 address inside an IPv6 one"},
    {"::ffff:0:0:0/96", "an IPv4 address inside an IPv6 one"},
    {"64:ff9b::/96", "a NAT64 address"},
    {"64:ff9b:1::/48", "a NAT64 address"},
    {"100::/64", "a reserved address"},
    {"2001::/32", "a Teredo address"},
    {"2001::/23", "a reserved address"},
    {"2001:db8::/32", "an address for documentation"},
    {"2002::/16", "a 6to4 address"},
    {"3fff::/20", "an address for documentation"},
    {"5f00::/16", "a reserved address"},
    {"fc00::/7", "a unique-local address"},
    {"fe80::/10", "a link-local address"},
    {"fec0::/10", "a site-local address"},
    {"ff00::/8", "a multicast address"},
};

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* "ADDRESS" or "ADDRESS/BITS"; bits after the prefix are ignored. */
static bool read_network(const char *text, struct address_network *out)
{
    char address[INET6_ADDRSTRLEN + 1];
    size_t n = strcspn(text, "/");
    if (n >= sizeof address)
        return false;
    memcpy(address, text, n);
    address[n] = 0;
    int offset = 0;
    if (inet_pton(AF_INET, address, out->bytes + sizeof mapped) == 1) {
        memcpy(out->bytes, mapped, sizeof mapped);
        offset = 96;
    } else if (inet_pton(AF_INET6, address, out->bytes) != 1) {
        return false;
    }
    out->bits = 128;
    if (!text[n])
        return true;
    char *end;
    long bits = strtol(text + n + 1, &end, 10);
    if (end == text + n + 1 || *end || text[n + 1] < '0' || text[n + 1] > '9' ||
        bits > 128 - offset)
        return false;
    out->bits = (int)bits + offset;
    return true;
}

static bool is_in_network(const unsigned char address[16], const struct address_network *network)
{
    size_t whole = (size_t)network->bits / 8;
    int rest = network->bits % 8;
    unsigned mask = 0xffu << (8 - rest) & 0xffu;
    return !memcmp(address, network->bytes, whole) &&
           (!rest || (address[whole] & mask) == (network->bytes[whole] & mask));
}

bool address_list_read(const char *text, struct address_list *out, struct buf *error)
{
    static const char between[] = ", \t";
    out->n = 0;
    for (const char *p = text + strspn(text, between); *p; p += strspn(p, between)) {
        char one[INET6_ADDRSTRLEN + 8];
        size_t n = strcspn(p, between);
        snprintf(one, sizeof one, "%.*s", (int)(n < sizeof one ? n : sizeof one - 1), p);
        if (n >= sizeof one || !read_network(one, &out->v[out->n])) {
            buf_addf(error,
                     "invalid network \"%s\"; expected addresses or networks such as 127.0.0.0/8 "
                     "or fd12::/16, separated by commas",
                     one);
            return false;
        }
        p += n;
        if (++out->n == ADDRESS_MAX_NETWORKS && p[strspn(p, between)]) {
            buf_addf(error, "more than %d networks; use fewer, wider ones", ADDRESS_MAX_NETWORKS);
            return false;
        }
    }
    return true;
}

/* Converts to an IPv6 address; false for other families. */
static bool bytes_of(const struct sockaddr *address, unsigned char out[16])
{
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        memcpy(out, &in6.sin6_addr, 16);
        return true;
    }
    struct sockaddr_in in;
    memcpy(&in, address, sizeof in);
    memcpy(out, mapped, sizeof mapped);
    memcpy(out + sizeof mapped, &in.sin_addr, 4);
    return address->sa_family == AF_INET;
}

static bool is_in_networks(const unsigned char bytes[16], const struct address_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (is_in_network(bytes, &list->v[i]))
            return true;
    return false;
}

bool address_is_in(const struct sockaddr *address, const struct address_list *networks)
{
    unsigned char bytes[16];
    return bytes_of(address, bytes) && is_in_networks(bytes, networks);
}

const char *address_refused(const struct sockaddr *address, const struct address_list *allowed)
{
    unsigned char bytes[16];
    if (!bytes_of(address, bytes))
        return "not an IP address";
    if (is_in_networks(bytes, allowed))
        return NULL;
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        struct address_network network;
        if (read_network(closed[i].network, &network) && is_in_network(bytes, &network))
            return closed[i].what;
    }
    return NULL;
}

bool address_endpoint(const char *text, struct sockaddr_storage *out)
{
    char host[INET6_ADDRSTRLEN], *end;
    const char *colon = strrchr(text, ':'), *start = text;
    size_t n = colon ? (size_t)(colon - text) : 0;
    bool six = *text == '[' && n > 1 && text[n - 1] == ']';
    if (six) {
        start++;
        n -= 2;
    }
    if (!colon || n >= sizeof host || !isdigit((unsigned char)colon[1]))
        return false;
    memcpy(host, start, n);
    host[n] = 0;
    long port = strtol(colon + 1, &end, 10);
    if (*end || port > 65535)
        return false;
    memset(out, 0, sizeof *out);
    if (six) {
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
        bool ok = inet_pton(AF_INET6, host, &in6.sin6_addr) == 1;
        memcpy(out, &in6, sizeof in6);
        return ok;
    }
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    bool ok = inet_pton(AF_INET, host, &in.sin_addr) == 1;
    memcpy(out, &in, sizeof in);
    return ok;
}

bool address_is_loopback(const struct sockaddr *address)
{
    static const struct address_network networks[] = {
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127}, 104},
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},
    };
    unsigned char bytes[16];
    return bytes_of(address, bytes) &&
           (is_in_network(bytes, &networks[0]) || is_in_network(bytes, &networks[1]));
}
