/* A minimal HTTP client for one request to the daemon over its Unix socket; editing.c and health.c
 * use it. */
#include "storyctl/client.h"

#include "base/buf.h"
#include "storyctl/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_ANSWER = 64 << 20, SECONDS = 30 };

/* Returns -1 with errno on failure. */
static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {SECONDS, 0};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
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

static void add_request(struct buf *out, const char *path, const json_t *body)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    buf_addf(out, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
             text ? "POST" : "GET", path);
    if (text)
        buf_addf(out, "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(text));
    buf_addf(out, "\r\n%s", text ? text : "");
    free(text);
}

int client_ask(const char *command, const struct command_options *o, const char *path,
               const json_t *body, json_t **out)
{
    char socket_path[4096];
    snprintf(socket_path, sizeof socket_path, "%s%s", o->socket ? o->socket : o->db,
             o->socket ? "" : "/storyd.sock");
    *out = NULL;
    int fd = connect_to(socket_path);
    if (fd < 0) {
        fprintf(
            stderr,
            "storyctl %s: %s: %s; check that storyd is running, that --db or --socket names its "
            "socket, and that you are in its group\n",
            command, socket_path, strerror(errno));
        return -1;
    }
    struct buf request, answer;
    buf_init(&request, MAX_ANSWER);
    buf_init(&answer, MAX_ANSWER);
    add_request(&request, path, body);
    int status = -1;
    if (send_all(fd, buf_text(&request), request.len) && read_socket(fd, &answer))
        status = read_answer(buf_text(&answer), out);
    if (status < 0)
        fprintf(stderr, "storyctl %s: %s: invalid response; see the log of storyd\n", command,
                socket_path);
    buf_free(&request);
    buf_free(&answer);
    close(fd);
    return status;
}
