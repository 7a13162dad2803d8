/* Hashes a feed document as it arrives and parses it unless it is unchanged. */
#include "poll/intake.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

struct intake {
    struct feed_parser *parser;
    struct hash_state *hash;
    struct intake_hashes last, now;
    size_t length;
    bool held; /* not parsed yet, since it may be unchanged */
    bool closed;
};

struct intake *intake_new(const char *base_url, const char *content_type, struct intake_hashes last)
{
    struct intake *in = mem_zero(sizeof *in);
    in->parser = feed_parser_new(base_url, content_type);
    in->hash = hash_begin(0);
    in->last = last;
    in->held = last.all != 0;
    return in;
}

static uint64_t hash_now(const struct intake *in)
{
    return hash_sofar(in->hash) >> 11;
}

static void end_head(struct intake *in)
{
    in->now.head = hash_now(in);
    in->held &= in->now.head == in->last.head;
}

void intake_add(struct intake *in, const void *bytes, size_t n)
{
    size_t head = in->length < INTAKE_HEAD ? INTAKE_HEAD - in->length : 0;
    feed_parser_add(in->parser, bytes, n);
    in->length += n;
    if (head && n >= head) {
        hash_more(in->hash, bytes, head);
        end_head(in);
        bytes = (const char *)bytes + head;
        n -= head;
    }
    hash_more(in->hash, bytes, n);
}

void intake_close(struct intake *in)
{
    if (in->closed)
        return;
    in->closed = true;
    if (in->length < INTAKE_HEAD)
        end_head(in);
    in->now.all = hash_now(in);
    in->held &= in->now.all == in->last.all;
    feed_parser_close(in->parser);
}

bool intake_read(struct intake *in, size_t n)
{
    return !in->held && feed_parser_read(in->parser, n);
}

size_t intake_length(const struct intake *in)
{
    return in->length;
}

struct intake_hashes intake_hashes(const struct intake *in)
{
    return in->now;
}

bool intake_unchanged(const struct intake *in)
{
    return in->last.all && in->now.all == in->last.all;
}

enum feed_status intake_end(struct intake *in, struct feed **out)
{
    intake_close(in);
    enum feed_status status = feed_parser_end(in->parser, out);
    hash_end(in->hash);
    free(in);
    return status;
}

void intake_abandon(struct intake *in)
{
    if (!in)
        return;
    feed_parser_abandon(in->parser);
    hash_end(in->hash);
    free(in);
}
