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

static void print_row(const struct event_record *event, size_t width)
{
    enum { COLUMNS_BEFORE = 43 };
    char when[32];
    printf("%7" PRIu64 "  %7" PRIu64 "  %8" PRIu64 "  ", event->number, event->source_count,
           event->article_count);
    term_text(term_time(event->updated, when), 0, 12);
    fputs("  ", stdout);
    term_text(event->title, width > COLUMNS_BEFORE + 20 ? width - COLUMNS_BEFORE : 0, 0);
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
        struct event_record event;
        if (!command_load(&o, &entry, &event_head_table, &event) ||
            !strcmp(event.status, "merged")) {
            codec_free(&event_head_table, &event); /* merged since the numbers were read */
            continue;
        }
        if (o.json)
            command_print(&o, &entry);
        else if (shown == 0)
            puts("  EVENT  SOURCES  ARTICLES  UPDATED       TITLE");
        if (!o.json)
            print_row(&event, width);
        shown++;
        codec_free(&event_head_table, &event);
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

static void print_words(const char *label, const struct codec_list *texts)
{
    char *const *text = texts->v;
    if (!texts->n)
        return;
    printf("%-10s", label);
    for (size_t i = 0; i < texts->n; i++) {
        fputs(i ? ", " : "", stdout);
        term_text(text[i], 0, 0);
    }
    putchar('\n');
}

static void print_statement(const struct digest_statement *s)
{
    char *const *sources = s->sources.v;
    fputs("  - ", stdout);
    if (s->heading) {
        term_text(s->heading, 0, 0);
        fputs(": ", stdout);
    }
    term_text(codec_text(s->text), 0, 0);
    fputs("  (", stdout);
    if (s->by)
        printf("%s by ", generated_is(s) ? "generated" : "written");
    term_text(codec_text(s->by ? s->by : s->source), 0, 0);
    for (size_t i = 1; i < s->sources.n; i++) {
        fputs(", ", stdout);
        term_text(sources[i], 0, 0);
    }
    puts(")");
}

static void print_statements(const char *title, const struct codec_list *statements)
{
    const struct digest_statement *s = statements->v;
    const char *type = "";
    if (statements->n)
        printf("\n%s\n", title);
    for (size_t i = 0; i < statements->n; i++) {
        if (strcmp(type, codec_text(s[i].type)) != 0) {
            type = codec_text(s[i].type);
            printf("  %s\n", *type ? type : "other");
        }
        print_statement(&s[i]);
    }
}

static void print_disputes(const struct codec_list *disputed)
{
    const struct digest_dispute *d = disputed->v;
    if (disputed->n)
        puts("\nDISPUTED");
    for (size_t i = 0; i < disputed->n; i++) {
        const struct digest_value *values = d[i].values.v;
        fputs("  ", stdout);
        term_text(codec_text(d[i].what), 0, 0);
        putchar('\n');
        for (size_t k = 0; k < d[i].values.n; k++) {
            fputs("  - ", stdout);
            term_text(codec_text(values[k].value), 0, 0);
            fputs("  (", stdout);
            term_text(values[k].sources.n ? ((char **)values[k].sources.v)[0] : "", 0, 0);
            puts(")");
        }
    }
}

static void print_sentiment(const struct digest_sentiment *sentiment)
{
    if (!sentiment || !sentiment->overall)
        return;
    const struct digest_quote *quotes = sentiment->quotes.v;
    fputs("\nSENTIMENT\n  ", stdout);
    term_text(sentiment->overall, 0, 0);
    putchar('\n');
    for (size_t i = 0; i < sentiment->quotes.n; i++) {
        fputs("  - ", stdout);
        term_text(codec_text(quotes[i].text), 0, 0);
        fputs("  (", stdout);
        term_text(codec_text(quotes[i].handle ? quotes[i].handle : quotes[i].author), 0, 0);
        printf(", %s)\n", codec_text(quotes[i].stance));
    }
}

static void print_new(const struct codec_list *all)
{
    const struct digest_new *news = all->v;
    for (size_t i = 0; i < all->n; i++) {
        fputs("  - ", stdout);
        term_text(codec_text(news[i].text), 0, 0);
        fputs("  (", stdout);
        term_text(codec_text(news[i].source), 0, 0);
        if (news[i].was) {
            fputs(", before ", stdout);
            term_text(news[i].was, 0, 0);
        }
        puts(")");
    }
}

static void print_developments(const struct codec_list *developments)
{
    const struct digest_development *d = developments->v;
    char when[32];
    if (developments->n)
        puts("\nDEVELOPMENTS");
    for (size_t i = 0; i < developments->n; i++) {
        char *const *sources = d[i].sources.v;
        printf("  %s  ", term_time(d[i].from, when));
        term_text(codec_text(d[i].title), 0, 0);
        fputs("  (", stdout);
        for (size_t k = 0; k < d[i].sources.n; k++) {
            fputs(k ? ", " : "", stdout);
            term_text(sources[k], 0, 0);
        }
        puts(")");
        print_new(&d[i].news);
    }
}

static void print_event(const struct event_record *e)
{
    char a[32], b[32];
    term_text(e->title, 0, 0);
    printf("\n\nevent     %" PRIu64 " (%s)\n", e->number, e->status);
    printf("coverage  %" PRIu64 " sources, %" PRIu64 " articles, %" PRIu64 " independent reports\n",
           e->source_count, e->article_count, e->report_count);
    printf("time      first seen %s, updated %s\n", term_time(e->first_seen, a),
           term_time(e->updated, b));
    printf("velocity  %" PRIu64 " sources in its last hour, %.2f an hour before\n", e->velocity,
           e->velocity_before);
    fputs("link      ", stdout);
    term_text(e->url, 0, 0);
    putchar('\n');
    print_words("keywords", &e->keywords);
    print_words("category", &e->categories);
    print_statements("SUMMARY", &e->part[EVENT_SUMMARY]);
    print_developments(&e->developments);
    print_statements("DETAILS", &e->part[EVENT_DETAILS]);
    print_disputes(&e->disputed);
    print_statements("WHAT THIS MEANS", &e->part[EVENT_MEANING]);
    print_sentiment(e->sentiment);
}

/* When each source first reported the event. */
static void print_time_line(const struct event_record *e)
{
    const struct event_source *sources = e->sources.v;
    char when[32];
    puts("\n  ARTICLES  CAME          SOURCE");
    for (size_t i = 0; i < e->sources.n; i++) {
        printf("  %8" PRIu64 "  ", sources[i].articles);
        term_text(term_time(sources[i].first, when), 0, 12);
        fputs("  ", stdout);
        term_text(sources[i].name, 0, 0);
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
    struct event_record event = {.number = 0};
    bool is = !error && command_load(&o, &entry, &event_table, &event);
    if (is && o.json) {
        command_print(&o, &entry);
    } else if (is) {
        if (entry.number != number)
            printf("event %" PRIu64 " was merged into %" PRIu64 "\n\n", number, entry.number);
        print_event(&event);
        print_time_line(&event);
        puts("\n   ARTICLE  PUBLISHED     SOURCE                    TITLE");
    }
    if (is)
        error = print_articles(&o, entry.number);
    if (is && !o.json && event.articles_deleted)
        printf("%" PRIu64 " of its articles were deleted because of their age\n",
               event.articles_deleted);
    codec_free(&event_table, &event);
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
