/* Distributes hosts over fetchers; see share.h. */
#include "roles/share.h"

#include "base/hash.h"
#include "base/url.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

uint64_t share_member(const char *name)
{
    return hash64(name, strlen(name), 0);
}

uint64_t share_host(const char *url)
{
    struct url u;
    url_parse(&u, url, strlen(url));
    uint64_t host = hash64(u.port.p, u.port.n, 0);
    for (size_t i = 0; i < u.host.n; i++)
        host = hash_pair(host, (uint64_t)tolower((unsigned char)u.host.p[i]));
    return host;
}

size_t share_owner(const uint64_t *members, size_t n, uint64_t host)
{
    size_t owner = 0;
    uint64_t most = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t weight = hash_pair(members[i], host);
        if (i == 0 || weight > most) {
            owner = i;
            most = weight;
        }
    }
    return owner;
}

static void drop_member(struct share_members *m, size_t i)
{
    m->n--;
    m->hash[i] = m->hash[m->n];
    m->seen[i] = m->seen[m->n];
}

bool share_heard(struct share_members *m, uint64_t hash, bool gone, uint64_t stays, int64_t now)
{
    size_t i = 0, before = m->n;
    while (i < m->n && m->hash[i] != hash)
        i++;
    if (gone) {
        if (i < m->n && hash != stays)
            drop_member(m, i);
    } else if (i < SHARE_MOST) {
        m->hash[i] = hash;
        m->seen[i] = now;
        m->n += i == m->n;
    }
    return m->n != before;
}

bool share_hear(struct share_members *m, const char *subject, const char *text, size_t n,
                uint64_t stays, int64_t now)
{
    const char *dot = strrchr(subject, '.');
    json_t *o = json_loadb(text, n, 0, NULL);
    bool gone = json_is_true(json_object_get(o, "gone"));
    json_decref(o);
    return dot && share_heard(m, share_member(dot + 1), gone, stays, now);
}

bool share_drop_dead(struct share_members *m, uint64_t stays, int64_t now)
{
    size_t before = m->n;
    for (size_t i = m->n; i-- > 0;)
        if (now - m->seen[i] > SHARE_DEAD_MS && m->hash[i] != stays)
            drop_member(m, i);
    return m->n != before;
}
