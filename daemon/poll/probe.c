/* Probes an address for `storyctl feeds`: fetches it and the feeds that its page links to, on an
 * event loop of its own. */
#include "poll/probe.h"

#include "net/address.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/url.h"
#include "feed/comments.h"
#include "feed/parser.h"
#include "net/fetch.h"
#include "poll/handover.h"
#include "net/login.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CANDIDATES = 20 }; /* fetched at most, one after the other */

struct asker {
    struct event_base *base;
    struct fetcher *fetcher;
    struct address_list allowed;
    const struct config *config;
    struct buf user_agent;
    struct logins *logins;
    char *url, *login; /* the address without its login, and that login or NULL */
};

/* One request and its result. */
struct look {
    struct event_base *base;
    struct feed_parser *parser;
    struct buf body;
    const char *asked;
    char *url; /* final address, after redirects */
    bool answered;
    enum feed_status status;
    bool comments; /* its title says that it is a feed of comments */
    struct buf *error;
    struct buf packed; /* the response for storyd (handed.h): a feed, or the error */
};

static const char *take_document(void *arg, const struct fetch_answer *head, const char *bytes,
                                 size_t n)
{
    struct look *l = arg;
    if (!fetch_is_document(head->status))
        return NULL;
    if (!l->parser)
        l->parser = feed_parser_new(head->url, head->content_type);
    feed_parser_push(l->parser, bytes, n);
    buf_add(&l->body, bytes, n);
    return NULL;
}

static void done(void *arg, const struct fetch_answer *a)
{
    struct look *l = arg;
    struct feed *feed = NULL;
    l->answered = !a->error && fetch_is_document(a->status);
    if (a->error)
        buf_adds(l->error, a->error);
    else if (!fetch_is_document(a->status))
        buf_addf(l->error, "HTTP %ld", a->status);
    l->url = mem_str(a->url ? a->url : "");
    l->status = FEED_EMPTY;
    if (l->parser && l->answered)
        l->status = feed_parser_end(l->parser, &feed);
    else if (l->parser)
        feed_parser_abandon(l->parser);
    l->comments = feed && feed->title && comments_channel(feed->title);
    feed_free(feed);
    /* not a 401: storyd may have a login that we do not */
    if (!a->cut && (l->status == FEED_OK || (!l->answered && a->status != 401)))
        handover_pack(&l->packed, l->asked, a, wall_clock(), &l->body);
    event_base_loopbreak(l->base);
}

/* Continues without logins if the caller may not read the file. */
static void asker_init(struct asker *a, const struct config *config, const char *url)
{
    struct buf error;
    buf_init(&error, 1024);
    *a = (struct asker){.config = config, .base = event_base_new()};
    if (!a->base || !address_list_read(config->poll_allow_addresses.text, &a->allowed, &error))
        abort(); /* out of memory; the list was read by config_read() */
    a->url = url_without_login(url, &a->login);
    a->logins = logins_read(config->feeds_login_file.text, &error);
    if (!a->logins)
        a->logins = logins_read("", &error);
    buf_free(&error);
    a->fetcher = fetcher_new(a->base);
    buf_init(&a->user_agent, 1024);
    config_user_agent(config, &a->user_agent);
}

static void asker_free(struct asker *a)
{
    fetcher_free(a->fetcher);
    event_base_free(a->base);
    buf_free(&a->user_agent);
    logins_free(a->logins);
    free(a->url);
    free(a->login);
}

static void look_at_url(struct asker *a, const char *url, struct look *l, struct buf *error)
{
    const struct config *c = a->config;
    const char *login =
        a->login && login_follows(a->url, url) ? a->login : logins_find(a->logins, url);
    const struct fetch_request r = {.url = url,
                                    .login = login,
                                    .user_agent = buf_text(&a->user_agent),
                                    .connect_timeout = c->poll_connect_timeout.number,
                                    .timeout = c->poll_timeout.number,
                                    .max_body = (size_t)c->poll_max_document.number,
                                    .ca_file = c->poll_ca_file.text,
                                    .proxy = c->poll_proxy.text,
                                    .allowed = &a->allowed};
    const struct fetch_client client = {.take = take_document, .done = done, .arg = l};
    *l = (struct look){.base = a->base, .asked = url, .error = error};
    buf_init(&l->body, r.max_body);
    buf_init(&l->packed, SIZE_MAX / 2);
    if (fetch_start(a->fetcher, &r, &client))
        event_base_dispatch(a->base);
    else
        buf_adds(error, "invalid address");
}

static void look_free(struct look *l)
{
    buf_free(&l->body);
    buf_free(&l->packed);
    free(l->url);
}

static void take_packed_document(struct look *l, struct buf *to)
{
    buf_free(to);
    *to = l->packed;
    buf_init(&l->packed, l->packed.max);
}

/* Returns the first candidate that is a feed of articles, or else of comments. Tries only
 * candidates of the given class of comments (enum in discover.h). */
static char *first_feed(struct asker *a, const struct discovered *d, int comments,
                        struct probe *out)
{
    char *found = NULL;
    size_t asked = 0;
    for (size_t i = 0; i < d->n && asked < MAX_CANDIDATES && (!found || out->comments); i++) {
        struct look l;
        struct buf error;
        if ((int)d->v[i].comments != comments)
            continue;
        asked++;
        buf_init(&error, 1024);
        look_at_url(a, d->v[i].url, &l, &error);
        if (l.answered && l.status == FEED_OK && (!found || !l.comments)) {
            free(found);
            found = mem_str(d->v[i].url);
            take_packed_document(&l, &out->answer);
            out->comments = l.comments || comments != NO_COMMENTS;
        }
        look_free(&l);
        buf_free(&error);
    }
    return found;
}

/* Order: feeds of articles; then, if the page links to feeds of comments only, those classified by
 * title alone; then guessed addresses; then those classified by address. */
static char *named_feed(struct asker *a, const char *from, struct probe *out)
{
    bool names_other = out->others.n && out->others.v[0].comments == NO_COMMENTS;
    char *url = first_feed(a, &out->others, NO_COMMENTS, out);
    if (!url && !names_other)
        url = first_feed(a, &out->others, COMMENTS_BY_TITLE, out);
    if (!url) {
        struct discovered usual;
        discover_usual(from, &usual);
        url = first_feed(a, &usual, NO_COMMENTS, out);
        discovered_free(&usual);
    }
    if (!url && !names_other)
        url = first_feed(a, &out->others, COMMENTS_BY_ADDRESS, out);
    return url;
}

static enum probe_result look_for_links(struct asker *a, const char *url, struct discovered *links,
                                        char **from, struct buf *answer, struct buf *error)
{
    struct look l;
    enum probe_result result = PROBE_NO_FEED;
    *links = (struct discovered){.n = 0};
    look_at_url(a, url, &l, error);
    if (!l.answered)
        result = PROBE_NO_ANSWER;
    else if (l.status == FEED_OK)
        result = PROBE_FEED;
    else
        discover_feeds(buf_text(&l.body), l.body.len, l.url, links);
    *from = mem_str(l.url ? l.url : url);
    take_packed_document(&l, answer);
    look_free(&l);
    return result;
}

enum probe_result probe_find(const struct config *config, const char *url, struct probe *out)
{
    struct asker a;
    char *from;
    *out = (struct probe){.url = NULL};
    buf_init(&out->error, 1024);
    asker_init(&a, config, url);
    enum probe_result result =
        look_for_links(&a, a.url, &out->others, &from, &out->answer, &out->error);
    if (result == PROBE_FEED) {
        out->url = mem_str(a.url);
    } else if (result == PROBE_NO_FEED) {
        out->url = named_feed(&a, from, out);
        result = out->url ? PROBE_FEED : PROBE_NO_FEED;
    }
    free(from);
    asker_free(&a);
    return result;
}

enum probe_result probe_links(const struct config *config, const char *url,
                              struct discovered *links, struct buf *error)
{
    struct asker a;
    char *from;
    struct buf answer = {.max = 0};
    asker_init(&a, config, url);
    enum probe_result result = look_for_links(&a, a.url, links, &from, &answer, error);
    buf_free(&answer);
    free(from);
    asker_free(&a);
    return result;
}

void probe_free(struct probe *p)
{
    free(p->url);
    discovered_free(&p->others);
    buf_free(&p->answer);
    buf_free(&p->error);
}
