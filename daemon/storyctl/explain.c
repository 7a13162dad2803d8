/* storyctl why: explains which features count for and against an article in an event. events.c uses
 * why_print() for `show --why`. */
#include "storyctl/explain.h"

#include "ingest/batch.h"
#include "ingest/reason.h"
#include "store/record.h"
#include "store/store.h"
#include "storyctl/command.h"
#include "storyctl/term.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: storyctl why [--db DIR] [--json] ARTICLE EVENT\n"
    "\n"
    "Explains why an article is or is not in an event: the probability that it belongs to the\n"
    "event as both are now, the features that count for and against it, and the values from when\n"
    "the article arrived.\n"
    "\n"
    "  --json     print one JSON object\n"
    "  --db DIR   the store (default: /var/lib/storyd)\n";

/* ---- when the article arrived --------------------------------------------------------------- */

enum { SHOWN = 8 };

static void print_counted(const struct article_reason *why)
{
    static const double little = 0.05;
    struct counted all[REASON_COUNTED];
    size_t n = reason_counted(why, all);
    while (n > 0 && all[n - 1].logits < little && all[n - 1].logits > -little)
        n--;
    for (size_t i = 0; i < n && i < SHOWN; i++)
        printf("%s%s %+.2f", i ? ", " : "", all[i].words, all[i].logits);
    if (n > SHOWN)
        printf(", and %zu smaller ones", n - SHOWN);
    else if (n == 0)
        fputs("nothing", stdout);
}

static void print_runner_up(const struct article_reason *why, const char *before)
{
    if (why->runner_up)
        printf("%srunner-up: event %" PRIu64 ", probability %.3f", before, why->runner_up,
               why->runner_up_probability);
}

void why_print(const struct article_reason *why)
{
    const char *refused = codec_text(why->refused);
    if (!why->compared_with) {
        puts("            opened an event: no event in the window shares its heaviest terms");
        return;
    }
    printf("            %s event %" PRIu64 ": probability %.3f, threshold %.2f%s%s\n",
           *refused ? "did not join" : "joined", why->compared_with, why->probability,
           why->threshold, *refused ? "; " : "", refused);
    fputs("            shared: ", stdout);
    term_text(why->shared);
    fputs("\n            counted: ", stdout);
    print_counted(why);
    print_runner_up(why, "\n            ");
    putchar('\n');
}

/* ---- now ------------------------------------------------------------------------------------ */

/* The event itself, or the one that absorbed it. */
static int event_of(struct store *store, uint64_t number, struct event_record *out)
{
    int error = batch_stored_event(store, number, out);
    while (!error && out->merged_into) {
        number = out->merged_into;
        codec_free(&event_table, out);
        error = batch_stored_event(store, number, out);
    }
    return error;
}

static void print_titled(const char *label, uint64_t number, const char *title)
{
    printf("%-9s %" PRIu64 "  ", label, number);
    term_text(title);
    putchar('\n');
}

static void print_now(const struct article_reason *now, bool inside)
{
    if (!now) {
        puts(inside
                 ? "It opened the event, which has no other article in the window."
                 : "The article or the event has left the window, so nothing can join any more.");
        return;
    }
    const char *refused = codec_text(now->refused);
    printf("As both are now, it would%s join: probability %.3f, threshold %.2f%s%s.\n",
           *refused ? " not" : "", now->probability, now->threshold, *refused ? "; " : "", refused);
    fputs("  shared    ", stdout);
    term_text(*now->shared ? now->shared : "none");
    fputs("\n  counted   ", stdout);
    print_counted(now);
    print_runner_up(now, "\n  ");
    putchar('\n');
}

static void print_explanation(const struct article_record *article,
                              const struct event_record *event, const struct event_record *home,
                              const struct article_reason *now)
{
    uint64_t number = event->number, in = article->event;
    char when[32];
    print_titled("article", article->number, article->title);
    print_titled("event", number, event->title);
    if (in != number)
        print_titled("it is in", in, codec_text(home->title));
    putchar('\n');
    print_now(now, in == number);
    printf("\nWhen the article arrived, %s, it\n", term_time(article->seen, when));
    why_print(article_why(article));
    if (!article_why(article)->refused && in != number)
        puts("\nAn article joins the most probable event; use `storyctl merge` to merge two "
             "events.");
}

static int explain_article(struct store *store, const struct command_options *o,
                           uint64_t article_number, uint64_t event_number)
{
    struct article_record article;
    struct article_reason *now = NULL;
    struct event_record event, home = {.number = 0};
    bool is = !batch_article(store, article_number, &article);
    bool is_event = !event_of(store, event_number, &event);
    int status = 1, error = 0;
    if (is && is_event)
        error = reason_now(store, &article, event.number, &now);
    if (is && is_event && !error && batch_stored_event(store, article.event, &home))
        error = STORE_CORRUPT; /* an article is in an event */
    if (!is || !is_event) {
        fprintf(stderr, "storyctl why: %s %" PRIu64 " does not exist\n", is ? "event" : "article",
                is ? event_number : article_number);
    } else if (error) {
        fprintf(stderr, "storyctl why: %s: %s\n", o->db, store_strerror(error));
    } else if (o->json) {
        json_t *all = json_pack("{s:I,s:I,s:I,s:o?,s:o}", "article", (json_int_t)article_number,
                                "event", (json_int_t)event.number, "in", (json_int_t)article.event,
                                "now", now ? codec_write(&article_reason_table, now) : NULL, "then",
                                codec_write(&article_reason_table, article_why(&article)));
        json_dumpf(all, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(all);
        status = 0;
    } else {
        print_explanation(&article, &event, &home, now);
        status = 0;
    }
    codec_free(&article_table, &article);
    codec_free(&event_table, &event);
    codec_free(&event_table, &home);
    reason_free(now);
    return status;
}

int why_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_options(argc, argv, "dj#", 2, help, &o, &status))
        return status;
    char *end;
    uint64_t event = strtoull(o.arguments[1], &end, 10);
    if (end == o.arguments[1] || *end) {
        fprintf(stderr, "storyctl why: invalid event number \"%s\"; expected a number\n",
                o.arguments[1]);
        return 2;
    }
    struct store *store;
    command_hold(&o);
    int error = store_open_reading(o.db, &store);
    if (error) {
        command_let_go(&o);
        fprintf(stderr, "storyctl why: %s: %s; use --db DIR to name the store\n", o.db,
                store_strerror(error));
        return 1;
    }
    status = explain_article(store, &o, o.number, event);
    store_close(store);
    command_let_go(&o);
    return status;
}
