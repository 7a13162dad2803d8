/* A robots.txt of any bytes: what is kept of it answers as it does, and disallows more where it is
 * shortened; matching finds what a search that tries everything finds. */
#include "base/buf.h"
#include "base/mem.h"
#include "page/robots.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const addresses[] = {
    "https://site.example",
    "https://site.example/",
    "https://site.example/news/2026/11/27/a-title.html",
    "https://site.example/a?b=c&d=http://x/",
    "https://site.example/%E3%83%84/../a$*",
    "https://site.example/robots.txt",
};
enum { ADDRESSES = sizeof addresses / sizeof *addresses };

/* The last line as an address of the site. */
static char *own_address(const char *data, size_t size)
{
    struct buf b;
    size_t start = size;
    while (start > 0 && data[start - 1] != '\n')
        start--;
    buf_init(&b, 1 << 20);
    buf_adds(&b, "https://site.example/");
    buf_add(&b, data + start, size - start);
    return buf_take(&b);
}

static void write_again(const struct robots *r, struct buf *out)
{
    buf_init(out, ROBOTS_MAX_KEPT);
    robots_write(r, out);
    if (out->full)
        abort();
}

static void check_kept(const struct robots *r, const char *own)
{
    struct buf first, second;
    write_again(r, &first);
    struct robots *kept = robots_read(first.p, first.len, "any");
    write_again(kept, &second);
    bool shortened = strstr(first.p, "# Shortened") != NULL;
    if (strcmp(first.p, second.p) != 0 || robots_delay(r) != robots_delay(kept))
        abort();
    for (size_t i = 0; i <= ADDRESSES; i++) {
        const char *url = i < ADDRESSES ? addresses[i] : own;
        bool may = robots_allow(r, url), may_still = robots_allow(kept, url);
        if (may_still > may || (!shortened && may_still != may))
            abort();
    }
    robots_free(kept);
    buf_free(&first);
    buf_free(&second);
}

/* What a pattern is, said as plainly as can be. */
static bool matches(const char *p, const char *text)
{
    if (!*p || (*p == '$' && !p[1] && !*text))
        return true;
    if (*p == '*')
        return matches(p + 1, text) || (*text && matches(p, text + 1));
    return *p == *text && matches(p + 1, text + 1);
}

static void check_pattern(const uint8_t *data, size_t size)
{
    enum { MOST = 12 };
    char pattern[MOST + 2] = "/", text[MOST + 2] = "/";
    for (size_t i = 0; i < MOST && i < size; i++)
        pattern[i + 1] = "/ab***"[data[i] % 6];
    for (size_t i = 0; i < MOST && MOST + i < size; i++)
        text[i + 1] = "/ab"[data[MOST + i] % 3];
    if (size && data[0] & 128)
        pattern[strlen(pattern) - 1] = '$';
    if (robots_pattern(pattern, text) != matches(pattern, text))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const agents[] = {"storyd", "*"};
    const char *text = (const char *)data;
    char *own = own_address(text, size);
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++) {
        struct robots *r = robots_read(text, size, agents[i]);
        if (robots_delay(r) < -1 || robots_delay(r) > ROBOTS_MAX_DELAY)
            abort();
        check_kept(r, own);
        robots_free(r);
    }
    check_pattern(data, size);
    free(own);
    return 0;
}
