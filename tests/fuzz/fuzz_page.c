/* A web page: whatever comes in, an article with valid texts within their bounds comes out. The
 * first byte says whether the server named a charset. */
#include "base/utf8.h"
#include "page/page.h"
#include "page/page_read.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t most)
{
    if (text && (strlen(text) > most || !utf8_valid(text, strlen(text))))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {NULL, "text/html; charset=utf-8",
                                        "text/html; charset=iso-8859-1", "text/html; charset=none"};
    struct page p;
    if (!size)
        return 0;
    page_read((const char *)data + 1, size - 1,
              data[0] & 4 ? "https://gazette.example/2026/11/27/a" : NULL, types[data[0] & 3], &p);
    const char *const texts[] = {p.title, p.author, p.site,      p.section,
                                 p.lang,  p.image,  p.canonical, p.amp};
    if (!p.text)
        abort();
    check(p.text, (size_t)PAGE_MAX_TEXT * 3);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check(texts[i], (size_t)PAGE_MAX_FIELD * 3);
    for (size_t i = 0; i < p.n_keywords; i++)
        check(p.keywords[i], (size_t)PAGE_MAX_FIELD * 3);
    page_free(&p);
    return 0;
}
