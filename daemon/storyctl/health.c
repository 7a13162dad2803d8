/* storyctl health: whether the daemon runs and polls, for people, containers and monitoring; and
 * storyctl promote, for those who see in it that the engine of a cluster is gone. */
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

/* What the process does in a cluster, if it is in one. */
static void print_place(const json_t *cluster)
{
    const char *role = record_text(cluster, "role");
    if (!json_is_object(cluster))
        return;
    printf("%s of cluster %s, batch %" PRIu64, role, record_text(cluster, "name"),
           record_number(cluster, "batch"));
    if (json_is_integer(json_object_get(cluster, "lag_ms")))
        printf(", the last one %" PRIu64 " ms old when it came", record_number(cluster, "lag_ms"));
    if (*record_text(cluster, "engine") && strcmp(role, "engine") != 0)
        printf("; the engine is %s", record_text(cluster, "engine"));
    if (json_is_true(json_object_get(cluster, "copying")))
        fputs("; its store is being copied", stdout);
    if (!json_is_true(json_object_get(cluster, "connected")))
        fputs("; the broker does not answer", stdout);
    putchar('\n');
}

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
    print_place(json_object_get(h, "cluster"));
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

/* ---- promote -------------------------------------------------------------------------------- */

static const char promote_help[] =
    "usage: storyctl promote [--db DIR] [--socket PATH]\n"
    "\n"
    "Makes a standby the engine of its cluster: run it where the standby runs, when the engine is\n"
    "gone or shall stand by. An engine that is still running stops leading.\n"
    "\n"
    "  --socket PATH   the daemon's socket, or http://:TOKEN@HOST:PORT\n"
    "                  (default: STORYD_URL, or storyd.sock in the store)\n"
    "  --db DIR        the store (default: /var/lib/storyd)\n";

int promote_main(int argc, char **argv)
{
    struct command_options o;
    json_t *answer, *nothing = NULL;
    int result;
    if (!command_options(argc, argv, "dk", 0, promote_help, &o, &result))
        return result;
    nothing = json_object();
    int status = client_ask("promote", &o, "/api/v1/promote", nothing, &answer);
    if (status == 202)
        puts("this process takes over as soon as its store is at the end of the log; see `storyctl "
             "health`");
    else if (status > 0)
        fprintf(stderr, "storyctl promote: %s\n",
                *record_text(answer, "detail") ? record_text(answer, "detail") : "refused");
    json_decref(answer);
    json_decref(nothing);
    return status == 202 ? 0 : 1;
}
