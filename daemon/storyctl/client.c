/* A minimal HTTP client for one request to the daemon, over its Unix socket or TCP; editing.c,
 * health.c, doctor.c and mcp_tools.c use it. */
#include "storyctl/client.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/url.h"
#include "storyctl/command.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_ANSWER = 64 << 20, SECONDS = 30 };

/* Where the daemon is: a socket's path, or a host and a port. */
struct daemon_place {
    char *path, *host, *port; /* a path, or the other two; NULL: not used */
    char *token;              /* or NULL */
    char *authority;          /* for the Host header */
};

/* http://HOST:PORT or http://:TOKEN@HOST:PORT; false if it is not. */
static bool read_address(const char *text, struct daemon_place *out)
{
    struct url u;
    url_parse(&u, text, strlen(text));
    if (u.scheme.n != 4 || strncasecmp(u.scheme.p, "http", 4) != 0 || !u.host.n || u.query.p ||
        (u.path.n && strcmp(u.path.p, "/") != 0))
        return false;
    const char *colon = u.userinfo.n ? memchr(u.userinfo.p, ':', u.userinfo.n) : NULL;
    if (colon)
        out->token = url_decoded(
            (struct url_part){colon + 1, (size_t)(u.userinfo.p + u.userinfo.n - colon - 1)});
    bool bracketed = *u.host.p == '[' && u.host.n > 2;
    out->host = mem_strn(u.host.p + bracketed, u.host.n - 2 * bracketed);
    out->port = u.port.n ? mem_strn(u.port.p, u.port.n) : mem_str("http");
    out->authority = mem_strn(
        u.host.p, (size_t)((u.port.n ? u.port.p + u.port.n : u.host.p + u.host.n) - u.host.p));
    return !out->token || !out->token[strcspn(out->token, "\r\n")];
}

static void free_place(struct daemon_place *w)
{
    free(w->path);
    free(w->host);
    free(w->port);
    free(w->token);
    free(w->authority);
}

static int connect_socket(int family, const struct sockaddr *address, socklen_t length)
{
    struct timeval patience = {SECONDS, 0};
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, address, length) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int connect_host(const struct daemon_place *w, const char **why)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *all;
    int fd = -1, error = getaddrinfo(w->host, w->port, &hints, &all);
    if (error) {
        *why = gai_strerror(error);
        return -1;
    }
    for (const struct addrinfo *a = all; a && fd < 0; a = a->ai_next)
        fd = connect_socket(a->ai_family, a->ai_addr, a->ai_addrlen);
    *why = strerror(errno);
    freeaddrinfo(all);
    return fd;
}

/* Returns -1 with the reason on failure. */
static int connect_to(const struct daemon_place *w, const char **why)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!w->path)
        return connect_host(w, why);
    errno = ENAMETOOLONG;
    int fd = -1;
    if (strlen(w->path) < sizeof address.sun_path) {
        memcpy(address.sun_path, w->path, strlen(w->path) + 1);
        fd = connect_socket(AF_UNIX, (struct sockaddr *)&address, sizeof address);
    }
    *why = strerror(errno);
    return fd;
}

static bool send_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool read_socket(int fd, struct buf *out)
{
    char piece[1 << 16];
    for (;;) {
        ssize_t n = recv(fd, piece, sizeof piece, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        if (out->len + (size_t)n >= MAX_ANSWER)
            return false;
        buf_add(out, piece, (size_t)n);
    }
}

/* The request has Connection: close and no Accept-Encoding, so everything after the headers is the
 * body. */
static int read_answer(const char *text, json_t **out)
{
    int status = 0;
    const char *body = strstr(text, "\r\n\r\n");
    if (sscanf(text, "HTTP/1.1 %3d", &status) != 1 || !body)
        return -1;
    *out = json_loads(body + 4, 0, NULL);
    return status;
}

static void add_request(struct buf *out, const struct daemon_place *w, const char *path,
                        const json_t *body)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    buf_addf(out, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", text ? "POST" : "GET",
             path, w->authority ? w->authority : "localhost");
    if (w->token)
        buf_addf(out, "Authorization: Bearer %s\r\n", w->token);
    if (text)
        buf_addf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(text));
    buf_addf(out, "\r\n%s", text ? text : "");
    free(text);
}

static bool find_daemon(const char *where, struct daemon_place *out, struct buf *error)
{
    *out = (struct daemon_place){0};
    if (!strstr(where, "://"))
        out->path = mem_str(where);
    else if (!read_address(where, out))
        buf_adds(error, "invalid address of storyd; expected the path of a socket, "
                        "http://HOST:PORT or http://:TOKEN@HOST:PORT");
    return !error->len;
}

static int exchange(const struct daemon_place *w, const char *path, const json_t *body,
                    json_t **out, struct buf *error)
{
    const char *name = w->path ? w->path : w->authority, *why;
    int fd = connect_to(w, &why);
    if (fd < 0) {
        buf_addf(error, "%s: %s", name, why);
        return -1;
    }
    struct buf request, answer;
    buf_init(&request, MAX_ANSWER);
    buf_init(&answer, MAX_ANSWER);
    add_request(&request, w, path, body);
    int status = -1;
    if (send_all(fd, buf_text(&request), request.len) && read_socket(fd, &answer))
        status = read_answer(buf_text(&answer), out);
    if (status < 0)
        buf_addf(error, "%s: invalid response; see the log of storyd", name);
    buf_free(&request);
    buf_free(&answer);
    close(fd);
    return status;
}

int client_request(const char *where, const char *path, const json_t *body, json_t **out,
                   struct buf *error)
{
    struct daemon_place w;
    *out = NULL;
    int status = find_daemon(where, &w, error) ? exchange(&w, path, body, out, error) : -1;
    free_place(&w);
    return status;
}

int client_call(const struct command_options *o, const char *path, const json_t *body, json_t **out,
                struct buf *error)
{
    struct buf where;
    buf_init(&where, 8192);
    buf_addf(&where, "%s%s", o->socket ? o->socket : o->db, o->socket ? "" : "/storyd.sock");
    int status = client_request(buf_text(&where), path, body, out, error);
    if (status < 0)
        buf_adds(
            error,
            "; check that storyd is running, that --db, --socket or STORYD_URL names its socket "
            "or address, and, for a socket, that you are in its group");
    buf_free(&where);
    return status;
}

int client_ask(const char *command, const struct command_options *o, const char *path,
               const json_t *body, json_t **out)
{
    struct buf error;
    buf_init(&error, 8192);
    int status = client_call(o, path, body, out, &error);
    if (status < 0)
        fprintf(stderr, "storyctl %s: %s\n", command, buf_text(&error));
    buf_free(&error);
    return status;
}
