/* What the commands that read a store have in common: their options, and opening the store. */
#ifndef STORYCTL_COMMAND_H
#define STORYCTL_COMMAND_H

#include "story.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct command_options {
    const char *command; /* its name, for messages */
    const char *db;
    bool json, why;
    int64_t min_sources, limit;
    int64_t since; /* seconds since 1970, or a change sequence; -1 not given */
    const char *lang, *source;
    int n_arguments; /* what stands behind the options */
    char **arguments;
};

/* Reads the options that `allowed` names (letters of the table in command.c), checks that there are
 * `n_arguments` arguments, and prints `help` on --help or an error. 0 to go on, else the program's
 * exit status plus 1. */
int command_options(int argc, char **argv, const char *allowed, int n_arguments, const char *help,
                    struct command_options *out);

/* Opens the store and begins a view; prints what is wrong otherwise. */
bool command_open(const struct command_options *o, story_db **db, story_view **view);
void command_close(story_db *db, story_view *view);

/* Says what went wrong; the exit status for it, 1. */
int command_failed(const struct command_options *o, int error);

/* A number that stands as an argument; false (with a message) when it is none. */
bool command_number(const struct command_options *o, const char *text, uint64_t *out);

/* The record of an entry; NULL (with a message) when it is no JSON object. */
json_t *command_record(const struct command_options *o, const struct story_entry *entry);

int list_main(int argc, char **argv);
int show_main(int argc, char **argv);
int tail_main(int argc, char **argv);
int export_main(int argc, char **argv);
int feeds_main(int argc, char **argv);
int stats_main(int argc, char **argv);
int check_main(int argc, char **argv);
int backup_main(int argc, char **argv);

#endif
