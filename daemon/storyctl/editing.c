/* storyctl merge, split, move, ...: what editors decide; history: what they decided. */
#include "storyctl/editing.h"

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

/* ---- what the arguments are ----------------------------------------------------------------- */

static const char common_help[] =
    "  --who NAME      who decides (your login name)\n"
    "  --reason TEXT   why\n"
    "  --json          the decision as one JSON record\n"
    "  --socket PATH   the daemon's socket (storyd.sock in the store)\n"
    "  --db DIR        the store (/var/lib/storyd)\n";

/* The arguments in order: letters are a number in the field of that row, '*' all further ones as
 * articles, "t" a text. */
static const struct kind {
    const char *name, *off; /* the kind of decision, and with --off */
    const char *fields[3];  /* of the arguments, in order; "articles" takes all that follow */
    const char *usage, *help;
} kinds[] = {
    {"merge",
     NULL,
     {"event", "into"},
     "EVENT INTO",
     "Two events are one, for ever; the larger one's number stays.\n"},
    {"split",
     NULL,
     {"event", "articles"},
     "EVENT ARTICLE...",
     "Articles of an event become an event of their own, for ever.\n"},
    {"move",
     NULL,
     {"event", "into", "articles"},
     "EVENT INTO ARTICLE",
     "An article of one event belongs to another, for ever.\n"},
    {"rename",
     NULL,
     {"event", "title"},
     "EVENT TITLE",
     "Gives an event a title, which stays whatever comes.\n"},
    {"pin", "unpin", {"event"}, "[--off] EVENT", "Keeps an event on top; with --off no more.\n"},
    {"mute",
     "unmute",
     {"event"},
     "[--off] EVENT",
     "Keeps an event out of sight; with --off no more.\n"},
    {"tag",
     "untag",
     {"event", "tag"},
     "[--off] EVENT TAG",
     "Gives an event a tag; with --off takes it away.\n"},
    {"note", NULL, {"event", "text"}, "EVENT TEXT", "Adds a note to an event.\n"},
    {"write",
     NULL,
     {"event", "field", "text"},
     "EVENT summary|meaning|details TEXT",
     "What an event says, in your words in place of the sources'.\n"},
    {"signal",
     NULL,
     {"event", "value"},
     "EVENT more|less|none",
     "More or less of this: shifts the event's rank, and gently that of others like it.\n"},
    {"undo",
     NULL,
     {"decision"},
     "DECISION",
     "Takes a decision back; `storyctl history` has them.\n"},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static bool is_text(const char *field)
{
    return !strcmp(field, "title") || !strcmp(field, "tag") || !strcmp(field, "text") ||
           !strcmp(field, "field");
}

static json_t *number_of(const char *text)
{
    char *end;
    uint64_t number = strtoull(text, &end, 10);
    if (*text < '1' || *text > '9' || *end || number > INT64_MAX)
        return NULL;
    return json_integer((json_int_t)number);
}

static json_t *value_of(const char *text)
{
    static const char *const words[] = {"less", "none", "more"};
    for (int i = 0; i < 3; i++)
        if (!strcmp(text, words[i]))
            return json_integer(i - 1);
    return NULL;
}

static json_t *argument(const char *field, const char *text)
{
    if (is_text(field))
        return json_string(text);
    return !strcmp(field, "value") ? value_of(text) : number_of(text);
}

/* What to ask for; NULL when an argument is no good, and that was said. */
static json_t *ask_of(const struct kind *k, const struct command_options *o)
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
                fprintf(stderr, "storyctl %s: \"%s\" is no good as %s; usage: storyctl %s %s\n",
                        k->name, o->arguments[at], many ? "an article" : field, k->name, k->usage);
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

/* ---- asking --------------------------------------------------------------------------------- */

static const char *login_name(void)
{
    const struct passwd *user = getpwuid(getuid());
    return user && *user->pw_name ? user->pw_name : "someone";
}

static void print_decision(const json_t *d)
{
    char when[32];
    printf("%8" PRIu64 "  ", record_number(d, "id"));
    term_text(term_time((int64_t)record_number(d, "time"), when), 0, 12);
    fputs("  ", stdout);
    term_text(record_text(d, "who"), 12, 12);
    printf("  %-7s event %" PRIu64, record_text(d, "kind"), record_number(d, "event"));
    if (record_number(d, "into"))
        printf(" -> %" PRIu64, record_number(d, "into"));
    if (record_number(d, "undoes"))
        printf(" undoes %" PRIu64, record_number(d, "undoes"));
    static const char *const texts[] = {"title", "tag", "text"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*record_text(d, texts[i])) {
            fputs(": ", stdout);
            term_text(record_text(d, texts[i]), 0, 0);
        }
    if (!strcmp(record_text(d, "kind"), "signal"))
        printf(": %+d", (int)json_integer_value(json_object_get(d, "after")));
    if (record_number(d, "undone_by"))
        printf("  [undone by %" PRIu64 "]", record_number(d, "undone_by"));
    if (*record_text(d, "why")) {
        fputs("  (", stdout);
        term_text(record_text(d, "why"), 0, 0);
        putchar(')');
    }
    putchar('\n');
}

static int post(const struct kind *k, const struct command_options *o, const json_t *ask)
{
    char path[4096];
    json_t *answer;
    if (o->socket)
        snprintf(path, sizeof path, "%s", o->socket);
    else
        snprintf(path, sizeof path, "%s/storyd.sock", o->db);
    int status = client_post(k->name, path, "/api/v1/decisions", ask, &answer);
    if (status == 201 && o->json) {
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
    } else if (status == 201) {
        print_decision(answer);
    } else if (status > 0) {
        fprintf(stderr, "storyctl %s: ", k->name);
        term_print(stderr, *record_text(answer, "detail") ? record_text(answer, "detail")
                                                          : "storyd refused it");
        fputc('\n', stderr);
    }
    json_decref(answer);
    return status == 201 ? 0 : 1;
}

int decide_main(int argc, char **argv)
{
    const struct kind *k = kinds;
    while (strcmp(k->name, argv[0]) != 0)
        k++;
    int n = 0;
    while (n < 3 && k->fields[n])
        n++;
    bool many = !strcmp(k->name, "split");
    char help[1500];
    snprintf(help, sizeof help, "usage: storyctl %s [OPTION]... %s\n\n%s\n%s%s", k->name, k->usage,
             k->help, k->off ? "  --off           the contrary\n" : "", common_help);
    struct command_options o;
    int status;
    if (!command_options(argc, argv, k->off ? "djkWyo" : "djkWy", many ? -n : n, help, &o, &status))
        return status;
    if (!o.who)
        o.who = login_name();
    json_t *ask = ask_of(k, &o);
    status = ask ? post(k, &o, ask) : 2;
    json_decref(ask);
    return status;
}

/* ---- history -------------------------------------------------------------------------------- */

static const char history_help[] =
    "usage: storyctl history [--db DIR] [--event N] [--limit N] [--json]\n"
    "\n"
    "What editors decided, the latest first.\n"
    "\n"
    "  --event N    on this event, or into it\n"
    "  --limit N    at most so many (20; 0 for all)\n"
    "  --json       one JSON record a line\n"
    "  --db DIR     the store (/var/lib/storyd)\n";

int history_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    story_list *list;
    if (!command_begin(argc, argv, "djne", 0, history_help, &o, &status))
        return status;
    int64_t left = o.limit < 0 ? 20 : o.limit ? o.limit : INT64_MAX, shown = 0;
    struct story_entry entry;
    int error = story_decisions(o.view, 0, &list);
    while (!error && left > 0 && !(error = story_next(list, &entry))) {
        uint64_t number = entry.number;
        json_t *d = command_record(&o, &entry);
        if (!d) {
            error = STORY_CORRUPT;
        } else if (!o.event || record_number(d, "event") == (uint64_t)o.event ||
                   record_number(d, "into") == (uint64_t)o.event) {
            if (o.json)
                command_print(&o, &entry);
            else
                print_decision(d);
            left--;
            shown++;
        }
        json_decref(d);
        if (!error &&
            command_is_enough()) { /* decisions stay: the rest is the same in a new view */
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
