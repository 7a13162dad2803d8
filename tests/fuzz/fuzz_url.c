/* Two lines: a base and a reference. What is resolved is an article's address, too. */
#include "base/mem.h"
#include "base/url.h"
#include "base/utf8.h"
#include "article/publisher.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char white[] = " \1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27\30\31"
                            "\32\33\34\35\36\37";

/* What is shown is an http address or nothing, and then nothing is known by it. */
static void check_article(struct publishers *p, const char *url)
{
    char *shown = publisher_canonical_url(url);
    char *key = publisher_url_key(shown), *domain = publisher_of_url(p, shown);
    if (*shown && strncmp(shown, "http://", 7) && strncmp(shown, "https://", 8))
        abort();
    if (!*shown != !*key || (domain && !*shown))
        abort();
    for (const char *c = key; *c; c++)
        if ((unsigned char)*c <= ' ')
            abort();
    free(domain);
    free(key);
    free(shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct publishers *p;
    if (!p)
        p = publishers_new();
    char *base = mem_strn((const char *)data, size), *ref = strchr(base, '\n');
    if (ref) {
        *ref++ = 0;
        char *url = url_resolve(base, ref), *again = url_resolve(base, url);
        if (url_is_absolute(url) && !strpbrk(url, white) && strcmp(url, again) != 0)
            abort(); /* resolving an absolute address changes nothing but white space */
        if (utf8_valid(url, strlen(url)))
            check_article(p, url);
        free(again);
        free(url);
    }
    struct url u;
    url_parse(&u, base, strlen(base));
    free(base);
    return 0;
}
