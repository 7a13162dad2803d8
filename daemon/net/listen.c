/* Opens the listening sockets of the HTTP server: TCP, Unix, or from systemd. Called by server.c at
 * the start. */
#include "net/listen.h"

#include "net/address.h"
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_storage room;
};

/* The actual address, so with the real port if 0 was configured. */
static void name_tcp(int fd, char *out, size_t cap)
{
    union address a = {0};
    socklen_t n = sizeof a;
    char host[INET6_ADDRSTRLEN] = "?";
    getsockname(fd, &a.any, &n);
    bool six = a.any.sa_family == AF_INET6;
    inet_ntop(a.any.sa_family, six ? (void *)&a.in6.sin6_addr : (void *)&a.in.sin_addr, host,
              sizeof host);
    snprintf(out, cap, six ? "[%s]:%d" : "%s:%d", host,
             ntohs(six ? a.in6.sin6_port : a.in.sin_port));
}

static int open_tcp(const char *text, bool is_closed, struct listen_socket *out, struct buf *error)
{
    union address a;
    int on = 1;
    if (!address_endpoint(text, &a.room))
        abort(); /* config_read() checked it */
    socklen_t n = a.any.sa_family == AF_INET6 ? sizeof a.in6 : sizeof a.in;
    if (!address_is_loopback(&a.any) && !is_closed)
        abort(); /* config_check() checked it */
    int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) || bind(fd, &a.any, n) ||
        listen(fd, BACKLOG)) {
        buf_addf(error, "cannot listen on %s: %s; set a different address as listen in [http]",
                 text, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *out = (struct listen_socket){.fd = fd};
    name_tcp(fd, out->name, sizeof out->name);
    return 0;
}

/* ---- Unix sockets --------------------------------------------------------------------------- */

/* Removes a socket that a killed daemon left, recognised because nothing accepts connections on
 * it. */
static bool remove_stale(const struct sockaddr_un *a)
{
    struct stat s;
    if (lstat(a->sun_path, &s))
        return true;
    if (!S_ISSOCK(s.st_mode)) {
        errno = EEXIST;
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool alive = fd >= 0 && connect(fd, (const void *)a, sizeof *a) == 0;
    if (fd >= 0)
        close(fd);
    if (alive) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(a->sun_path) == 0;
}

static bool hand_to_group(const char *path, const char *group)
{
    if (!*group)
        return true;
    errno = 0;
    const struct group *g = getgrnam(group);
    if (!g && !errno)
        errno = ENOENT;
    return g && chown(path, (uid_t)-1, g->gr_gid) == 0;
}

static int open_unix(const char *path, const struct config *config, struct listen_socket *out,
                     struct buf *error)
{
    union address a = {.un = {.sun_family = AF_UNIX}};
    size_t n = strlen(path);
    mode_t mode = (mode_t)config->http_socket_mode.number;
    if (n >= sizeof a.un.sun_path) {
        buf_addf(error,
                 "%s is too long for the path of a socket; set a shorter path as socket in [http]",
                 path);
        return -1;
    }
    memcpy(a.un.sun_path, path, n + 1);
    int fd =
        remove_stale(&a.un) ? socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
    mode_t before = umask(0777); /* no connections before chmod() */
    bool ok = fd >= 0 && bind(fd, &a.any, sizeof a.un) == 0;
    umask(before);
    if (!ok || !hand_to_group(path, config->http_socket_group.text) || chmod(path, mode) ||
        listen(fd, BACKLOG)) {
        buf_addf(error,
                 "cannot listen on %s: %s; see socket, socket_mode and socket_group in [http]",
                 path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *out = (struct listen_socket){.fd = fd, .is_unix = true, .remove = true};
    _Static_assert(sizeof out->name >= sizeof a.un.sun_path, "a socket path fits into name");
    memcpy(out->name, path, n + 1);
    return 0;
}

/* The default is in the store's folder, so that whoever may read the store can connect. */
static int open_configured_unix(const struct config *config, struct listen_socket *out,
                                struct buf *error)
{
    char path[4096];
    const char *wanted = config->http_socket.text;
    if (!strcmp(wanted, "none"))
        return 0;
    if (*wanted)
        snprintf(path, sizeof path, "%s", wanted);
    else
        snprintf(path, sizeof path, "%s/storyd.sock", config->store_path.text);
    return open_unix(path, config, out, error) ? -1 : 1;
}

/* ---- systemd -------------------------------------------------------------------------------- */

static int take_handed_over(bool is_closed, struct listen_socket out[LISTEN_MAX], struct buf *error)
{
    int n = sd_listen_fds(0); /* the sockets are copied: a process may serve more than once */
    if (n > LISTEN_MAX - 2)   /* leave room for the configured ones */
        n = LISTEN_MAX - 2;
    for (int i = 0; i < n; i++) {
        int fd = fcntl(SD_LISTEN_FDS_START + i, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START);
        union address a = {0};
        socklen_t size = sizeof a;
        out[i] = (struct listen_socket){
            .fd = fd, .is_unix = sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) > 0};
        if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
            buf_addf(error, "systemd passed a socket that is not a listening stream socket; "
                            "expected ListenStream= in storyd.socket");
            return -1;
        }
        getsockname(fd, &a.any, &size);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        if (out[i].is_unix) {
            snprintf(out[i].name, sizeof out[i].name, "%s", a.un.sun_path);
            continue;
        }
        name_tcp(fd, out[i].name, sizeof out[i].name);
        if (!address_is_loopback(&a.any) && !is_closed) {
            buf_addf(error,
                     "storyd.socket listens on %s, which accepts connections from other machines; "
                     "set read_token and write_token in [http]",
                     out[i].name);
            return -1;
        }
    }
    return n > 0 ? n : 0;
}

int listen_open(const struct config *config, bool is_closed, struct listen_socket out[LISTEN_MAX],
                struct buf *error)
{
    int handed = take_handed_over(is_closed, out, error), n = handed;
    bool tcp = false, local = false;
    for (int i = 0; i < n; i++) {
        tcp |= !out[i].is_unix;
        local |= out[i].is_unix;
    }
    if (n < 0)
        return -1;
    if (!tcp && strcmp(config->http_listen.text, "none") != 0) {
        if (open_tcp(config->http_listen.text, is_closed, &out[n], error))
            return -1;
        n++;
    }
    int more = local ? 0 : open_configured_unix(config, &out[n], error);
    if (more >= 0)
        return n + more;
    if (n > handed)
        close(out[n - 1].fd);
    return -1;
}

void listen_forget(const struct listen_socket *s)
{
    if (s->remove)
        unlink(s->name);
}
