/* Requests that concern the cluster; see in_cluster.h. */
#include "api/in_cluster.h"

#include "api/ask.h"
#include "api/context.h"

void cluster_promote(struct routes_context *c, const struct request *r, struct reply *out)
{
    if (!ask_nothing(r, out))
        return;
    if (!c->cluster) {
        reply_problem(out, 409, "this process is not in a cluster; set role in [cluster]");
    } else if (!c->cluster->promote || !c->cluster->promote(c->cluster->arg)) {
        reply_problem(out, 409,
                      "this process does not stand by; promote one with role = engine in [cluster] "
                      "that does not lead");
    } else {
        out->status = 202;
        out->type = "application/json";
        out->cache = "no-store";
        buf_adds(&out->body, "{\"status\":\"promoting\"}\n");
    }
}
