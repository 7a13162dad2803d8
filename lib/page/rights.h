/* A publisher's directives about a page: X-Robots-Tag and robots meta, and the TDM Reservation
 * Protocol (W3C community group report, 2024). No I/O. */
#ifndef PAGE_RIGHTS_H
#define PAGE_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of several directives the strictest counts, in whatever order they come. */
struct rights {
    bool noarchive, nosnippet, noindex; /* as robots meta; "none" is noindex, "nocache" noarchive */
    int32_t max_snippet; /* characters that may be shown; -1: no limit; 0 if and only if nosnippet
                            is set */
    bool tdm_reserved;   /* text and data mining is reserved */
    bool tdm_said;       /* a reservation is specified, "0" or "1"; then tdmrep.json is ignored */
};

void rights_none(struct rights *r); /* no directives */

/* Adds the content of a robots meta, or the value of an X-Robots-Tag. Directives after a robot's
 * name ("otherbot: noarchive, nosnippet") apply only to that robot, up to the next name; those
 * before the first name apply to all. `agent` is our product token; NULL: none. Several values may
 * be joined by commas, as servers and curl do. */
void rights_add_robots(struct rights *r, const char *value, const char *agent);

/* Adds a tdm-reservation, header or meta: "1" reserves, "0" does not; other values are ignored. */
void rights_add_tdm(struct rights *r, const char *value);

enum {
    TDMREP_MAX_BYTES = 512 << 10, /* a longer file is ignored */
    TDMREP_MAX_RULES = 1024,      /* maximum number of rules that are used */
};

/* What a site's /.well-known/tdmrep.json specifies for an address: 1 if mining is reserved, 0 if it
 * is not, -1 if unspecified. The first rule counts whose location matches the path, with the query
 * or without, as in robots.txt; rules with a reservation other than 1 or 0 are ignored. */
int tdmrep_reserves(const char *json, size_t n, const char *url);

#endif
