/* A process that serves a copy of the engine's store, which follows the cluster's log: a replica,
 * or an engine that stands by. Serves the page and the API; what changes something is forwarded to
 * the leading engine. */
#ifndef ROLES_REPLICA_H
#define ROLES_REPLICA_H

struct bus;
struct config;
struct lease;

enum replica_end {
    REPLICA_STOPPED, /* by a signal */
    REPLICA_FAILED,  /* for a reason that was logged */
    REPLICA_LEADS,   /* it has the lease: the process becomes the engine */
};

/* Runs until one of these. `lease`: the process may lead; NULL: a replica. `config` was checked; a
 * reload reads it again from `path` and `given` for what can change. */
enum replica_end replica_run(struct config *config, const char *path, char *const *given,
                             struct bus *b, struct lease *lease);

#endif
