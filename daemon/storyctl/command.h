/* What the commands that read a store have in common: their options, and opening the store. */
#ifndef STORYCTL_COMMAND_H
#define STORYCTL_COMMAND_H

#include "story.h"

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct command_options {
    const char *command; /* its name, for messages */
    const char *db;
    bool json, why, hosts;
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

    story_db *db_open; /* what command_begin() opened; NULL when it is closed */
    story_view *view;  /* and the view that is open now, or NULL */
    struct {           /* command_hold() */
        FILE *out;     /* the real one, or NULL: nothing is held */
        char *text;
        size_t n;
        sigset_t signals;
    } held;
};

/* Reads the options that `allowed` names (letters of the table in command.c; # for a number as the
 * first argument), checks that there are `n_arguments` arguments (below 0: so many or more), prints
 * `help` on --help or an error, opens the store and begins a view. True to go on; else the
 * program's exit status is in `*status`, and what is wrong was said. The view holds
 * (command_hold()) what is printed. */
bool command_begin(int argc, char **argv, const char *allowed, int n_arguments, const char *help,
                   struct command_options *out, int *status);
/* Ends the view, if there is one, and closes the store: before waiting for anything. */
void command_close(struct command_options *o);

/* The same without a store. */
bool command_options(int argc, char **argv, const char *allowed, int n_arguments, const char *help,
                     struct command_options *out, int *status);

/* Ends the view and writes what was printed in it; begins another one, of the newest state. Longer
 * readings do so whenever command_is_enough() says that enough was printed. 0, or an error. */
void command_end_view(struct command_options *o);
int command_view(struct command_options *o);
bool command_is_enough(void);

/* While the store is being read, nothing may keep us from coming to an end: the writer could not
 * reuse space, and to be killed would leave our slot in the table of readers taken. So what is
 * printed is kept in memory, and signals that end us wait, until command_let_go() writes it to the
 * standard output. Where that is a pipe that nobody reads any more, the program ends as by SIGPIPE;
 * another error of writing is told and ends it with status 1. */
void command_hold(struct command_options *o);
void command_let_go(struct command_options *o);

/* A signal is no reason to finish a long reading: where one waits, ends the view and does not
 * return. command_print() and command_record() do so too. */
void command_end_if_asked(struct command_options *o);

/* Flushes the standard output; where that fails it ends the program as command_let_go() does. */
void command_wrote(const char *command);

/* Says what went wrong; the exit status for it, 1. */
int command_failed(const struct command_options *o, int error);

/* The record as it lies in the store, and a line end. */
void command_print(struct command_options *o, const struct story_entry *entry);

/* The record of an entry; NULL (with a message) when it is no JSON object. */
json_t *command_record(struct command_options *o, const struct story_entry *entry);

int list_main(int argc, char **argv);
int show_main(int argc, char **argv);
int posts_main(int argc, char **argv);
int pages_main(int argc, char **argv);
int tail_main(int argc, char **argv);
int export_main(int argc, char **argv);
int feeds_main(int argc, char **argv);
int stats_main(int argc, char **argv);
int check_main(int argc, char **argv);
int backup_main(int argc, char **argv);

#endif
