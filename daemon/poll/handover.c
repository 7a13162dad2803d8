/* Serialises a response into a file below the store, and back. storyctl writes it, poll.c reads
 * it. */
#include "poll/handover.h"

#include "base/hash.h"
#include "base/mem.h"
#include "file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_HEAD = 1 << 20, DAY = 86400 };

/* Increase the number when the format changes. */
static const char version[] = "storyd answer 1";

/* ---- the format: netstrings, "-," for NULL -------------------------------------------------- */

static void add_netstring(struct buf *out, const char *p, size_t n)
{
    if (p) {
        buf_addf(out, "%zu:", n);
        buf_add(out, p, n);
    } else {
        buf_addc(out, '-');
    }
    buf_addc(out, ',');
}

static void add_handed_text(struct buf *out, const char *text)
{
    add_netstring(out, text, text ? strlen(text) : 0);
}

static void add_handed_number(struct buf *out, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    add_handed_text(out, text);
}

void handover_pack(struct buf *out, const char *url, const struct fetch_answer *a, int64_t time,
                   const struct buf *body)
{
    add_handed_text(out, version);
    add_handed_text(out, url);
    add_handed_number(out, time);
    add_handed_number(out, a->status);
    const char *const texts[] = {a->error, a->url, a->moved, a->content_type};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        add_handed_text(out, texts[i]);
    for (size_t i = 0; i < FETCH_HEADER_COUNT; i++)
        add_handed_text(out, a->header[i]);
    add_netstring(out, buf_text(body), body->len);
}

struct netstring_reader {
    char *p, *end;
    bool broken;
};

/* The next netstring, NUL-terminated in place; NULL if absent or malformed. */
static const char *next_netstring(struct netstring_reader *r, size_t *n)
{
    *n = 0;
    if (r->end - r->p >= 2 && r->p[0] == '-' && r->p[1] == ',') {
        r->p += 2;
        return NULL;
    }
    while (r->p < r->end && *r->p >= '0' && *r->p <= '9' && *n < SIZE_MAX / 16)
        *n = *n * 10 + (size_t)(*r->p++ - '0');
    r->broken |=
        r->p == r->end || *r->p != ':' || *n >= (size_t)(r->end - r->p - 1) || r->p[1 + *n] != ',';
    if (r->broken)
        return NULL;
    char *text = r->p + 1;
    text[*n] = 0;
    r->p = text + *n + 1;
    return text;
}

static const char *next_text(struct netstring_reader *r)
{
    size_t n;
    return next_netstring(r, &n);
}

static int64_t next_handed_number(struct netstring_reader *r)
{
    const char *text = next_text(r);
    return text ? strtoll(text, NULL, 10) : 0;
}

static bool is_same_text(const char *text, const char *wanted)
{
    return text && !strcmp(text, wanted);
}

/* Parses the file; false if it is malformed or not for `url`. */
static bool read_handed_answer(struct handover *h, size_t length, const char *url)
{
    struct netstring_reader r = {h->bytes, h->bytes + length, false};
    if (!is_same_text(next_text(&r), version) || !is_same_text(next_text(&r), url))
        return false;
    struct fetch_answer *a = &h->answer;
    h->time = next_handed_number(&r);
    a->status = next_handed_number(&r);
    const char **const texts[] = {&a->error, &a->url, &a->moved, &a->content_type};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = next_text(&r);
    for (size_t i = 0; i < FETCH_HEADER_COUNT; i++)
        a->header[i] = next_text(&r);
    h->body = next_netstring(&r, &h->n);
    return !r.broken && r.p == r.end && a->url && h->body;
}

/* ---- the file ------------------------------------------------------------------------------- */

static char *path_of(const char *store, const char *url, const char *ending)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_addf(&b, "%s/handed", store);
    if (url)
        buf_addf(&b, "/%016" PRIx64 "%s", hash64(url, strlen(url), 0), ending);
    return buf_take(&b);
}

/* The file gets the store's owner, so that the daemon can read and delete it, whoever runs
 * storyctl. */
static bool write_file(const char *path, const struct buf *text, const struct stat *owner)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && !fchown(fd, owner->st_uid, owner->st_gid) &&
              write(fd, text->p, text->len) == (ssize_t)text->len;
    if (fd >= 0)
        ok &= !close(fd);
    return ok;
}

void handover_put(const char *store, const char *url, const struct buf *packed)
{
    char *folder = path_of(store, NULL, ""), *path = path_of(store, url, ""),
         *temporary = path_of(store, url, ".new");
    struct stat owner;
    bool ok = !stat(store, &owner);
    if (ok && !mkdir(folder, 0700))
        ok = !chown(folder, owner.st_uid, owner.st_gid);
    if (ok && !(write_file(temporary, packed, &owner) && !rename(temporary, path)))
        unlink(temporary);
    free(folder);
    free(path);
    free(temporary);
}

void handover_drop(const char *store, const char *url)
{
    char *path = path_of(store, url, "");
    unlink(path);
    free(path);
}

struct handover *handover_take(const char *store, const char *url, size_t max_body, int64_t now)
{
    char *path = path_of(store, url, "");
    size_t n = 0;
    struct handover *h = mem_zero(sizeof *h);
    h->bytes = file_read(path, max_body + MAX_HEAD, &n);
    unlink(path);
    free(path);
    if (h->bytes && read_handed_answer(h, n, url) && h->n <= max_body && h->time <= now &&
        h->time > now - DAY)
        return h;
    handover_free(h);
    return NULL;
}

void handover_free(struct handover *h)
{
    free(h->bytes);
    free(h);
}
