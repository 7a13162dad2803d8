/* Sign-in by a reverse proxy: which peers are proxies, whom their headers name, and what that user
 * may do. access.c asks for every request. */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "base/buf.h"
#include "net/request.h"

#include <stdbool.h>
#include <stdint.h>

struct proxy;
struct sockaddr;

/* What a user may do; each role includes the ones before it. */
enum proxy_role { PROXY_NOTHING, PROXY_READ, PROXY_DECIDE, PROXY_ADMINISTER };

/* The options of [http] with these names. */
enum proxy_option {
    PROXY_USER_HEADER,
    PROXY_GROUPS_HEADER,
    PROXY_TRUSTED_PROXIES,
    PROXY_ROLES,
    PROXY_OPTIONS
};

/* Reads the options, which are copied. NULL without an error: there is no user_header. On failure
 * returns NULL with the reason in `error` and the faulty option in *at. */
struct proxy *proxy_new(const char *const options[PROXY_OPTIONS], enum proxy_option *at,
                        struct buf *error);
void proxy_free(struct proxy *p);

const char *proxy_role_name(enum proxy_role role); /* NULL for PROXY_NOTHING */

/* One name of at most REQUEST_MAX_NAME bytes, without a comma: of two that were joined by one, the
 * first may be the client's. */
bool proxy_is_user_name(const char *user);

/* Whether a peer is in trusted_proxies; `uid` is that of a peer of a Unix socket, else -1. */
bool proxy_is(const struct proxy *p, const struct sockaddr *address, int64_t uid);

/* The user that a request of a proxy names, and the user's role; NULL if it names none. False if
 * the headers are ambiguous or invalid. */
bool proxy_user(const struct proxy *p, const struct request *r, const char **user,
                enum proxy_role *role);

/* Logs, once, that a request of a peer that is not a proxy names a user. */
void proxy_ignore(struct proxy *p, const struct request *r);

#endif
