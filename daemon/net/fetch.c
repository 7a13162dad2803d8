/* The HTTP client on libcurl's multi-socket interface and libevent: requests with redirects,
 * logins, validators, decompression, and checks of every address that is connected to. Limits per
 * host and when to request are up to the caller. */
#include "net/fetch.h"

#include "net/address.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/url.h"
#include "base/clock.h"
#include "net/coding.h"
#include "net/header.h"
#include "net/login.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { MAX_REDIRECTS = 20 /* as in browsers */, IDLE_CONNECTIONS = 256 };

/* Connections and certificate cache of one configuration. A pool of a replaced configuration lasts
 * until its last request has ended. */
struct connection_pool {
    struct fetcher *fetcher;
    struct connection_pool *next;
    struct event *timer;
    CURLM *multi;
    size_t requests;
    bool busy; /* inside one of our calls into curl; must not be freed */
};

struct fetcher {
    struct event_base *base;
    struct connection_pool *pools; /* the current one is first */
    struct fetch *first;           /* all requests under way */
};

static const char *const header_names[FETCH_HEADER_COUNT] = {
#define H(symbol, name) name,
    FETCH_HEADERS(H)
#undef H
};

const char *fetch_header_name(enum fetch_header header)
{
    return header_names[header];
}

struct fetch {
    struct fetcher *fetcher;
    struct connection_pool *pool; /* of the request under way */
    struct fetch *next, *previous;
    CURL *curl;
    struct curl_slist *headers;
    size_t length, max_body; /* of the decoded body so far */
    size_t raw;              /* the same, as received */
    struct coding *coding;   /* decoder; NULL before the first byte */
    bool curl_unpacks;       /* codings that only curl can decode */
    bool cut;                /* the body is truncated */
    char *received[FETCH_HEADER_COUNT];
    size_t header_bytes, header_lines;
    char *url;               /* the current address, without a login */
    char *login, *login_for; /* `login` is sent to the server of `login_for`; NULL: none */
    char *known[4];          /* fetch_validators */
    char *moved;             /* target of permanent redirects so far, or NULL */
    char *accept;            /* NULL: a feed is requested */
    const char *const *more; /* further headers; not copied, so valid for the first request only; a
                                post has no others */
    bool posts, conditional, wavered /* a temporary redirect was among them */;
    int redirects;
    uint64_t asked[MAX_REDIRECTS + 1]; /* hashes of the addresses requested so far */
    long status;                       /* of the last response, including redirects */
    int64_t deadline;                  /* monotonic ms, for all redirects together */
    const struct address_list *allowed;
    char refused[256]; /* the message for the last forbidden address */
    char message[CURL_ERROR_SIZE];
    const char *wrong; /* why we aborted it, or NULL */
    struct fetch_client client;
};

/* ---- requests ------------------------------------------------------------------------------- */

/* The server's own certificate comes first. */
static int64_t certificate_end(CURL *curl)
{
    static const char expires[] = "Expire date:";
    struct curl_certinfo *info = NULL;
    curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info);
    for (struct curl_slist *l = info && info->num_of_certs ? *info->certinfo : NULL; l; l = l->next)
        if (!strncmp(l->data, expires, sizeof expires - 1)) {
            int64_t end = date_parse(l->data + sizeof expires - 1);
            return end == DATE_NONE ? 0 : end;
        }
    return 0;
}

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

static const char too_long[] = "the document is longer than max_document in [poll]";

static const char *take_unpacked(void *arg, const char *bytes, size_t n)
{
    struct fetch *fetch = arg;
    struct fetch_answer head = answer_of(fetch);
    if (n > fetch->max_body - fetch->length)
        return too_long;
    fetch->length += n;
    return fetch->client.take(fetch->client.arg, &head, bytes, n);
}

/* The limit applies to the received and to the decoded body. Only documents are decoded here. */
static size_t take_fetched_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct fetch *fetch = arg;
    long status = 0;
    n *= size;
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &status);
    if (n > fetch->max_body - fetch->raw) {
        fetch->wrong = too_long;
    } else if (fetch->posts || fetch->curl_unpacks || status / 100 != 2) {
        fetch->wrong = take_unpacked(fetch, bytes, n);
    } else {
        if (!fetch->coding)
            fetch->coding =
                coding_new(fetch->received[FETCH_CODING], fetch->max_body, take_unpacked, fetch);
        fetch->wrong = coding_push(fetch->coding, bytes, n);
    }
    fetch->raw += n;
    return fetch->wrong ? CURL_WRITEFUNC_ERROR : n;
}

/* Flushes the decoder and replaces the declared content encoding with the real one. */
static void end_body(struct fetch *fetch)
{
    bool cut;
    if (!fetch->coding || fetch->wrong)
        return;
    fetch->wrong = coding_end(fetch->coding, &cut);
    fetch->cut |= cut;
    free(fetch->received[FETCH_CODING]);
    const char *names = coding_names(fetch->coding);
    fetch->received[FETCH_CODING] = *names ? mem_str(names) : NULL;
}

static void forget_body(struct fetch *fetch)
{
    coding_free(fetch->coding);
    fetch->coding = NULL;
    fetch->length = fetch->raw = 0;
}

static void forget_headers(struct fetch *fetch)
{
    for (size_t i = 0; i < FETCH_HEADER_COUNT; i++) {
        free(fetch->received[i]);
        fetch->received[i] = NULL;
    }
}

/* Repeated list headers are joined; of other headers the last one wins. */
static void keep_header(struct fetch *fetch, enum fetch_header which, char *value)
{
    char **kept = &fetch->received[which];
    struct buf both;
    buf_init(&both, HEADER_MAX_VALUE);
    if (*kept && value &&
        (which == FETCH_LINK || which == FETCH_CACHE_CONTROL || which == FETCH_CODING ||
         which == FETCH_ROBOTS) &&
        buf_addf(&both, "%s, %s", *kept, value)) {
        free(value);
        value = buf_take(&both);
    }
    buf_free(&both);
    free(*kept);
    *kept = value;
}

/* Brotli and Zstandard are left to curl. All else is decoded here, because curl fails for unknown
 * codings and for wrongly declared ones. curl reads the option when the body begins, so it is set
 * at the end of the headers. */
static void settle_coding(struct fetch *fetch)
{
    const char *coding = fetch->received[FETCH_CODING];
    long status = 0;
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &status);
    fetch->curl_unpacks = /* bodies of redirects are not decoded */
        !fetch->posts && coding && status / 100 == 2 &&
        (coding_has(coding, "br") || coding_has(coding, "zstd"));
    curl_easy_setopt(fetch->curl, CURLOPT_HTTP_CONTENT_DECODING, (long)fetch->curl_unpacks);
}

static size_t take_fetched_header(char *line, size_t size, size_t n, void *arg)
{
    struct fetch *fetch = arg;
    struct header h;
    n *= size;
    fetch->header_bytes += n;
    if (fetch->header_bytes > HEADER_MAX_ALL || ++fetch->header_lines > HEADER_MAX_LINES) {
        fetch->wrong = "the response has too many headers";
        return 0;
    }
    if (header_begins_answer(line, n))
        forget_headers(fetch); /* of a redirect */
    if (n && (*line == '\r' || *line == '\n'))
        settle_coding(fetch);
    if (!header_read(line, n, &h))
        return n;
    for (size_t i = 0; i < FETCH_HEADER_COUNT; i++)
        if (header_is(&h, header_names[i]))
            keep_header(fetch, (enum fetch_header)i, header_value(&h));
    return n;
}

/* Checks the resolved address of each connection, so also of each redirect. Checking here rather
 * than before the lookup defeats DNS rebinding. */
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
             "%s is %s, which may not be polled; to allow it, add it to allow_addresses in [poll]",
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

/* Whether this build still accepts the content codings in which a document came. */
static bool is_decoded(const char *coding)
{
    const int features = curl_version_info(CURLVERSION_NOW)->features;
    if (!coding)
        return true;
    if (coding_has(coding, "br"))
        return features & CURL_VERSION_BROTLI;
    if (coding_has(coding, "zstd"))
        return features & CURL_VERSION_ZSTD;
    return coding_has(coding, "gzip") || coding_has(coding, "x-gzip") ||
           coding_has(coding, "deflate") || coding_has(coding, "identity");
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
    if (!fetch->posts && !fetch->accept)
        add_header(fetch, "A-IM", "feed"); /* RFC 3229: new entries only are welcome */
    add_header(fetch, "Accept",
               fetch->accept ? fetch->accept
                             : "application/atom+xml, application/rss+xml, application/feed+json, "
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
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L); /* follow() handles redirects */
    curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(c, CURLOPT_USERAGENT, r->user_agent);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION,
                     (long)(r->http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_timeout);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CERTINFO, (long)r->certificate);
    fetch->posts = r->post != NULL;
    fetch->more = r->headers;
    if (r->post)
        curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, r->post);
    if (r->put)
        curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, "PUT");
    if (!r->post)
        curl_easy_setopt(c, CURLOPT_COOKIEFILE,
                         ""); /* for redirects that need cookies; kept in memory only */
    curl_easy_setopt(c, CURLOPT_PROXY, r->proxy); /* "": ignore the environment */
    curl_easy_setopt(c, CURLOPT_NOPROXY, r->allowed ? "" : "localhost,127.0.0.1,::1");
    if (*r->ca_file)
        curl_easy_setopt(c, CURLOPT_CAINFO, r->ca_file);
    fetch->allowed = r->allowed;
    if (!*r->proxy && r->allowed) {
        curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, fetch);
    }
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, fetch->message);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_fetched_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_fetched_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, fetch);
}

static void set_login(struct fetch *fetch)
{
    char *user = NULL, *password = NULL;
    if (fetch->login && login_follows(fetch->login_for, fetch->url))
        login_decode(fetch->login, &user, &password);
    curl_easy_setopt(fetch->curl, CURLOPT_USERNAME, user); /* NULL resets it */
    curl_easy_setopt(fetch->curl, CURLOPT_PASSWORD, password);
    free(user);
    free(password);
}

/* Percent-encodes what is not allowed in a path or query, as browsers do. The host is left
 * alone. */
static char *encode_url(const char *url)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *host = strstr(url, "://"), *from = host ? host + 3 + strcspn(host + 3, "/?#") : url;
    char *text = mem_alloc(strlen(url) * 3 + 1), *end = text + (from - url);
    memcpy(text, url, (size_t)(from - url));
    for (const unsigned char *p = (const unsigned char *)from; *p; p++) {
        if (*p > ' ' && *p < 0x7f) {
            *end++ = (char)*p;
        } else {
            *end++ = '%';
            *end++ = digits[*p >> 4];
            *end++ = digits[*p & 15];
        }
    }
    *end = 0;
    return text;
}

/* Sets the current address. Returns true if it contains a login, which is adopted. */
static bool take_fetch_address(struct fetch *fetch, const char *url)
{
    char *login, *without = url_without_login(url, &login);
    free(fetch->url);
    fetch->url = encode_url(without);
    free(without);
    if (!login)
        return false;
    free(fetch->login);
    free(fetch->login_for);
    fetch->login = login;
    fetch->login_for = mem_str(fetch->url);
    return true;
}

/* Whether the current address was requested twice before. Twice is fine: the first response may
 * have set a cookie. */
static bool goes_round(struct fetch *fetch)
{
    const uint64_t now = hash64(fetch->url, strlen(fetch->url), 0);
    int times = 0;
    for (int i = 0; i < fetch->redirects; i++)
        times += fetch->asked[i] == now;
    fetch->asked[fetch->redirects] = now;
    return times >= 2;
}

/* ---- connections ---------------------------------------------------------------------------- */

static void free_pool(struct connection_pool *pool)
{
    curl_multi_cleanup(pool->multi);
    event_free(pool->timer);
    free(pool);
}

static void free_pool_if_done(struct connection_pool *pool)
{
    struct fetcher *f = pool->fetcher;
    struct connection_pool **at = &f->pools;
    if (pool == f->pools || pool->requests || pool->busy)
        return;
    while (*at != pool)
        at = &(*at)->next;
    *at = pool->next;
    free_pool(pool);
}

static bool join_pool(struct fetch *fetch)
{
    struct connection_pool *pool = fetch->fetcher->pools;
    if (curl_multi_add_handle(pool->multi, fetch->curl) != CURLM_OK)
        return false;
    fetch->pool = pool;
    pool->requests++;
    return true;
}

static void leave_pool(struct fetch *fetch)
{
    struct connection_pool *pool = fetch->pool;
    curl_multi_remove_handle(pool->multi, fetch->curl);
    fetch->pool = NULL;
    pool->requests--;
    free_pool_if_done(pool);
}

/* ---- requests and redirects ----------------------------------------------------------------- */

/* Requests fetch->url within the remaining time. */
static bool send_fetch(struct fetch *fetch)
{
    int64_t left = fetch->deadline - monotonic_ms();
    curl_easy_setopt(fetch->curl, CURLOPT_TIMEOUT_MS, (long)(left > 1 ? left : 1));
    set_headers(fetch);
    set_login(fetch);
    return curl_easy_setopt(fetch->curl, CURLOPT_URL, fetch->url) == CURLE_OK && join_pool(fetch);
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
    forget_body(fetch);
    for (size_t i = 0; i < sizeof fetch->known / sizeof *fetch->known; i++)
        free(fetch->known[i]);
    free(fetch->url);
    free(fetch->login);
    free(fetch->login_for);
    free(fetch->moved);
    free(fetch->accept);
    free(fetch);
}

/* Whether a host of that name (RFC 1035, 2.3.4) or address can exist. The length of a non-ASCII
 * name is unknown before IDNA conversion. Numeric top-level domains do not exist. */
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
        why = "its host cannot exist";
    curl_free(host);
    curl_url_cleanup(parsed);
    return why;
}

const char *fetch_ca_file(void)
{
    const char *file = curl_version_info(CURLVERSION_NOW)->cainfo;
    return file ? file : "";
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
    fetch->accept = r->accept ? mem_str(r->accept) : NULL;
    take_fetch_address(fetch, r->url);
    if (r->login) {
        free(fetch->login);
        free(fetch->login_for);
        fetch->login = mem_str(r->login);
        fetch->login_for = mem_str(fetch->url);
    }
    goes_round(fetch); /* records the first address */
    fetch->deadline = monotonic_ms() + r->timeout;
    set_up(fetch, r);
    fetch->next = f->first;
    if (f->first)
        f->first->previous = fetch;
    f->first = fetch;
    if (!send_fetch(fetch)) {
        fetch_free(fetch);
        return NULL;
    }
    return fetch;
}

void fetch_cancel(struct fetch *fetch)
{
    leave_pool(fetch);
    fetch_free(fetch);
}

/* Follows a redirect. Returns false if there is none, or with fetch->message set if it cannot be
 * followed. */
static bool follow_redirect(struct fetch *fetch)
{
    long status = 0;
    char *to = NULL;
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &status);
    bool for_good = status == 301 || status == 308;
    if (fetch->posts ||
        (!for_good && status != 300 && status != 302 && status != 303 && status != 307))
        return false;
    curl_easy_getinfo(fetch->curl, CURLINFO_REDIRECT_URL, &to);
    if (!to)
        return false;
    if (fetch->redirects++ >= MAX_REDIRECTS) {
        snprintf(fetch->message, sizeof fetch->message, "more than %d redirects", MAX_REDIRECTS);
        return false;
    }
    /* a target that contains a login is not adopted as the permanent one */
    fetch->wavered |= take_fetch_address(fetch, to) || !for_good;
    if (!fetch->wavered) {
        free(fetch->moved);
        fetch->moved = mem_str(fetch->url);
    }
    fetch->status = status;
    forget_body(fetch);
    forget_headers(fetch);
    if (goes_round(fetch)) {
        snprintf(fetch->message, sizeof fetch->message, "redirect loop");
        return false;
    }
    const char *why = fetch->client.may ? fetch->client.may(fetch->client.arg, fetch->url) : NULL;
    if (!why && send_fetch(fetch))
        return true;
    snprintf(fetch->message, sizeof fetch->message, "%s",
             why ? why : "redirect to an invalid address");
    return false;
}

static void finish_fetch(CURL *curl, CURLcode code)
{
    struct fetch *fetch;
    curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&fetch);
    leave_pool(fetch);
    if (code == CURLE_OK) {
        *fetch->message = 0;
        if (follow_redirect(fetch))
            return;
    }
    if (code == CURLE_OK || code == CURLE_PARTIAL_FILE)
        end_body(fetch);
    fetch->cut |= code == CURLE_PARTIAL_FILE;
    struct fetch_answer a = answer_of(fetch);
    a.cut = fetch->cut;
    a.certificate_end = certificate_end(fetch->curl);
    if (fetch->wrong)
        a.error = fetch->wrong;
    else if (code == CURLE_URL_MALFORMAT)
        a.error = fetch->redirects ? "redirect to an invalid address"
                                   : "invalid address; correct it in the feed list";
    else if (code == CURLE_COULDNT_CONNECT && *fetch->refused)
        a.error = fetch->refused;
    else if (code ==
             CURLE_OUT_OF_MEMORY) /* of curl's header buffer; real failures of memory abort */
        a.error = "a response header is too long";
    else if (code != CURLE_OK || *fetch->message)
        a.error = *fetch->message ? fetch->message : curl_easy_strerror(code);
    fetch->client.done(fetch->client.arg, &a);
    fetch_free(fetch);
}

/* Lets curl handle a ready socket, or a timeout (CURL_SOCKET_TIMEOUT), and finishes completed
 * requests. */
static void act(struct connection_pool *pool, curl_socket_t socket, int mask)
{
    CURLMsg *m;
    int left;
    pool->busy = true;
    curl_multi_socket_action(pool->multi, socket, mask, &left);
    while ((m = curl_multi_info_read(pool->multi, &left)))
        if (m->msg == CURLMSG_DONE)
            finish_fetch(m->easy_handle, m->data.result);
    pool->busy = false;
    free_pool_if_done(pool);
}

/* ---- curl and libevent ---------------------------------------------------------------------- */

/* The argument is the pool, not the socket's event: curl may free that during the call. */
static void on_socket_ready(evutil_socket_t fd, short what, void *arg)
{
    act(arg, fd, (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_curl_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int want_socket(CURL *curl, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    (void)curl;
    struct connection_pool *pool = arg;
    struct event *ev = socket_arg;
    if (ev)
        event_free(ev);
    ev = NULL;
    if (what != CURL_POLL_REMOVE) {
        short kinds = (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
                              (what & CURL_POLL_OUT ? EV_WRITE : 0));
        ev = event_new(pool->fetcher->base, fd, kinds, on_socket_ready, pool);
        if (!ev || event_add(ev, NULL))
            abort(); /* out of memory */
    }
    curl_multi_assign(pool->multi, fd, ev);
    return 0;
}

static int want_timer(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    struct connection_pool *pool = arg;
    struct timeval in = {ms / 1000, (ms % 1000) * 1000};
    if (ms < 0)
        evtimer_del(pool->timer);
    else
        evtimer_add(pool->timer, &in);
    return 0;
}

struct fetcher *fetcher_new(struct event_base *base)
{
    struct fetcher *f = mem_zero(sizeof *f);
    f->base = base;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    fetcher_renew(f, 0);
    return f;
}

/* curl limits connections per host too: the scheduler (hosts.h) does not count the targets of
 * redirects. */
void fetcher_renew(struct fetcher *f, int64_t connections_per_host)
{
    struct connection_pool *pool = mem_zero(sizeof *pool), *before = f->pools;
    pool->fetcher = f;
    pool->timer = evtimer_new(f->base, on_curl_timer, pool);
    pool->multi = curl_multi_init();
    if (!pool->timer || !pool->multi)
        abort(); /* out of memory */
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
    curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
    curl_multi_setopt(pool->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections_per_host);
    pool->next = before;
    f->pools = pool;
    if (before)
        free_pool_if_done(before);
}

void fetcher_free(struct fetcher *f)
{
    if (!f)
        return;
    while (f->first)
        fetch_cancel(f->first);
    free_pool(f->pools); /* the only pool left, since no requests are */
    curl_global_cleanup();
    free(f);
}
