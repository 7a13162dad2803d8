/* What every page has around its content: head, navigation, end. */
#ifndef WEB_FRAME_H
#define WEB_FRAME_H

#include "base/buf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* A larger page is cut off; real ones are far smaller. */
enum { PAGE_MAX = 8 << 20 };

enum page_place { PAGE_LIST, PAGE_EVENT, PAGE_FEEDS, PAGE_MACHINE, PAGE_NONE };

struct page_frame {
    enum page_place place;
    const char *title;
    uint64_t event;        /* whose page it is; 0: of none */
    const char *about;     /* for a preview where the page is linked to; NULL: none is offered */
    const char *live;      /* what the script requests after a change; NULL: nothing */
    const json_t *filters; /* filters of the list: name -> text, none empty; NULL elsewhere */
    bool searched;         /* the list is of a search, which has orders of its own */
    const char *decides;   /* the server takes decisions: "", or "signed-in" if it knows the editor;
                              NULL: it does not */
};

void page_begin(struct buf *out, const struct page_frame *page);
void page_end(struct buf *out);

/* A page with only a message, such as an error. */
void page_message(struct buf *out, const char *title, const char *text);

#endif
