/* Asks a sample of feeds at once, for storyctl doctor: name resolution and requests. */
#ifndef STORYCTL_REACH_H
#define STORYCTL_REACH_H

#include "config.h"
#include "feed/opml.h"

#include <stddef.h>
#include <stdint.h>

enum { REACH_FEEDS = 10, REACH_SECONDS = 20 };

/* A feed of the sample; each is on a server of its own. */
struct reached {
    const struct opml_feed *feed;
    char *host;             /* its name; NULL: an address that can never be requested */
    const char *unresolved; /* why the name has no address; NULL: it has */
    char error[512];        /* of the request; "": it is answered as a feed should be */
    int64_t clock;          /* the server's clock minus ours, in seconds, if it told */
    bool has_clock;
    int64_t certificate_end; /* 0: no certificate, or unknown */
};

/* Chooses at most REACH_FEEDS feeds, spread over the list, one of each server. Returns their
 * number. The list must stay; the caller frees with reach_free(). */
size_t reach_choose(const struct opml *list, struct reached out[REACH_FEEDS]);
void reach_free(struct reached *all, size_t n);

/* Resolves the names, all at once. */
void reach_resolve(struct reached *all, size_t n);

/* Requests each feed once, all at once, as storyd would, but reads no more than the beginning. */
void reach_request(struct reached *all, size_t n, const struct config *config);

#endif
