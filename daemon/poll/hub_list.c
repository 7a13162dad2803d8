/* Reads and checks the list of hubs, for config.c, announce.c and the outgoing feeds. */
#include "poll/hub_list.h"

#include "base/buf.h"
#include "base/mem.h"
#include "net/fetch.h"

#include <stdlib.h>
#include <string.h>

size_t hub_list_next(const char **list, const char **hub)
{
    static const char between[] = ", \t";
    *hub = *list + strspn(*list, between);
    size_t n = strcspn(*hub, between);
    *list = *hub + n;
    return n;
}

bool hub_list_check(const char *hubs, const char *base_url, struct buf *error)
{
    const char *hub;
    size_t hub_length, count = 0;
    while ((hub_length = hub_list_next(&hubs, &hub))) {
        char *url = mem_strn(hub, hub_length);
        const char *why = fetch_refuses(url);
        if (why)
            buf_addf(error,
                     "invalid hub \"%.200s\": %s; expected http://HOST/... or "
                     "https://HOST/...",
                     url, why);
        free(url);
        if (why)
            return false;
        count++;
    }
    if (count > HUB_LIST_MAX)
        buf_addf(error, "too many hubs; expected at most %d", HUB_LIST_MAX);
    else if (count && !*base_url)
        buf_adds(error, "hubs requires base_url in [http], the address of the feeds");
    return !error->len;
}
