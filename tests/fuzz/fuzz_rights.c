/* What a publisher says of a page, of any bytes: nothing that is said later loosens it, nor says
 * anything new when it comes twice. */
#include "base/mem.h"
#include "page/rights.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct rights *r)
{
    if (r->max_snippet < -1 || r->nosnippet != (r->max_snippet == 0) ||
        (r->tdm_reserved && !r->tdm_said))
        abort();
}

static bool same(const struct rights *a, const struct rights *b)
{
    return a->noarchive == b->noarchive && a->nosnippet == b->nosnippet &&
           a->noindex == b->noindex && a->max_snippet == b->max_snippet &&
           a->tdm_reserved == b->tdm_reserved && a->tdm_said == b->tdm_said;
}

static void check_page(const char *value, const char *agent)
{
    struct rights once, twice, strict = {true, true, true, 0, true, true}, still = strict;
    rights_none(&once);
    rights_add_robots(&once, value, agent);
    rights_add_tdm(&once, value);
    check(&once);
    twice = once;
    rights_add_robots(&twice, value, agent);
    rights_add_tdm(&twice, value);
    rights_add_robots(&still, value, agent);
    rights_add_tdm(&still, value);
    if (!same(&once, &twice) || !same(&strict, &still))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_strn((const char *)data, size), *line = strchr(text, '\n');
    const char *json = (const char *)data;
    check_page(text, "storyd");
    check_page(text, NULL);
    int says = tdmrep_reserves(json, size, "https://site.example/a/b.html?c");
    if (says < -1 || says > 1)
        abort();
    if (line) { /* the first line is the address of the rest */
        *line = 0;
        tdmrep_reserves(line + 1, strlen(line + 1), text);
    }
    free(text);
    return 0;
}
