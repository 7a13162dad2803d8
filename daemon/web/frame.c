/* Writes the beginning and the end of each page, and pages that only show a message. */
#include "web/frame.h"

#include "store/record.h"
#include "web/asset.h"
#include "web/filter_bar.h"
#include "web/manifest.h"
#include "web/markup.h"

#include <inttypes.h>
#include <string.h>

static void add_tab(struct buf *out, const char *href, const char *name, bool current)
{
    html_addf(out, "<a href=\"%s\"", href);
    buf_adds(out, current ? " aria-current=\"page\">" : ">");
    html_addf(out, "%s</a>", name);
}

static void add_ranks(struct buf *out, const struct page_frame *page)
{
    static const char *const names[][2] = {{"top", "Top"}, {"new", "New"}, {"rising", "Rising"}};
    const char *rank = record_text(page->filters, "order");
    json_t *filters = json_deep_copy(page->filters);
    if (!strcmp(rank, "relevance")) /* for when there are words to search for */
        rank = "";
    if (page->searched)
        json_object_del(filters, "q");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct buf href;
        buf_init(&href, FILTER_MAX_ADDRESS);
        filter_address(&href, filters, "order", i ? names[i][0] : NULL);
        add_tab(out, buf_text(&href), names[i][1],
                page->place == PAGE_LIST && !page->searched &&
                    !strcmp(*rank ? rank : "top", names[i][0]));
        buf_free(&href);
    }
    json_decref(filters);
}

void page_begin(struct buf *out, const struct page_frame *page)
{
    html_addf(out,
              "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<title>%s</title>\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<meta name=\"color-scheme\" content=\"light dark\">\n"
              "<meta name=\"theme-color\" content=\"" MANIFEST_DARK
              "\" media=\"(prefers-color-scheme: dark)\">\n"
              "<meta name=\"theme-color\" content=\"" MANIFEST_LIGHT "\">\n"
              "<link rel=\"manifest\" href=\"/manifest.webmanifest\" "
              "crossorigin=\"use-credentials\">\n"
              "<link rel=\"icon\" href=\"%s\" type=\"image/svg+xml\">\n"
              "<link rel=\"apple-touch-icon\" href=\"%s\">\n"
              "<link rel=\"stylesheet\" href=\"%s\">\n<script src=\"%s\"></script>\n",
              page->title, asset_address("icon.svg"), asset_address("tile-180.png"),
              asset_address("app.css"), asset_address("app.js"));
    if (page->decides)
        html_addf(out, "<script src=\"%s\"></script>\n", asset_address("desk.js"));
    if (page->about)
        html_addf(out,
                  "<meta property=\"og:type\" content=\"article\">\n"
                  "<meta property=\"og:site_name\" content=\"storyd\">\n"
                  "<meta property=\"og:title\" content=\"%s\">\n"
                  "<meta property=\"og:description\" content=\"%s\">\n",
                  page->title, page->about);
    if (page->place == PAGE_LIST)
        filter_feed_links(out, page->filters);
    if (page->event)
        html_addf(out,
                  "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"This event\" "
                  "href=\"/event/%" PRIu64 "/feed.atom\">\n"
                  "<link rel=\"alternate\" type=\"application/feed+json\" title=\"This event\" "
                  "href=\"/event/%" PRIu64 "/feed.json\">\n",
                  page->event, page->event);
    buf_adds(out, "</head>\n<body");
    if (page->live)
        html_addf(out, " data-live=\"%s\"", page->live);
    if (page->decides)
        html_addf(out, " data-decides=\"%s\"", page->decides);
    buf_adds(out, ">\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
                  "<header class=\"top\"><a class=\"brand\" href=\"/\">storyd</a>\n"
                  "<nav aria-label=\"Pages\">");
    add_ranks(out, page);
    buf_adds(out, "<span class=\"gap\"></span>");
    add_tab(out, "/feeds", "Feeds", page->place == PAGE_FEEDS);
    add_tab(out, "/machine", "Status", page->place == PAGE_MACHINE);
    buf_adds(out, "</nav>\n<span class=\"tools\" id=\"tools\"></span></header>\n");
    if (page->place == PAGE_LIST)
        filter_form(out, page->filters);
}

void page_end(struct buf *out)
{
    buf_adds(out, "<p id=\"status\" role=\"status\"></p>\n</body>\n</html>\n");
}

void page_message(struct buf *out, const char *title, const char *text)
{
    page_begin(out, &(struct page_frame){.place = PAGE_NONE, .title = title});
    html_addf(out,
              "<main id=\"main\" class=\"message\"><h1>%s</h1><p>%s</p>"
              "<p><a href=\"/\">All events</a></p></main>\n",
              title, text);
    page_end(out);
}
