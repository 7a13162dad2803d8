/* Writes the reasons of an event's articles, and similar events that nearly shared an article. */
#include "web/reasons.h"

#include "ingest/reason.h"

#include "web/markup.h"
#include "web/mark.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *in_words(double probability)
{
    static const struct {
        double least;
        const char *words;
    } steps[] = {{0.99, "all but certain"},
                 {0.95, "very likely"},
                 {0.8, "likely"},
                 {0.5, "more likely than not"},
                 {0.2, "less likely than not"}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (probability >= steps[i].least)
            return steps[i].words;
    return "unlikely";
}

/* Never "100 %": a model is not that sure. */
static void add_percent(struct buf *out, double p)
{
    double percent = p * 100;
    if (percent > 99.9)
        buf_adds(out, "over 99.9 %");
    else if (percent > 0 && percent < 0.1)
        buf_adds(out, "under 0.1 %");
    else
        html_addf(out, percent > 99 || percent < 1 ? "%.1f %%" : "%.0f %%", percent);
}

static bool is_this(const struct event_view *v, uint64_t number)
{
    const struct event_record *other = map_get(v->others, number);
    return number == v->event->number || (other && other->number == v->event->number);
}

static void add_other(struct buf *out, const struct event_view *v, uint64_t number)
{
    const struct event_record *other = map_get(v->others, number);
    if (!other) {
        html_addf(out, "event %" PRIu64, number);
        return;
    }
    html_addf(out, "<a href=\"/event/%" PRIu64 "\"><bdi", other->number);
    mark_language(out, other->lang);
    html_addf(out, ">%s</bdi></a>", other->title);
}

static void add_runner_up(struct buf *out, const struct event_view *v,
                          const struct article_reason *why)
{
    uint64_t number = why->runner_up;
    if (!number)
        return;
    if (is_this(v, number)) {
        buf_adds(out, " The next most probable event has since been merged into this one.");
        return;
    }
    buf_adds(out, " The next most probable event was ");
    add_other(out, v, number);
    buf_adds(out, ", at ");
    add_percent(out, why->runner_up_probability);
    buf_adds(out, ".");
}

static void add_shared(struct buf *out, const struct article_reason *why)
{
    if (*why->shared)
        html_addf(out, " <span class=\"shared\">Shared words (stems): <bdi>%s</bdi>.</span>",
                  why->shared);
}

static void add_features(struct buf *out, const struct article_reason *why)
{
    struct counted all[REASON_COUNTED];
    size_t n = reason_counted(why, all);
    if (!n)
        return;
    buf_adds(out, "<details class=\"raw\"><summary>Feature contributions</summary><table>"
                  "<thead><tr><th scope=\"col\">Feature</th><th scope=\"col\">Logits</th></tr>"
                  "</thead><tbody>");
    for (size_t i = 0; i < n; i++)
        html_addf(out, "<tr><th scope=\"row\">%s</th><td>%+.2f</td></tr>", all[i].words,
                  all[i].logits);
    html_addf(out, "</tbody></table><p>Probability %.4f, threshold %.4f.</p></details>",
              why->probability, why->threshold);
}

void why_article(struct buf *out, const struct event_view *v, const struct article_record *article)
{
    const struct article_reason *why = article_why(article);
    uint64_t with = why->compared_with;
    const char *refused = codec_text(why->refused);
    double probability = why->probability;
    buf_adds(out, "<p>");
    if (!with) {
        buf_adds(out, "It opened a new event: no recent event shared its significant words.");
    } else if (!*refused) {
        html_addf(out, "It was %s (", in_words(probability));
        add_percent(out, probability);
        buf_adds(out, ") that it belongs to ");
        if (is_this(v, with))
            buf_adds(out, "this event");
        else
            add_other(out, v, with);
        buf_adds(out, "; ");
        add_percent(out, why->threshold);
        buf_adds(out, " was needed.");
    } else {
        buf_adds(out, "It opened a new event: ");
        if (is_this(v, with))
            buf_adds(out, "what later became this event");
        else
            add_other(out, v, with);
        html_addf(out, " was refused, %s; it was %s (", refused, in_words(probability));
        add_percent(out, probability);
        buf_adds(out, ").");
    }
    add_shared(out, why);
    add_runner_up(out, v, why);
    buf_adds(out, "</p>");
    add_features(out, why);
}

/* ---- similar events ------------------------------------------------------------------------- */

enum { MOST_SIMILAR = 8 };

struct near {
    double probability;
    const struct event_record *event;
};

static void take_near(struct near *found, size_t *n, const struct event_view *v, uint64_t number,
                      double probability)
{
    const struct event_record *other = number ? map_get(v->others, number) : NULL;
    static const double nearly = 0.1; /* one in ten: what is less likely is not like it */
    if (!other || other->number == v->event->number || probability < nearly)
        return;
    for (size_t i = 0; i < *n; i++)
        if (found[i].event->number == other->number) {
            if (probability > found[i].probability)
                found[i].probability = probability;
            return;
        }
    size_t at = *n;
    if (at == MOST_SIMILAR && found[--at].probability >= probability)
        return;
    found[at] = (struct near){probability, other};
    *n = at + 1;
}

static int by_near_probability(const void *a, const void *b)
{
    const struct near *x = a, *y = b;
    if (x->probability != y->probability)
        return x->probability < y->probability ? 1 : -1;
    return x->event->number < y->event->number ? -1 : x->event->number > y->event->number;
}

void why_similar(struct buf *out, const struct event_view *v)
{
    struct near found[MOST_SIMILAR];
    size_t n = 0;
    for (size_t i = 0; i < v->n_articles; i++) {
        const struct article_reason *why = article_why(&v->articles[i]);
        take_near(found, &n, v, why->runner_up, why->runner_up_probability);
        if (why->refused)
            take_near(found, &n, v, why->compared_with, why->probability);
        qsort(found, n, sizeof *found, by_near_probability);
    }
    if (!n)
        return;
    buf_adds(out, "<section class=\"similar\" aria-labelledby=\"h-similar\"><h2 id=\"h-similar\">"
                  "Similar events</h2><ul>");
    for (size_t i = 0; i < n; i++) {
        const struct event_record *event = found[i].event;
        html_addf(out, "<li><a href=\"/event/%" PRIu64 "\"", event->number);
        mark_language(out, event->lang);
        html_addf(out, ">%s</a> <span class=\"fine\">", event->title);
        html_count(out, event->source_count, "source", "sources");
        buf_adds(out, ", one article nearly joined both: ");
        add_percent(out, found[i].probability);
        buf_adds(out, "</span></li>");
    }
    buf_adds(out, "</ul></section>\n");
}
