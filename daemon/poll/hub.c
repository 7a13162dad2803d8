/* WebSub: requests subscriptions from hubs, confirms them, and accepts documents that hubs push.
 * The protocol's formats are in websub.c, the HTTP callbacks in api/callback.c. */
#include "poll/hub.h"

#include "base/clock.h"
#include "base/url.h"
#include "log.h"
#include "poll/feed_state.h"
#include "poll/outgoing.h"
#include "poll/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

bool hub_is_active(const struct feed_record *sub)
{
    return sub->hub_state && !strcmp(sub->hub_state, "active") && sub->hub_until > wall_clock();
}

static const char *take_nothing(void *arg, const struct fetch_answer *head, const char *bytes,
                                size_t n)
{
    (void)arg, (void)head, (void)bytes, (void)n;
    return NULL;
}

/* The result of a subscription request; a hub that accepts verifies it by a request to our
 * callback. */
static void done_hub(void *arg, const struct fetch_answer *a)
{
    struct feed_state *f = arg;
    char status[32];
    f->hub_fetch = NULL;
    if (f->poll->broken || (!a->error && a->status >= 200 && a->status < 300))
        return;
    snprintf(status, sizeof status, "HTTP %ld", a->status);
    const char *why = a->error ? a->error : status;
    log_line(LOG_WARNING, "hub_rejected",
             "a hub rejected the subscription; the feed is polled normally",
             LOG_T("feed", f->sub->url), LOG_T("hub", f->sub->hub), LOG_T("error", why));
    if (!hub_is_active(f->sub))
        subscription_set(&f->sub->hub_state, "failed");
    poll_keep(f, 0);
}

void hub_ask(struct feed_state *f)
{
    enum { LEASE = 10 * 86400, MAX_ANSWER = 1 << 20, MAX_FORM = 1 << 16 };
    struct poll *p = f->poll;
    const struct config *c = p->config;
    struct feed_record *sub = f->sub;
    int64_t now = sub->last_poll;
    char token[WEBSUB_TOKEN], secret[WEBSUB_SECRET];
    struct buf form;
    if (!*c->websub_callback.text || !sub->hub || f->hub_fetch ||
        !when_asks_hub(sub->hub_until, sub->hub_asked, now))
        return;
    websub_token(p->hub_key, sub->number, token);
    websub_secret(p->hub_key, sub->number, sub->topic, secret);
    buf_init(&form, MAX_FORM);
    websub_form(&form, &(struct websub_request){"subscribe", sub->topic, c->websub_callback.text,
                                                secret, sub->number, token, LEASE});
    struct fetch_request post = outgoing_request(p, sub->hub);
    post.post = buf_text(&form);
    post.max_body = MAX_ANSWER;
    const struct fetch_client client = {.take = take_nothing, .done = done_hub, .arg = f};
    f->hub_fetch = fetch_start(p->fetcher, &post, &client);
    buf_free(&form);
    sub->hub_asked = now;
    if (!hub_is_active(sub))
        subscription_set(&sub->hub_state, f->hub_fetch ? "asked" : "failed");
}

/* Finds the feed of a callback address. NULL: if `*known` is true it is no longer subscribed, else
 * the token is wrong. */
static struct feed_state *called(struct poll *p, uint64_t number, const char *token, bool *known)
{
    char right[WEBSUB_TOKEN];
    websub_token(p->hub_key, number, right);
    *known = !strcmp(right, token);
    return *known ? map_get(&p->by_number, number) : NULL;
}

bool hub_verify(struct poll *p, uint64_t number, const char *token, const struct hub_call *call)
{
    enum { LEAST = 60, USUAL = 10 * 86400, MOST = 30 * 86400 };
    bool known;
    struct feed_state *f = called(p, number, token, &known);
    if (p->broken || !known)
        return false;
    if (!f) /* confirm the end of a subscription to a removed feed */
        return !strcmp(call->mode, "unsubscribe");
    struct feed_record *sub = f->sub;
    if (!sub->hub_state || !sub->topic || strcmp(sub->topic, call->topic) != 0)
        return false;
    if (!strcmp(call->mode, "subscribe")) {
        int64_t lease = call->lease <= 0 ? USUAL : call->lease;
        lease = lease < LEAST ? LEAST : lease > MOST ? MOST : lease;
        subscription_set(&sub->hub_state, "active");
        sub->hub_until = wall_clock() + lease;
    } else if (!strcmp(call->mode, "denied")) {
        subscription_set(&sub->hub_state, "denied");
        sub->hub_until = 0;
        log_line(LOG_WARNING, "hub_denied",
                 "a hub denied the subscription; the feed is polled normally",
                 LOG_T("feed", sub->url), LOG_T("hub", sub->hub), LOG_T("reason", call->reason));
    } else {
        return false;
    }
    poll_keep(f, 0);
    return !p->broken;
}

static void push_began(struct feed_state *f, enum feed_status status, struct feed *feed,
                       struct intake_hashes hashes)
{
    (void)hashes;
    if (status == FEED_OK)
        document_begin(f, feed, wall_clock());
    else
        log_line(LOG_WARNING, "push_invalid", "a hub pushed an invalid document",
                 LOG_T("feed", f->sub->url), LOG_T("error", feed_strerror(status)));
}

static void push_ended(struct feed_state *f, const struct ingest_counts *counts, int error)
{
    struct feed_record *sub = f->sub;
    sub->pushes++;
    sub->articles += counts->articles;
    if (counts->articles)
        sub->last_new = wall_clock();
    log_line(LOG_DEBUG, "pushed", "pushed", LOG_T("feed", sub->url),
             LOG_N("new", counts->articles));
    poll_keep(f, error);
}

static const struct delivery push_delivery = {push_began, push_ended};

enum hub_reply hub_deliver(struct poll *p, uint64_t number, const char *token,
                           const char *signature, const char *type, const void *body, size_t n)
{
    bool known;
    struct feed_state *f = called(p, number, token, &known);
    char secret[WEBSUB_SECRET];
    if (!f)
        return known ? HUB_GONE : HUB_UNKNOWN;
    if (!hub_is_active(f->sub))
        return HUB_IGNORED;
    websub_secret(p->hub_key, number, f->sub->topic, secret);
    if (!websub_signed(signature, secret, body, n)) {
        log_line(LOG_WARNING, "push_forged", "a hub's push has an invalid signature; ignored",
                 LOG_T("feed", f->sub->url), LOG_T("hub", f->sub->hub));
        return HUB_IGNORED;
    }
    if (p->broken || f->turn.state != HOSTS_IDLE || document_is_under_way(f))
        return HUB_BUSY;
    f->delivery = &push_delivery;
    f->intake = intake_new(f->sub->document_url, type, (struct intake_hashes){0});
    intake_add(f->intake, body, n);
    document_close(f);
    return HUB_TAKEN;
}

/* Loads the key, or generates it once. All callback addresses and secrets are derived from it. */
int hub_read_key(struct poll *p)
{
    static const char name[] = "hubs";
    _Static_assert(sizeof p->hub_key == STORE_HUBS_KEY, "checked");
    struct store *s = ingest_store(p->ingest);
    struct store_value v;
    int error = store_get(s, STORE_SECRETS, name, sizeof name - 1, &v);
    if (!error && v.n != sizeof p->hub_key)
        return STORE_CORRUPT;
    if (!error)
        memcpy(p->hub_key, v.p, v.n);
    if (error != STORE_NOT_FOUND)
        return error;
    if (getrandom(p->hub_key, sizeof p->hub_key, 0) != sizeof p->hub_key)
        return errno;
    return store_put(s, STORE_SECRETS, name, sizeof name - 1, p->hub_key, sizeof p->hub_key);
}

/* Adopts hub and topic; Link headers take precedence over the document. */
void hub_take(struct feed_state *f, const struct feed *feed)
{
    struct feed_record *sub = f->sub;
    const char *named = f->link_hub ? f->link_hub : feed->hub,
               *self = f->link_self ? f->link_self : feed->self;
    char *hub = named ? url_resolve(sub->document_url, named) : NULL,
         *topic = hub ? url_resolve(sub->document_url, self ? self : sub->document_url) : NULL;
    bool same = hub && sub->hub && !strcmp(hub, sub->hub) && !strcmp(topic, sub->topic);
    if (!same) {
        subscription_set(&sub->hub, hub);
        subscription_set(&sub->topic, topic);
        subscription_set(&sub->hub_state, NULL);
        sub->hub_asked = sub->hub_until = 0;
    }
    free(hub);
    free(topic);
}
