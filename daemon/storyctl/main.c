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
    {"list", list_main, "the events, latest updated first"},
    {"show", show_main, "one event with its articles"},
    {"posts", posts_main, "what social feeds say of an event"},
    {"why", why_main, "why an article is not in an event, or is"},
    {"tail", tail_main, "follow what changes"},
    {"export", export_main, "all events with their articles, as JSON Lines"},
    {"merge", decide_main, "two events are one"},
    {"split", decide_main, "articles of an event become one of their own"},
    {"move", decide_main, "an article belongs to another event"},
    {"rename", decide_main, "give an event a title"},
    {"pin", decide_main, "keep an event on top"},
    {"mute", decide_main, "keep an event out of sight"},
    {"tag", decide_main, "give an event a tag"},
    {"note", decide_main, "add a note to an event"},
    {"write", decide_main, "what an event says, in your words"},
    {"signal", decide_main, "more or less of an event's kind"},
    {"undo", decide_main, "take a decision back"},
    {"history", history_main, "what was decided, by whom and why"},
    {"feeds", feeds_main, "the feeds and how polling them goes"},
    {"pages", pages_main, "the articles' pages, and how asking for them goes"},
    {"stats", stats_main, "how much there is"},
    {"check", check_main, "verify the store"},
    {"backup", backup_main, "copy the store"},
    {"parse", parse_main, "one feed document to one JSON object"},
    {"page", page_main, "a web page's HTML to the article on it"},
    {"replay", replay_main, "recorded feed documents into a store"},
    {"cluster", cluster_main, "articles as JSON Lines to the event of each"},
    {"describe", describe_main, "articles of one event as JSON Lines to what it says"},
    {"tone", tone_main, "posts as JSON Lines to the tone of each"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void usage(FILE *out)
{
    fputs("usage: storyctl COMMAND [OPTION]... [ARGUMENT]...\n\n", out);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    fputs("\n`storyctl COMMAND --help` tells more; so does storyctl(1).\n", out);
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
        fprintf(stderr, "storyctl: there is no command \"%s\"\n", argv[1]);
    usage(stderr);
    return 2;
}
