/* storyctl, the command line: finds the command in a table and runs it. Each command reads its own
 * options, also those that stand before its name. */
#include "base/edits.h"
#include "base/mem.h"
#include "storyctl/cluster.h"
#include "storyctl/command.h"
#include "storyctl/editing.h"
#include "storyctl/describe_event.h"
#include "storyctl/mcp.h"
#include "storyctl/parse.h"
#include "storyctl/read_page.h"
#include "storyctl/replay.h"
#include "storyctl/rate_tone.h"
#include "storyctl/explain.h"
#include "version.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"list", list_main, "list events, most recently updated first"},
    {"search", search_main, "find events by the texts of their articles"},
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
    {"forget", forget_main, "remove the text of an article or of a feed's articles"},
    {"history", history_main, "list editors' decisions"},
    {"mcp", mcp_main, "serve the store to an AI assistant (Model Context Protocol)"},
    {"feeds", feeds_main, "list feeds and their status; change the feed list"},
    {"pages", pages_main, "list articles' pages and their status"},
    {"health", health_main, "report whether storyd is running and polling"},
    {"promote", promote_main, "make this standby the engine of its cluster"},
    {"doctor", doctor_main, "check what storyd needs, and say what to do"},
    {"stats", stats_main, "print statistics of the store"},
    {"check", check_main, "verify the store, or repair it"},
    {"backup", backup_main, "copy the store"},
    {"restore", restore_main, "verify a backup, and make it the store"},
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
    fputs("\nSee `storyctl help COMMAND` and storyctl(1).\n", out);
}

static const struct command *command_by_name(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (!strcmp(name, commands[i].name))
            return &commands[i];
    return NULL;
}

/* The command that was meant most likely; NULL if none is within two edits. */
static const char *similar_command(const char *name)
{
    const char *best = NULL;
    size_t best_edits = 3;
    for (size_t i = 0; i < N_COMMANDS; i++) {
        size_t n = edits_between(name, commands[i].name);
        if (n < best_edits && n < strlen(commands[i].name)) {
            best = commands[i].name;
            best_edits = n;
        }
    }
    return best;
}

static int unknown_command(const char *name)
{
    const char *similar = similar_command(name);
    fprintf(stderr, "storyctl: unknown command \"%s\"", name);
    if (similar)
        fprintf(stderr, "; did you mean \"%s\"?\n", similar);
    else
        fputs("; `storyctl help` lists the commands\n", stderr);
    return 2;
}

static int run_command(const struct command *c, int argc, char **argv)
{
    int status = c->run(argc, argv);
    command_wrote(c->name);
    return status;
}

/* help, help COMMAND */
static int help_on(const char *name)
{
    char dashes[] = "--help", *argv[] = {NULL, dashes, NULL};
    const struct command *c = name ? command_by_name(name) : NULL;
    if (name && !c)
        return unknown_command(name);
    if (!c) {
        usage(stdout);
        return 0;
    }
    argv[0] = (char *)(uintptr_t)c->name;
    return run_command(c, 2, argv);
}

/* The number of words before the command: options, some of which take the next word. */
static int words_before(int argc, char **argv)
{
    static const char *const with_value[] = {"--db", "--socket", "--config"};
    int n = 1;
    while (n < argc && argv[n][0] == '-' && argv[n][1]) {
        const char *option = argv[n++];
        for (size_t i = 0; i < sizeof with_value / sizeof *with_value; i++)
            n += n < argc && !strcmp(option, with_value[i]);
    }
    return n - 1;
}

/* Moves the options before the command behind its own: to the end, or before a "--". The array is
 * the caller's. */
static char **command_first(int argc, char **argv, int before)
{
    char **out = mem_zero((size_t)(argc + 1) * sizeof *out);
    int n = 0, i = before + 1;
    out[n++] = argv[0];
    while (i < argc && strcmp(argv[i], "--") != 0)
        out[n++] = argv[i++];
    for (int k = 1; k <= before; k++)
        out[n++] = argv[k];
    while (i < argc)
        out[n++] = argv[i++];
    return out;
}

static int find_and_run(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (!*name) {
        usage(stderr);
        return 2;
    }
    if (!strcmp(name, "--version")) {
        version_print("storyctl");
        return 0;
    }
    if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
        return help_on(argc > 2 ? argv[2] : NULL);
    const struct command *c = command_by_name(name);
    return c ? run_command(c, argc - 1, argv + 1) : unknown_command(name);
}

int main(int argc, char **argv)
{
    int before = words_before(argc, argv);
    if (before == 0 || before + 1 == argc)
        return find_and_run(argc, argv);
    char **all = command_first(argc, argv, before);
    int status = find_and_run(argc, all);
    free(all);
    return status;
}
