/* Shared by the commands that read a store: options, opening the store, and buffered output. */
#ifndef STORYCTL_COMMAND_H
#define STORYCTL_COMMAND_H

#include "story.h"

#include "base/codec.h"

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct command_options {
    const char *command; /* its name, for messages */
    const char *db;
    bool is_db_given; /* by --db */
    bool json, why, hosts;
    int64_t min_sources, limit;
    int64_t since; /* seconds since 1970, or a change number; -1 if not given */
    int64_t until; /* seconds since 1970; INT64_MAX if not given */
    const char *lang, *source, *category, *words;
    const char *config, *title, *group, *url;
    const char *socket; /* a path or an address, from --socket or STORYD_URL; NULL: none */
    const char *who, *reason;
    const char *order; /* "new" or "relevance"; NULL if not given */
    bool off, feed, force, check, repair, write;
    bool color; /* of a table, by --color */
    int64_t event;
    int64_t keep;    /* -1 if not given */
    int n_arguments; /* the arguments after the options */
    char **arguments;
    uint64_t number; /* the first argument, for commands that expect a number */

    story_db *db_open; /* opened by command_begin(); NULL when closed */
    story_view *view;  /* the open view, or NULL */
    struct {           /* command_hold() */
        FILE *out;     /* the real standard output; NULL if output is not held */
        char *text;
        size_t n;
        sigset_t signals;
    } held;
};

/* Reads the options that `allowed` names (letters of the table in command.c; # for a number as the
 * first argument), checks that there are `n_arguments` arguments (as arguments_fit() does), prints
 * `help` on --help or its usage on an error, opens the store and begins a view, which holds the
 * output (command_hold()). True to continue; otherwise `*status` is the program's exit status, and
 * errors have been reported. */
bool command_begin(int argc, char **argv, const char *allowed, int n_arguments, const char *help,
                   struct command_options *out, int *status);
/* Ends the view, if any, and closes the store. Call it before waiting for anything. */
void command_close(struct command_options *o);

/* The same without a store. */
bool command_options(int argc, char **argv, const char *allowed, int n_arguments, const char *help,
                     struct command_options *out, int *status);

/* End the view and write the held output; begin a view of the newest state. Long reads do both
 * whenever command_is_enough() is true. Return 0, or an error. */
void command_end_view(struct command_options *o);
int command_view(struct command_options *o);
bool command_is_enough(void);

/* Nothing may block or kill the process while a view is open: the writer could not reuse space, and
 * the slot in the reader table would stay taken. So output is held in memory, and fatal signals are
 * blocked, until command_let_go() writes the output. If standard output is a closed pipe, the
 * program ends as by SIGPIPE; any other write error is reported and ends it with status 1. */
void command_hold(struct command_options *o);
void command_let_go(struct command_options *o);

/* Ends the view and the process if a fatal signal is pending, so that long reads can be
 * interrupted. command_print() and command_load() call it. */
void command_end_if_asked(struct command_options *o);

/* Flushes standard output; a failure ends the program as in command_let_go(). */
void command_wrote(const char *command);

/* Reports the error and returns the exit status, 1. */
int command_failed(const struct command_options *o, int error);

/* Prints the record as stored, and a line end. */
void command_print(struct command_options *o, const struct story_entry *entry);

/* Reads the record of an entry into a struct that codec_free() clears; false, with a message, if it
 * is not a JSON object. */
bool command_load(struct command_options *o, const struct story_entry *entry,
                  const struct codec_table *table, void *out);

int list_main(int argc, char **argv);
int search_main(int argc, char **argv);
int show_main(int argc, char **argv);
int posts_main(int argc, char **argv);
int pages_main(int argc, char **argv);
int tail_main(int argc, char **argv);
int export_main(int argc, char **argv);
int feeds_main(int argc, char **argv);
int stats_main(int argc, char **argv);
int health_main(int argc, char **argv);
int promote_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int check_main(int argc, char **argv);
int backup_main(int argc, char **argv);
int restore_main(int argc, char **argv);

#endif
