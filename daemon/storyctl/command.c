/* The options of storyctl's commands, opening the store, and buffering output while a view is open;
 * see command.h. */
#include "storyctl/command.h"

#include "store/record.h"
#include "storyctl/arguments.h"
#include "storyctl/term.h"

#include "base/clock.h"
#include "base/moment.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char default_db[] = "/var/lib/storyd", default_config[] = "/etc/storyd/storyd.conf";

static bool option_number(const char *text, int64_t *out)
{
    char *end;
    *out = strtoll(text, &end, 10);
    return end != text && !*end && *out >= 0;
}

static bool option_color(const char *text, bool *out)
{
    static const char *const words[] = {"never", "always", "auto"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(text, words[i]) != 0)
            continue;
        *out = i == 2 ? term_has_color() : i;
        return true;
    }
    return false;
}

static bool take_option(struct command_options *o, int letter, const char *value)
{
    switch (letter) {
    case 'd':
        o->db = value;
        return o->is_db_given = true;
    case 'j':
        return o->json = true;
    case 'w':
        return o->why = true;
    case 'H':
        return o->hosts = true;
    case 'm':
        return option_number(value, &o->min_sources);
    case 'n':
        return option_number(value, &o->limit);
    case 't':
        return moment_read(value, wall_clock(), false, &o->since);
    case 'U':
        return moment_read(value, wall_clock(), true, &o->until);
    case 'q':
        return option_number(value, &o->since);
    case 'l':
        o->lang = value;
        return true;
    case 'C':
        o->category = value;
        return true;
    case 'x':
        o->words = value;
        return true;
    case 's':
        o->source = value;
        return true;
    case 'c':
        o->config = value;
        return true;
    case 'T':
        o->title = value;
        return true;
    case 'g':
        o->group = value;
        return true;
    case 'u':
        o->url = value;
        return true;
    case 'k':
        o->socket = value;
        return true;
    case 'W':
        o->who = value;
        return true;
    case 'y':
        o->reason = value;
        return true;
    case 'o':
        return o->off = true;
    case 'e':
        return option_number(value, &o->event);
    case 'f':
        return o->feed = true;
    case 'K':
        return option_number(value, &o->keep);
    case 'F':
        return o->force = true;
    case 'V':
        return o->check = true;
    case 'R':
        return o->repair = true;
    case 'r':
        return o->write = true;
    case 'a':
        return option_color(value, &o->color);
    case 'O':
        o->order = value;
        return !strcmp(value, "new") || !strcmp(value, "relevance");
    default:
        return false;
    }
}

/* --since is a time for some commands, a change number for others. */
static const struct option all_options[] = {
    {"db", required_argument, NULL, 'd'},
    {"json", no_argument, NULL, 'j'},
    {"why", no_argument, NULL, 'w'},
    {"hosts", no_argument, NULL, 'H'},
    {"min-sources", required_argument, NULL, 'm'},
    {"limit", required_argument, NULL, 'n'},
    {"since", required_argument, NULL, 't'},
    {"since", required_argument, NULL, 'q'},
    {"until", required_argument, NULL, 'U'},
    {"lang", required_argument, NULL, 'l'},
    {"source", required_argument, NULL, 's'},
    {"config", required_argument, NULL, 'c'},
    {"title", required_argument, NULL, 'T'},
    {"group", required_argument, NULL, 'g'},
    {"url", required_argument, NULL, 'u'},
    {"socket", required_argument, NULL, 'k'},
    {"who", required_argument, NULL, 'W'},
    {"reason", required_argument, NULL, 'y'},
    {"off", no_argument, NULL, 'o'},
    {"event", required_argument, NULL, 'e'},
    {"feed", no_argument, NULL, 'f'},
    {"write", no_argument, NULL, 'r'},
    {"color", required_argument, NULL, 'a'},
    {"category", required_argument, NULL, 'C'},
    {"words", required_argument, NULL, 'x'},
    {"keep", required_argument, NULL, 'K'},
    {"force", no_argument, NULL, 'F'},
    {"order", required_argument, NULL, 'O'},
    {"check", no_argument, NULL, 'V'},
    {"repair", no_argument, NULL, 'R'},
    {"help", no_argument, NULL, 'h'},
};
enum { N_OPTIONS = sizeof all_options / sizeof *all_options };

static const char *expected(int letter)
{
    return strchr("tU", letter) ? MOMENT_FORMS
           : letter == 'a'      ? "auto, always or never"
           : letter == 'O'      ? "new or relevance"
                                : "a number";
}

/* Returns 0 to continue, otherwise the exit status plus 1. */
static int read_options(int argc, char **argv, const char *allowed, int n_arguments,
                        const char *help, struct command_options *out)
{
    struct option options[N_OPTIONS + 1] = {0};
    size_t n = 0;
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (all_options[i].val == 'h' || strchr(allowed, all_options[i].val))
            options[n++] = all_options[i];
    const char *db = getenv("STORYD_DB"), *url = getenv("STORYD_URL");
    *out = (struct command_options){.command = argv[0],
                                    .db = db && *db ? db : default_db,
                                    .config = default_config,
                                    .limit = -1,
                                    .keep = -1,
                                    .since = -1,
                                    .until = INT64_MAX,
                                    .color = term_has_color()};
    int c;
    while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (c == 'h') {
            fputs(help, stdout);
            return 1;
        }
        if (c == '?' || !take_option(out, c, optarg)) {
            if (c != '?')
                fprintf(stderr, "storyctl %s: invalid value \"%s\"; expected %s\n", argv[0], optarg,
                        expected(c));
            arguments_usage(help);
            return 3;
        }
    }
    if (!out->socket && !out->is_db_given && url && *url)
        out->socket = url;
    out->arguments = argv + optind;
    out->n_arguments = argc - optind;
    if (!arguments_fit(argv[0], help, n_arguments, out->n_arguments, out->arguments))
        return 3;
    int64_t number = 0;
    if (strchr(allowed, '#') && !option_number(out->arguments[0], &number)) {
        fprintf(stderr,
                "storyctl %s: \"%s\" is not a number; `storyctl %s` lists the numbers of %s\n",
                argv[0], out->arguments[0], strchr(argv[0], ' ') ? "feeds" : "list",
                strchr(argv[0], ' ') ? "feeds" : "events");
        return 3;
    }
    out->number = (uint64_t)number;
    return 0;
}

/* ---- buffering output while a view is open ------------------------------------------------- */

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};

/* The signals that would end the process. An ignored signal is left out: it would stay pending if
 * it were blocked. */
static void ending_signals(sigset_t *out)
{
    struct sigaction how;
    sigemptyset(out);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        if (!sigaction(ending[i], NULL, &how) && how.sa_handler == SIG_DFL)
            sigaddset(out, ending[i]);
}

void command_hold(struct command_options *o)
{
    sigset_t block;
    ending_signals(&block);
    sigprocmask(SIG_BLOCK, &block, &o->held.signals);
    o->held.out = stdout;
    stdout = /* assignable in the GNU C library */
        open_memstream(&o->held.text, &o->held.n);
    if (!stdout)
        abort(); /* out of memory */
}

void command_wrote(const char *command)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    if (errno == EPIPE) /* SIGPIPE is ignored, as the parent process set it */
        _exit(128 + SIGPIPE);
    fprintf(stderr, "storyctl %s: cannot write to standard output: %s\n", command, strerror(errno));
    _exit(1);
}

void command_let_go(struct command_options *o)
{
    if (!o->held.out)
        return;
    fclose(stdout);
    stdout = o->held.out;
    o->held.out = NULL;
    sigprocmask(SIG_SETMASK, &o->held.signals, NULL);
    fwrite(o->held.text, 1, o->held.n, stdout);
    free(o->held.text);
    command_wrote(o->command);
}

void command_end_view(struct command_options *o)
{
    story_view_end(o->view);
    o->view = NULL;
    command_let_go(o);
}

int command_view(struct command_options *o)
{
    command_hold(o);
    int error = story_view_begin(o->db_open, &o->view);
    if (error)
        command_let_go(o);
    return error;
}

bool command_is_enough(void)
{
    enum { ENOUGH = 1 << 20 };
    return ftell(stdout) >= ENOUGH;
}

void command_end_if_asked(struct command_options *o)
{
    sigset_t waiting;
    bool asked = false;
    if (!o->view || sigpending(&waiting))
        return;
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        asked |= sigismember(&waiting, ending[i]) && !sigismember(&o->held.signals, ending[i]);
    if (!asked)
        return;
    story_view_end(o->view);
    story_close(o->db_open);
    sigprocmask(SIG_SETMASK, &o->held.signals, NULL); /* the pending signal ends the process here */
    _exit(1);
}

bool command_options(int argc, char **argv, const char *allowed, int n_arguments, const char *help,
                     struct command_options *out, int *status)
{
    int stop = read_options(argc, argv, allowed, n_arguments, help, out);
    *status = stop - 1;
    return !stop;
}

static bool open_command_store(struct command_options *o)
{
    command_hold(o);
    int error = story_open(o->db, &o->db_open);
    if (!error)
        error = story_view_begin(o->db_open, &o->view);
    if (error) {
        command_close(o);
        fprintf(stderr, "storyctl %s: %s: %s%s\n", o->command, o->db, story_strerror(error),
                error == STORY_NO_STORE ? "; use --db DIR to name the store" : "");
    }
    return !error;
}

bool command_begin(int argc, char **argv, const char *allowed, int n_arguments, const char *help,
                   struct command_options *out, int *status)
{
    int stop = read_options(argc, argv, allowed, n_arguments, help, out);
    if (!stop && !open_command_store(out))
        stop = 2;
    *status = stop - 1;
    return !stop;
}

void command_close(struct command_options *o)
{
    story_view_end(o->view);
    story_close(o->db_open);
    o->view = NULL;
    o->db_open = NULL;
    command_let_go(o);
}

int command_failed(const struct command_options *o, int error)
{
    fprintf(stderr, "storyctl %s: %s\n", o->command, story_strerror(error));
    return 1;
}

void command_print(struct command_options *o, const struct story_entry *entry)
{
    command_end_if_asked(o);
    struct buf safe;
    buf_init(&safe, SIZE_MAX / 2);
    record_add(&safe, entry->json, entry->length);
    buf_addc(&safe, '\n');
    fwrite(safe.p, 1, safe.len, stdout);
    buf_free(&safe);
}

bool command_load(struct command_options *o, const struct story_entry *entry,
                  const struct codec_table *table, void *out)
{
    command_end_if_asked(o);
    bool is = codec_load(table, entry->json, entry->length, out);
    if (!is)
        command_failed(o, STORY_CORRUPT);
    return is;
}
