/* Fills in requests with the configured defaults, for feeds, hubs and pages. */
#include "poll/outgoing.h"

#include "base/mem.h"
#include "poll/apart_hooks.h"
#include "poll/feed_state.h"

#include <stdlib.h>

struct fetch_request outgoing_request(const struct poll *p, const char *url)
{
    const struct config *c = p->config;
    return (struct fetch_request){.url = url,
                                  .user_agent = p->user_agent,
                                  .connect_timeout = c->poll_connect_timeout.number,
                                  .timeout = c->poll_timeout.number,
                                  .max_body = (size_t)c->poll_max_document.number,
                                  .ca_file = c->poll_ca_file.text,
                                  .proxy = c->poll_proxy.text,
                                  .allowed = &p->allowed};
}

struct outgoing {
    const struct apart_relay *relay; /* NULL: made here */
    void *relayed;
    struct fetch *fetch;
    struct fetch_client client;
};

static void outgoing_done(void *arg, const struct fetch_answer *a)
{
    struct outgoing *o = arg;
    const struct fetch_client client = o->client;
    free(o);
    client.done(client.arg, a);
}

static const char *outgoing_take(void *arg, const struct fetch_answer *head, const char *bytes,
                                 size_t n)
{
    const struct outgoing *o = arg;
    return o->client.take(o->client.arg, head, bytes, n);
}

static const char *outgoing_may(void *arg, const char *url)
{
    const struct outgoing *o = arg;
    return o->client.may ? o->client.may(o->client.arg, url) : NULL;
}

struct outgoing *outgoing_start(struct poll *p, const struct fetch_request *r,
                                const struct fetch_client *client)
{
    struct outgoing *o = mem_zero(sizeof *o);
    const struct fetch_client ours = {outgoing_take, outgoing_done, o, outgoing_may};
    o->client = *client;
    o->relay = p->apart_relay;
    if (o->relay)
        o->relayed = o->relay->start(o->relay->arg, r, &ours);
    else
        o->fetch = fetch_start(p->fetcher, r, &ours);
    if (o->relayed || o->fetch)
        return o;
    free(o);
    return NULL;
}

void outgoing_cancel(struct outgoing *o)
{
    if (o->relay)
        o->relay->cancel(o->relay->arg, o->relayed);
    else
        fetch_cancel(o->fetch);
    free(o);
}
