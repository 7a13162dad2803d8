/* Streaming decoder for gzip and deflate, tolerant of wrong headers. fetch.c feeds it; brotli and
 * zstd are left to curl. */
#include "net/coding.h"

#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum {
    MAX_LAYERS = 4, /* nested; deeper layers are passed on compressed */
    START = 3,      /* bytes needed to recognise a format */
    PIECE = 1 << 14,
    /* windowBits of zlib: 32 KiB, plus a code for the format */
    AS_GZIP = 15 + 16,
    AS_ZLIB = 15,
    AS_RAW = -15,
};

enum method { NONE, GZIP, DEFLATE };

struct layer {
    enum method declared;
    enum { UNDECIDED, PLAIN, PACKED, BETWEEN /* between gzip members */, ENDED } state;
    unsigned char start[START];
    size_t n_start;
    size_t made;
    z_stream z;
};

/* Outermost layer first: the declared ones, then those recognised by their bytes. */
struct coding {
    struct layer layers[MAX_LAYERS];
    size_t n_declared, max;
    coding_sink *sink;
    void *arg;
    char names[MAX_LAYERS * 10];
};

static const struct {
    const char *name;
    enum method method;
} methods[] = {{"gzip", GZIP}, {"x-gzip", GZIP}, {"deflate", DEFLATE}};

static const char between[] = ", \t";

static bool is_coding_name(const char *p, size_t n, const char *name)
{
    return n == strlen(name) && !strncasecmp(p, name, n);
}

bool coding_has(const char *header, const char *name)
{
    for (const char *p = header + strspn(header, between); *p; p += strspn(p, between)) {
        size_t n = strcspn(p, between);
        if (is_coding_name(p, n, name))
            return true;
        p += n;
    }
    return false;
}

/* The header lists codings in the order in which they were applied, so the last is the
 * outermost. */
static void declare_codings(struct coding *c, const char *header)
{
    for (const char *p = header + strspn(header, between); *p; p += strspn(p, between)) {
        size_t n = strcspn(p, between);
        for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
            if (is_coding_name(p, n, methods[i].name) && c->n_declared < MAX_LAYERS) {
                for (size_t k = c->n_declared++; k > 0; k--)
                    c->layers[k].declared = c->layers[k - 1].declared;
                c->layers[0].declared = methods[i].method;
            }
        p += n;
    }
}

struct coding *coding_new(const char *header, size_t max, coding_sink *sink, void *arg)
{
    struct coding *c = mem_zero(sizeof *c);
    c->max = max;
    c->sink = sink;
    c->arg = arg;
    if (header)
        declare_codings(c, header);
    return c;
}

void coding_free(struct coding *c)
{
    for (size_t i = 0; c && i < MAX_LAYERS; i++)
        if (c->layers[i].state > PLAIN)
            inflateEnd(&c->layers[i].z);
    free(c);
}

const char *coding_names(const struct coding *c)
{
    return c->names;
}

static const char *push(struct coding *c, size_t level, const unsigned char *p, size_t n);

/* Passes bytes to the next layer, or to the sink. */
static const char *pass(struct coding *c, size_t level, const unsigned char *p, size_t n)
{
    if (level + 1 < MAX_LAYERS && (c->layers[level].state != PLAIN || level < c->n_declared))
        return push(c, level + 1, p, n);
    return c->sink(c->arg, (const char *)p, n);
}

/* Returns the windowBits for zlib; 0: not compressed. */
static int kind_of_layer(const struct layer *l)
{
    const unsigned char *s = l->start;
    if (l->n_start >= 3 && s[0] == 0x1f && s[1] == 0x8b && s[2] == Z_DEFLATED)
        return AS_GZIP;
    if (l->declared == NONE || l->n_start < 2)
        return 0;
    if ((s[0] & 0xf) == Z_DEFLATED && s[0] >> 4 <= 7 && (s[0] << 8 | s[1]) % 31 == 0)
        return AS_ZLIB;
    if (l->declared != DEFLATE)
        return 0;
    /* raw deflate, unless it looks like the beginning of a document */
    bool text = (s[0] == '<' &&
                 strchr("?!abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", s[1]) && s[1]) ||
                s[0] == '{' || s[0] == '[' || (s[0] <= ' ' && strchr(" \t\r\n", s[0]) && s[0]) ||
                (s[0] == 0xef && s[1] == 0xbb);
    return text ? 0 : AS_RAW;
}

/* Layers are found from the outside in, but listed from the inside out. */
static void add_coding_name(struct coding *c, const char *name)
{
    char after[sizeof c->names];
    memcpy(after, c->names, sizeof after);
    snprintf(c->names, sizeof c->names, "%s%s%.30s", name, *after ? ", " : "", after);
}

static const char *unpack(struct coding *c, size_t level, const unsigned char *p, size_t n)
{
    struct layer *l = &c->layers[level];
    z_stream *z = &l->z;
    unsigned char out[PIECE];
    size_t made = 0;
    /* zlib does not modify its input */
    z->next_in = (unsigned char *)(uintptr_t)p;
    z->avail_in = (unsigned)n;
    do {
        if (l->state == BETWEEN) { /* another member may follow, or garbage */
            bool more =
                z->avail_in && z->next_in[0] == 0x1f && (z->avail_in < 2 || z->next_in[1] == 0x8b);
            if (z->avail_in)
                l->state = more && inflateReset(z) == Z_OK ? PACKED : ENDED;
            if (l->state != PACKED)
                return NULL;
        }
        z->next_out = out;
        z->avail_out = sizeof out;
        int result = inflate(z, Z_NO_FLUSH);
        made = sizeof out - z->avail_out;
        l->made += made;
        if (l->made > c->max)
            return "the document is longer than max_document in [poll]";
        const char *wrong = made ? pass(c, level, out, made) : NULL;
        if (wrong)
            return wrong;
        if (result == Z_STREAM_END)
            l->state = BETWEEN;
        else if (l->made && !z->total_out && result == Z_DATA_ERROR)
            l->state = ENDED; /* it only looked like another member */
        else if (result != Z_OK && result != Z_BUF_ERROR)
            return result == Z_MEM_ERROR ? "out of memory"
                                         : "cannot decode the content encoding (gzip or deflate)";
    } while (l->state != ENDED && (z->avail_in || made == sizeof out));
    return NULL;
}

static const char *decide_layer(struct coding *c, size_t level)
{
    struct layer *l = &c->layers[level];
    int kind = kind_of_layer(l);
    l->state = kind && inflateInit2(&l->z, kind) == Z_OK ? PACKED : PLAIN;
    if (l->state == PLAIN)
        return pass(c, level, l->start, l->n_start);
    add_coding_name(c, kind == AS_GZIP ? "gzip" : "deflate");
    return unpack(c, level, l->start, l->n_start);
}

static const char *push(struct coding *c, size_t level, const unsigned char *p, size_t n)
{
    struct layer *l = &c->layers[level];
    if (l->state == UNDECIDED) {
        for (; n && l->n_start < START; n--)
            l->start[l->n_start++] = *p++;
        const char *wrong = l->n_start == START ? decide_layer(c, level) : NULL;
        if (wrong || l->state == UNDECIDED)
            return wrong;
    }
    if (!n || l->state == ENDED)
        return NULL;
    return l->state == PLAIN ? pass(c, level, p, n) : unpack(c, level, p, n);
}

const char *coding_push(struct coding *c, const char *bytes, size_t n)
{
    const char *wrong = NULL;
    for (size_t piece; n && !wrong; bytes += piece, n -= piece) {
        piece = n < PIECE ? n : PIECE;
        wrong = push(c, 0, (const unsigned char *)bytes, piece);
    }
    return wrong;
}

const char *coding_end(struct coding *c, bool *cut)
{
    const char *wrong = NULL;
    *cut = false;
    for (size_t i = 0; i < MAX_LAYERS && !wrong; i++) {
        struct layer *l = &c->layers[i];
        if (l->state == UNDECIDED && l->n_start)
            wrong = decide_layer(c, i);
        *cut |= l->state == PACKED;
    }
    return wrong;
}
