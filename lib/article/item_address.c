/* Chooses the address of an item; see item_address.h. Used by article.c and speaker.c. */
#include "article/item_address.h"

#include "article/limits.h"
#include "article/publisher.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* If the link leads through a transport, the guid is used instead if it is the article's own
 * address. */
char *feed_item_address(const struct feed_item *item)
{
    const char *id = item->id_is_link ? item->id : NULL;
    char *url = publisher_canonical_url(item->orig_link && *item->orig_link ? item->orig_link
                                        : item->link && *item->link         ? item->link
                                        : id                                ? id
                                                                            : "");
    if (!id || !publisher_is_transport(url))
        return url;
    char *own = publisher_canonical_url(id);
    if (!publisher_is_transport(own)) {
        free(url);
        return own;
    }
    free(own);
    return url;
}
