/* Resolves the hosts of a sample of feeds and requests the feeds, for storyctl doctor. Each server
 * gets one request, of which only the beginning of the response is read. */
#define _GNU_SOURCE /* getaddrinfo_a */
#include "storyctl/reach.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/url.h"
#include "net/address.h"
#include "net/fetch.h"
#include "net/login.h"
#include "poll/answer.h"

#include <event2/event.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the sample ----------------------------------------------------------------------------- */

/* Scheme, host and port: "https://kestrel.example:8443". */
static size_t server_length(const char *url)
{
    const char *begin = strstr(url, "://");
    return begin ? (size_t)(begin + 3 - url) + strcspn(begin + 3, "/?#") : strlen(url);
}

static bool is_server_of(const struct reached *r, const char *url)
{
    size_t n = server_length(url);
    return n == server_length(r->feed->xml_url) && !strncmp(r->feed->xml_url, url, n);
}

/* As getaddrinfo() takes it: the address in [::1] without its brackets. */
static char *name_of_server(const char *text)
{
    struct url u;
    url_parse(&u, text, strlen(text));
    if (fetch_refuses(text))
        return NULL;
    const size_t bracket = *u.host.p == '[';
    return mem_strn(u.host.p + bracket, u.host.n - 2 * bracket);
}

static bool is_ascii_name(const char *host)
{
    while (*host && !(*host & 0x80))
        host++;
    return !*host;
}

size_t reach_choose(const struct opml *list, struct reached out[REACH_FEEDS])
{
    const size_t step = list->n_feeds / REACH_FEEDS + 1;
    size_t n = 0;
    for (size_t first = 0; first < step; first++)
        for (size_t i = first; i < list->n_feeds && n < REACH_FEEDS; i += step) {
            const struct opml_feed *feed = &list->feeds[i];
            bool known = false;
            for (size_t k = 0; k < n; k++)
                known |= is_server_of(&out[k], feed->xml_url);
            if (!known)
                out[n++] = (struct reached){.feed = feed, .host = name_of_server(feed->xml_url)};
        }
    return n;
}

void reach_free(struct reached *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(all[i].host);
}

/* ---- name resolution ------------------------------------------------------------------------ */

/* Until all are resolved, or the time is over. */
static void wait_for_names(struct gaicb *const list[], int n, int64_t until)
{
    for (int64_t left; (left = until - monotonic_ms()) > 0;) {
        const struct timespec in = {left / 1000, left % 1000 * 1000000};
        bool waits = false;
        for (int i = 0; i < n; i++)
            waits |= gai_error(list[i]) == EAI_INPROGRESS;
        if (!waits || gai_suspend((const struct gaicb *const *)list, n, &in) == EAI_ALLDONE)
            return;
    }
}

void reach_resolve(struct reached *all, size_t n)
{
    struct gaicb *lookups = mem_zero((REACH_FEEDS + 1) * sizeof *lookups), *list[REACH_FEEDS];
    struct reached *of[REACH_FEEDS];
    int count = 0;
    bool pending = false;
    for (size_t i = 0; i < n; i++) {
        if (!all[i].host || !is_ascii_name(all[i].host))
            continue; /* curl converts other names; the request tells */
        of[count] = &all[i];
        list[count] = &lookups[count];
        lookups[count++].ar_name = all[i].host;
    }
    if (count && !getaddrinfo_a(GAI_NOWAIT, list, count, NULL))
        wait_for_names(list, count, monotonic_ms() + REACH_SECONDS * 1000);
    for (int i = 0; i < count; i++) {
        int error = gai_error(list[i]);
        if (error == EAI_INPROGRESS)
            error = gai_cancel(list[i]) == EAI_CANCELED ? EAI_AGAIN : EAI_INPROGRESS;
        of[i]->unresolved = error ? gai_strerror(error) : NULL;
        pending |= error == EAI_INPROGRESS;
        if (lookups[i].ar_result && !error)
            freeaddrinfo(lookups[i].ar_result);
    }
    if (!pending)
        free(lookups); /* else a thread of the C library still writes to it */
}

/* ---- requests ------------------------------------------------------------------------------- */

struct reaching {
    struct reached *of;
    struct event_base *base;
    size_t *left; /* requests without an answer */
};

static const char enough[] = "enough";

static const char *take_beginning(void *arg, const struct fetch_answer *head, const char *bytes,
                                  size_t n)
{
    (void)arg, (void)bytes, (void)n;
    return fetch_is_document(head->status) ? enough : NULL; /* bodies of redirects are read */
}

static void on_reached(void *arg, const struct fetch_answer *a)
{
    struct reaching *r = arg;
    char text[ANSWER_TEXT];
    const char *error = a->error && a->error != enough ? a->error
                        : fetch_is_document(a->status) ? ""
                                                       : answer_status_text(a->status, text);
    const int64_t date = a->header[FETCH_DATE] ? date_parse(a->header[FETCH_DATE]) : DATE_NONE;
    snprintf(r->of->error, sizeof r->of->error, "%s", error);
    r->of->certificate_end = a->certificate_end;
    r->of->has_clock = date != DATE_NONE;
    r->of->clock = r->of->has_clock ? date - wall_clock() : 0;
    if (--*r->left == 0)
        event_base_loopbreak(r->base);
}

static struct logins *logins_or_none(const struct config *config)
{
    struct buf error;
    buf_init(&error, 1024);
    struct logins *l = logins_read(config->feeds_login_file.text, &error);
    buf_free(&error);
    return l;
}

void reach_request(struct reached *all, size_t n, const struct config *config)
{
    struct event_base *base = event_base_new();
    const struct timeval limit = {REACH_SECONDS, 0};
    struct reaching under_way[REACH_FEEDS];
    struct address_list allowed;
    struct buf agent, error;
    size_t left = n;
    buf_init(&agent, 1024);
    buf_init(&error, 1024);
    config_user_agent(config, &agent);
    if (!base || !address_list_read(config->poll_allow_addresses.text, &allowed, &error))
        abort(); /* out of memory; the list was read by config_read() */
    struct fetcher *fetcher = fetcher_new(base);
    struct logins *logins = logins_or_none(config);
    for (size_t i = 0; i < n; i++) {
        const struct opml_feed *feed = all[i].feed;
        const struct fetch_request r = {.url = feed->xml_url,
                                        .login = feed->login ? feed->login
                                                 : logins    ? logins_find(logins, feed->xml_url)
                                                             : NULL,
                                        .user_agent = buf_text(&agent),
                                        .certificate = true,
                                        .connect_timeout = config->poll_connect_timeout.number,
                                        .timeout = REACH_SECONDS * 1000,
                                        .max_body = (size_t)config->poll_max_document.number,
                                        .ca_file = config->poll_ca_file.text,
                                        .proxy = config->poll_proxy.text,
                                        .allowed = &allowed};
        under_way[i] = (struct reaching){.of = &all[i], .base = base, .left = &left};
        const struct fetch_client client = {
            .take = take_beginning, .done = on_reached, .arg = &under_way[i]};
        const char *refused = all[i].host ? NULL : fetch_refuses(feed->xml_url);
        snprintf(all[i].error, sizeof all[i].error, "%s", refused ? refused : "no answer in time");
        if (refused || !fetch_start(fetcher, &r, &client))
            left--;
    }
    event_base_loopexit(base, &limit);
    if (left)
        event_base_dispatch(base);
    fetcher_free(fetcher);
    event_base_free(base);
    logins_free(logins);
    buf_free(&agent);
    buf_free(&error);
}
