/* Fuzz target: what is typed into the search box is either refused, or an expression that FTS5
 * takes; and marks its words in any text. */
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "search/fts.h"
#include "search/query.h"
#include "search/snippet.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool take_none(void *arg, uint64_t article)
{
    (void)arg, (void)article;
    return true;
}

static bool never_stop(void *arg)
{
    (void)arg;
    return false;
}

static void find(struct fts *f, const char *match)
{
    const struct fts_search search = {.match = match,
                                      .since = INT64_MIN,
                                      .until = INT64_MAX,
                                      .take = take_none,
                                      .stop = never_stop};
    bool all;
    if (fts_find(f, &search, &all) != FTS_OK)
        abort();
}

static void check_part(void *arg, const char *p, size_t n, bool match)
{
    (void)match;
    if (!utf8_valid(p, n))
        abort();
    *(size_t *)arg += n;
}

static void check_snippet(const struct query *q, const char *text)
{
    struct snippet s;
    size_t length = 0;
    snippet_of(q, text, SNIPPET_BYTES, &s);
    snippet_each(&s, text, check_part, &length);
    if (length != s.end - s.begin || length > SNIPPET_BYTES)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct fts *index;
    struct query q;
    struct buf out;
    char *text = mem_strn((const char *)data, n);
    if (!index && fts_open(":memory:", "fuzz", &index) != FTS_OK)
        abort();
    buf_init(&out, 64 << 10);
    if (query_read(text, 1700000000, &q, &out)) {
        find(index, buf_text(&q.match));
        buf_clear(&out);
        if (query_whole(&q, &out))
            find(index, buf_text(&out));
        check_snippet(&q, text);
    }
    query_free(&q);
    buf_free(&out);
    free(text);
    return 0;
}
