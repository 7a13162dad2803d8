/* storyctl merge, split, move, ...: sends editors' decisions to the running daemon, which alone
 * writes. storyctl history: reads the decisions from the store. */
#include "storyctl/editing.h"

#include "store/decision_record.h"
#include "store/record.h"
#include "storyctl/client.h"
#include "storyctl/command.h"
#include "storyctl/term.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- arguments ------------------------------------------------------------------------------ */

static const char common_help[] =
    "  --who NAME      name of the editor (default: login name)\n"
    "  --reason TEXT   the reason\n"
    "  --json          print the decision as one JSON record\n"
    "  --socket PATH   the daemon's socket, or http://:TOKEN@HOST:PORT\n"
    "                  (default: STORYD_URL, or storyd.sock in the store)\n"
    "  --db DIR        the store (default: /var/lib/storyd)\n";

static const struct editing_kind {
    const char *name, *off; /* the kind of decision, and the kind with --off */
    const char *fields[3];  /* for the arguments in order; "articles" takes all remaining ones */
    const char *usage, *help;
} kinds[] = {
    {"merge",
     NULL,
     {"event", "into"},
     "EVENT INTO",
     "Merges two events permanently; the larger event keeps its number.\n"},
    {"split",
     NULL,
     {"event", "articles"},
     "EVENT ARTICLE...",
     "Moves articles of an event into an event of their own, permanently.\n"},
    {"move",
     NULL,
     {"event", "into", "articles"},
     "EVENT INTO ARTICLE",
     "Moves an article from one event to another, permanently.\n"},
    {"rename",
     NULL,
     {"event", "title"},
     "EVENT TITLE",
     "Sets the title of an event; later articles do not change it.\n"},
    {"pin",
     "unpin",
     {"event"},
     "[--off] EVENT",
     "Keeps an event at the top; with --off no longer.\n"},
    {"mute", "unmute", {"event"}, "[--off] EVENT", "Hides an event; with --off shows it again.\n"},
    {"tag",
     "untag",
     {"event", "tag"},
     "[--off] EVENT TAG",
     "Adds a tag to an event; with --off removes it.\n"},
    {"note", NULL, {"event", "text"}, "EVENT TEXT", "Adds a note to an event.\n"},
    {"write",
     NULL,
     {"event", "field", "text"},
     "EVENT summary|meaning|details TEXT",
     "Replaces a part of the event's text with your own.\n"},
    {"signal",
     NULL,
     {"event", "value"},
     "EVENT more|less|none",
     "Asks for more or less of this kind: shifts the rank of the event and, to a smaller degree, "
     "of\n"
     "similar events.\n"},
    {"undo",
     NULL,
     {"decision"},
     "DECISION",
     "Reverts a decision; `storyctl history` lists them.\n"},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static bool is_text_field(const char *field)
{
    return !strcmp(field, "title") || !strcmp(field, "tag") || !strcmp(field, "text") ||
           !strcmp(field, "field");
}

static json_t *json_number(const char *text)
{
    char *end;
    uint64_t number = strtoull(text, &end, 10);
    if (*text < '1' || *text > '9' || *end || number > INT64_MAX)
        return NULL;
    return json_integer((json_int_t)number);
}

static json_t *signal_value(const char *text)
{
    static const char *const words[] = {"less", "none", "more"};
    for (int i = 0; i < 3; i++)
        if (!strcmp(text, words[i]))
            return json_integer(i - 1);
    return NULL;
}

static json_t *argument(const char *field, const char *text)
{
    if (is_text_field(field))
        return json_string(text);
    return !strcmp(field, "value") ? signal_value(text) : json_number(text);
}

/* Builds the request; NULL with a message if an argument is invalid. */
static json_t *ask_of(const struct editing_kind *k, const struct command_options *o)
{
    json_t *ask = json_pack("{s:s,s:s,s:s}", "kind", o->off ? k->off : k->name, "who", o->who,
                            "why", o->reason ? o->reason : "");
    int at = 0;
    for (int f = 0; ask && f < 3 && k->fields[f]; f++) {
        const char *field = k->fields[f];
        bool many = !strcmp(field, "articles");
        json_t *all = many ? json_array() : NULL, *one = NULL;
        do {
            one = argument(field, o->arguments[at]);
            if (!one) {
                fprintf(stderr, "storyctl %s: invalid value \"%s\" for %s; usage: storyctl %s %s\n",
                        k->name, o->arguments[at], many ? "article" : field, k->name, k->usage);
                json_decref(all);
                json_decref(ask);
                return NULL;
            }
            if (many)
                json_array_append_new(all, one);
        } while (many && ++at < o->n_arguments);
        json_object_set_new(ask, field, many ? all : one);
        at++;
    }
    return ask;
}

/* ---- the request ---------------------------------------------------------------------------- */

const char *editing_login(void)
{
    const struct passwd *user = getpwuid(getuid());
    return user && *user->pw_name ? user->pw_name : "someone";
}

static const struct term_column decision_columns[] = {{"", 8, .right = true}, {"", 12, .wide = 60},
                                                      {"", .width = 12},      {"", .width = 7},
                                                      {"", .whole = true},    {0}};

static void print_decision(struct term_table *t, const struct decision_record *d)
{
    const char *const texts[] = {d->title, d->tag, d->text};
    struct buf what;
    buf_init(&what, 1 << 16);
    buf_addf(&what, "event %" PRIu64, d->event);
    if (d->into)
        buf_addf(&what, " -> %" PRIu64, d->into);
    if (d->undoes)
        buf_addf(&what, " undoes %" PRIu64, d->undoes);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i])
            buf_addf(&what, ": %s", texts[i]);
    if (!strcmp(d->kind, "signal"))
        buf_addf(&what, ": %+d", (int)json_integer_value(d->after));
    if (d->undone_by)
        buf_addf(&what, "  [undone by %" PRIu64 "]", d->undone_by);
    if (*d->why)
        buf_addf(&what, "  (%s)", d->why);
    term_number(t, (int64_t)d->number);
    term_date(t, d->time);
    term_cell(t, d->who, TERM_PLAIN);
    term_cell(t, d->kind, TERM_PLAIN);
    term_cell(t, buf_text(&what), TERM_PLAIN);
    buf_free(&what);
}

static void print_refusal(const char *command, const json_t *answer)
{
    const char *detail = record_text(answer, "detail");
    fprintf(stderr, "storyctl %s: ", command);
    term_print(stderr, *detail ? detail : "storyd refused the request");
    fputc('\n', stderr);
}

static int post(const struct editing_kind *k, const struct command_options *o, const json_t *ask)
{
    json_t *answer;
    int status = client_ask(k->name, o, "/api/v1/decisions", ask, &answer);
    if (status == 201 && o->json) {
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (status == 201) {
        struct term_table table = term_table(decision_columns, o->color);
        struct decision_record decision;
        codec_read(&decision_table, answer, &decision);
        print_decision(&table, &decision);
        codec_free(&decision_table, &decision);
    } else if (status > 0) {
        print_refusal(k->name, answer);
    }
    json_decref(answer);
    return status == 201 ? 0 : 1;
}

int decide_main(int argc, char **argv)
{
    const struct editing_kind *k = kinds;
    while (strcmp(k->name, argv[0]) != 0)
        k++;
    int n = 0;
    while (n < 3 && k->fields[n])
        n++;
    bool many = !strcmp(k->name, "split");
    char help[1500];
    snprintf(help, sizeof help, "usage: storyctl %s [OPTION]... %s\n\n%s\n%s%s", k->name, k->usage,
             k->help, k->off ? "  --off           revert: unpin, unmute or remove the tag\n" : "",
             common_help);
    struct command_options o;
    int status;
    if (!command_options(argc, argv, k->off ? "djkWyo" : "djkWy", many ? -n : n, help, &o, &status))
        return status;
    if (!o.who)
        o.who = editing_login();
    json_t *ask = ask_of(k, &o);
    status = ask ? post(k, &o, ask) : 2;
    json_decref(ask);
    return status;
}

/* ---- forget --------------------------------------------------------------------------------- */

static const char forget_help[] =
    "usage: storyctl forget [OPTION]... NUMBER\n"
    "\n"
    "Removes the text of an article, or of all articles of a feed, for good: summary, text, "
    "author,\n"
    "image, earlier versions and page, also from what its event says. The title, the address and\n"
    "the counts stay.\n"
    "\n"
    "  --feed          NUMBER is that of a feed: all of its articles\n"
    "  --who NAME      who wants it, for the log (default: login name)\n"
    "  --reason TEXT   the reason, for the log\n"
    "  --json          print the response as JSON\n"
    "  --socket PATH   the daemon's socket (default: storyd.sock in the store)\n"
    "  --db DIR        the store (default: /var/lib/storyd)\n";

static void print_forgotten(const struct command_options *o, const json_t *answer)
{
    if (o->json) {
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (o->feed) {
        printf("removing the texts of feed %" PRIu64 "; the log says when it is finished\n",
               o->number);
    } else {
        printf("removed the text of article %" PRIu64 ", in event %" PRIu64 "\n", o->number,
               record_number(answer, "event"));
    }
}

int forget_main(int argc, char **argv)
{
    struct command_options o;
    json_t *answer;
    int status;
    if (!command_options(argc, argv, "djkWyf#", 1, forget_help, &o, &status))
        return status;
    json_t *ask =
        json_pack("{s:I,s:s,s:s}", o.feed ? "feed" : "article", (json_int_t)o.number, "who",
                  o.who ? o.who : editing_login(), "why", o.reason ? o.reason : "");
    status = client_ask("forget", &o, "/api/v1/forget", ask, &answer);
    bool done = status == 200 || status == 202;
    if (done)
        print_forgotten(&o, answer);
    else if (status > 0)
        print_refusal("forget", answer);
    json_decref(answer);
    json_decref(ask);
    return done ? 0 : 1;
}

/* ---- history -------------------------------------------------------------------------------- */

static const char history_help[] =
    "usage: storyctl history [--db DIR] [--event N] [--limit N] [--json] [--color WHEN]\n"
    "\n"
    "Lists editors' decisions, newest first.\n"
    "\n"
    "  --event N     only decisions about this event, or into it\n"
    "  --limit N     maximum number (default: 20; 0: all)\n"
    "  --json        print one JSON record per line\n"
    "  --color WHEN  auto, always or never (default: auto)\n"
    "  --db DIR      the store (default: /var/lib/storyd)\n";

int history_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    story_list *list;
    if (!command_begin(argc, argv, "djnea", 0, history_help, &o, &status))
        return status;
    int64_t left = o.limit < 0 ? 20 : o.limit ? o.limit : INT64_MAX, shown = 0;
    struct term_table table = term_table(decision_columns, o.color);
    struct story_entry entry;
    int error = story_decisions(o.view, 0, &list);
    while (!error && left > 0 && !(error = story_next(list, &entry))) {
        uint64_t number = entry.number;
        struct decision_record d;
        if (!command_load(&o, &entry, &decision_table, &d)) {
            error = STORY_CORRUPT;
        } else if (!o.event || d.event == (uint64_t)o.event || d.into == (uint64_t)o.event) {
            if (o.json)
                command_print(&o, &entry);
            else
                print_decision(&table, &d);
            left--;
            shown++;
        }
        codec_free(&decision_table, &d);
        if (!error &&
            command_is_enough()) { /* decisions are never removed: a new view has the rest */
            story_list_free(list);
            list = NULL;
            command_end_view(&o);
            error = command_view(&o);
            if (!error)
                error = story_decisions(o.view, number, &list);
        }
    }
    story_list_free(list);
    command_close(&o);
    if (error && error != STORY_END)
        return command_failed(&o, error);
    if (!shown && !o.json)
        puts("no decisions");
    return 0;
}
