/* storyctl, the command line: finds the command in a table and runs it. Each command reads its own
 * options. */
#include "storyctl/cluster.h"
#include "storyctl/command.h"
#include "storyctl/editing.h"
#include "storyctl/describe_event.h"
#include "storyctl/parse.h"
#include "storyctl/read_page.h"
#include "storyctl/replay.h"
#include "storyctl/rate_tone.h"
#include "storyctl/explain.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"list", list_main, "list events, most recently updated first"},
    {"show", show_main, "show an event with its articles"},
    {"posts", posts_main, "list posts from social feeds about an event"},
    {"why", why_main, "explain why an article is or is not in an event"},
    {"tail", tail_main, "follow changes"},
    {"export", export_main, "print all events with their articles as JSON Lines"},
    {"merge", decide_main, "merge two events"},
    {"split", decide_main, "move articles of an event into a new event"},
    {"move", decide_main, "move an article to another event"},
    {"rename", decide_main, "set the title of an event"},
    {"pin", decide_main, "keep an event at the top"},
    {"mute", decide_main, "hide an event"},
    {"tag", decide_main, "add a tag to an event"},
    {"note", decide_main, "add a note to an event"},
    {"write", decide_main, "replace a part of an event's text with your own"},
    {"signal", decide_main, "ask for more or less of an event's kind"},
    {"undo", decide_main, "revert a decision"},
    {"history", history_main, "list editors' decisions"},
    {"feeds", feeds_main, "list feeds and their status; change the feed list"},
    {"pages", pages_main, "list articles' pages and their status"},
    {"health", health_main, "report whether storyd is running and polling"},
    {"stats", stats_main, "print statistics of the store"},
    {"check", check_main, "verify the store"},
    {"backup", backup_main, "copy the store"},
    {"parse", parse_main, "convert a feed document to JSON"},
    {"page", page_main, "extract the article from a web page's HTML"},
    {"replay", replay_main, "process recorded feed documents into a store"},
    {"cluster", cluster_main, "group articles given as JSON Lines"},
    {"describe", describe_main, "describe the event of articles given as JSON Lines"},
    {"tone", tone_main, "rate the tone of posts given as JSON Lines"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void usage(FILE *out)
{
    fputs("usage: storyctl COMMAND [OPTION]... [ARGUMENT]...\n\n", out);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    fputs("\nSee `storyctl COMMAND --help` and storyctl(1).\n", out);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "--version")) {
        puts("storyctl " STORYD_VERSION);
        return 0;
    }
    if (argc > 1 && !strcmp(argv[1], "--help")) {
        usage(stdout);
        return 0;
    }
    for (size_t i = 0; argc > 1 && i < N_COMMANDS; i++)
        if (!strcmp(argv[1], commands[i].name)) {
            int status = commands[i].run(argc - 1, argv + 1);
            command_wrote(argv[1]);
            return status;
        }
    if (argc > 1)
        fprintf(stderr, "storyctl: unknown command \"%s\"\n", argv[1]);
    usage(stderr);
    return 2;
}
