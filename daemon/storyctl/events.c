/* storyctl list, show, posts, export: read events from a store. */
#include "storyctl/command.h"

#include "base/mem.h"
#include "store/article_marks.h"
#include "store/generated.h"
#include "store/post_record.h"
#include "store/record.h"
#include "storyctl/term.h"
#include "storyctl/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int64_t printed_time(const json_t *record, const char *field)
{
    return (int64_t)record_number(record, field);
}

/* ---- list ----------------------------------------------------------------------------------- */

static const char list_help[] =
    "usage: storyctl list [--db DIR] [--min-sources N] [--since TIME] [--category NAME]\n"
    "                     [--lang LANG] [--source NAME] [--words WORDS] [--limit N] [--json]\n"
    "\n"
    "Lists events, most recently updated first.\n"
    "\n"
    "  --min-sources N   only events that at least N publishers report\n"
    "  --since TIME      only events updated since: an age such as 90m, 36h or 2d, or a date such\n"
    "                    as 2026-03-17\n"
    "  --category NAME   only events in this category (see storyd-db(5)) or with this tag; of\n"
    "                    several, comma-separated, any one: health, crime, law and justice\n"
    "  --lang LANG       only events in this language: en, de, ...\n"
    "  --source NAME     only events that this publisher reports, given by name or domain\n"
    "  --words WORDS     only events with all these words in title, tags or keywords; a word may\n"
    "                    be truncated\n"
    "  --limit N         maximum number (default: 20; 0: all)\n"
    "  --json            print one JSON record per line, as stored\n"
    "  --db DIR          the store (default: /var/lib/storyd)\n";

static void print_row(const json_t *event, size_t width)
{
    enum { COLUMNS_BEFORE = 43 };
    char when[32];
    printf("%7" PRIu64 "  %7" PRIu64 "  %8" PRIu64 "  ", record_number(event, "id"),
           record_number(event, "source_count"), record_number(event, "article_count"));
    term_text(term_time(printed_time(event, "updated"), when), 0, 12);
    fputs("  ", stdout);
    term_text(record_text(event, "title"), width > COLUMNS_BEFORE + 20 ? width - COLUMNS_BEFORE : 0,
              0);
    putchar('\n');
}

/* Selects and orders the events in one view; they are printed in several. */
static int find_listed_events(struct command_options *o, const struct story_filter *filter,
                              size_t limit, uint64_t **out, size_t *n)
{
    story_list *list;
    struct story_entry entry;
    size_t cap = 0;
    int error = story_events_where(o->view, filter, &list);
    while (!error && *n < limit && !(error = story_next(list, &entry))) {
        command_end_if_asked(o);
        MEM_GROW(*out, *n, cap);
        (*out)[(*n)++] = entry.number;
    }
    story_list_free(list);
    return error == STORY_END ? 0 : error;
}

int list_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_begin(argc, argv, "djmntlsCx", 0, list_help, &o, &status))
        return status;
    size_t limit = o.limit < 0 ? 20 : o.limit ? (size_t)o.limit : SIZE_MAX, n = 0;
    uint64_t *numbers = NULL;
    size_t shown = 0, width = term_width();
    const struct story_filter filter = {.min_sources = o.min_sources,
                                        .since = o.since,
                                        .category = o.category,
                                        .lang = o.lang,
                                        .source = o.source,
                                        .words = o.words};
    struct story_entry entry;
    int error = find_listed_events(&o, &filter, limit, &numbers, &n);
    for (size_t i = 0; !error && i < n; i++) {
        if (command_is_enough()) {
            command_end_view(&o);
            if ((error = command_view(&o)))
                break;
        }
        if ((error = story_event_as_is(o.view, numbers[i], &entry)))
            break;
        json_t *event = command_record(&o, &entry);
        if (!event || !strcmp(record_text(event, "status"), "merged")) {
            json_decref(event); /* merged since the numbers were read */
            continue;
        }
        if (o.json)
            command_print(&o, &entry);
        else if (shown == 0)
            puts("  EVENT  SOURCES  ARTICLES  UPDATED       TITLE");
        if (!o.json)
            print_row(event, width);
        shown++;
        json_decref(event);
    }
    free(numbers);
    command_close(&o);
    if (error)
        return command_failed(&o, error);
    if (!shown && !o.json)
        puts("no matching events");
    return 0;
}

/* ---- show ----------------------------------------------------------------------------------- */

static const char show_help[] =
    "usage: storyctl show [--db DIR] [--why] [--json] EVENT\n"
    "\n"
    "Shows an event with its sources and articles; for a merged event, the one that absorbed it.\n"
    "\n"
    "  --why      explain why each article is in it: score, threshold, features, the runner-up\n"
    "  --json     print the event's record, then one article's record per line\n"
    "  --db DIR   the store (default: /var/lib/storyd)\n";

static void print_words(const char *label, const json_t *texts)
{
    size_t i;
    json_t *text;
    if (!json_array_size(texts))
        return;
    printf("%-10s", label);
    json_array_foreach(texts, i, text)
    {
        fputs(i ? ", " : "", stdout);
        term_text(json_string_value(text), 0, 0);
    }
    putchar('\n');
}

static void print_statement(const json_t *s)
{
    const json_t *sources = json_object_get(s, "sources");
    size_t i;
    json_t *name;
    fputs("  - ", stdout);
    if (*record_text(s, "heading")) {
        term_text(record_text(s, "heading"), 0, 0);
        fputs(": ", stdout);
    }
    term_text(record_text(s, "text"), 0, 0);
    fputs("  (", stdout);
    if (*record_text(s, "by"))
        printf("%s by ", generated_is(s) ? "generated" : "written");
    term_text(record_text(s, *record_text(s, "by") ? "by" : "source"), 0, 0);
    json_array_foreach(sources, i, name)
    {
        if (i == 0)
            continue;
        fputs(", ", stdout);
        term_text(json_string_value(name), 0, 0);
    }
    puts(")");
}

static void print_statements(const char *title, const json_t *statements)
{
    const char *type = "";
    size_t i;
    json_t *s;
    if (json_array_size(statements))
        printf("\n%s\n", title);
    json_array_foreach(statements, i, s)
    {
        if (strcmp(type, record_text(s, "type")) != 0) {
            type = record_text(s, "type");
            printf("  %s\n", *type ? type : "other");
        }
        print_statement(s);
    }
}

static void print_disputes(const json_t *disputed)
{
    size_t i, k;
    json_t *d, *value;
    if (json_array_size(disputed))
        puts("\nDISPUTED");
    json_array_foreach(disputed, i, d)
    {
        fputs("  ", stdout);
        term_text(record_text(d, "what"), 0, 0);
        putchar('\n');
        json_array_foreach(json_object_get(d, "values"), k, value)
        {
            fputs("  - ", stdout);
            term_text(record_text(value, "value"), 0, 0);
            fputs("  (", stdout);
            term_text(json_string_value(json_array_get(json_object_get(value, "sources"), 0)), 0,
                      0);
            puts(")");
        }
    }
}

static void print_sentiment(const json_t *event)
{
    const json_t *sentiment = json_object_get(event, "sentiment");
    size_t i;
    json_t *quote;
    if (!*record_text(sentiment, "overall"))
        return;
    fputs("\nSENTIMENT\n  ", stdout);
    term_text(record_text(sentiment, "overall"), 0, 0);
    putchar('\n');
    json_array_foreach(json_object_get(sentiment, "quotes"), i, quote)
    {
        const char *handle = record_text(quote, "handle");
        fputs("  - ", stdout);
        term_text(record_text(quote, "text"), 0, 0);
        fputs("  (", stdout);
        term_text(*handle ? handle : record_text(quote, "author"), 0, 0);
        printf(", %s)\n", record_text(quote, "stance"));
    }
}

static void print_new(const json_t *news)
{
    size_t i;
    json_t *s;
    json_array_foreach(news, i, s)
    {
        fputs("  - ", stdout);
        term_text(record_text(s, "text"), 0, 0);
        fputs("  (", stdout);
        term_text(record_text(s, "source"), 0, 0);
        if (*record_text(s, "was")) {
            fputs(", before ", stdout);
            term_text(record_text(s, "was"), 0, 0);
        }
        puts(")");
    }
}

static void print_developments(const json_t *developments)
{
    size_t i, k;
    json_t *d, *name;
    char when[32];
    if (json_array_size(developments))
        puts("\nDEVELOPMENTS");
    json_array_foreach(developments, i, d)
    {
        printf("  %s  ", term_time(printed_time(d, "from"), when));
        term_text(record_text(d, "title"), 0, 0);
        fputs("  (", stdout);
        json_array_foreach(json_object_get(d, "sources"), k, name)
        {
            fputs(k ? ", " : "", stdout);
            term_text(json_string_value(name), 0, 0);
        }
        puts(")");
        print_new(json_object_get(d, "new"));
    }
}

static void print_event(const json_t *e)
{
    char a[32], b[32];
    term_text(record_text(e, "title"), 0, 0);
    printf("\n\nevent     %" PRIu64 " (%s)\n", record_number(e, "id"), record_text(e, "status"));
    printf("coverage  %" PRIu64 " sources, %" PRIu64 " articles, %" PRIu64 " independent reports\n",
           record_number(e, "source_count"), record_number(e, "article_count"),
           record_number(e, "report_count"));
    printf("time      first seen %s, updated %s\n", term_time(printed_time(e, "first_seen"), a),
           term_time(printed_time(e, "updated"), b));
    printf("velocity  %" PRIu64 " sources in its last hour, %.2f an hour before\n",
           record_number(e, "velocity"), json_number_value(json_object_get(e, "velocity_before")));
    fputs("link      ", stdout);
    term_text(record_text(e, "url"), 0, 0);
    putchar('\n');
    print_words("keywords", json_object_get(e, "keywords"));
    print_words("category", json_object_get(e, "categories"));
    print_statements("SUMMARY", json_object_get(e, "summary"));
    print_developments(json_object_get(e, "developments"));
    print_statements("DETAILS", json_object_get(e, "details"));
    print_disputes(json_object_get(e, "disputed"));
    print_statements("WHAT THIS MEANS", json_object_get(e, "meaning"));
    print_sentiment(e);
}

/* When each source first reported the event. */
static void print_time_line(const json_t *e)
{
    size_t i;
    const json_t *source;
    char when[32];
    puts("\n  ARTICLES  CAME          SOURCE");
    json_array_foreach(json_object_get(e, "sources"), i, source)
    {
        printf("  %8" PRIu64 "  ", record_number(source, "articles"));
        term_text(term_time(printed_time(source, "first"), when), 0, 12);
        fputs("  ", stdout);
        term_text(record_text(source, "name"), 0, 0);
        putchar('\n');
    }
}

/* The author, and the type and outcome of its page. */
static void print_marks(const struct article_record *a)
{
    const struct article_marks m = article_marks(a);
    if (*m.author) {
        fputs("  [by ", stdout);
        term_text(m.author, 40, 0);
        putchar(']');
    }
    if (m.paywalled)
        fputs("  [paywall]", stdout);
    if (*m.kind)
        printf("  [%s]", m.kind);
    if (m.page < PAGE_OUTCOME_COUNT)
        printf("  [page %s]", page_outcome_text(m.page));
}

static void print_article(const struct article_record *a, bool why)
{
    char when[32];
    printf("  %8" PRIu64 "  ", a->number);
    term_text(term_time(a->published, when), 0, 12);
    fputs("  ", stdout);
    term_text(a->source.name, 24, 24);
    fputs("  ", stdout);
    term_text(a->title, 0, 0);
    if (a->claimed && *a->claimed->name) {
        fputs("  [claimed to be from ", stdout);
        term_text(a->claimed->name, 40, 0);
        putchar(']');
    }
    if (a->copy_of)
        printf("  [copy of %" PRIu64 "]", a->copy_of);
    if (a->agency)
        printf("  [%s]", a->agency);
    if (a->versions.n)
        printf("  [edited %zu times]", a->versions.n);
    print_marks(a);
    putchar('\n');
    if (why)
        why_print(article_why(a));
}

static int print_articles(struct command_options *o, uint64_t event)
{
    story_list *list;
    struct story_entry entry;
    int error = story_articles_of(o->view, event, &list);
    while (!error && !(error = story_next(list, &entry))) {
        struct article_record article = {0};
        if (o->json)
            command_print(o, &entry);
        else if (command_load(o, &entry, &article_table, &article))
            print_article(&article, o->why);
        codec_free(&article_table, &article);
    }
    story_list_free(list);
    return error == STORY_END ? 0 : error;
}

static bool is_no_event(int error)
{
    return error == STORY_NOT_FOUND || error == STORY_GONE;
}

static int no_event(const char *command, uint64_t number, int error)
{
    fprintf(stderr, "storyctl %s: event %" PRIu64 " %s; `storyctl list` lists events\n", command,
            number, error == STORY_GONE ? "was deleted because of its age" : "does not exist");
    return 1;
}

int show_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_begin(argc, argv, "djw#", 1, show_help, &o, &status))
        return status;
    uint64_t number = o.number;
    struct story_entry entry;
    int error = story_event(o.view, number, &entry);
    json_t *event = error ? NULL : command_record(&o, &entry);
    if (event && o.json) {
        command_print(&o, &entry);
    } else if (event) {
        if (entry.number != number)
            printf("event %" PRIu64 " was merged into %" PRIu64 "\n\n", number, entry.number);
        print_event(event);
        print_time_line(event);
        puts("\n   ARTICLE  PUBLISHED     SOURCE                    TITLE");
    }
    if (event)
        error = print_articles(&o, entry.number);
    if (event && !o.json && record_number(event, "articles_deleted"))
        printf("%" PRIu64 " of its articles were deleted because of their age\n",
               record_number(event, "articles_deleted"));
    json_decref(event);
    command_close(&o);
    if (is_no_event(error))
        return no_event("show", number, error);
    return error ? command_failed(&o, error) : 0;
}

/* ---- posts ---------------------------------------------------------------------------------- */

static const char posts_help[] =
    "usage: storyctl posts [--db DIR] [--json] EVENT\n"
    "\n"
    "Lists the posts from social feeds about an event, in order of number: the author of each, "
    "how\n"
    "it was assigned to the event (link: it links to one of its articles; title: it quotes the\n"
    "title of one; engine: by its words), and its text.\n"
    "\n"
    "  --json     print JSON Lines\n"
    "  --db DIR   the store (default: /var/lib/storyd)\n";

static void print_post(const struct post_record *post)
{
    char when[32];
    printf("%10" PRIu64 "  ", post->number);
    term_text(term_time(post->time, when), 0, 12);
    fputs("  ", stdout);
    term_text(codec_text(post->handle ? post->handle : post->author), 24, 24);
    printf("  %-6s  ", post->why);
    term_text(post->text, 0, 0);
    putchar('\n');
}

int posts_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_begin(argc, argv, "dj#", 1, posts_help, &o, &status))
        return status;
    uint64_t number = o.number;
    struct story_entry entry;
    story_list *list = NULL;
    int error = story_event(o.view, number, &entry);
    if (!error)
        error = story_posts_of(o.view, entry.number, &list);
    if (!error && !o.json)
        puts("      POST  PUBLISHED     AUTHOR                    BY      TEXT");
    while (!error && !(error = story_next(list, &entry))) {
        struct post_record post = {0};
        if (o.json)
            command_print(&o, &entry);
        else if (command_load(&o, &entry, &post_table, &post))
            print_post(&post);
        codec_free(&post_table, &post);
    }
    story_list_free(list);
    command_close(&o);
    if (is_no_event(error))
        return no_event("posts", number, error);
    return error && error != STORY_END ? command_failed(&o, error) : 0;
}

/* ---- export --------------------------------------------------------------------------------- */

static const char export_help[] = "usage: storyctl export [--db DIR]\n"
                                  "\n"
                                  "Prints all events in order of number as JSON Lines: the "
                                  "record of each, with the records of\n"
                                  "its articles in one more field, articles. Each line reflects "
                                  "one state of the store, but\n"
                                  "different lines may reflect different states; for a consistent "
                                  "export, export a backup.\n"
                                  "\n"
                                  "  --db DIR   the store (default: /var/lib/storyd)\n";

static int export_articles(const struct command_options *o, uint64_t event)
{
    story_list *list;
    struct story_entry entry;
    int error = story_articles_of(o->view, event, &list);
    for (bool first = true; !error && !(error = story_next(list, &entry)); first = false) {
        fputs(first ? "" : ",", stdout);
        fwrite(entry.json, 1, entry.length, stdout);
    }
    story_list_free(list);
    return error == STORY_END ? 0 : error;
}

/* Exports as much as fits in one view; no view is open while a slow or stalled consumer reads. */
static int export_some(struct command_options *o, uint64_t *next)
{
    story_list *list;
    struct story_entry entry;
    int error = story_events_from(o->view, *next, &list);
    while (!error && !command_is_enough() && !(error = story_next(list, &entry))) {
        command_end_if_asked(o);
        fwrite(entry.json, 1, entry.length - 1, stdout); /* without the closing brace */
        fputs(",\"articles\":[", stdout);
        error = export_articles(o, entry.number);
        fputs("]}\n", stdout);
        *next = entry.number + 1;
    }
    story_list_free(list);
    return error;
}

int export_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_begin(argc, argv, "d", 0, export_help, &o, &status))
        return status;
    int error = 0;
    for (uint64_t next = 1; !error;) {
        error = export_some(&o, &next);
        command_end_view(&o);
        if (!error)
            error = command_view(&o);
    }
    command_close(&o);
    return error == STORY_END ? 0 : command_failed(&o, error);
}
