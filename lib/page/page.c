/* Frees pages and names their kinds; see page.h. Pages are read by page_read.c. */
#include "page/page.h"

#include <stdlib.h>

static const char *const kind_names[PAGE_KINDS] = {
    [PAGE_ARTICLE] = "article", [PAGE_LIVE] = "live",   [PAGE_VIDEO] = "video",
    [PAGE_GALLERY] = "gallery", [PAGE_INDEX] = "index", [PAGE_WALL] = "wall",
    [PAGE_OTHER] = "other",
};

const char *page_kind_name(enum page_kind kind)
{
    return kind_names[kind];
}

void page_free(struct page *p)
{
    char *const texts[] = {p->text,  p->title,     p->author, p->site,  p->section, p->lang,
                           p->image, p->canonical, p->amp,    p->print, p->robots,  p->tdm};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    for (size_t i = 0; i < p->n_keywords; i++)
        free(p->keywords[i]);
    for (size_t i = 0; i < p->n_entries; i++) {
        free(p->entries[i].title);
        free(p->entries[i].text);
    }
    *p = (struct page){0};
}
