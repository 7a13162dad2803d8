/* Writes the Sentiment section: the split of stances, and quoted posts. */
#include "web/opinion.h"

#include "base/escape.h"
#include "store/record.h"
#include "web/markup.h"
#include "web/mark.h"

#include <inttypes.h>

enum { BAR = 400 };

/* A bar with a part for each stance, and what each part is. */
static void add_split(struct buf *out, const struct digest_split *split, uint64_t authors)
{
    if (!split || !authors)
        return;
    const struct {
        const char *name;
        uint64_t authors;
    } stances[] = {{"supportive", split->supportive},
                   {"skeptical", split->skeptical},
                   {"concerned", split->concerned},
                   {"neutral", split->neutral}};
    enum { STANCES_SHOWN = sizeof stances / sizeof *stances };
    uint64_t x = 0, before = 0;
    html_addf(out,
              "<svg class=\"split\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
              "aria-hidden=\"true\">",
              BAR);
    for (int i = 0; i < STANCES_SHOWN; i++) {
        before += stances[i].authors;
        uint64_t end = before * BAR / authors;
        html_addf(out, "<rect class=\"%s\" x=\"%" PRIu64 "\" width=\"%" PRIu64 "\" height=\"10\"/>",
                  stances[i].name, x, end - x);
        x = end;
    }
    buf_adds(out, "</svg><ul class=\"stances fine\">");
    for (int i = 0; i < STANCES_SHOWN; i++)
        html_addf(out, "<li class=\"%s\">%" PRIu64 " %s</li>", stances[i].name, stances[i].authors,
                  stances[i].name);
    buf_adds(out, "</ul>\n");
}

/* "Ada Orlan @ada@talk.example, rail engineer; supportive, 22 Nov" */
static void add_author(struct buf *out, const struct digest_quote *quote, int64_t now)
{
    const char *url = record_address(quote->url), *stance = codec_text(quote->stance);
    if (quote->author)
        html_addf(out, "<bdi>%s</bdi> ", quote->author);
    if (quote->handle)
        html_addf(out, "<bdi>%s</bdi>", quote->handle);
    if (!quote->author && !quote->handle)
        buf_adds(out, "somebody");
    if (quote->bio)
        html_addf(out, ", <bdi class=\"bio\">%s</bdi>", quote->bio);
    html_addf(out, "; <span class=\"stance %s\">%s</span>, ", stance, stance);
    if (*url)
        html_addf(out, "<a href=\"%s\" rel=\"noreferrer noopener nofollow\" target=\"_blank\">",
                  url);
    html_time(out, quote->time, now);
    buf_adds(out, *url ? "</a>" : "");
}

void opinion_add(struct buf *out, const struct event_record *event, int64_t now)
{
    const struct digest_sentiment *sentiment = event->sentiment;
    if (!sentiment || !sentiment->overall)
        return;
    const struct digest_quote *quotes = sentiment->quotes.v;
    html_addf(out,
              "<section class=\"sentiment\" aria-labelledby=\"h-sentiment\">"
              "<h2 id=\"h-sentiment\">Sentiment</h2><p>%s</p>\n",
              sentiment->overall);
    add_split(out, sentiment->split, sentiment->authors);
    for (size_t i = 0; i < sentiment->quotes.n; i++) {
        buf_adds(out, "<blockquote dir=\"auto\"><p>");
        escape_text(out, ESCAPE_PAGE, codec_text(quotes[i].text));
        buf_adds(out, "</p><footer>");
        add_author(out, &quotes[i], now);
        buf_adds(out, "</footer></blockquote>\n");
    }
    html_addf(out,
              "<p class=\"fine\">Stances are estimated from the words of posts, each "
              "author once. <a href=\"/api/v1/events/%" PRIu64 "/posts\">All %" PRIu64
              " posts as JSON</a></p></section>\n",
              event->number, event->post_count);
}
