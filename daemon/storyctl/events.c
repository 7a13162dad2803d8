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
    "usage: storyctl list [--db DIR] [--min-sources N] [--since TIME] [--until TIME]\n"
    "                     [--category NAME] [--lang LANG] [--source NAME] [--words WORDS]\n"
    "                     [--limit N] [--json] [--color WHEN]\n"
    "\n"
    "Lists events, most recently updated first.\n"
    "\n"
    "  --min-sources N   only events that at least N publishers report\n"
    "  --since TIME      only events last updated at this time or later: 2026-03-31,\n"
    "                    2026-03-31T14:00:00Z, seconds since 1970, or an age such as 90m, 36h, 2d\n"
    "  --until TIME      only events last updated at this time or earlier; a date includes its "
    "day\n"
    "  --category NAME   only events in this category (see storyd-db(5)) or with this tag; of\n"
    "                    several, comma-separated, any one: health, crime, law and justice\n"
    "  --lang LANG       only events in this language: en, de, ...\n"
    "  --source NAME     only events that this publisher reports, given by name or domain\n"
    "  --words WORDS     only events with all these words in title, tags or keywords; a word may\n"
    "                    be truncated\n"
    "  --limit N         maximum number (default: 20; 0: all)\n"
    "  --json            print one JSON record per line, as stored\n"
    "  --color WHEN      auto, always or never (default: auto)\n"
    "  --db DIR          the store (default: /var/lib/storyd)\n";

static const struct term_column list_columns[] = {{"EVENT", 7, .right = true},
                                                  {"SOURCES", 7, .right = true},
                                                  {"ARTICLES", 8, .wide = 70, .right = true},
                                                  {"UPDATED", 12, .wide = 56},
                                                  {.title = "TITLE"},
                                                  {0}};

static void print_row(struct term_table *t, const struct event_record *event)
{
    term_number(t, (int64_t)event->number);
    term_number(t, (int64_t)event->source_count);
    term_number(t, (int64_t)event->article_count);
    term_date(t, event->updated);
    term_cell(t, event->title, TERM_PLAIN);
}

/* Whether the event was last updated between --since and --until. */
static bool is_in_span(const struct command_options *o, const struct story_entry *event)
{
    int64_t updated = 0;
    if (o->since < 0 && o->until == INT64_MAX)
        return true; /* no span is given */
    story_integer(event, "updated", &updated);
    return updated >= o->since && updated <= o->until;
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
        if (!is_in_span(o, &entry))
            continue;
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
    if (!command_begin(argc, argv, "djmntUlsCxa", 0, list_help, &o, &status))
        return status;
    size_t limit = o.limit < 0 ? 20 : o.limit ? (size_t)o.limit : SIZE_MAX, n = 0;
    uint64_t *numbers = NULL;
    size_t shown = 0;
    struct term_table table = term_table(list_columns, o.color);
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
            term_titles(&table);
        if (!o.json)
            print_row(&table, &event);
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
    "usage: storyctl show [--db DIR] [--why] [--json] [--color WHEN] EVENT\n"
    "\n"
    "Shows an event with its sources and articles; for a merged event, the one that absorbed it.\n"
    "\n"
    "  --why         explain why each article is in it: score, threshold, features, the runner-up\n"
    "  --json        print the event's record, then one article's record per line\n"
    "  --color WHEN  auto, always or never (default: auto)\n"
    "  --db DIR      the store (default: /var/lib/storyd)\n";

static void print_heading(const char *text, bool color)
{
    putchar('\n');
    term_styled(text, TERM_HEAD, color);
    putchar('\n');
}

static void print_words(const char *label, const struct codec_list *texts)
{
    char *const *text = texts->v;
    if (!texts->n)
        return;
    printf("%-10s", label);
    for (size_t i = 0; i < texts->n; i++) {
        fputs(i ? ", " : "", stdout);
        term_text(text[i]);
    }
    putchar('\n');
}

static void print_statement(const struct digest_statement *s)
{
    char *const *sources = s->sources.v;
    fputs("  - ", stdout);
    if (s->heading) {
        term_text(s->heading);
        fputs(": ", stdout);
    }
    term_text(codec_text(s->text));
    fputs("  (", stdout);
    if (s->by)
        printf("%s by ", generated_is(s) ? "generated" : "written");
    term_text(codec_text(s->by ? s->by : s->source));
    for (size_t i = 1; i < s->sources.n; i++) {
        fputs(", ", stdout);
        term_text(sources[i]);
    }
    puts(")");
}

static void print_statements(const char *title, const struct codec_list *statements, bool color)
{
    const struct digest_statement *s = statements->v;
    const char *type = "";
    if (statements->n)
        print_heading(title, color);
    for (size_t i = 0; i < statements->n; i++) {
        if (strcmp(type, codec_text(s[i].type)) != 0) {
            type = codec_text(s[i].type);
            printf("  %s\n", *type ? type : "other");
        }
        print_statement(&s[i]);
    }
}

static void print_disputes(const struct codec_list *disputed, bool color)
{
    const struct digest_dispute *d = disputed->v;
    if (disputed->n)
        print_heading("DISPUTED", color);
    for (size_t i = 0; i < disputed->n; i++) {
        const struct digest_value *values = d[i].values.v;
        fputs("  ", stdout);
        term_text(codec_text(d[i].what));
        putchar('\n');
        for (size_t k = 0; k < d[i].values.n; k++) {
            fputs("  - ", stdout);
            term_text(codec_text(values[k].value));
            fputs("  (", stdout);
            term_text(values[k].sources.n ? ((char **)values[k].sources.v)[0] : "");
            puts(")");
        }
    }
}

static void print_sentiment(const struct digest_sentiment *sentiment, bool color)
{
    if (!sentiment || !sentiment->overall)
        return;
    const struct digest_quote *quotes = sentiment->quotes.v;
    print_heading("SENTIMENT", color);
    fputs("  ", stdout);
    term_text(sentiment->overall);
    putchar('\n');
    for (size_t i = 0; i < sentiment->quotes.n; i++) {
        fputs("  - ", stdout);
        term_text(codec_text(quotes[i].text));
        fputs("  (", stdout);
        term_text(codec_text(quotes[i].handle ? quotes[i].handle : quotes[i].author));
        printf(", %s)\n", codec_text(quotes[i].stance));
    }
}

static void print_new(const struct codec_list *all)
{
    const struct digest_new *news = all->v;
    for (size_t i = 0; i < all->n; i++) {
        fputs("  - ", stdout);
        term_text(codec_text(news[i].text));
        fputs("  (", stdout);
        term_text(codec_text(news[i].source));
        if (news[i].was) {
            fputs(", before ", stdout);
            term_text(news[i].was);
        }
        puts(")");
    }
}

static void print_developments(const struct codec_list *developments, bool color)
{
    const struct digest_development *d = developments->v;
    char when[32];
    if (developments->n)
        print_heading("DEVELOPMENTS", color);
    for (size_t i = 0; i < developments->n; i++) {
        char *const *sources = d[i].sources.v;
        printf("  %s  ", term_time(d[i].from, when));
        term_text(codec_text(d[i].title));
        fputs("  (", stdout);
        for (size_t k = 0; k < d[i].sources.n; k++) {
            fputs(k ? ", " : "", stdout);
            term_text(sources[k]);
        }
        puts(")");
        print_new(&d[i].news);
    }
}

static void print_event(const struct event_record *e, bool color)
{
    char a[32], b[32];
    term_styled(e->title, TERM_HEAD, color);
    printf("\n\nevent     %" PRIu64 " (%s)\n", e->number, e->status);
    printf("coverage  %" PRIu64 " sources, %" PRIu64 " articles, %" PRIu64 " independent reports\n",
           e->source_count, e->article_count, e->report_count);
    printf("time      first seen %s, updated %s\n", term_time(e->first_seen, a),
           term_time(e->updated, b));
    printf("velocity  %" PRIu64 " sources in its last hour, %.2f an hour before\n", e->velocity,
           e->velocity_before);
    fputs("link      ", stdout);
    term_text(e->url);
    putchar('\n');
    print_words("keywords", &e->keywords);
    print_words("category", &e->categories);
    print_statements("SUMMARY", &e->part[EVENT_SUMMARY], color);
    print_developments(&e->developments, color);
    print_statements("DETAILS", &e->part[EVENT_DETAILS], color);
    print_disputes(&e->disputed, color);
    print_statements("WHAT THIS MEANS", &e->part[EVENT_MEANING], color);
    print_sentiment(e->sentiment, color);
}

/* When each source first reported the event. */
static void print_time_line(const struct event_record *e, bool color)
{
    static const struct term_column columns[] = {
        {"ARTICLES", 10, .right = true}, {"CAME", .width = 12}, {.title = "SOURCE"}, {0}};
    const struct event_source *sources = e->sources.v;
    struct term_table table = term_table(columns, color);
    putchar('\n');
    term_titles(&table);
    for (size_t i = 0; i < e->sources.n; i++) {
        term_number(&table, (int64_t)sources[i].articles);
        term_date(&table, sources[i].first);
        term_cell(&table, sources[i].name, TERM_PLAIN);
    }
}

static const struct term_column article_columns[] = {{"ARTICLE", 10, .right = true},
                                                     {"PUBLISHED", 12, .wide = 60},
                                                     {"SOURCE", 24, 12, .wide = 90},
                                                     {.title = "TITLE"},
                                                     {0}};

/* What is to be known of an article beside its title. */
static void add_article_marks(struct buf *out, const struct article_record *a)
{
    const struct article_marks m = article_marks(a);
    if (a->claimed && *a->claimed->name)
        buf_addf(out, "  [claimed to be from %s]", a->claimed->name);
    if (a->copy_of)
        buf_addf(out, "  [copy of %" PRIu64 "]", a->copy_of);
    if (a->agency)
        buf_addf(out, "  [%s]", a->agency);
    if (a->versions.n)
        buf_addf(out, "  [edited %zu times]", a->versions.n);
    if (*m.author)
        buf_addf(out, "  [by %s]", m.author);
    if (m.paywalled)
        buf_adds(out, "  [paywall]");
    if (*m.kind)
        buf_addf(out, "  [%s]", m.kind);
    if (m.page < PAGE_OUTCOME_COUNT)
        buf_addf(out, "  [page %s]", page_outcome_text(m.page));
}

static void print_article(struct term_table *t, const struct article_record *a, bool why)
{
    struct buf marks;
    buf_init(&marks, 4096);
    add_article_marks(&marks, a);
    term_number(t, (int64_t)a->number);
    term_date(t, a->published);
    term_cell(t, a->source.name, TERM_PLAIN);
    term_marked(t, a->title, buf_text(&marks));
    buf_free(&marks);
    if (why)
        why_print(article_why(a));
}

static int print_articles(struct command_options *o, uint64_t event)
{
    story_list *list;
    struct story_entry entry;
    struct term_table table = term_table(article_columns, o->color);
    if (!o->json) {
        putchar('\n');
        term_titles(&table);
    }
    int error = story_articles_of(o->view, event, &list);
    while (!error && !(error = story_next(list, &entry))) {
        struct article_record article = {0};
        if (o->json)
            command_print(o, &entry);
        else if (command_load(o, &entry, &article_table, &article))
            print_article(&table, &article, o->why);
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
    if (!command_begin(argc, argv, "djwa#", 1, show_help, &o, &status))
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
        print_event(&event, o.color);
        print_time_line(&event, o.color);
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
    "usage: storyctl posts [--db DIR] [--json] [--color WHEN] EVENT\n"
    "\n"
    "Lists the posts from social feeds about an event, in order of number: the author of each, "
    "how\n"
    "it was assigned to the event (link: it links to one of its articles; title: it quotes the\n"
    "title of one; engine: by its words), and its text.\n"
    "\n"
    "  --json        print JSON Lines\n"
    "  --color WHEN  auto, always or never (default: auto)\n"
    "  --db DIR      the store (default: /var/lib/storyd)\n";

static const struct term_column post_columns[] = {
    {"POST", 10, .right = true}, {"PUBLISHED", 12, .wide = 60}, {"AUTHOR", 24, 12, .wide = 90},
    {"BY", 6, .wide = 60},       {"TEXT", .whole = true},       {0}};

static void print_post(struct term_table *t, const struct post_record *post)
{
    term_number(t, (int64_t)post->number);
    term_date(t, post->time);
    term_cell(t, codec_text(post->handle ? post->handle : post->author), TERM_PLAIN);
    term_cell(t, post->why, TERM_PLAIN);
    term_cell(t, post->text, TERM_PLAIN);
}

int posts_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_begin(argc, argv, "dja#", 1, posts_help, &o, &status))
        return status;
    struct term_table table = term_table(post_columns, o.color);
    uint64_t number = o.number;
    struct story_entry entry;
    story_list *list = NULL;
    int error = story_event(o.view, number, &entry);
    if (!error)
        error = story_posts_of(o.view, entry.number, &list);
    if (!error && !o.json)
        term_titles(&table);
    while (!error && !(error = story_next(list, &entry))) {
        struct post_record post = {0};
        if (o.json)
            command_print(&o, &entry);
        else if (command_load(&o, &entry, &post_table, &post))
            print_post(&table, &post);
        codec_free(&post_table, &post);
    }
    story_list_free(list);
    command_close(&o);
    if (is_no_event(error))
        return no_event("posts", number, error);
    return error && error != STORY_END ? command_failed(&o, error) : 0;
}

/* ---- export --------------------------------------------------------------------------------- */

static const char export_help[] =
    "usage: storyctl export [--db DIR] [--since TIME] [--until TIME]\n"
    "\n"
    "Prints events in order of number as JSON Lines: the record of each, with the records of its\n"
    "articles in one more field, articles. Each line reflects one state of the store, but\n"
    "different lines may reflect different states; for a consistent export, export a backup.\n"
    "\n"
    "  --since TIME  only events last updated at this time or later: 2026-03-31,\n"
    "                2026-03-31T14:00:00Z, seconds since 1970, or an age such as 90m, 36h, 2d\n"
    "  --until TIME  only events last updated at this time or earlier; a date includes its day\n"
    "  --db DIR      the store (default: /var/lib/storyd)\n";

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

static int export_event(const struct command_options *o, const struct story_entry *event)
{
    fwrite(event->json, 1, event->length - 1, stdout); /* without the closing brace */
    fputs(",\"articles\":[", stdout);
    int error = export_articles(o, event->number);
    fputs("]}\n", stdout);
    return error;
}

/* Exports as much as fits in one view, which also ends after so many events outside the span; no
 * view is open while a slow or stalled consumer reads. */
static int export_some(struct command_options *o, uint64_t *next)
{
    enum { LOOKS = 10000 };
    story_list *list;
    struct story_entry entry;
    int error = story_events_from(o->view, *next, &list);
    for (int n = 0; n < LOOKS && !error && !command_is_enough(); n++) {
        error = story_next(list, &entry);
        if (error)
            break;
        command_end_if_asked(o);
        if (is_in_span(o, &entry))
            error = export_event(o, &entry);
        *next = entry.number + 1;
    }
    story_list_free(list);
    return error;
}

int export_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_begin(argc, argv, "dtU", 0, export_help, &o, &status))
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
