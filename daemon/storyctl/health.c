/* storyctl health: whether the daemon runs and polls, for people, containers and monitoring. */
#include "storyctl/client.h"
#include "storyctl/command.h"

#include "store/record.h"
#include "upkeep.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char health_help[] =
    "usage: storyctl health [--db DIR] [--socket PATH] [--json]\n"
    "\n"
    "Reports in one line whether storyd is running and polling.\n"
    "Exit status: 0 it does, 1 the store is full and nothing is polled, 2 storyd cannot be "
    "reached.\n"
    "\n"
    "  --json          print the response of /api/v1/health\n"
    "  --socket PATH   the daemon's socket, or http://:TOKEN@HOST:PORT\n"
    "                  (default: STORYD_URL, or storyd.sock in the store)\n"
    "  --db DIR        the store (default: /var/lib/storyd)\n";

static void print_health(const json_t *h)
{
    uint64_t fill = record_number(h, "store_fill");
    printf("%s: %" PRIu64 " feeds, %" PRIu64 " open events, %" PRIu64
           " articles in the window, store %" PRIu64 " %% full%s\n",
           record_text(h, "status"), record_number(h, "feeds"), record_number(h, "events_open"),
           record_number(h, "articles_in_window"), fill,
           fill >= UPKEEP_FILLING ? "; raise max_size and reload, or free disk space" : "");
    const char *list = record_text(h, "list");
    if (!strcmp(list, "held"))
        puts("the newest feed list removes too many feeds, and is not used: see `storyctl feeds "
             "confirm`");
    else if (!strcmp(list, "failing"))
        puts("the feed list cannot be read from its address; the last copy is used");
}

int health_main(int argc, char **argv)
{
    struct command_options o;
    json_t *health;
    int result;
    if (!command_options(argc, argv, "djk", 0, health_help, &o, &result))
        return result;
    int status = client_ask("health", &o, "/api/v1/health", NULL, &health);
    if (status == 200 && o.json) {
        json_dumpf(health, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
        putchar('\n');
    } else if (status == 200) {
        print_health(health);
    } else if (status > 0) {
        fprintf(stderr, "storyctl health: HTTP status %d; see the log of storyd\n", status);
    }
    bool ok = !strcmp(record_text(health, "status"), "ok");
    json_decref(health);
    return status != 200 ? 2 : !ok;
}
