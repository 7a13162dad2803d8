/* Access control of the HTTP server: known host names, tokens, roles, cross-site requests, CORS.
 * server.c calls it for every request, before the handler. */
#include "net/access.h"

#include "base/hex.h"
#include "base/mem.h"
#include "base/url.h"
#include "config.h"
#include "net/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { MIN_TOKEN = 16, MAX_TOKEN = 256, MAX_LOGIN = 2 * MAX_TOKEN, SHA256 = 32 };

struct access {
    char *hosts, *listen, *origins;
    char *read_token, *write_token; /* NULL: not set */
    struct proxy *proxy;            /* NULL: no sign-in by a proxy */
};

/* Reads the first line of the file, or of the systemd credential if `path` is empty. With neither,
 * `out` is NULL and the result is true. */
static bool read_token(const char *path, const char *credential, char **out, struct buf *error)
{
    char given[CONFIG_MAX_PATH], text[MAX_TOKEN + 3] = "";
    *out = NULL;
    if (!*path) {
        if (!config_credential(credential, given))
            return true;
        path = given;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n < 0)
        buf_addf(error, "cannot read token file %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return false;
    text[strcspn(text, "\r\n")] = 0;
    size_t length = strlen(text);
    for (const char *p = text; *p; p++)
        if (*p <= 0x20 || *p >= 0x7f)
            length = 0;
    if (length < MIN_TOKEN || length > MAX_TOKEN) {
        buf_addf(error,
                 "invalid token in %s; expected one line of %d to %d printable characters without "
                 "blanks, such as the output of `openssl rand -hex 32`",
                 path, MIN_TOKEN, MAX_TOKEN);
        return false;
    }
    *out = mem_str(text);
    return true;
}

struct access *access_new(const struct config *config, struct buf *error)
{
    struct access *a = mem_zero(sizeof *a);
    a->hosts = mem_str(config->http_hosts.text);
    a->origins = mem_str(config->http_cors_origins.text);
    a->listen = mem_str(config->http_listen.text);
    const char *const sign_in[PROXY_OPTIONS] = {
        [PROXY_USER_HEADER] = config->http_user_header.text,
        [PROXY_GROUPS_HEADER] = config->http_groups_header.text,
        [PROXY_TRUSTED_PROXIES] = config->http_trusted_proxies.text,
        [PROXY_ROLES] = config->http_roles.text};
    enum proxy_option at;
    if (read_token(config->http_read_token.text, "http_read_token", &a->read_token, error) &&
        read_token(config->http_write_token.text, "http_write_token", &a->write_token, error) &&
        ((a->proxy = proxy_new(sign_in, &at, error)) || !error->len))
        return a;
    access_free(a);
    return NULL;
}

void access_free(struct access *a)
{
    if (!a)
        return;
    free(a->hosts);
    free(a->listen);
    free(a->origins);
    free(a->read_token);
    free(a->write_token);
    proxy_free(a->proxy);
    free(a);
}

bool access_is_closed(const struct access *a)
{
    return a->read_token || a->write_token || a->proxy;
}

bool access_is_proxy(const struct access *a, const struct sockaddr *address, int64_t uid)
{
    return a->proxy && proxy_is(a->proxy, address, uid);
}

bool access_same_secret(const char *secret, const char *given)
{
    size_t n = strlen(secret);
    return strlen(given) == n && !CRYPTO_memcmp(secret, given, n);
}

/* ---- hosts ---------------------------------------------------------------------------------- */

/* Returns the length of the host without the port. */
static size_t host_name(const char *host)
{
    if (*host == '[') {
        const char *end = strchr(host, ']');
        return end ? (size_t)(end + 1 - host) : 0;
    }
    return strcspn(host, ":");
}

static bool is_listed_host(const char *host, size_t n, const char *names)
{
    static const char between[] = ", \t";
    for (const char *p = names + strspn(names, between); *p; p += strspn(p, between)) {
        size_t length = strcspn(p, between);
        if (length == n && !strncasecmp(p, host, n))
            return true;
        p += length;
    }
    return false;
}

bool access_host_known(const char *host, const char *names)
{
    size_t n = host_name(host);
    const char *port = host + n;
    if (n == 0 || (*port && (*port != ':' || port[1 + strspn(port + 1, "0123456789")])))
        return false;
    return is_listed_host(host, n, "localhost 127.0.0.1 [::1]") || is_listed_host(host, n, names);
}

static bool is_known_host(const struct access *a, const char *host)
{
    char listen[256];
    snprintf(listen, sizeof listen, "%.*s", (int)host_name(a->listen), a->listen);
    return access_host_known(host, a->hosts) || access_host_known(host, listen);
}

/* ---- tokens --------------------------------------------------------------------------------- */

static const char bearer[] = "Bearer ", basic[] = "Basic ", google[] = "GoogleLogin auth=";

/* What follows the scheme of the header; NULL if the scheme is another. */
static const char *after_scheme(const char *authorization, const char *scheme)
{
    size_t n = strlen(scheme);
    return strncasecmp(authorization, scheme, n)
               ? NULL
               : authorization + n + strspn(authorization + n, " ");
}

/* "NAME:TOKEN" of RFC 7617. */
static bool decode_basic(const char *base64, char text[MAX_LOGIN])
{
    size_t n = strlen(base64);
    if (n / 4 * 3 >= MAX_LOGIN)
        return false;
    int length = EVP_DecodeBlock((unsigned char *)text, (const unsigned char *)base64, (int)n);
    if (length < 0)
        return false;
    text[length] = 0; /* padding is decoded as NULs before this one */
    return strchr(text, ':') != NULL;
}

bool access_token(const char *authorization, char *out, size_t cap)
{
    char text[MAX_LOGIN], *token = NULL;
    const char *p;
    if ((p = after_scheme(authorization, bearer)))
        token = mem_str(p);
    else if ((p = after_scheme(authorization, google)) && (p = strchr(p, '/')))
        token = url_decoded((struct url_part){p + 1, strlen(p + 1)});
    else if ((p = after_scheme(authorization, basic)) && decode_basic(p, text))
        token = mem_str(strchr(text, ':') + 1);
    bool ok = token && snprintf(out, cap, "%s", token) < (int)cap;
    free(token);
    return ok;
}

void access_name(const char *authorization, char out[REQUEST_MAX_NAME + 1])
{
    char text[MAX_LOGIN], *name = NULL;
    const char *p;
    if ((p = after_scheme(authorization, google)))
        name = url_decoded((struct url_part){p, strcspn(p, "/")});
    else if ((p = after_scheme(authorization, basic)) && decode_basic(p, text))
        name = mem_strn(text, strcspn(text, ":"));
    snprintf(out, REQUEST_MAX_NAME + 1, "%s", name && proxy_is_user_name(name) ? name : "");
    free(name);
}

void access_form_token(const char *authorization, char out[ACCESS_FORM_TOKEN])
{
    unsigned char hash[SHA256] = {0};
    char text[2 * SHA256 + 1];
    EVP_Digest(authorization, strlen(authorization), hash, NULL, EVP_sha256(), NULL);
    hex_write(text, hash, sizeof hash);
    snprintf(out, ACCESS_FORM_TOKEN, "%.*s", ACCESS_FORM_TOKEN - 1, text);
}

bool access_is_token(const struct access *a, const char *token)
{
    bool writes = a->write_token && access_same_secret(a->write_token, token);
    return (a->read_token && access_same_secret(a->read_token, token)) || writes;
}

/* ---- access checks -------------------------------------------------------------------------- */

/* Browsers send these headers; requests without them come from other programs and are not
 * cross-site. */
static bool is_from_elsewhere(const struct request *r)
{
    const char *site = request_header(r, "Sec-Fetch-Site"), *origin = request_header(r, "Origin");
    if (site && strcasecmp(site, "same-origin") != 0 && strcasecmp(site, "none") != 0)
        return true;
    if (!origin)
        return false;
    const char *host = strstr(origin, "://");
    return !host || !r->host || strcasecmp(host + 3, r->host) != 0;
}

static int refuse_request(const char **why, int status, const char *reason)
{
    *why = reason;
    return status;
}

/* What the token permits, or anybody where neither tokens nor sign-in are configured. */
static enum proxy_role role_of_token(const struct access *a, const struct request *r)
{
    char token[MAX_TOKEN + 1] = "";
    const char *authorization = request_header(r, "Authorization");
    if (!access_is_closed(a))
        return PROXY_ADMINISTER;
    if (!authorization || !access_token(authorization, token, sizeof token))
        return PROXY_NOTHING;
    if (a->write_token && access_same_secret(a->write_token, token))
        return PROXY_ADMINISTER;
    return a->read_token && access_same_secret(a->read_token, token) ? PROXY_READ : PROXY_NOTHING;
}

/* The response to a request that needs a higher role than the client has. */
static int refuse_role(const struct access *a, const struct request *r, enum proxy_role role,
                       enum proxy_role need, bool is_proxy, const char **why)
{
    if (r->user)
        return refuse_request(why, 403,
                              role == PROXY_NOTHING
                                  ? "you have no role here; an administrator can give you one with "
                                    "roles in [http]"
                              : need == PROXY_DECIDE
                                  ? "your role is for reading only; an administrator can change it "
                                    "with roles in [http]"
                                  : "this requires the role administer; an administrator can give "
                                    "it with roles in [http]");
    if (is_proxy && role == PROXY_NOTHING)
        return refuse_request(why, 401,
                              "the proxy names no user; have it sign users in, or send a token");
    if (need == PROXY_READ)
        return refuse_request(why, 401,
                              "a token is required: send Authorization: Bearer TOKEN, or the "
                              "token as the password of HTTP Basic");
    if (!a->write_token)
        return refuse_request(
            why, 403, "writing over TCP is disabled; set write_token in [http] to enable it");
    return role == PROXY_READ
               ? refuse_request(why, 403, "this token is for reading only; use the write token")
               : refuse_request(why, 401, "the write token is required");
}

/* The name under which what is read is kept. Without tokens anybody can give any name. */
static void name_reader(const struct access *a, struct request *r, enum proxy_role of_token)
{
    const char *authorization = request_header(r, "Authorization");
    if (r->user)
        snprintf(r->reader, sizeof r->reader, "%s", r->user);
    else if (authorization && access_is_closed(a) && of_token != PROXY_NOTHING)
        access_name(authorization, r->reader);
}

int access_check(const struct access *a, struct request *r, enum routes_access need,
                 struct access_peer peer, const char **why)
{
    static const enum proxy_role needed[] = {[ROUTES_READ] = PROXY_READ,
                                             [ROUTES_WRITE] = PROXY_DECIDE,
                                             [ROUTES_ADMINISTER] = PROXY_ADMINISTER};
    enum proxy_role role = PROXY_NOTHING;
    bool local = peer.is_unix && !peer.is_proxy;
    if (a->proxy && !peer.is_proxy)
        proxy_ignore(a->proxy, r);
    if (local || need == ROUTES_OPEN) {
        r->may_write = local;
        r->role = local ? proxy_role_name(PROXY_ADMINISTER) : NULL;
        return 0;
    }
    if (!r->host || !is_known_host(a, r->host))
        return refuse_request(
            why, 421,
            "unknown host name; add it to hosts in [http] if it is a name of this server");
    if (peer.is_proxy && !proxy_user(a->proxy, r, &r->user, &role))
        return refuse_request(why, 400,
                              "the proxy's header of the user is there twice, or not a name of at "
                              "most 200 bytes; have the proxy replace the client's header");
    enum proxy_role of_token = role_of_token(a, r);
    role = of_token > role ? of_token : role;
    r->may_write = role >= PROXY_DECIDE;
    r->role = proxy_role_name(role);
    name_reader(a, r, of_token);
    if (role < needed[need])
        return refuse_role(a, r, role, needed[need], peer.is_proxy, why);
    if ((need != ROUTES_READ || r->method == REQUEST_POST) && is_from_elsewhere(r))
        return refuse_request(why, 403, "cross-site writes are forbidden");
    return 0;
}

bool access_cors(const struct access *a, const struct request *r, struct reply *out)
{
    const char *origin = request_header(r, "Origin");
    bool everybody = is_listed_host("*", 1, a->origins);
    if (!*a->origins)
        return false;
    if (!everybody)
        reply_header(out, "Vary", "Origin");
    if (!origin || !(everybody || is_listed_host(origin, strlen(origin), a->origins)))
        return false;
    reply_header(out, "Access-Control-Allow-Origin", everybody ? "*" : origin);
    if (r->method != REQUEST_OPTIONS || !request_header(r, "Access-Control-Request-Method")) {
        reply_header(out, "Access-Control-Expose-Headers", "ETag, Location, Retry-After");
        return false;
    }
    reply_header(out, "Access-Control-Allow-Methods", "GET, HEAD");
    reply_header(out, "Access-Control-Allow-Headers",
                 "Authorization, If-None-Match, Last-Event-ID, Cache-Control");
    reply_header(out, "Access-Control-Max-Age", "600");
    return true;
}
