/* Leads a cluster; see leader.h. */
#include "roles/leader.h"

#include "api/context.h"
#include "api/in_cluster.h"
#include "base/mem.h"
#include "ingest/jump.h"
#include "log.h"
#include "must.h"
#include "roles/arrivals.h"
#include "roles/bus.h"
#include "roles/channel.h"
#include "roles/forward.h"
#include "roles/lease.h"
#include "roles/log_out.h"
#include "roles/relay.h"
#include "roles/snapshot.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MESSAGES = 512 };
enum { MESSAGE_LEAD, MESSAGE_WRITE };

struct leader {
    struct bus *bus;
    struct lease *lease;
    void (*lost)(void *);
    void *arg;
    struct store *store;
    struct log_out *log;
    struct snapshots *snapshots;
    struct arrivals *arrivals; /* NULL: the engine polls itself, and fetches pages */
    struct relay *relay;
    struct channel *messages;
    struct event *arrived;
    const struct routes *routes;
    struct routes_context *context;
    struct in_cluster cluster;
    bool told;
};

struct leader *leader_new(struct bus *b, struct lease *lease, void (*lost)(void *), void *arg)
{
    struct leader *l = mem_zero(sizeof *l);
    l->bus = b;
    l->lease = lease;
    l->lost = lost;
    l->arg = arg;
    return l;
}

void leader_free(struct leader *l)
{
    if (!l)
        return;
    log_out_free(l->log);
    free(l);
}

int leader_open(struct leader *l, struct store *s)
{
    struct log_place before;
    struct lease_facts facts;
    uint64_t led;
    lease_facts(l->lease, &facts);
    int error = place_load(s, &before);
    if (!error)
        error = place_led(s, &led);
    if (error)
        return error;
    enum log_out_result r = log_out_begin(l->bus, s, facts.term, &l->log);
    if (r == LOG_OUT_FOREIGN)
        log_line(
            LOG_ERR, "store_foreign",
            "the cluster has a log, and this store is not a copy of it; choose another name in "
            "[cluster], or an empty folder in [store]");
    if (r != LOG_OUT_READY)
        return STORE_FENCED;
    l->store = s;
    /* numbers that the one before gave, and a broker may have lost, are not given again */
    if (before.term && before.term != led)
        error = jump_numbers(s);
    return error ? error : place_note_led(s, facts.term);
}

/* ---- serving -------------------------------------------------------------------------------- */

static void look_at_lead(struct leader *l)
{
    struct lease_facts facts;
    lease_facts(l->lease, &facts);
    if (facts.leads || l->told)
        return;
    l->told = true;
    l->lost(l->arg);
}

static void on_leader_message(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct leader *l = arg;
    struct message *m = channel_take(l->messages); /* one in a turn of the loop */
    if (m && m->kind == MESSAGE_WRITE)
        forward_answer(l->bus, l->routes, l->context, m);
    else if (m)
        look_at_lead(l);
    message_free(m);
}

static json_t *describe_leader(void *arg)
{
    const struct leader *l = arg;
    struct log_place place;
    log_out_place(l->log, &place);
    json_t *o = place_describe(&place, l->bus, "engine", bus_name(l->bus));
    if (l->arrivals)
        json_object_set_new(o, "fetchers", arrivals_describe(l->arrivals));
    return o;
}

void leader_poll(struct leader *l, struct event_base *base, struct poll *poll,
                 struct ingest *ingest, void (*wrote)(void *, int), void *arg)
{
    l->arrivals = arrivals_new(base, l->bus, poll, ingest, wrote, arg);
    l->relay = relay_new(base, l->bus, poll);
}

void leader_committed(struct leader *l)
{
    if (l && l->arrivals)
        arrivals_committed(l->arrivals);
}

void leader_start(struct leader *l, struct event_base *base, const struct routes *routes,
                  struct routes_context *context)
{
    char subject[BUS_SUBJECT];
    l->routes = routes;
    l->context = context;
    l->cluster = (struct in_cluster){describe_leader, NULL, l};
    context->cluster = &l->cluster;
    l->messages = channel_new(MAX_MESSAGES);
    l->arrived = must_event(
        event_new(base, channel_fd(l->messages), EV_READ | EV_PERSIST, on_leader_message, l));
    event_add(l->arrived, NULL);
    lease_tell(l->lease, l->messages, MESSAGE_LEAD);
    bus_listen(l->bus, bus_subject(l->bus, "write", NULL, subject), l->messages, MESSAGE_WRITE);
    l->snapshots = snapshots_new(l->bus, l->store);
    if (l->arrivals)
        arrivals_start(l->arrivals);
    look_at_lead(l);
}

void leader_stop(struct leader *l)
{
    if (!l || !l->messages)
        return;
    lease_tell(l->lease, NULL, 0);
    relay_free(l->relay);
    arrivals_free(l->arrivals);
    snapshots_free(l->snapshots);
    bus_unlisten(l->bus, l->messages);
    event_free(l->arrived);
    channel_free(l->messages);
    l->messages = NULL;
}
