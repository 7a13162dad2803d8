#include "poll/fetch.h"

#include "address.h"
#include "base/buf.h"
#include "base/mem.h"
#include "poll/header.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { MAX_REDIRECTS = 5, IDLE_CONNECTIONS = 256 };

struct fetcher {
    struct event_base *base;
    struct event *timer;
    CURLM *multi;
    struct fetch *first; /* all that are under way */
};

/* A header worth keeping: its name, and where its value goes. */
enum { ETAG, LAST_MODIFIED, RETRY_AFTER, HEADERS };
static const char *const header_names[HEADERS] = {"etag", "last-modified", "retry-after"};

struct fetch {
    struct fetcher *fetcher;
    struct fetch *next, *previous;
    CURL *curl;
    struct curl_slist *headers;
    size_t length, max_body; /* of the body so far */
    char *received[HEADERS];
    size_t header_bytes, header_lines;
    const struct address_list *allowed;
    char refused[256]; /* the last address that may not be asked, as a message */
    char message[CURL_ERROR_SIZE];
    const char *wrong; /* what ended it from our side, or NULL */
    struct fetch_client client;
};

/* ---- requests ------------------------------------------------------------------------------- */

static struct fetch_answer answer_of(struct fetch *fetch)
{
    struct fetch_answer a = {.etag = fetch->received[ETAG],
                             .last_modified = fetch->received[LAST_MODIFIED],
                             .retry_after = fetch->received[RETRY_AFTER]};
    char *url = NULL, *type = NULL;
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &a.status);
    curl_easy_getinfo(fetch->curl, CURLINFO_EFFECTIVE_URL, &url);
    curl_easy_getinfo(fetch->curl, CURLINFO_CONTENT_TYPE, &type);
    a.url = url;
    a.content_type = type;
    return a;
}

static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct fetch *fetch = arg;
    struct fetch_answer head = answer_of(fetch);
    n *= size;
    if (n > fetch->max_body - fetch->length)
        fetch->wrong = "the document is longer than max_document in [poll]";
    else
        fetch->wrong = fetch->client.take(fetch->client.arg, &head, bytes, n);
    fetch->length += n;
    return fetch->wrong ? CURL_WRITEFUNC_ERROR : n;
}

static void forget_headers(struct fetch *fetch)
{
    for (size_t i = 0; i < HEADERS; i++) {
        free(fetch->received[i]);
        fetch->received[i] = NULL;
    }
}

static size_t take_header(char *line, size_t size, size_t n, void *arg)
{
    struct fetch *fetch = arg;
    struct header h;
    n *= size;
    fetch->header_bytes += n;
    if (fetch->header_bytes > HEADER_MAX_ALL || ++fetch->header_lines > HEADER_MAX_LINES) {
        fetch->wrong = "the answer has too many headers";
        return 0;
    }
    if (header_begins_answer(line, n))
        forget_headers(fetch); /* those before were a redirect's */
    if (!header_read(line, n, &h))
        return n;
    for (size_t i = 0; i < HEADERS; i++)
        if (header_is(&h, header_names[i])) {
            free(fetch->received[i]);
            fetch->received[i] = header_value(&h);
        }
    return n;
}

/* Called for each socket, so for each hop, when the name is resolved: a name that pointed elsewhere
 * when it was looked at does not help. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct fetch *fetch = arg;
    (void)purpose;
    const char *why = address_refused(&to->addr, fetch->allowed);
    if (!why)
        return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    char text[INET6_ADDRSTRLEN];
    if (getnameinfo(&to->addr, to->addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST))
        *text = 0;
    snprintf(fetch->refused, sizeof fetch->refused,
             "%s is %s, which feeds may not lie at; if this one may, add it to allow_addresses in "
             "[poll]",
             text, why);
    return CURL_SOCKET_BAD;
}

static void add_validator(struct fetch *fetch, const char *name, const char *value)
{
    if (!value)
        return;
    struct buf line;
    buf_init(&line, HEADER_MAX_VALUE * 2);
    buf_addf(&line, "%s: %s", name, value);
    fetch->headers = curl_slist_append(fetch->headers, buf_text(&line));
    buf_free(&line);
}

static void set_up(struct fetch *fetch, const struct fetch_request *r)
{
    CURL *c = fetch->curl;
    add_validator(fetch, "If-None-Match", r->etag);
    add_validator(fetch, "If-Modified-Since", r->last_modified);
    fetch->headers = curl_slist_append(
        fetch->headers, "Accept: application/atom+xml, application/rss+xml, application/feed+json, "
                        "application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, "
                        "application/json;q=0.7, */*;q=0.1");
    fetch->max_body = r->max_body;
    curl_easy_setopt(c, CURLOPT_PRIVATE, fetch);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
    curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, fetch->headers);
    curl_easy_setopt(c, CURLOPT_USERAGENT, r->user_agent);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_timeout);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)r->timeout);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROXY, r->proxy); /* "": not from the environment either */
    curl_easy_setopt(c, CURLOPT_NOPROXY, "");
    fetch->allowed = r->allowed;
    if (!*r->proxy) {
        curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, fetch);
    }
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, fetch->message);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, fetch);
}

static void fetch_free(struct fetch *fetch)
{
    struct fetcher *f = fetch->fetcher;
    if (fetch->previous)
        fetch->previous->next = fetch->next;
    else if (f->first == fetch)
        f->first = fetch->next;
    if (fetch->next)
        fetch->next->previous = fetch->previous;
    curl_easy_cleanup(fetch->curl);
    curl_slist_free_all(fetch->headers);
    forget_headers(fetch);
    free(fetch);
}

struct fetch *fetch_start(struct fetcher *f, const struct fetch_request *r,
                          const struct fetch_client *client)
{
    struct fetch *fetch = mem_zero(sizeof *fetch);
    fetch->fetcher = f;
    fetch->client = *client;
    fetch->curl = curl_easy_init();
    if (!fetch->curl)
        abort(); /* out of memory */
    set_up(fetch, r);
    fetch->next = f->first;
    if (f->first)
        f->first->previous = fetch;
    f->first = fetch;
    if (curl_easy_setopt(fetch->curl, CURLOPT_URL, r->url) != CURLE_OK ||
        curl_multi_add_handle(f->multi, fetch->curl) != CURLM_OK) {
        fetch_free(fetch);
        return NULL;
    }
    return fetch;
}

void fetch_cancel(struct fetch *fetch)
{
    curl_multi_remove_handle(fetch->fetcher->multi, fetch->curl);
    fetch_free(fetch);
}

static void finish(CURL *curl, CURLcode code)
{
    struct fetch *fetch;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&fetch);
    struct fetch_answer a = answer_of(fetch);
    if (fetch->wrong)
        a.error = fetch->wrong;
    else if (code == CURLE_COULDNT_CONNECT && *fetch->refused)
        a.error = fetch->refused;
    else if (code != CURLE_OK)
        a.error = *fetch->message ? fetch->message : curl_easy_strerror(code);
    curl_multi_remove_handle(fetch->fetcher->multi, curl);
    fetch->client.done(fetch->client.arg, &a);
    fetch_free(fetch);
}

static void finish_all(struct fetcher *f)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(f->multi, &left)))
        if (m->msg == CURLMSG_DONE)
            finish(m->easy_handle, m->data.result);
}

/* ---- curl and libevent ---------------------------------------------------------------------- */

static void on_socket_ready(evutil_socket_t fd, short what, void *arg)
{
    struct fetcher *f = arg; /* never the per-socket event: curl may drop it within this call */
    int running,
        mask = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(f->multi, fd, mask, &running);
    finish_all(f);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct fetcher *f = arg;
    int running;
    curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finish_all(f);
}

static int want_socket(CURL *curl, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    (void)curl;
    struct fetcher *f = arg;
    struct event *ev = socket_arg;
    if (ev)
        event_free(ev);
    ev = NULL;
    if (what != CURL_POLL_REMOVE) {
        short kinds = (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
                              (what & CURL_POLL_OUT ? EV_WRITE : 0));
        ev = event_new(f->base, fd, kinds, on_socket_ready, f);
        if (!ev || event_add(ev, NULL))
            abort(); /* out of memory */
    }
    curl_multi_assign(f->multi, fd, ev);
    return 0;
}

static int want_timer(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    struct fetcher *f = arg;
    struct timeval in = {ms / 1000, (ms % 1000) * 1000};
    if (ms < 0)
        evtimer_del(f->timer);
    else
        evtimer_add(f->timer, &in);
    return 0;
}

struct fetcher *fetcher_new(struct event_base *base)
{
    struct fetcher *f = mem_zero(sizeof *f);
    f->base = base;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    f->timer = evtimer_new(base, on_timer, f);
    f->multi = curl_multi_init();
    if (!f->timer || !f->multi)
        abort(); /* out of memory */
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
    return f;
}

void fetcher_free(struct fetcher *f)
{
    if (!f)
        return;
    while (f->first)
        fetch_cancel(f->first);
    curl_multi_cleanup(f->multi);
    event_free(f->timer);
    curl_global_cleanup();
    free(f);
}
