/* storyctl tail, stats: the commands that read a store as a whole. */
#include "storyctl/command.h"

#include "base/buf.h"
#include "base/clock.h"
#include "store/feed_record.h"
#include "store/generated.h"
#include "store/reader.h"
#include "store/readers.h"
#include "store/change_record.h"
#include "storyctl/term.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- tail ----------------------------------------------------------------------------------- */

static const char tail_help[] =
    "usage: storyctl tail [--db DIR] [--since SEQ] [--json] [--color WHEN]\n"
    "\n"
    "Follows the change log: events that are created, joined, updated, merged, split and expired.\n"
    "\n"
    "  --since SEQ   start after this change; 0: with the first (default: only new changes)\n"
    "  --json        print one JSON record per line\n"
    "  --color WHEN  auto, always or never (default: auto)\n"
    "  --db DIR      the store (default: /var/lib/storyd)\n";

static const struct term_column change_columns[] = {{"", 9, .right = true}, {"", 12, .wide = 60},
                                                    {"", .width = 9},       {"", 7, .right = true},
                                                    {.title = ""},          {0}};

static void print_change(struct term_table *t, story_view *view, const struct change_record *change)
{
    struct story_entry entry;
    struct event_record event = {.number = 0};
    struct buf what;
    buf_init(&what, 4096);
    if (!story_event(view, change->event, &entry))
        codec_load(&event_head_table, entry.json, entry.length, &event);
    if (change->from)
        buf_addf(&what, "%s %" PRIu64 ": ", !strcmp(change->kind, "split") ? "part of" : "absorbed",
                 change->from);
    if (change->into)
        buf_addf(&what, "split off %" PRIu64 ": ", change->into);
    buf_addf(&what, "[%" PRIu64 " sources] %s", event.source_count, codec_text(event.title));
    term_number(t, (int64_t)change->seq);
    term_date(t, change->time);
    term_cell(t, change->kind, TERM_PLAIN);
    term_number(t, (int64_t)change->event);
    term_cell(t, buf_text(&what), TERM_PLAIN);
    buf_free(&what);
    codec_free(&event_head_table, &event);
}

/* Prints the changes after *seq, a bounded number per view, and advances *seq. A view may be open
 * at the call; none is open at the return. */
static int print_changes(struct command_options *o, uint64_t *seq)
{
    enum { PAGE = 1000 };
    struct term_table table = term_table(change_columns, o->color);
    story_list *list;
    struct story_entry entry;
    int error, n = PAGE;
    while (n == PAGE) {
        error = o->view ? 0 : command_view(o);
        if (!error)
            error = story_changes_since(o->view, *seq, &list);
        if (error)
            break;
        for (n = 0; !error && n < PAGE && !(error = story_next(list, &entry)); n++) {
            struct change_record change = {0};
            if (o->json)
                command_print(o, &entry);
            else if (command_load(o, &entry, &change_table, &change))
                print_change(&table, o->view, &change);
            codec_free(&change_table, &change);
            *seq = entry.seq;
        }
        story_list_free(list);
        if (error == STORY_END)
            error = 0;
        if (error)
            break;
        command_end_view(o);
    }
    return error;
}

/* The writer changes the data file with each commit. */
static int wait_for_change(int watch)
{
    enum { AT_LEAST_EVERY = 5000 }; /* ms, in case a notification is lost */
    char notices[4096];
    struct pollfd p = {.fd = watch, .events = POLLIN};
    if (poll(&p, 1, AT_LEAST_EVERY) < 0)
        return errno;
    if (p.revents & POLLIN && read(watch, notices, sizeof notices) < 0)
        return errno;
    return 0;
}

int tail_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_begin(argc, argv, "djqa", 0, tail_help, &o, &status))
        return status;
    uint64_t last = story_last_seq(o.view), seq = o.since < 0 ? last : (uint64_t)o.since;
    if (seq > last) {
        command_close(&o);
        fprintf(stderr,
                "storyctl tail: change %" PRIu64 " is in the future: the last change is %" PRIu64
                "; without --since, tail shows all changes from now on\n",
                seq, last);
        return 1;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/data.mdb", o.db);
    int watch = inotify_init1(IN_CLOEXEC), error = 0;
    if (watch < 0 || inotify_add_watch(watch, path, IN_MODIFY) < 0)
        error = errno;
    while (!error && !(error = print_changes(&o, &seq)))
        error = wait_for_change(watch);
    close(watch);
    command_close(&o);
    if (error == STORY_GONE) {
        fprintf(stderr,
                "storyctl tail: changes after %" PRIu64
                " were deleted, see keep_changes in storyd.conf(5); `storyctl list` shows the "
                "events as they are now, --since 0 all changes that are kept\n",
                seq);
        return 1;
    }
    return command_failed(&o, error);
}

/* ---- stats ---------------------------------------------------------------------------------- */

static const char stats_help[] =
    "usage: storyctl stats [--db DIR] [--json]\n"
    "\n"
    "Prints the number of records in the store, and the distribution of events by number of\n"
    "sources.\n"
    "\n"
    "  --json     print one JSON object\n"
    "  --db DIR   the store (default: /var/lib/storyd)\n";

/* Classes of events by number of sources: from `from` up to the next row. */
static const struct {
    const char *name;
    uint64_t from;
} classes[] = {
    {"1 source", 1}, {"2 sources", 2}, {"3 to 4", 3}, {"5 to 9", 5}, {"10 and more", 10}};
enum { N_CLASSES = sizeof classes / sizeof *classes };

struct stats {
    uint64_t events, open, merged, articles, reports, feeds, failing, generated,
        by_class[N_CLASSES];
};

static void count_event(struct stats *s, const void *record)
{
    const struct event_record *event = record;
    if (!strcmp(event->status, "merged")) {
        s->merged++;
        return;
    }
    s->events++;
    s->open += !strcmp(event->status, "open");
    s->articles += event->article_count;
    s->reports += event->report_count;
    s->generated += generated_count(event) > 0;
    size_t c = N_CLASSES - 1;
    while (c > 0 && event->source_count < classes[c].from)
        c--;
    s->by_class[c]++;
}

static void count_feed(struct stats *s, const void *record)
{
    const struct feed_record *feed = record;
    s->feeds++;
    s->failing += !strcmp(feed->state, "error");
}

/* `record` is a struct of the table. */
static int count_records(struct command_options *o, struct stats *s,
                         int (*open_list)(story_view *, story_list **),
                         const struct codec_table *table, void *record,
                         void (*count)(struct stats *, const void *))
{
    story_list *list;
    struct story_entry entry;
    int error = open_list(o->view, &list);
    while (!error && !(error = story_next(list, &entry))) {
        if (command_load(o, &entry, table, record))
            count(s, record);
        codec_free(table, record);
    }
    story_list_free(list);
    return error == STORY_END ? 0 : error;
}

/* Counts the views of other processes; `oldest` is the one that holds the most space. */
static void count_views(story_db *db, size_t *n, struct readers_view *oldest)
{
    struct readers_view all[READERS_MOST];
    size_t listed, kept = 0;
    *oldest = (struct readers_view){0};
    if (reader_views(db, all, READERS_MOST, &listed))
        listed = 0;
    for (size_t i = 0; i < listed; i++) {
        if (all[i].pid == getpid())
            continue;
        kept++;
        if (all[i].behind > oldest->behind)
            *oldest = all[i];
    }
    *n = kept;
}

/* Per day in UTC, as the daemon counts. */
static uint64_t tokens_today(story_view *view)
{
    return reader_number(view, "enrich_day") == (uint64_t)wall_clock() / 86400
               ? reader_number(view, "enrich_tokens")
               : 0;
}

static void print_stats(const struct command_options *o, const struct stats *s, uint64_t seq)
{
    size_t views;
    struct readers_view oldest;
    count_views(o->db_open, &views, &oldest);
    char path[4096];
    struct stat st = {0};
    snprintf(path, sizeof path, "%s/data.mdb", o->db);
    uint64_t bytes = stat(path, &st) ? 0 : (uint64_t)st.st_size;
    const struct {
        const char *name, *label;
        uint64_t value;
    } rows[] = {
        {"events", "events", s->events},
        {"open", "  of them open", s->open},
        {"merged", "merged", s->merged},
        {"articles", "articles", s->articles},
        {"reports", "independent reports", s->reports},
        {"feeds", "feeds", s->feeds},
        {"failing", "  of them failing", s->failing},
        {"seq", "last change", seq},
        {"bytes", "bytes on disk", bytes},
        {"views", "open views", views},
        {"oldest_view_behind", "  commits behind, of the oldest", oldest.behind},
        {"oldest_view_pid", "  its process, if behind", (uint64_t)oldest.pid},
        {"generated", "events with generated text", s->generated},
        {"model_asked", "  requests to the model", reader_number(o->view, "enrich_asked")},
        {"model_answered", "  readable responses", reader_number(o->view, "enrich_answered")},
        {"model_failed", "  failed requests", reader_number(o->view, "enrich_failed")},
        {"model_kept", "  statements kept", reader_number(o->view, "enrich_kept")},
        {"model_dropped", "  statements dropped", reader_number(o->view, "enrich_dropped")},
        {"model_tokens", "  tokens today", tokens_today(o->view)},
    };
    json_t *all = json_object(), *by_class = json_object();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_object_set_new(all, rows[i].name, json_integer((json_int_t)rows[i].value));
        if (!o->json)
            printf("%-36s %12" PRIu64 "\n", rows[i].label, rows[i].value);
    }
    if (!o->json)
        puts("\nevents by number of sources");
    for (size_t i = 0; i < N_CLASSES; i++) {
        json_object_set_new(by_class, classes[i].name, json_integer((json_int_t)s->by_class[i]));
        if (!o->json)
            printf("  %-34s %12" PRIu64 "\n", classes[i].name, s->by_class[i]);
    }
    json_object_set_new(all, "by_sources", by_class);
    if (o->json) {
        json_dumpf(all, stdout, JSON_COMPACT);
        putchar('\n');
    }
    json_decref(all);
}

int stats_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_begin(argc, argv, "dj", 0, stats_help, &o, &status))
        return status;
    struct stats s = {0};
    struct event_record event;
    struct feed_record feed;
    int error = count_records(&o, &s, story_events_by_number, &event_table, &event, count_event);
    if (!error)
        error = count_records(&o, &s, story_feeds, &feed_table, &feed, count_feed);
    if (!error)
        print_stats(&o, &s, story_last_seq(o.view));
    command_close(&o);
    return error ? command_failed(&o, error) : 0;
}
