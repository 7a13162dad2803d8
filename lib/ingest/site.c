/* Loads, stores and updates what is known about a site; see site.h. Called by daemon/pages,
 * page_bytes.c and storyctl. Does not fetch anything. */
#include "ingest/site.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/url.h"
#include "store/record.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DAY = 86400 };

bool site_host(const char *url, char host[SITE_MAX_HOST])
{
    struct url u;
    url_parse(&u, url, strlen(url));
    if (!url_is_http(url) || !u.host.n || u.host.n + u.port.n + 2 > SITE_MAX_HOST)
        return false;
    size_t n = 0;
    for (; n < u.host.n; n++)
        host[n] = (char)tolower((unsigned char)u.host.p[n]);
    bool https = u.scheme.n == 5;
    bool usual = !u.port.n || (u.port.n == 2 && !https && !memcmp(u.port.p, "80", 2)) ||
                 (u.port.n == 3 && https && !memcmp(u.port.p, "443", 3));
    if (!usual) {
        host[n++] = ':';
        memcpy(host + n, u.port.p, u.port.n);
        n += u.port.n;
    }
    host[n] = 0;
    return true;
}

/* ---- the record ------------------------------------------------------------------------------ */

static void read_paragraphs(struct site *site, const json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        if (site->n_paragraphs == SITE_PARAGRAPHS)
            break;
        site->paragraphs[site->n_paragraphs++] =
            (struct site_paragraph){.hash = (uint64_t)json_integer_value(json_array_get(one, 0)),
                                    .pages = (uint32_t)json_integer_value(json_array_get(one, 1)),
                                    .day = json_integer_value(json_array_get(one, 2))};
    }
}

int site_load(struct store *s, const char *host, struct site **out)
{
    struct store_value v;
    struct site *site = mem_zero(sizeof *site);
    memcpy(site->host, host, strnlen(host, SITE_MAX_HOST - 1));
    *out = site;
    int error = store_get(s, STORE_SITES, host, strlen(host), &v);
    if (error)
        return error == STORE_NOT_FOUND ? 0 : error;
    json_t *record = json_loadb(v.p, v.n, 0, NULL);
    const char *robots = json_string_value(json_object_get(record, "robots"));
    const char *tdm = json_string_value(json_object_get(record, "tdm"));
    site->robots = robots ? robots_read(robots, strlen(robots), SITE_AGENT) : NULL;
    site->tdm = tdm ? mem_str(tdm) : NULL;
    site->read = (int64_t)record_number(record, "read");
    site->unreachable = json_is_true(json_object_get(record, "unreachable"));
    site->not_before = (int64_t)record_number(record, "not_before");
    site->pages = record_number(record, "pages");
    site->words = record_number(record, "words");
    read_paragraphs(site, json_object_get(record, "paragraphs"));
    json_decref(record);
    return 0;
}

int site_save(struct store *s, const struct site *site)
{
    struct buf robots;
    json_t *paragraphs = json_array();
    buf_init(&robots, ROBOTS_MAX_BYTES);
    if (site->robots)
        robots_write(site->robots, &robots);
    for (size_t i = 0; i < site->n_paragraphs; i++)
        json_array_append_new(paragraphs, json_pack("[I,I,I]", (json_int_t)site->paragraphs[i].hash,
                                                    (json_int_t)site->paragraphs[i].pages,
                                                    (json_int_t)site->paragraphs[i].day));
    json_t *record = json_pack("{s:I,s:b,s:I,s:I,s:I,s:o}", "read", (json_int_t)site->read,
                               "unreachable", site->unreachable, "not_before",
                               (json_int_t)site->not_before, "pages", (json_int_t)site->pages,
                               "words", (json_int_t)site->words, "paragraphs", paragraphs);
    json_object_set_new(record, "robots", site->robots ? json_string(buf_text(&robots)) : NULL);
    json_object_set_new(record, "tdm", site->tdm ? json_string(site->tdm) : NULL);
    char *text = json_dumps(record, JSON_COMPACT);
    int error = store_put(s, STORE_SITES, site->host, strlen(site->host), text, strlen(text));
    free(text);
    json_decref(record);
    buf_free(&robots);
    return error;
}

void site_free(struct site *site)
{
    if (!site)
        return;
    robots_free(site->robots);
    free(site->tdm);
    free(site);
}

bool site_is_due(const struct site *site, int64_t now)
{
    int64_t every = site->unreachable ? SITE_TRY_EVERY : SITE_READ_EVERY;
    return !site->read || now - site->read >= every || site->read > now + DAY;
}

/* RFC 9309, 2.3.1: 4xx (but 429) allows everything; 5xx and network errors forbid it. */
void site_take_robots(struct site *site, long status, const char *text, size_t n, int64_t now)
{
    site->unreachable = !status || status / 100 == 5 || status == 429;
    site->read = now;
    if (site->unreachable)
        return;
    robots_free(site->robots);
    site->robots = text ? robots_read(text, n, SITE_AGENT) : NULL;
}

/* ---- repeated paragraphs --------------------------------------------------------------------- */

/* 53 bits, which JSON readers represent exactly. */
static uint64_t paragraph_hash(const char *text, size_t n)
{
    return hash64(text, n, 0) >> 11;
}

static struct site_paragraph *find_paragraph(struct site *site, uint64_t hash)
{
    for (size_t i = 0; i < site->n_paragraphs; i++)
        if (site->paragraphs[i].hash == hash)
            return &site->paragraphs[i];
    return NULL;
}

/* Replaces the paragraph seen on the fewest pages, of equals the one seen longest ago. */
static struct site_paragraph *room(struct site *site)
{
    struct site_paragraph *least = &site->paragraphs[0];
    if (site->n_paragraphs < SITE_PARAGRAPHS)
        return &site->paragraphs[site->n_paragraphs++];
    for (size_t i = 1; i < site->n_paragraphs; i++) {
        struct site_paragraph *p = &site->paragraphs[i];
        if (p->pages < least->pages || (p->pages == least->pages && p->day < least->day))
            least = p;
    }
    return least;
}

static void note_paragraph(struct site *site, uint64_t hash, int64_t day)
{
    struct site_paragraph *p = find_paragraph(site, hash);
    if (!p) {
        p = room(site);
        *p = (struct site_paragraph){.hash = hash};
    }
    p->pages++;
    p->day = day;
}

/* The next paragraph from *at on, and its length; paragraphs are separated by empty lines. */
static const char *next_paragraph(const char **at, size_t *n)
{
    const char *p = *at + strspn(*at, "\n");
    const char *end = strstr(p, "\n\n");
    *n = end ? (size_t)(end - p) : strlen(p);
    *at = p + *n;
    return *n ? p : NULL;
}

/* A page that is mostly known already is the same article again and is not learned from. */
void site_learn(struct site *site, char *text, int64_t now)
{
    enum { SEVERAL = 2 };
    size_t all = 0, known = 0, n;
    const char *p, *at = text;
    while ((p = next_paragraph(&at, &n))) {
        const struct site_paragraph *seen = find_paragraph(site, paragraph_hash(p, n));
        all++;
        known += seen != NULL;
    }
    if (known * 2 > all)
        return;
    char *to = text;
    at = text;
    while ((p = next_paragraph(&at, &n))) {
        const struct site_paragraph *seen = find_paragraph(site, paragraph_hash(p, n));
        bool common = seen && seen->pages >= SEVERAL;
        note_paragraph(site, paragraph_hash(p, n), now / DAY);
        if (common)
            continue;
        if (to != text) {
            *to++ = '\n';
            *to++ = '\n';
        }
        memmove(to, p, n);
        to += n;
    }
    *to = 0;
}

bool site_has_no_more(const struct site *site, uint64_t words)
{
    enum { ENOUGH_PAGES = 3, LEAST = 120, USUAL = 350 };
    uint64_t mean = site->pages >= ENOUGH_PAGES ? site->words / site->pages : USUAL;
    return words >= LEAST && words * 5 >= mean * 4;
}
