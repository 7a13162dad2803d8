/* Fills in requests with the configured defaults, for feeds, hubs and pages. */
#include "poll/outgoing.h"

#include "poll/feed_state.h"

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
