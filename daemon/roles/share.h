/* Which of several fetchers polls a host: rendezvous hashing (Thaler and Ravishankar, "Using
 * name-based mappings to increase hit rates", 1998). Each host goes to the member with the highest
 * weight for it, so that when one leaves, only its hosts move, and evenly to all others. Pure. */
#ifndef ROLES_SHARE_H
#define ROLES_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t share_member(const char *name); /* the hash of a member's name */
uint64_t share_host(const char *url);    /* of the host and port of an address */

/* The index of the owner; `n` is at least 1. The order of the members does not matter unless two
 * have the same hash. */
size_t share_owner(const uint64_t *members, size_t n, uint64_t host);

/* The fetchers that are alive. Times are monotonic milliseconds. Starts as zeros. */
enum { SHARE_MOST = 4096, SHARE_DEAD_MS = 15000 };
struct share_members {
    uint64_t hash[SHARE_MOST];
    int64_t seen[SHARE_MOST];
    size_t n;
};

/* What a message of a fetcher says: it is alive, or `gone`. A hash of `stays` is never dropped; 0:
 * any may be. These return true when the members have changed. */
bool share_heard(struct share_members *m, uint64_t hash, bool gone, uint64_t stays, int64_t now);
/* The same for a message alive.MEMBER as it came: an object, with `gone` if it is. */
bool share_hear(struct share_members *m, const char *subject, const char *text, size_t n,
                uint64_t stays, int64_t now);
bool share_drop_dead(struct share_members *m, uint64_t stays, int64_t now);

#endif
