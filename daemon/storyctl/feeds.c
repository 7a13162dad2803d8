/* storyctl feeds: lists the subscribed feeds, and edits the feed list. The daemon watches the list
 * file, so an edit needs no request to the daemon. */
#include "config.h"
#include "feed/feed.h"
#include "feed/feed_address.h"
#include "feed/opml.h"
#include "base/mem.h"
#include "base/url.h"
#include "ingest/subscription.h"
#include "poll/handover.h"
#include "net/login.h"
#include "poll/when.h"
#include "store/record.h"
#include "storyctl/client.h"
#include "storyctl/arguments.h"
#include "storyctl/command.h"
#include "storyctl/find.h"
#include "storyctl/term.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_LIST = 64 << 20 };

static const char feeds_help[] =
    "usage: storyctl feeds [--db DIR] [--json] [--color WHEN]\n"
    "       storyctl feeds show [--db DIR] [--json] FEED\n"
    "       storyctl feeds add [--config FILE] [--title TEXT] [--group NAME] URL\n"
    "       storyctl feeds remove [--config FILE] URL\n"
    "       storyctl feeds export [--db DIR]\n"
    "       storyctl feeds find [--config FILE | --url BASE] PAGE\n"
    "       storyctl feeds confirm [--socket PATH] [--db DIR] [ID]\n"
    "\n"
    "Lists the subscribed feeds with the times of the last and next poll and the last error.\n"
    "\n"
    "  show          show everything known about a feed, and why it is polled when it is\n"
    "  add           add a feed, or the feed of a web page, to the list; a running storyd polls\n"
    "                it immediately\n"
    "  remove        remove a feed from the list; its articles stay\n"
    "  export        print the subscribed feeds as OPML\n"
    "  find          list the feeds of a web page\n"
    "  confirm       show the list of feeds that storyd does not use because it removes too many;\n"
    "                with its ID, have storyd use it\n"
    "\n"
    "  --json        print one JSON record per line\n"
    "  --color WHEN  auto, always or never (default: auto)\n"
    "  --title TEXT  title of the feed (default: the feed's own title)\n"
    "  --group NAME  group of the feed in the list, as in News/World\n"
    "  --url BASE    address that a PAGE in a file came from\n"
    "  --config FILE the configuration, which names the list (default: /etc/storyd/storyd.conf)\n"
    "  --socket PATH the daemon's socket, or http://:TOKEN@HOST:PORT\n"
    "                (default: STORYD_URL, or storyd.sock in the store)\n"
    "  --db DIR      the store (default: /var/lib/storyd)\n";

/* ---- list ----------------------------------------------------------------------------------- */

static const struct term_column feed_columns[] = {{"FEED", 5, .right = true},
                                                  {"STATE", .width = 7},
                                                  {"ARTICLES", 8, .wide = 70, .right = true},
                                                  {"LAST POLL", 12, .wide = 90},
                                                  {"NEXT POLL", 12, .wide = 70},
                                                  {.title = "TITLE"},
                                                  {0}};

static void print_feed(struct term_table *t, const struct feed_record *feed)
{
    term_number(t, (int64_t)feed->number);
    term_cell(t, feed->state, feed->last_error ? TERM_BAD : TERM_PLAIN);
    term_number(t, (int64_t)feed->articles);
    term_date(t, feed->last_poll);
    term_date(t, feed->next_poll);
    term_cell(t, feed->title ? feed->title : feed->url, TERM_PLAIN);
    if (feed->last_error) {
        printf("       %" PRIu64 " errors in a row: ", feed->errors);
        term_styled(feed->last_error, TERM_BAD, t->color);
        putchar('\n');
    }
}

static int list_feeds(int argc, char **argv)
{
    struct command_options o;
    int status;
    story_list *list;
    if (!command_begin(argc, argv, "dja", 0, feeds_help, &o, &status))
        return status;
    struct term_table table = term_table(feed_columns, o.color);
    if (!o.json)
        term_titles(&table);
    struct story_entry entry;
    struct feed_record feed;
    int error = story_feeds(o.view, &list);
    while (!error && !(error = story_next(list, &entry))) {
        if (o.json) {
            command_print(&o, &entry);
            continue;
        }
        if (command_load(&o, &entry, &feed_table, &feed))
            print_feed(&table, &feed);
        codec_free(&feed_table, &feed);
    }
    story_list_free(list);
    command_close(&o);
    return error == STORY_END ? 0 : command_failed(&o, error);
}

/* ---- show ----------------------------------------------------------------------------------- */

/* Nothing for "" and NULL. */
static void print_text(const char *label, const char *value)
{
    if (!*codec_text(value))
        return;
    printf("%-11s", label);
    term_text(value);
    putchar('\n');
}

static void print_time(const char *label, int64_t time)
{
    char text[32];
    printf("%-11s%s\n", label, term_time(time, text));
}

/* "2 d 3 h", "45 min", "20 s": the two largest units. */
static void print_duration(int64_t seconds, char *out, size_t cap)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t n = 0, shown = 0;
    *out = 0;
    for (size_t i = 0; i < sizeof units / sizeof *units && shown < 2; i++) {
        int64_t count = seconds / units[i].seconds;
        if (!count && !(shown == 0 && i == 3))
            continue;
        n += (size_t)snprintf(out + n, n < cap ? cap - n : 0, "%s%" PRId64 " %s", shown ? " " : "",
                              count, units[i].name);
        seconds -= count * units[i].seconds;
        shown++;
    }
}

static void print_rests(const struct feed_record *feed)
{
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    const char *before = " in the hours (GMT) ";
    if (!feed->skip_hours && !feed->skip_days)
        return;
    fputs("           but not, as the feed requests,", stdout);
    for (int hour = 0; hour < 24; hour++)
        if (feed->skip_hours >> hour & 1) {
            printf("%s%02d", before, hour);
            before = ", ";
        }
    before = feed->skip_hours ? " and on " : " on ";
    for (int day = 0; day < 7; day++)
        if (feed->skip_days >> day & 1) {
            printf("%s%s", before, days[day]);
            before = ", ";
        }
    putchar('\n');
}

/* Explains when the feed is polled next. */
static void print_why(const struct feed_record *feed)
{
    static const struct {
        const char *state, *text;
    } ends[] = {{"gone", "the server reported that it is permanently gone"},
                {"merged", "it moved to the address of another feed"},
                {"removed", "it is no longer in the feed list"},
                {"submitted", "its publisher submits articles (POST /api/v1/articles)"}};
    const char *rule;
    json_t *wait;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (!strcmp(feed->state, ends[i].state)) {
            printf("why        %s: it is not polled\n", ends[i].text);
            return;
        }
    if (!feed->next_poll) {
        puts("why        never polled yet: immediately");
        return;
    }
    puts("why        the longest of");
    json_object_foreach(feed->waits, rule, wait)
    {
        char duration[64];
        const char *text = when_rule_text(rule);
        print_duration(json_integer_value(wait), duration, sizeof duration);
        printf("         %c %10s  %s\n", !strcmp(rule, codec_text(feed->because)) ? '*' : ' ',
               duration, text ? text : rule);
    }
    puts("           plus a random delay of up to a tenth");
    print_rests(feed);
}

static void print_move(const struct feed_record *feed)
{
    char since[32];
    if (feed->merged_into)
        printf("moved      to feed %" PRIu64 "\n", feed->merged_into);
    if (!feed->moved_to)
        return;
    fputs("moved      to ", stdout);
    term_text(feed->moved_to);
    printf("\n           permanently, according to %" PRIu64
           " responses since %s; adopted after four "
           "over three days\n",
           feed->moved_polls, term_time(feed->moved_since, since));
}

/* The publisher of the feed, and how it was determined. */
static void print_publisher(const struct feed_speaker *speaker)
{
    static const struct {
        const char *by, *text;
    } reasons[] = {{"list", "from htmlUrl in the feed list"},
                   {"site", "from its documents"},
                   {"address", "from its address: its documents name no site"},
                   {"aggregator", "several: it is an aggregator"}};
    const char *text = "";
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (!strcmp(codec_text(speaker->by), reasons[i].by))
            text = reasons[i].text;
    if (!*text)
        return;
    printf("%-11s", "publisher");
    term_text(codec_text(speaker->domain));
    printf("%s%s\n", speaker->domain ? ", " : "", text);
    if (speaker->formerly) {
        printf("%11scounted as ", "");
        term_text(speaker->formerly);
        puts(", the former domain of its site");
    }
    if (speaker->own)
        printf("%11sfeed %" PRIu64 " is that publisher's own: this one cannot adopt articles\n", "",
               speaker->own);
}

static void print_feed_fields(const struct feed_record *feed)
{
    print_text("address", feed->url);
    print_text("listed as", feed->listed);
    print_text("title", feed->title);
    print_text("group", feed->group);
    print_text("site", feed->home);
    print_text("its site", feed->site);
    print_text("state", feed->state);
    print_text("error", feed->last_error);
    print_text("etag", feed->etag);
    print_text("modified", feed->last_modified);
    print_publisher(&feed->speaker);
    printf("%-11s%" PRIu64 " requests, %" PRIu64 " of them unchanged, %" PRIu64 " articles\n",
           "so far", feed->polls, feed->unchanged, feed->articles);
    print_time("last poll", feed->last_poll);
    print_time("last new", feed->last_new);
    print_time("next poll", feed->next_poll);
    print_why(feed);
    print_move(feed);
    print_text("hub", feed->hub);
    print_text("hub state", feed->hub_state);
    if (feed->hub_until)
        print_time("  until", feed->hub_until);
}

static int show_feed(int argc, char **argv)
{
    struct command_options o;
    int status;
    struct story_entry entry;
    if (!command_begin(argc, argv, "dj#", 1, feeds_help, &o, &status))
        return status;
    struct feed_record feed = {0};
    int error = story_feed(o.view, o.number, &entry);
    bool is = !error && command_load(&o, &entry, &feed_table, &feed);
    if (is && o.json)
        command_print(&o, &entry);
    else if (is)
        print_feed_fields(&feed);
    if (error == STORY_NOT_FOUND)
        fprintf(stderr,
                "storyctl feeds show: feed %" PRIu64
                " does not exist; `storyctl feeds` lists feeds\n",
                o.number);
    else if (error)
        command_failed(&o, error);
    codec_free(&feed_table, &feed);
    command_close(&o);
    return is ? 0 : 1;
}

/* ---- export --------------------------------------------------------------------------------- */

static char *copy_or_null(const char *text)
{
    return text ? mem_str(text) : NULL;
}

static void take_attributes(struct opml_feed *f, json_t *attributes)
{
    const char *name;
    json_t *value;
    f->attributes = mem_zero(OPML_MAX_ATTRIBUTES * sizeof *f->attributes);
    json_object_foreach(attributes, name,
                        value) if (json_is_string(value) && f->n_attributes < OPML_MAX_ATTRIBUTES)
        f->attributes[f->n_attributes++] =
        (struct opml_attribute){mem_str(name), mem_str(json_string_value(value))};
}

static int export_feeds(int argc, char **argv)
{
    struct command_options o;
    int status;
    story_list *list;
    if (!command_begin(argc, argv, "d", 0, feeds_help, &o, &status))
        return status;
    struct opml out = {.title = mem_str("Feeds of storyd")};
    size_t room = 0;
    struct story_entry entry;
    struct feed_record feed;
    int error = story_feeds(o.view, &list);
    while (!error && !(error = story_next(list, &entry))) {
        if (command_load(&o, &entry, &feed_table, &feed) && subscription_is_listed(&feed)) {
            MEM_GROW(out.feeds, out.n_feeds, room);
            struct opml_feed *f = &out.feeds[out.n_feeds++];
            *f = (struct opml_feed){.xml_url = mem_str(feed.url),
                                    .title = copy_or_null(feed.title),
                                    .html_url = copy_or_null(feed.home),
                                    .group = copy_or_null(feed.group)};
            take_attributes(f, feed.attributes);
        }
        codec_free(&feed_table, &feed);
    }
    story_list_free(list);
    command_close(&o);
    if (error != STORY_END) {
        opml_free(&out);
        return command_failed(&o, error);
    }
    struct buf text;
    buf_init(&text, SIZE_MAX / 2);
    opml_write(&text, &out);
    opml_free(&out);
    fwrite(text.p, 1, text.len, stdout);
    buf_free(&text);
    return 0;
}

/* ---- add and remove ------------------------------------------------------------------------- */

struct list_file {
    const char *command;
    char *path, *store;
    int fd;
    mode_t mode;
    struct buf text;
};

static bool fail_list(struct list_file *l)
{
    fprintf(stderr, "storyctl %s: %s: %s\n", l->command, l->path, strerror(errno));
    return false;
}

/* Opens and locks the current list. Another process that edits it replaces the file, so the lock is
 * valid only if the path still names the same file. */
static bool lock_list(struct list_file *l)
{
    struct stat ours, now;
    for (;;) {
        l->fd = open(l->path, O_RDWR | O_CLOEXEC);
        if (l->fd < 0 || flock(l->fd, LOCK_EX) || fstat(l->fd, &ours) || stat(l->path, &now))
            return fail_list(l);
        if (ours.st_ino == now.st_ino && ours.st_dev == now.st_dev)
            break;
        close(l->fd);
    }
    l->mode = ours.st_mode & 07777;
    if (!S_ISREG(ours.st_mode) || ours.st_size > MAX_LIST) {
        fprintf(stderr,
                "storyctl %s: %s: invalid feed list; expected a regular file of at most 64 MiB\n",
                l->command, l->path);
        return false;
    }
    char piece[1 << 16];
    ssize_t n;
    while ((n = read(l->fd, piece, sizeof piece)) > 0)
        buf_add(&l->text, piece, (size_t)n);
    return n == 0 || fail_list(l);
}

static bool open_list(const struct command_options *o, struct list_file *l)
{
    struct config config;
    struct buf error;
    *l = (struct list_file){.command = o->command, .fd = -1};
    buf_init(&l->text, MAX_LIST);
    buf_init(&error, 8192);
    bool ok = config_read(o->config, NULL, &config, &error);
    if (!ok) {
        fprintf(stderr, "storyctl %s: %s; use --config FILE to name the configuration\n",
                o->command, buf_text(&error));
    } else if (config_list_is_remote(&config)) {
        fprintf(stderr, "storyctl %s: the feed list is kept at an address; change it there\n",
                o->command);
        config_free(&config);
        ok = false;
    } else {
        l->path = realpath(config.feeds_list.text, NULL);
        if (!l->path)
            l->path = mem_str(config.feeds_list.text);
        l->store = mem_str(config.store_path.text);
        config_free(&config);
        ok = lock_list(l);
    }
    buf_free(&error);
    return ok;
}

static void close_list(struct list_file *l)
{
    if (l->fd >= 0)
        close(l->fd);
    free(l->path);
    free(l->store);
    buf_free(&l->text);
}

/* Replaces the file atomically, so that no process reads half a list. */
static bool replace_list(struct list_file *l, const struct buf *text)
{
    struct buf temporary;
    buf_init(&temporary, 1 << 16);
    buf_addf(&temporary, "%s.new", l->path);
    int fd = open(buf_text(&temporary), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, l->mode);
    struct stat old;
    bool ok = fd >= 0 && write(fd, text->p, text->len) == (ssize_t)text->len &&
              !fchmod(fd, l->mode) && !fstat(l->fd, &old) &&
              (!fchown(fd, old.st_uid, old.st_gid) || errno == EPERM) && !fsync(fd);
    if (fd >= 0)
        ok &= !close(fd);
    if (ok)
        ok = !rename(buf_text(&temporary), l->path);
    if (!ok) {
        fail_list(l);
        unlink(buf_text(&temporary));
    }
    buf_free(&temporary);
    return ok;
}

static bool lists(const struct buf *text, const char *url)
{
    struct opml o;
    struct opml_error error;
    bool found = false;
    if (!opml_parse(buf_text(text), text->len, &o, &error))
        return false;
    for (size_t i = 0; i < o.n_feeds; i++)
        found |= !strcmp(o.feeds[i].xml_url, url);
    opml_free(&o);
    return found;
}

static bool is_new_address(const struct list_file *l, const char *url)
{
    bool listed = lists(&l->text, url);
    if (listed)
        fprintf(stderr, "storyctl %s: %s already lists %s\n", l->command, l->path, url);
    return !listed;
}

/* Stores the feed's first response before the list changes: storyd reads it as soon as it notices
 * the new list. */
static bool replace_and_hand(struct list_file *l, const struct buf *text, const char *url,
                             const struct buf *answer)
{
    if (answer->len)
        handover_put(l->store, url, answer);
    bool ok = replace_list(l, text);
    if (!ok)
        handover_drop(l->store, url);
    return ok;
}

static bool add_to(struct list_file *l, const struct command_options *o, char *url, char *login,
                   const struct buf *answer)
{
    struct opml_feed f = {.xml_url = url, .login = login};
    struct buf text;
    if (!is_new_address(l, url))
        return false;
    f.title = o->title ? mem_str(o->title) : NULL;
    f.group = o->group ? mem_str(o->group) : NULL;
    buf_init(&text, MAX_LIST);
    bool ok = opml_add_feed(&text, buf_text(&l->text), l->text.len, &f);
    if (!ok)
        fprintf(stderr, "storyctl %s: %s does not end with </opml>; correct the list first\n",
                o->command, l->path);
    else
        ok = replace_and_hand(l, &text, url, answer);
    free(f.title);
    free(f.group);
    buf_free(&text);
    return ok;
}

static bool remove_from(struct list_file *l, const struct command_options *o, char *url)
{
    struct buf text;
    buf_init(&text, MAX_LIST);
    bool ok = opml_remove_feed(&text, buf_text(&l->text), l->text.len, url);
    if (!ok)
        fprintf(stderr,
                "storyctl %s: %s does not list %s; `storyctl feeds` shows the listed feeds\n",
                o->command, l->path, url);
    else
        ok = replace_list(l, &text);
    buf_free(&text);
    return ok;
}

static int end_change(struct list_file *l, const char *url, const char *did, bool ok)
{
    if (ok)
        printf("%s %s: %s; a running storyd reads the list automatically\n", url, did, l->path);
    close_list(l);
    return ok ? 0 : 1;
}

/* Reports that the login was written into the list, at its place in the address. */
static void tell_login(const struct list_file *l, bool kept)
{
    if (!kept)
        fputs("the login was dropped: the feed is on another server\n", stderr);
    else
        fprintf(stderr,
                "the login was written to %s; it is sent only to that server and never shown%s\n",
                l->path,
                l->mode & S_IROTH ? "; every user of this machine can read that file: run chmod o= "
                                    "on it, or move the "
                                    "login to the login_file of [feeds]"
                                  : "");
}

/* The list is not locked during the request, so it is read again afterwards. */
static int add_feed(int argc, char **argv)
{
    struct command_options o;
    struct list_file list;
    struct buf answer;
    int status;
    if (!command_options(argc, argv, "cTg", 1, feeds_help, &o, &status))
        return status;
    char *given = find_address(&o, o.arguments[0]);
    if (!given)
        return 2;
    char *login, *asked = url_without_login(given, &login), *url = NULL;
    bool ok = open_list(&o, &list) && is_new_address(&list, asked);
    close_list(&list);
    buf_init(&answer, 0);
    if (ok)
        url = find_feed(&o, given, &answer);
    free(given);
    status = 1;
    if (url) {
        bool keep = login && login_follows(asked, url);
        ok = open_list(&o, &list) && add_to(&list, &o, url, keep ? login : NULL, &answer);
        if (ok && login)
            tell_login(&list, keep);
        status = end_change(&list, url, "added to", ok);
    }
    buf_free(&answer);
    free(asked);
    free(login);
    free(url);
    return status;
}

static int remove_feed(int argc, char **argv)
{
    struct command_options o;
    struct list_file list;
    int status;
    if (!command_options(argc, argv, "c", 1, feeds_help, &o, &status))
        return status;
    char *given = feed_address(o.arguments[0]), *url = url_without_login(given, NULL);
    free(given);
    bool ok = open_list(&o, &list) && remove_from(&list, &o, url);
    status = end_change(&list, url, "removed from", ok);
    free(url);
    return status;
}

/* ---- confirm -------------------------------------------------------------------------------- */

static int print_held(const json_t *list)
{
    const json_t *held = json_object_get(list, "held");
    if (!held) {
        puts("no feed list awaits confirmation");
        return 0;
    }
    printf("%s: a list of %" PRIu64 " feeds without %" PRIu64 " of the %" PRIu64
           " that are subscribed; `storyctl feeds confirm %s` applies it\n",
           record_text(held, "id"), record_number(held, "feeds"), record_number(held, "removed"),
           record_number(held, "subscribed"), record_text(held, "id"));
    return 0;
}

static int confirm_list(int argc, char **argv)
{
    struct command_options o;
    int result;
    json_t *answer;
    if (!command_options(argc, argv, "dk", ARGUMENTS_OPTIONAL, feeds_help, &o, &result))
        return result;
    json_t *ask = o.n_arguments ? json_pack("{s:s}", "confirm", o.arguments[0]) : NULL;
    int status = client_ask(o.command, &o, "/api/v1/list", ask, &answer);
    if (status == 200 && ask)
        printf("%s: applied; %" PRIu64 " feeds\n", o.arguments[0], record_number(answer, "feeds"));
    else if (status == 200)
        print_held(answer);
    else if (status > 0)
        fprintf(stderr, "storyctl %s: %s\n", o.command,
                *record_text(answer, "detail") ? record_text(answer, "detail")
                                               : "storyd refused the request; see its log");
    json_decref(ask);
    json_decref(answer);
    return status == 200 ? 0 : 1;
}

int feeds_main(int argc, char **argv)
{
    static char show[] = "feeds show", add[] = "feeds add", remove[] = "feeds remove",
                export[] = "feeds export", find[] = "feeds find", confirm[] = "feeds confirm";
    static const struct {
        char *name;
        int (*run)(int argc, char **argv);
    } commands[] = {{show, show_feed},      {add, add_feed},    {remove, remove_feed},
                    {export, export_feeds}, {find, find_feeds}, {confirm, confirm_list}};
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[1], strchr(commands[i].name, ' ') + 1)) {
            argv[1] = commands[i].name; /* for messages */
            return commands[i].run(argc - 1, argv + 1);
        }
    return list_feeds(argc, argv);
}
