/* Reads the user and groups that a trusted reverse proxy states in headers; see proxy.h. Everything
 * in a request may come from a stranger: a header counts only if its connection does not. */
#include "net/proxy.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "log.h"
#include "net/address.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* NAME, @GROUP or * of an entry of roles; within the list. */
struct role_owner {
    const char *p;
    size_t n;
};

enum { MAX_USERS = 16, MAX_HEADER = 64 };

struct proxy {
    char *user_header, *groups_header, *roles; /* of the configuration */
    struct address_list networks;
    int64_t uids[MAX_USERS]; /* of proxies on a Unix socket */
    size_t n_uids;
    bool any_uid; /* every one but root and our own, whose tools connect too */
    bool told;
};

/* ---- options -------------------------------------------------------------------------------- */

static const char unix_peer[] = "unix";

/* One of trusted_proxies: "unix" or "unix:USER". False if there is no such user. */
static bool add_unix(struct proxy *p, const char *word, size_t n)
{
    if (n == strlen(unix_peer)) {
        p->any_uid = true;
        return true;
    }
    char *name = mem_strn(word + strlen(unix_peer) + 1, n - strlen(unix_peer) - 1);
    const struct passwd *user = getpwnam(name);
    free(name);
    if (!user || p->n_uids == MAX_USERS)
        return false;
    p->uids[p->n_uids++] = user->pw_uid;
    return true;
}

static bool read_trusted(struct proxy *p, const char *text, struct buf *error)
{
    static const char between[] = ", \t";
    struct buf networks;
    buf_init(&networks, 1 << 16);
    bool ok = true;
    for (const char *w = text + strspn(text, between); *w && ok; w += strspn(w, between)) {
        size_t n = strcspn(w, between);
        bool is_unix = !strncmp(w, unix_peer, strlen(unix_peer)) &&
                       (n == strlen(unix_peer) || w[strlen(unix_peer)] == ':');
        ok = !is_unix || add_unix(p, w, n);
        if (!ok)
            buf_addf(
                error,
                "trusted_proxies: no user for \"%.*s\"; expected unix:NAME with one of at most "
                "%d users of this machine",
                (int)n, w, MAX_USERS);
        if (!is_unix)
            buf_addf(&networks, "%.*s ", (int)n, w);
        w += n;
    }
    ok = ok && address_list_read(buf_text(&networks), &p->networks, error);
    if (ok && !p->networks.n && !p->n_uids && !p->any_uid) {
        buf_adds(error, "user_header requires trusted_proxies in [http], as in 127.0.0.1, ::1 or "
                        "unix:www-data: a header of anybody else is ignored");
        ok = false;
    }
    buf_free(&networks);
    return ok;
}

static const struct {
    const char *name;
    enum proxy_role role;
} role_names[] = {{"read", PROXY_READ}, {"decide", PROXY_DECIDE}, {"administer", PROXY_ADMINISTER}};

static enum proxy_role role_by_name(const char *name, size_t n)
{
    for (size_t i = 0; i < sizeof role_names / sizeof *role_names; i++)
        if (strlen(role_names[i].name) == n && !memcmp(role_names[i].name, name, n))
            return role_names[i].role;
    return PROXY_NOTHING;
}

const char *proxy_role_name(enum proxy_role role)
{
    for (size_t i = 0; i < sizeof role_names / sizeof *role_names; i++)
        if (role_names[i].role == role)
            return role_names[i].name;
    return NULL;
}

/* The next "WHO: ROLE" of the list. False at the end; *role is PROXY_NOTHING if it is invalid. */
static bool next_role(const char **list, struct role_owner *who, enum proxy_role *role)
{
    static const char blanks[] = " \t";
    const char *p = *list + strspn(*list, ", \t");
    size_t n = strcspn(p, ",");
    *list = p + n;
    if (!n)
        return false;
    const char *colon = p + n;
    while (colon > p && *colon != ':')
        colon--;
    const char *name = colon + 1 + strspn(colon + 1, blanks), *end = p + n;
    while (end > name && strchr(blanks, end[-1]))
        end--;
    who->p = p;
    who->n = (size_t)(colon - p);
    while (who->n && strchr(blanks, p[who->n - 1]))
        who->n--;
    *role = who->n ? role_by_name(name, (size_t)(end - name)) : PROXY_NOTHING;
    return true;
}

static bool read_roles(const char *roles, bool with_groups, struct buf *error)
{
    struct role_owner who;
    enum proxy_role role;
    for (const char *p = roles; next_role(&p, &who, &role);) {
        const char *why =
            role == PROXY_NOTHING           ? "expected NAME: ROLE, @GROUP: ROLE or *: ROLE, with "
                                              "the role read, decide or administer"
            : *who.p == '@' && !with_groups ? "a group requires groups_header in [http]"
                                            : NULL;
        if (!why)
            continue;
        buf_addf(error, "roles: invalid entry \"%.*s\"; %s", (int)(p - who.p), who.p, why);
        return false;
    }
    return true;
}

/* Programs that pass headers on as variables cannot tell _ from -, so neither may be confused. */
static bool is_header_name(const char *name)
{
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '-')
            return false;
    return strlen(name) <= MAX_HEADER;
}

static bool read_header_name(const char *option, const char *name, struct buf *error)
{
    static const char *const taken[] = {"Authorization", "Connection", "Content-Length",   "Cookie",
                                        "Host",          "Origin",     "Transfer-Encoding"};
    bool ok = is_header_name(name);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        ok &= strcasecmp(name, taken[i]) != 0;
    if (!ok)
        buf_addf(error,
                 "invalid value \"%s\" for %s; expected a header of letters, digits and -, such as "
                 "X-Forwarded-User",
                 name, option);
    return ok;
}

struct proxy *proxy_new(const char *const options[PROXY_OPTIONS], enum proxy_option *at,
                        struct buf *error)
{
    const char *user = options[PROXY_USER_HEADER], *groups = options[PROXY_GROUPS_HEADER];
    *at = *groups ? PROXY_GROUPS_HEADER : PROXY_TRUSTED_PROXIES;
    if (!*user) {
        if (*groups || *options[PROXY_TRUSTED_PROXIES])
            buf_addf(error, "%s requires user_header in [http]",
                     *groups ? "groups_header" : "trusted_proxies");
        return NULL;
    }
    struct proxy *p = mem_zero(sizeof *p);
    p->user_header = mem_str(user);
    p->groups_header = mem_str(groups);
    p->roles = mem_str(options[PROXY_ROLES]);
    bool ok = true;
    for (int i = 0; ok && i < PROXY_OPTIONS; i++) {
        *at = (enum proxy_option)i;
        ok = i == PROXY_USER_HEADER     ? read_header_name("user_header", user, error)
             : i == PROXY_GROUPS_HEADER ? read_header_name("groups_header", groups, error)
             : i == PROXY_ROLES         ? read_roles(p->roles, *groups, error)
                                        : read_trusted(p, options[i], error);
    }
    if (ok)
        return p;
    proxy_free(p);
    return NULL;
}

void proxy_free(struct proxy *p)
{
    if (!p)
        return;
    free(p->user_header);
    free(p->groups_header);
    free(p->roles);
    free(p);
}

/* ---- requests ------------------------------------------------------------------------------- */

bool proxy_is(const struct proxy *p, const struct sockaddr *address, int64_t uid)
{
    if (address->sa_family != AF_UNIX)
        return address_is_in(address, &p->networks);
    for (size_t i = 0; i < p->n_uids; i++)
        if (p->uids[i] == uid)
            return true;
    return p->any_uid && uid != 0 && uid != (int64_t)geteuid();
}

/* False if the header is there more than once: a proxy may have added its own to that of the
 * client.
 */
static bool single_header(const struct request *r, const char *name, const char **value)
{
    *value = NULL;
    for (size_t i = 0; i < r->n_headers; i++) {
        if (strcasecmp(r->headers[i].name, name) != 0)
            continue;
        if (*value)
            return false;
        *value = r->headers[i].value;
    }
    return true;
}

bool proxy_is_user_name(const char *user)
{
    const char *end = user + strlen(user);
    uint32_t c;
    if (end - user > REQUEST_MAX_NAME)
        return false;
    for (size_t n; user < end; user += n) {
        n = utf8_decode(user, end, &c);
        if (!n || utf8_unsafe(c) || c == '\t' || c == ',')
            return false;
    }
    return true;
}

static bool is_member(const char *groups, struct role_owner group)
{
    for (const char *p = groups; *p;) {
        p += strspn(p, ", \t");
        size_t n = strcspn(p, ",");
        size_t length = n;
        while (length && (p[length - 1] == ' ' || p[length - 1] == '\t'))
            length--;
        if (length && length == group.n && !memcmp(p, group.p, length))
            return true;
        p += n;
    }
    return false;
}

static bool is_meant(struct role_owner who, const char *user, const char *groups)
{
    if (*who.p == '@')
        return is_member(groups, (struct role_owner){who.p + 1, who.n - 1});
    return (who.n == 1 && *who.p == '*') || (strlen(user) == who.n && !memcmp(user, who.p, who.n));
}

bool proxy_user(const struct proxy *p, const struct request *r, const char **user,
                enum proxy_role *role)
{
    const char *groups = NULL;
    struct role_owner who;
    enum proxy_role of_entry;
    *role = PROXY_NOTHING;
    if (!single_header(r, p->user_header, user) ||
        (*p->groups_header && !single_header(r, p->groups_header, &groups)) ||
        (*user && !proxy_is_user_name(*user)))
        return false;
    if (!*user || !**user) {
        *user = NULL;
        return true;
    }
    for (const char *list = p->roles; next_role(&list, &who, &of_entry);)
        if (of_entry > *role && is_meant(who, *user, groups ? groups : ""))
            *role = of_entry;
    return true;
}

void proxy_ignore(struct proxy *p, const struct request *r)
{
    if (p->told || !request_header(r, p->user_header))
        return;
    p->told = true;
    log_line(LOG_WARNING, "proxy_untrusted",
             "a client that is not in trusted_proxies names a user; the header is ignored. Later "
             "ones are not logged",
             LOG_T("header", p->user_header));
}
