/* What handlers of the API and of the page reach. */
#ifndef API_CONTEXT_H
#define API_CONTEXT_H

#include "config.h"
#include "net/routes.h"
#include "story.h"

#include <stdint.h>

struct alerts;
struct counts;
struct ingest;
struct poll;
struct remote_list;
struct lists;
struct live;
struct server;
struct upkeep;
struct enrich;
struct visits;
struct pictures;
struct searcher;
struct in_cluster;

/* What handlers reach. Everything lives as long as the server does. */
struct routes_context {
    story_db *db; /* begin a view, read, end it: within the call */
    struct ingest *ingest;
    struct poll *poll;
    struct remote_list *remote;
    struct lists *lists;
    struct live *live;
    const struct routes *routes;
    const struct server *server;
    const struct upkeep *upkeep;
    const struct enrich *enrich;
    const struct alerts *alerts;
    struct visits *visits;     /* or NULL */
    struct pictures *pictures; /* likewise */
    struct searcher *searcher; /* or NULL */
    struct counts *counts;
    const struct config *config;
    const struct in_cluster *cluster; /* or NULL */
    void *forwards;                   /* of daemon/roles/, in a copy of the store */
    int64_t started;                  /* seconds since 1970 */
    uint64_t installation;            /* for feeds_out.c; 0: not read yet */
    void (*work_off)(void *);         /* begins with what is to be deleted in steps */
    void *work_off_arg;
    void (*wrote)(void *, int error); /* something was put into the batch: commit it soon */
    void *wrote_arg;
    int64_t submitted[CONFIG_MAX_NAMED]; /* for submit.c: by publisher, what its rate has used up */
    uint64_t reading;                    /* the last stamp of reading_write(), for me.c */
};

#endif
