/* Periodic checks of the store: frees slots of dead readers, warns about views that block page
 * reuse, and checks that the store can be read. Called by storyd.c every ten seconds. */
#include "upkeep.h"

#include "base/mem.h"
#include "log.h"
#include "old_views.h"
#include "base/clock.h"
#include "store/readers.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct upkeep {
    struct store *store;
    story_db *reader;
    struct old_views old;
    size_t views;
    bool blind; /* the read error was logged */
    struct store_room room;
    int warned; /* the percentage that was warned of, or 0 */
};

static int64_t seconds(void)
{
    return monotonic_ms() / 1000;
}

/* The name of a process, stored in `out`. Empty where /proc does not show other users' processes,
 * as may be the case in a systemd unit. */
static const char *process_name(int64_t pid, char *out, int cap)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%lld/comm", (long long)pid);
    FILE *f = fopen(path, "re");
    if (!f || !fgets(out, cap, f))
        out[0] = 0;
    if (f)
        fclose(f);
    for (char *p = out; *p; p++)
        if (*p == '\n')
            *p = 0;
    return out;
}

static void on_old(void *arg, const struct old_view *v)
{
    (void)arg;
    char name[64];
    const char *program = process_name(v->view.pid, name, sizeof name);
    log_line(LOG_WARNING, "old_view",
             "a reader holds an old view: space freed in the store cannot be reused and the file "
             "grows; resume or stop that program",
             LOG_N("pid", v->view.pid), LOG_T("program", program),
             LOG_N("seconds", seconds() - v->since), LOG_N("commits_behind", v->view.behind));
}

static void on_view_ended(void *arg, const struct old_view *v)
{
    (void)arg;
    log_line(LOG_INFO, "old_view_closed", "the old view was closed", LOG_N("pid", v->view.pid),
             LOG_N("seconds", seconds() - v->since));
}

/* HTTP requests read the store through the same kind of view. */
static void try_reading(struct upkeep *u)
{
    story_view *view;
    int error = story_view_begin(u->reader, &view);
    if (!error)
        story_view_end(view);
    if (error && !u->blind)
        log_line(LOG_ERR, "store_unreadable",
                 "the store cannot be read: HTTP requests fail until it can",
                 LOG_T("error", story_strerror(error)));
    if (!error && u->blind)
        log_line(LOG_INFO, "store_readable", "the store is readable again");
    u->blind = error != 0;
}

static int percent(uint64_t used, uint64_t size)
{
    return size ? (int)((double)used * 100 / (double)size) : 0;
}

static int fill_of(const struct store_room *r)
{
    int map = percent(r->map_used, r->map_size), disk = percent(r->disk_used, r->disk_size);
    return map > disk ? map : disk;
}

/* Warns at each of these percentages once, and again after it was well below. */
static void look_at_room(struct upkeep *u)
{
    static const int levels[] = {UPKEEP_NEARLY, UPKEEP_FILLING};
    enum { BELOW = 5 };
    if (store_room(u->store, &u->room))
        return;
    int fill = fill_of(&u->room);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (fill >= levels[i] && u->warned < levels[i]) {
            u->warned = levels[i];
            log_line(LOG_WARNING, "store_filling",
                     "the store is filling up: when it is full, polling stops; raise max_size in "
                     "[store] and reload, or make room on the disk",
                     LOG_N("percent", fill), LOG_N("used", u->room.map_used),
                     LOG_N("max_size", u->room.map_size),
                     LOG_N("disk_free", u->room.disk_size - u->room.disk_used));
        }
    if (u->warned && fill < u->warned - BELOW)
        u->warned = fill < UPKEEP_FILLING - BELOW ? 0 : UPKEEP_FILLING;
}

struct upkeep *upkeep_new(struct store *store, story_db *reader)
{
    struct upkeep *u = mem_zero(sizeof *u);
    u->store = store;
    u->reader = reader;
    return u;
}

void upkeep_free(struct upkeep *u)
{
    free(u);
}

void upkeep_look(struct upkeep *u)
{
    struct readers_view open[READERS_MOST];
    size_t n = 0;
    if (store_sweep(u->store) || store_views(u->store, open, READERS_MOST, &n))
        n = 0;
    u->views = n;
    old_views_take(&u->old, open, n, seconds(), on_old, on_view_ended, u);
    try_reading(u);
    look_at_room(u);
}

struct upkeep_facts upkeep_facts(const struct upkeep *u)
{
    const struct old_view *oldest = old_views_oldest(&u->old);
    struct upkeep_facts f = {.views = u->views, .room = u->room, .fill = fill_of(&u->room)};
    if (oldest) {
        f.oldest_pid = oldest->view.pid;
        f.oldest_age = seconds() - oldest->since;
        f.oldest_behind = oldest->view.behind;
    }
    return f;
}
