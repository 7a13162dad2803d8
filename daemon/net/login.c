/* Reads the file of logins and decides which server may receive a login. Used by the poller, the
 * probe and fetch.c; never writes or logs a login. */
#include "net/login.h"

#include "base/mem.h"
#include "base/url.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { MAX_FILE = 16 << 20, MAX_LOGIN = 4096 };

struct login_line {
    char *where; /* an address, or "//host" for http and https */
    char *login;
};

struct logins {
    struct login_line *v;
    size_t n, room;
};

/* ---- addresses ------------------------------------------------------------------------------ */

static bool is_url_part(struct url_part part, const char *text)
{
    return part.n == strlen(text) && !strncasecmp(part.p, text, part.n);
}

static bool same_part(struct url_part a, struct url_part b)
{
    return a.n == b.n && (!a.n || !strncasecmp(a.p, b.p, a.n));
}

/* The port of an address, explicit or by its scheme; without a scheme, that of `other` applies. */
static struct url_part port_of(const struct url *u, const struct url *other)
{
    static const char https[] = "443", http[] = "80";
    if (u->port.n)
        return u->port;
    struct url_part scheme = u->scheme.p ? u->scheme : other->scheme;
    return is_url_part(scheme, "https") ? (struct url_part){https, 3} : (struct url_part){http, 2};
}

bool login_follows(const char *from, const char *to)
{
    struct url a, b;
    url_parse(&a, from, strlen(from));
    url_parse(&b, to, strlen(to));
    if (!a.host.n || !same_part(a.host, b.host))
        return false;
    struct url_part old = port_of(&a, &a), new = port_of(&b, &b);
    if (same_part(a.scheme, b.scheme))
        return same_part(old, new);
    return is_url_part(a.scheme, "http") && is_url_part(b.scheme, "https") &&
           is_url_part(old, "80") && is_url_part(new, "443");
}

/* Length of the match between a line and an address; 0: no match. A path matches whole segments
 * only. */
static size_t fit(const struct login_line *line, const struct url *u)
{
    struct url w;
    url_parse(&w, line->where, strlen(line->where));
    size_t n = w.path.n;
    if (!same_part(w.host, u->host) || !same_part(port_of(&w, u), port_of(u, u)) ||
        (w.scheme.p && !same_part(w.scheme, u->scheme)) || n > u->path.n ||
        (n && memcmp(w.path.p, u->path.p, n) != 0) ||
        (n && w.path.p[n - 1] != '/' && n < u->path.n && u->path.p[n] != '/'))
        return 0;
    return 1 + (w.scheme.p ? 1 + n : 0);
}

const char *logins_find(const struct logins *l, const char *url)
{
    struct url u;
    size_t best = 0;
    const char *login = NULL;
    url_parse(&u, url, strlen(url));
    for (size_t i = 0; u.host.n && i < l->n; i++) {
        size_t n = fit(&l->v[i], &u);
        if (n > best) {
            best = n;
            login = l->v[i].login;
        }
    }
    return login;
}

/* ---- logins --------------------------------------------------------------------------------- */

void login_decode(const char *login, char **user, char **password)
{
    size_t n = strcspn(login, ":");
    *user = url_decoded((struct url_part){login, n});
    login += n + (login[n] == ':');
    *password = url_decoded((struct url_part){login, strlen(login)});
}

static char *encode_login(const char *user, size_t n, const char *password)
{
    struct buf b;
    buf_init(&b, MAX_LOGIN * 4);
    for (const char *p = user; p < user + n; p++)
        buf_addf(&b, "%%%02X", (unsigned char)*p);
    buf_addc(&b, ':');
    for (const char *p = password; *p; p++)
        buf_addf(&b, "%%%02X", (unsigned char)*p);
    return buf_take(&b);
}

/* ---- the file ------------------------------------------------------------------------------- */

static bool is_where(const char *where)
{
    struct url u;
    url_parse(&u, where, strlen(where));
    return u.host.n && !u.userinfo.p && !u.query.p && !u.fragment.p &&
           (is_url_part(u.scheme, "http") || is_url_part(u.scheme, "https") ||
            (!u.scheme.p && !u.path.n));
}

/* Parses a line without its line end. Returns an error message that quotes nothing of the line, or
 * NULL. */
static const char *read_login_line(struct logins *l, const char *line)
{
    static const char blanks[] = " \t";
    line += strspn(line, blanks);
    if (!*line || *line == '#')
        return NULL;
    size_t n = strcspn(line, blanks);
    const char *user = line + n + strspn(line + n, blanks);
    size_t user_n = strcspn(user, blanks);
    const char *password = user + user_n + strspn(user + user_n, blanks);
    if (!*password)
        return "expected an address or a host, a user and a password, separated by blanks";
    if (memchr(user, ':', user_n))
        return "the user contains a colon; expected an address or a host, a user without a colon "
               "and a password";
    char *where = mem_alloc(n + 3);
    snprintf(where, n + 3, "%s%.*s",
             strncasecmp(line, "http", 4) || !memchr(line, '/', n) ? "//" : "", (int)n, line);
    if (!is_where(where)) {
        free(where);
        return "invalid address or host; expected https://intranet.example/desk/ or "
               "intranet.example, without a login or a query";
    }
    MEM_GROW(l->v, l->n, l->room);
    l->v[l->n++] = (struct login_line){where, encode_login(user, user_n, password)};
    return NULL;
}

static void read_lines(FILE *file, const char *path, struct logins *l, struct buf *error)
{
    char text[MAX_LOGIN];
    const char *wrong = NULL;
    for (int n = 1; !wrong && fgets(text, sizeof text, file); n++) {
        size_t length = strlen(text);
        if (length == sizeof text - 1 && text[length - 1] != '\n')
            wrong = "line too long; expected at most 4094 bytes";
        text[strcspn(text, "\r\n")] = 0;
        if (!wrong)
            wrong = read_login_line(l, text);
        if (wrong)
            buf_addf(error, "%s:%d: %s", path, n, wrong);
        explicit_bzero(text, sizeof text);
    }
    if (!wrong && ferror(file))
        buf_addf(error, "%s: %s", path, strerror(errno));
}

struct logins *logins_read(const char *path, struct buf *error)
{
    struct logins *l = mem_zero(sizeof *l);
    if (!*path)
        return l;
    FILE *file = fopen(path, "re");
    struct stat st;
    size_t before = error->len;
    if (!file || fstat(fileno(file), &st))
        buf_addf(error, "%s: %s; expected a file of logins", path, strerror(errno));
    else if (!S_ISREG(st.st_mode) || st.st_size > MAX_FILE)
        buf_addf(error, "%s: expected a regular file of at most 16 MiB", path);
    else if (st.st_mode & (S_IROTH | S_IWOTH))
        buf_addf(error,
                 "%s: other users of this machine may read or change it (permissions %04o); "
                 "expected 0640 or less: chmod o= %s",
                 path, (unsigned)(st.st_mode & 07777), path);
    else
        read_lines(file, path, l, error);
    if (file)
        fclose(file);
    if (error->len == before)
        return l;
    logins_free(l);
    return NULL;
}

void logins_free(struct logins *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n; i++) {
        free(l->v[i].where);
        free(l->v[i].login);
    }
    free(l->v);
    free(l);
}
