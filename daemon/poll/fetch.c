#include "poll/fetch.h"

#include "address.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/url.h"
#include "poll/clock.h"
#include "poll/header.h"
#include "poll/login.h"

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

static const char *const header_names[FETCH_HEADER_COUNT] = {
#define H(symbol, name) name,
    FETCH_HEADERS(H)
#undef H
};

struct fetch {
    struct fetcher *fetcher;
    struct fetch *next, *previous;
    CURL *curl;
    struct curl_slist *headers;
    size_t length, max_body; /* of the body so far */
    char *received[FETCH_HEADER_COUNT];
    size_t header_bytes, header_lines;
    char *url;               /* that is asked now, without a login */
    char *login, *login_for; /* what is sent to the server of that address; NULL nothing */
    char *known[4];          /* fetch_validators */
    char *moved;             /* NULL: not for good, so far */
    const char *const *more; /* headers; valid for the first request, and a post has no other */
    bool posts, conditional, wavered /* a redirect that is not for good was among them */;
    int redirects;
    long status;      /* of the last answer, a redirect's too */
    int64_t deadline; /* monotonic ms, for all of it */
    const struct address_list *allowed;
    char refused[256]; /* the last address that may not be asked, as a message */
    char message[CURL_ERROR_SIZE];
    const char *wrong; /* what ended it from our side, or NULL */
    struct fetch_client client;
};

/* ---- requests ------------------------------------------------------------------------------- */

static struct fetch_answer answer_of(struct fetch *fetch)
{
    struct fetch_answer a = {
        .url = fetch->url, .moved = fetch->moved, .conditional = fetch->conditional};
    char *type = NULL;
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &a.status);
    a.status = a.status ? a.status : fetch->status;
    curl_easy_getinfo(fetch->curl, CURLINFO_CONTENT_TYPE, &type);
    a.content_type = type;
    for (size_t i = 0; i < FETCH_HEADER_COUNT; i++)
        a.header[i] = fetch->received[i];
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
    for (size_t i = 0; i < FETCH_HEADER_COUNT; i++) {
        free(fetch->received[i]);
        fetch->received[i] = NULL;
    }
}

/* A list goes on where it comes again; of the others the last one counts. */
static void keep_header(struct fetch *fetch, enum fetch_header which, char *value)
{
    char **kept = &fetch->received[which];
    struct buf both;
    buf_init(&both, HEADER_MAX_VALUE);
    if (*kept && value && (which == FETCH_LINK || which == FETCH_CACHE_CONTROL) &&
        buf_addf(&both, "%s, %s", *kept, value)) {
        free(value);
        value = buf_take(&both);
    }
    buf_free(&both);
    free(*kept);
    *kept = value;
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
    for (size_t i = 0; i < FETCH_HEADER_COUNT; i++)
        if (header_is(&h, header_names[i]))
            keep_header(fetch, (enum fetch_header)i, header_value(&h));
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

static void add_header(struct fetch *fetch, const char *name, const char *value)
{
    if (!value)
        return;
    struct buf line;
    buf_init(&line, HEADER_MAX_VALUE * 2);
    buf_addf(&line, "%s: %s", name, value);
    fetch->headers = curl_slist_append(fetch->headers, buf_text(&line));
    buf_free(&line);
}

/* Whether a document in that content coding is still asked for. */
static bool is_decoded(const char *coding)
{
    static const struct {
        const char *name;
        int feature;
    } codings[] = {{"gzip", CURL_VERSION_LIBZ},
                   {"x-gzip", CURL_VERSION_LIBZ},
                   {"deflate", CURL_VERSION_LIBZ},
                   {"br", CURL_VERSION_BROTLI},
                   {"zstd", CURL_VERSION_ZSTD}};
    if (!coding || !strcasecmp(coding, "identity"))
        return true;
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++)
        if (!strcasecmp(coding, codings[i].name))
            return curl_version_info(CURLVERSION_NOW)->features & codings[i].feature;
    return false;
}

enum { KNOWN_URL, KNOWN_CODING, KNOWN_ETAG, KNOWN_LAST_MODIFIED };

static void set_headers(struct fetch *fetch)
{
    char *const *known = fetch->known;
    curl_slist_free_all(fetch->headers);
    fetch->headers = NULL;
    fetch->conditional = known[KNOWN_URL] && (known[KNOWN_ETAG] || known[KNOWN_LAST_MODIFIED]) &&
                         !strcmp(known[KNOWN_URL], fetch->url) && is_decoded(known[KNOWN_CODING]);
    if (fetch->conditional) {
        add_header(fetch, "If-None-Match", known[KNOWN_ETAG]);
        add_header(fetch, "If-Modified-Since", known[KNOWN_LAST_MODIFIED]);
    }
    if (!fetch->posts)
        add_header(fetch, "A-IM", "feed"); /* RFC 3229: new entries alone will do */
    add_header(fetch, "Accept",
               "application/atom+xml, application/rss+xml, application/feed+json, "
               "application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, "
               "application/json;q=0.7, */*;q=0.1");
    for (const char *const *more = fetch->more; more && *more; more++)
        fetch->headers = curl_slist_append(fetch->headers, *more);
    curl_easy_setopt(fetch->curl, CURLOPT_HTTPHEADER, fetch->headers);
}

static void set_up(struct fetch *fetch, const struct fetch_request *r)
{
    CURL *c = fetch->curl;
    fetch->max_body = r->max_body;
    curl_easy_setopt(c, CURLOPT_PRIVATE, fetch);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L); /* each hop is a request of its own */
    curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(c, CURLOPT_USERAGENT, r->user_agent);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
                     (long)(r->http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_timeout);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    fetch->posts = r->post != NULL;
    fetch->more = r->headers;
    if (r->post)
        curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, r->post);
    curl_easy_setopt(c, CURLOPT_PROXY, r->proxy); /* "": not from the environment either */
    curl_easy_setopt(c, CURLOPT_NOPROXY, r->allowed ? "" : "localhost,127.0.0.1,::1");
    if (*r->ca_file)
        curl_easy_setopt(c, CURLOPT_CAINFO, r->ca_file);
    fetch->allowed = r->allowed;
    if (!*r->proxy && r->allowed) {
        curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, fetch);
    }
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, fetch->message);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, fetch);
}

static void set_login(struct fetch *fetch)
{
    char *user = NULL, *password = NULL;
    if (fetch->login && login_follows(fetch->login_for, fetch->url))
        login_decode(fetch->login, &user, &password);
    curl_easy_setopt(fetch->curl, CURLOPT_USERNAME, user); /* NULL: none any more */
    curl_easy_setopt(fetch->curl, CURLOPT_PASSWORD, password);
    free(user);
    free(password);
}

/* The address to be asked now. One with a login brings it along. */
static bool take_address(struct fetch *fetch, const char *url)
{
    char *login;
    free(fetch->url);
    fetch->url = url_without_login(url, &login);
    if (!login)
        return false;
    free(fetch->login);
    free(fetch->login_for);
    fetch->login = login;
    fetch->login_for = mem_str(fetch->url);
    return true;
}

/* Asks fetch->url, for as long as is left. */
static bool send_request(struct fetch *fetch)
{
    int64_t left = fetch->deadline - monotonic_ms();
    curl_easy_setopt(fetch->curl, CURLOPT_TIMEOUT_MS, (long)(left > 1 ? left : 1));
    set_headers(fetch);
    set_login(fetch);
    return curl_easy_setopt(fetch->curl, CURLOPT_URL, fetch->url) == CURLE_OK &&
           curl_multi_add_handle(fetch->fetcher->multi, fetch->curl) == CURLM_OK;
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
    for (size_t i = 0; i < sizeof fetch->known / sizeof *fetch->known; i++)
        free(fetch->known[i]);
    free(fetch->url);
    free(fetch->login);
    free(fetch->login_for);
    free(fetch->moved);
    free(fetch);
}

/* Whether a host can have that name (RFC 1035, 2.3.4) or number; of other than ASCII it depends on
 * what becomes of it. No top-level domain is a number. */
static bool can_exist(const char *host)
{
    enum { MAX_LABEL = 63, MAX_NAME = 253 };
    size_t length = strlen(host), label = 0;
    struct in_addr address;
    bool ascii = true;
    if (*host == '[')
        return true;
    if (length && host[length - 1] == '.')
        length--;
    for (size_t i = 0; i < length; i++)
        ascii &= !(host[i] & 0x80);
    for (size_t start = 0; start <= length; start += label + 1) {
        label = strcspn(host + start, ".");
        if (!label || (ascii && label > MAX_LABEL))
            return false;
    }
    const char *last = host + length - label;
    if (strspn(last, "0123456789") == label)
        return inet_pton(AF_INET, host, &address) == 1;
    return !ascii || length <= MAX_NAME;
}

const char *fetch_refuses(const char *url)
{
    struct url u;
    CURLU *parsed = curl_url();
    char *host = NULL;
    const char *why = NULL;
    url_parse(&u, url, strlen(url));
    if (!parsed)
        abort(); /* out of memory */
    CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, CURLU_URLENCODE);
    if (!u.scheme.p)
        why = "it has no scheme";
    else if (!(u.scheme.n == 4 && !strncasecmp(u.scheme.p, "http", 4)) &&
             !(u.scheme.n == 5 && !strncasecmp(u.scheme.p, "https", 5)))
        why = "its scheme is neither http nor https";
    else if (!u.has_authority || !u.host.n)
        why = "it names no host";
    else if (code == CURLUE_BAD_PORT_NUMBER || (u.port.n && strspn(u.port.p, "0") == u.port.n))
        why = "its port is not a number from 1 to 65535";
    else if (code || curl_url_get(parsed, CURLUPART_HOST, &host, 0) || !can_exist(host))
        why = "its host is none that can exist";
    curl_free(host);
    curl_url_cleanup(parsed);
    return why;
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
    const char *const known[] = {r->known.url, r->known.coding, r->known.etag,
                                 r->known.last_modified};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        fetch->known[i] = known[i] ? mem_str(known[i]) : NULL;
    take_address(fetch, r->url);
    if (r->login) {
        free(fetch->login);
        free(fetch->login_for);
        fetch->login = mem_str(r->login);
        fetch->login_for = mem_str(fetch->url);
    }
    fetch->deadline = monotonic_ms() + r->timeout;
    set_up(fetch, r);
    fetch->next = f->first;
    if (f->first)
        f->first->previous = fetch;
    f->first = fetch;
    if (!send_request(fetch)) {
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

/* Follows a redirect. False when there is none to follow, or with a message when it cannot be. */
static bool follow(struct fetch *fetch)
{
    long status = 0;
    char *to = NULL;
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &status);
    bool for_good = status == 301 || status == 308;
    if (fetch->posts || (!for_good && status != 302 && status != 303 && status != 307))
        return false;
    curl_easy_getinfo(fetch->curl, CURLINFO_REDIRECT_URL, &to);
    if (!to)
        return false;
    if (fetch->redirects++ >= MAX_REDIRECTS) {
        snprintf(fetch->message, sizeof fetch->message, "more than %d redirects", MAX_REDIRECTS);
        return false;
    }
    /* an address that wants a login of the server's making is not kept */
    fetch->wavered |= take_address(fetch, to) || !for_good;
    if (!fetch->wavered) {
        free(fetch->moved);
        fetch->moved = mem_str(fetch->url);
    }
    fetch->status = status;
    fetch->length = 0;
    forget_headers(fetch);
    if (send_request(fetch))
        return true;
    snprintf(fetch->message, sizeof fetch->message, "a redirect to what is no address");
    return false;
}

static void finish(CURL *curl, CURLcode code)
{
    struct fetch *fetch;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&fetch);
    curl_multi_remove_handle(fetch->fetcher->multi, curl);
    if (code == CURLE_OK) {
        *fetch->message = 0;
        if (follow(fetch))
            return;
    }
    struct fetch_answer a = answer_of(fetch);
    if (fetch->wrong)
        a.error = fetch->wrong;
    else if (code == CURLE_COULDNT_CONNECT && *fetch->refused)
        a.error = fetch->refused;
    else if (code == CURLE_OUT_OF_MEMORY) /* of curl's room for a header; else we are gone */
        a.error = "a header of the answer is too long";
    else if (code != CURLE_OK || *fetch->message)
        a.error = *fetch->message ? fetch->message : curl_easy_strerror(code);
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

/* Redirects lead to hosts that the scheduler did not count. */
void fetcher_set(struct fetcher *f, int64_t connections_per_host)
{
    curl_multi_setopt(f->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections_per_host);
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
