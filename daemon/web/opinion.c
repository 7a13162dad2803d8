/* Writes the Sentiment section: the split of stances, and quoted posts. */
#include "web/opinion.h"

#include "base/escape.h"
#include "store/record.h"
#include "web/markup.h"
#include "web/mark.h"

#include <inttypes.h>

static const char *const stances[] = {"supportive", "skeptical", "concerned", "neutral"};
enum { STANCES_SHOWN = sizeof stances / sizeof *stances, BAR = 400 };

/* A bar with a part for each stance, and what each part is. */
static void add_split(struct buf *out, const json_t *split, uint64_t authors)
{
    uint64_t x = 0, before = 0;
    if (!json_is_object(split) || !authors)
        return;
    html_addf(out,
              "<svg class=\"split\" viewBox=\"0 0 %d 10\" preserveAspectRatio=\"none\" "
              "aria-hidden=\"true\">",
              BAR);
    for (int i = 0; i < STANCES_SHOWN; i++) {
        before += record_number(split, stances[i]);
        uint64_t end = before * BAR / authors;
        html_addf(out, "<rect class=\"%s\" x=\"%" PRIu64 "\" width=\"%" PRIu64 "\" height=\"10\"/>",
                  stances[i], x, end - x);
        x = end;
    }
    buf_adds(out, "</svg><ul class=\"stances fine\">");
    for (int i = 0; i < STANCES_SHOWN; i++)
        html_addf(out, "<li class=\"%s\">%" PRIu64 " %s</li>", stances[i],
                  record_number(split, stances[i]), stances[i]);
    buf_adds(out, "</ul>\n");
}

/* "Ada Orlan @ada@talk.example, rail engineer; supportive, 22 Nov" */
static void add_author(struct buf *out, const json_t *quote, int64_t now)
{
    const char *author = record_text(quote, "author"), *handle = record_text(quote, "handle");
    const char *bio = record_text(quote, "bio"), *url = record_address(record_text(quote, "url"));
    if (*author)
        html_addf(out, "<bdi>%s</bdi> ", author);
    if (*handle)
        html_addf(out, "<bdi>%s</bdi>", handle);
    if (!*author && !*handle)
        buf_adds(out, "somebody");
    if (*bio)
        html_addf(out, ", <bdi class=\"bio\">%s</bdi>", bio);
    html_addf(out, "; <span class=\"stance %s\">%s</span>, ", record_text(quote, "stance"),
              record_text(quote, "stance"));
    if (*url)
        html_addf(out, "<a href=\"%s\" rel=\"noreferrer noopener nofollow\" target=\"_blank\">",
                  url);
    html_time(out, (int64_t)record_number(quote, "time"), now);
    buf_adds(out, *url ? "</a>" : "");
}

void opinion_add(struct buf *out, const json_t *event, int64_t now)
{
    const json_t *sentiment = json_object_get(event, "sentiment");
    size_t i;
    json_t *quote;
    if (!*record_text(sentiment, "overall"))
        return;
    html_addf(out,
              "<section class=\"sentiment\" aria-labelledby=\"h-sentiment\">"
              "<h2 id=\"h-sentiment\">Sentiment</h2><p>%s</p>\n",
              record_text(sentiment, "overall"));
    add_split(out, json_object_get(sentiment, "split"), record_number(sentiment, "authors"));
    json_array_foreach(json_object_get(sentiment, "quotes"), i, quote)
    {
        buf_adds(out, "<blockquote dir=\"auto\"><p>");
        escape_text(out, ESCAPE_PAGE, record_text(quote, "text"));
        buf_adds(out, "</p><footer>");
        add_author(out, quote, now);
        buf_adds(out, "</footer></blockquote>\n");
    }
    html_addf(out,
              "<p class=\"fine\">Stances are estimated from the words of posts, each "
              "author once. <a href=\"/api/v1/events/%" PRIu64 "/posts\">All %" PRIu64
              " posts as JSON</a></p></section>\n",
              record_number(event, "id"), record_number(event, "post_count"));
}
