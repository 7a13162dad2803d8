/* What a publisher says of a page: X-Robots-Tag and robots meta, and the TDM Reservation Protocol
 * (W3C community group report, 2024). Pure. */
#ifndef PAGE_RIGHTS_H
#define PAGE_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of what is said in several places the stricter counts, in whatever order it comes. */
struct rights {
    bool noarchive, nosnippet, noindex; /* as robots meta; "none" is noindex, "nocache" noarchive */
    int32_t max_snippet;                /* characters that may be shown; -1: no limit is said;
                                           with nosnippet it is 0, and the other way */
    bool tdm_reserved;                  /* text and data mining is reserved */
    bool tdm_said;                      /* whether it is, or is not: tdmrep.json has no say then */
};

void rights_none(struct rights *r); /* nothing is said */

/* Takes the content of a robots meta, or the value of an X-Robots-Tag. What follows a robot's name
 * ("otherbot: noarchive, nosnippet") is for that one alone, up to the next name; before the first
 * it is for all. `agent` is ours, by its product token; NULL: none. Several values may be joined by
 * commas, as a server or curl does. */
void rights_add_robots(struct rights *r, const char *value, const char *agent);

/* Takes a tdm-reservation, header or meta: "1" reserves, "0" says not; anything else says
 * nothing. */
void rights_add_tdm(struct rights *r, const char *value);

enum {
    TDMREP_MAX_BYTES = 512 << 10, /* a longer file says nothing */
    TDMREP_MAX_RULES = 1024,      /* that are looked at */
};

/* What a site's /.well-known/tdmrep.json says of an address: 1 that mining is reserved, 0 that it
 * is not, -1 nothing. Of its rules the first counts whose location matches the path, as that of
 * robots.txt would, with the query or without; one that reserves neither 1 nor 0 is none. */
int tdmrep_reserves(const char *json, size_t n, const char *url);

#endif
