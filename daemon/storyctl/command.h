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
    const char *lang, *source, *category, *words;
    const char *config, *title, *group, *url;
    const char *socket, *who, *reason;
    bool off;
    int64_t event;
    int n_arguments; /* what stands behind the options */
    char **arguments;
    uint64_t number; /* the first of them, where it must be one */
};

/* Reads the options that `allowed` names (letters of the table in command.c; # for a number as the
 * first argument), checks that there are `n_arguments` arguments (below 0: so many or more), prints
 * `help` on --help or an error, opens the store and begins a view. True to go on; else the
 * program's exit status is in
 * `*status`, and what is wrong was said. */
bool command_begin(int argc, char **argv, const char *allowed, int n_arguments, const char *help,
                   struct command_options *out, story_db **db, story_view **view, int *status);
void command_close(story_db *db, story_view *view);

/* The same without a store. */
bool command_options(int argc, char **argv, const char *allowed, int n_arguments, const char *help,
                     struct command_options *out, int *status);
bool command_open(const struct command_options *o, story_db **db, story_view **view);

/* Says what went wrong; the exit status for it, 1. */
int command_failed(const struct command_options *o, int error);

/* The record as it lies in the store, and a line end. */
void command_print(const struct story_entry *entry);

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
