/* storyctl search: has the daemon search articles, and prints the events that it finds. */
#include "storyctl/client.h"
#include "storyctl/command.h"
#include "storyctl/term.h"

#include "base/escape.h"
#include "store/event_record.h"
#include "store/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char search_help[] =
    "usage: storyctl search [--order ORDER] [--limit N] [--db DIR] [--socket PATH] [--json]\n"
    "                       QUERY...\n"
    "\n"
    "Searches the titles, texts and sources of articles, and prints the events that they are in,\n"
    "that with the newest matching article first. All words must match; the last one may be cut\n"
    "short.\n"
    "\n"
    "  \"two words\"     a phrase (the shell needs quotes around it)\n"
    "  -word           articles without this word; a query that begins so goes after --\n"
    "  source:NAME     articles of this publisher, by name or domain\n"
    "  lang:en         articles in this language\n"
    "  category:NAME   events of this category, or with this tag\n"
    "  since:DATE      articles published since this date, time or age: 2026-03-31, 7d\n"
    "  until:DATE      articles published until then\n"
    "\n"
    "  --order ORDER   new (default), or relevance: the best match first, words of titles above\n"
    "                  those of texts, and of equal matches the newer one\n"
    "  --limit N       maximum number of events, up to 200 (default: 20)\n"
    "  --json          print one JSON result per line\n"
    "  --socket PATH   the daemon's socket, or http://:TOKEN@HOST:PORT\n"
    "                  (default: STORYD_URL, or storyd.sock in the store)\n"
    "  --db DIR        the store (default: /var/lib/storyd)\n";

enum { MAX_ADDRESS = 4096 };

static const struct term_column search_columns[] = {{"EVENT", 7, .right = true},
                                                    {"MATCHES", 7, .right = true},
                                                    {"PUBLISHED", 12, .wide = 56},
                                                    {.title = "TITLE"},
                                                    {0}};

/* The parts of the snippet as one text, below the title. */
static void print_snippet(struct term_table *t, const json_t *result)
{
    const json_t *article = json_object_get(result, "article"), *part;
    struct buf text;
    size_t i;
    buf_init(&text, MAX_ADDRESS);
    buf_addf(&text, "%s: ", record_text(json_object_get(article, "source"), "name"));
    json_array_foreach(json_object_get(result, "snippet"), i, part)
    {
        buf_adds(&text, record_text(part, "text"));
    }
    for (int column = 0; column < 3; column++)
        term_cell(t, "", TERM_PLAIN);
    term_cell(t, buf_text(&text), TERM_FAINT);
    buf_free(&text);
}

static void print_found(struct term_table *t, const json_t *result)
{
    struct event_record e;
    codec_read(&event_head_table, json_object_get(result, "event"), &e);
    term_number(t, (int64_t)e.number);
    term_number(t, (int64_t)record_number(result, "matches"));
    term_date(t, (int64_t)record_number(json_object_get(result, "article"), "published"));
    term_cell(t, codec_text(e.title), TERM_PLAIN);
    print_snippet(t, result);
    codec_free(&event_head_table, &e);
}

static void print_results(const struct command_options *o, const json_t *answer)
{
    const json_t *results = json_object_get(answer, "results"), *result;
    struct term_table table = term_table(search_columns, o->color);
    size_t i;
    if (!o->json && json_array_size(results))
        term_titles(&table);
    json_array_foreach(results, i, result)
    {
        if (o->json) {
            json_dumpf(result, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
            putchar('\n');
        } else {
            print_found(&table, result);
        }
    }
    if (!o->json && !json_array_size(results))
        puts("no events found");
    if (!json_is_true(json_object_get(answer, "complete")))
        fputs("storyctl search: the results are incomplete: the index is still being made, or too "
              "many articles match\n",
              stderr);
}

int search_main(int argc, char **argv)
{
    struct command_options o;
    struct buf query, path;
    json_t *answer;
    int status;
    if (!command_options(argc, argv, "djknO", -1, search_help, &o, &status))
        return status;
    buf_init(&query, MAX_ADDRESS);
    buf_init(&path, MAX_ADDRESS * 3);
    for (int i = 0; i < o.n_arguments; i++)
        buf_addf(&query, "%s%s", i ? " " : "", o.arguments[i]);
    buf_adds(&path, "/api/v1/search?q=");
    escape_text(&path, ESCAPE_QUERY, buf_text(&query));
    if (o.order)
        buf_addf(&path, "&order=%s", o.order);
    if (o.limit >= 0)
        buf_addf(&path, "&limit=%" PRId64, o.limit);
    status = client_ask("search", &o, buf_text(&path), NULL, &answer);
    if (status == 200) {
        print_results(&o, answer);
    } else if (status > 0) {
        fputs("storyctl search: ", stderr);
        term_print(stderr, *record_text(answer, "detail") ? record_text(answer, "detail")
                                                          : "storyd refused the request");
        fputc('\n', stderr);
    }
    json_decref(answer);
    buf_free(&query);
    buf_free(&path);
    return status == 200 ? 0 : 1;
}
