/* storyctl check, backup, restore: the commands for a store that may be damaged. They work in a
 * child process. */
#include "storyctl/command.h"

#include "base/clock.h"
#include "ingest/repair.h"
#include "store/backup.h"
#include "store/check.h"
#include "store/reader.h"
#include "store/store.h"
#include "story.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- check ---------------------------------------------------------------------------------- */

static const char check_help[] =
    "usage: storyctl check [--db DIR] [--repair]\n"
    "\n"
    "Reads every page of the store and verifies every invariant; prints one line per fault. Exit\n"
    "status 1 if there are faults. A damaged page is reported with its database and the preceding\n"
    "key.\n"
    "\n"
    "  --repair   make anew what follows from other records, and print what was repaired and "
    "which\n"
    "             faults remain; stop storyd first, and run this as its user. Exit status 1 if\n"
    "             faults remain\n"
    "  --db DIR   the store (default: /var/lib/storyd)\n";

static void print_fault(void *arg, const char *fault)
{
    (void)arg;
    puts(fault);
    fflush(stdout); /* reading the next page may end the process */
}

static void ignore_fault(void *arg, const char *fault)
{
    (void)arg, (void)fault;
}

/* The task of a child process: LMDB trusts pages, so a damaged one may end the process by a signal.
 */
struct guarded {
    const char *db, *to;
    bool replace, quiet;
    uint64_t schema;
    int error;
    struct store_check check; /* faults accumulate */
};

/* Runs the task in a child process. False if a damaged page ended it; *signal_number is the signal,
 * 0 if it exited. */
static bool guard(struct guarded *g, void (*run)(struct guarded *), int *signal_number)
{
    int status = 0;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* ending storyctl ends the child too */
        run(g);
        fflush(stdout);
        _exit(0);
    }
    if (pid < 0)
        g->error = errno;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    *signal_number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return !WIFSIGNALED(status) && WEXITSTATUS(status) == 0;
}

static int print_store_error(const struct command_options *o, const char *path, int error)
{
    bool restoring = !strcmp(o->command, "restore");
    const char *text =
        error == EEXIST && restoring ? "the folder already contains a store; --force replaces it"
        : error == ETXTBSY           ? "programs have this store open; end them first"
        : error == EEXIST            ? "the folder already contains a store; choose another folder"
        : error == EBUSY ? "another backup is writing to this folder; wait until it ends"
        : error == ELOOP || error == EINVAL ? STORE_PART " in it is not a regular file; remove it"
        : error == ENOENT                   ? story_strerror(STORY_NO_STORE)
        : error == EACCES && o->repair      ? "permission denied; run it as the user of storyd"
        : error == EACCES                   ? story_strerror(EACCES)
                                            : store_strerror(error);
    fprintf(stderr, "storyctl %s: %s: %s%s\n", o->command, path, text,
            error == ENOENT && !restoring ? "; use --db DIR to name the store" : "");
    return 1;
}

/* In memory shared by both processes. */
static struct guarded *guarded_new(const char *db, const char *to)
{
    struct guarded *g =
        mmap(NULL, sizeof *g, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (g == MAP_FAILED)
        abort(); /* out of memory */
    g->db = db;
    g->to = to;
    return g;
}

static void run_pages(struct guarded *g)
{
    g->error = store_check_pages(g->db, g->check.database, print_fault, NULL, &g->check);
}

static void run_check(struct guarded *g)
{
    g->error = store_check(g->db, g->quiet ? ignore_fault : print_fault, NULL, &g->check);
}

static void run_repair(struct guarded *g)
{
    g->error = repair_store(g->db, print_fault, NULL);
}

static void tell_damage(struct guarded *g, int signal_number)
{
    char place[128];
    store_check_place(&g->check, place, sizeof place);
    printf("%s: damaged page (%s)\n", place,
           signal_number ? strsignal(signal_number) : "the process ended");
    g->check.faults++;
}

/* Database by database, so that damage in one does not hide damage in another. */
static void check_pages(struct guarded *g)
{
    int signal_number;
    while (!guard(g, run_pages, &signal_number)) {
        tell_damage(g, signal_number);
        if (g->check.database++ == STORE_DATABASE_COUNT)
            break;
    }
}

/* True if it ended without an error of its own; faults may have been found. */
static bool guard_next(struct guarded *g, void (*run)(struct guarded *))
{
    int signal_number;
    if (g->error)
        return false;
    bool ended = guard(g, run, &signal_number);
    if (!ended)
        tell_damage(g, signal_number);
    return ended && !g->error;
}

/* Checks the contents of records only if all pages are readable. */
static void check_both(struct guarded *g)
{
    check_pages(g);
    if (!g->check.faults)
        guard_next(g, run_check);
}

/* A sound store is not opened for writing. */
static void repair_and_check(struct guarded *g)
{
    g->error = store_is_busy(g->db);
    if (!g->error)
        check_pages(g);
    if (g->check.faults)
        return;
    g->quiet = true;
    if (!guard_next(g, run_check) || !g->check.faults)
        return;
    g->quiet = false;
    if (guard_next(g, run_repair) || g->error == STORE_CORRUPT) {
        g->error = 0; /* the check names the record */
        guard_next(g, run_check);
    }
}

static void print_counts(const struct store_check *c)
{
    printf("%" PRIu64 " events (%" PRIu64 " merged), %" PRIu64 " articles, %" PRIu64
           " items, %" PRIu64 " feeds, %" PRIu64 " changes: %" PRIu64 " faults\n",
           c->events, c->merged, c->articles, c->items, c->feeds, c->changes, c->faults);
}

int check_main(int argc, char **argv)
{
    struct command_options o;
    int status;
    if (!command_options(argc, argv, "dR", 0, check_help, &o, &status))
        return status;
    struct guarded *g = guarded_new(o.db, NULL);
    if (o.repair)
        repair_and_check(g);
    else
        check_both(g);
    const struct store_check c = g->check;
    int error = g->error;
    munmap(g, sizeof *g);
    if (error)
        return print_store_error(&o, o.db, error);
    print_counts(&c);
    if (o.repair && c.faults)
        fprintf(stderr, "storyctl check: %s: this cannot be repaired; restore a backup\n", o.db);
    return c.faults ? 1 : 0;
}

/* ---- reading a backup ------------------------------------------------------------------------ */

enum { MAX_PATH_SIZE = 4096 };

/* Removes a folder that holds nothing but the files of a store. */
static int remove_copy(const char *folder)
{
    static const char *const files[] = {"data.mdb", STORE_PART, "lock.mdb"};
    char path[MAX_PATH_SIZE];
    int error = 0;
    for (size_t i = 0; !error && i < sizeof files / sizeof *files; i++)
        if (snprintf(path, sizeof path, "%s/%s", folder, files[i]) >= (int)sizeof path)
            error = ENAMETOOLONG;
        else if (unlink(path) && errno != ENOENT)
            error = errno;
    return error ? error : rmdir(folder) && errno != ENOENT ? errno : 0;
}

/* A backup is read through a folder of our own with a link to its data, so that not even LMDB's
 * table of readers is written beside it. A folder that has such a table may be a store in use, and
 * is read as one. */
static int link_to_backup(const char *backup, char folder[MAX_PATH_SIZE], bool *own)
{
    char data[MAX_PATH_SIZE], link[MAX_PATH_SIZE];
    char *whole = realpath(backup, NULL);
    if (!whole)
        return errno;
    snprintf(folder, MAX_PATH_SIZE, "%s", whole);
    bool fits = snprintf(data, sizeof data, "%s/lock.mdb", whole) < (int)sizeof data;
    *own = fits && access(data, F_OK) != 0;
    snprintf(data, sizeof data, "%s/data.mdb", whole);
    free(whole);
    if (!fits || !*own)
        return fits ? 0 : ENAMETOOLONG;
    snprintf(folder, MAX_PATH_SIZE, "/tmp/storyctl-XXXXXX");
    if (access(data, F_OK) || !mkdtemp(folder)) {
        *own = false;
        return errno;
    }
    snprintf(link, sizeof link, "%.100s/data.mdb", folder);
    return symlink(data, link) ? errno : 0;
}

static void run_version(struct guarded *g)
{
    story_db *db;
    story_view *view = NULL;
    g->error = story_open(g->db, &db);
    if (!g->error)
        g->error = story_view_begin(db, &view);
    if (!g->error)
        g->schema = reader_number(view, "schema");
    story_view_end(view);
    story_close(db);
}

/* Like `storyctl check` of the backup, without writing to it. True if it has no fault; else says
 * why.
 */
static bool verify(const struct command_options *o, const char *backup)
{
    char folder[MAX_PATH_SIZE];
    bool own = false;
    int signal_number, error = link_to_backup(backup, folder, &own);
    struct guarded *g = guarded_new(folder, NULL);
    if (!error)
        check_both(g);
    if (!error && !g->error && !g->check.faults && !guard(g, run_version, &signal_number))
        tell_damage(g, signal_number);
    if (own)
        remove_copy(folder);
    if (!error)
        error = g->error;
    const uint64_t schema = g->schema;
    const struct store_check check = g->check;
    munmap(g, sizeof *g);
    if (error) {
        print_store_error(o, backup, error);
        return false;
    }
    printf("%s: schema %" PRIu64 ", ", backup, schema);
    print_counts(&check);
    return !check.faults;
}

/* ---- backup --------------------------------------------------------------------------------- */

static const char backup_help[] =
    "usage: storyctl backup [--db DIR] [--keep N] TO\n"
    "\n"
    "Copies the store, compacted, into folder TO, also while the daemon writes. The copy appears\n"
    "once it is complete; an interrupted backup leaves " STORE_PART ", which the next one\n"
    "overwrites.\n"
    "\n"
    "  --keep N   make the copy in a folder of TO that is named by the time, verify it, and then\n"
    "             remove all but the N newest of these folders, from 1 to 1000\n"
    "  --db DIR   the store (default: /var/lib/storyd)\n";

static void run_backup(struct guarded *g)
{
    g->error = store_backup(g->db, g->to);
}

/* Whether the error is in the copy: the store itself is only read. */
static bool concerns_copy(int error)
{
    return error == EEXIST || error == EBUSY || error == ELOOP || error == EINVAL ||
           store_is_full(error);
}

static int copy_store(const struct command_options *o, const char *to)
{
    int signal_number;
    struct guarded *g = guarded_new(o->db, to);
    bool ended = guard(g, run_backup, &signal_number);
    int error = ended ? g->error : STORE_CORRUPT;
    munmap(g, sizeof *g);
    return error ? print_store_error(o, concerns_copy(error) ? to : o->db, error) : 0;
}

/* The folders of --keep: when they were made, in UTC, so that their order is that of time. */
static const char dated[] = "%Y-%m-%dT%H%M%SZ";

static int is_dated_copy(const struct dirent *entry)
{
    static const char pattern[] = "0000-00-00T000000Z";
    const char *name = entry->d_name;
    for (const char *p = pattern; *p; p++, name++)
        if (*p == '0' ? *name < '0' || *name > '9' : *name != *p)
            return 0;
    return !*name;
}

static int newest_first(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*b)->d_name, (*a)->d_name);
}

static int fail_folder(const char *path, const char *why)
{
    fprintf(stderr, "storyctl backup: %s: %s\n", path, why);
    return 1;
}

/* The newest, which was just made, stays even if the clock was set back. */
static int remove_old(const struct command_options *o, const char *to, const char *made)
{
    struct dirent **all;
    char path[MAX_PATH_SIZE];
    int status = 0, n = scandir(to, &all, is_dated_copy, newest_first);
    if (n < 0)
        return fail_folder(to, strerror(errno));
    int64_t kept = 1;
    for (int i = 0; i < n; i++) {
        const char *name = all[i]->d_name;
        bool old = strcmp(name, made) != 0 && ++kept > o->keep;
        snprintf(path, sizeof path, "%s/%s", to, name);
        int error = old ? remove_copy(path) : 0;
        if (error)
            status = fail_folder(path, strerror(error));
        else if (old)
            printf("%s: removed\n", path);
        free(all[i]);
    }
    free(all);
    return status;
}

/* A copy gets its dated name once it was verified: what has such a name is whole. */
static int keep_copies(const struct command_options *o, const char *to, int folder)
{
    char part[MAX_PATH_SIZE], whole[MAX_PATH_SIZE], name[64];
    time_t now = wall_clock();
    struct tm utc;
    strftime(name, sizeof name, dated, gmtime_r(&now, &utc));
    if (snprintf(part, sizeof part, "%s/unverified", to) >= (int)sizeof part ||
        snprintf(whole, sizeof whole, "%s/%s", to, name) >= (int)sizeof whole)
        return fail_folder(to, strerror(ENAMETOOLONG));
    int error = remove_copy(part);
    if (error)
        return fail_folder(part, strerror(error));
    if (copy_store(o, part))
        return 1;
    if (!verify(o, part))
        return fail_folder(part,
                           "the copy has faults, so the store may have them too: see `storyctl "
                           "check`; older backups are kept");
    if (rename(part, whole) || fsync(folder))
        return fail_folder(whole, strerror(errno));
    printf("%s: made\n", whole);
    return remove_old(o, to, name);
}

static int back_up_and_keep(const struct command_options *o, const char *to)
{
    if (mkdir(to, STORE_DIR_MODE) && errno != EEXIST)
        return fail_folder(to, strerror(errno));
    int folder = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;
    if (folder < 0)
        return fail_folder(to, strerror(errno));
    if (flock(folder, LOCK_EX | LOCK_NB))
        status = print_store_error(o, to, errno == EWOULDBLOCK ? EBUSY : errno);
    else
        status = keep_copies(o, to, folder);
    close(folder);
    return status;
}

int backup_main(int argc, char **argv)
{
    enum { MOST = 1000 };
    struct command_options o;
    int status;
    if (!command_options(argc, argv, "dK", 1, backup_help, &o, &status))
        return status;
    umask(0007); /* as for the store: readable by its group only */
    if (o.keep < 0)
        return copy_store(&o, o.arguments[0]);
    if (o.keep >= 1 && o.keep <= MOST)
        return back_up_and_keep(&o, o.arguments[0]);
    fprintf(stderr, "storyctl backup: --keep %" PRId64 " is out of range; expected 1 to %d\n",
            o.keep, MOST);
    return 2;
}

/* ---- restore -------------------------------------------------------------------------------- */

static const char restore_help[] =
    "usage: storyctl restore [--db DIR] [--force] BACKUP\n"
    "       storyctl restore --check BACKUP\n"
    "\n"
    "Verifies the backup in folder BACKUP, and copies it into the store's folder. Stop storyd and\n"
    "all readers first. The store is replaced in one step, and not at all if the backup has "
    "faults.\n"
    "\n"
    "  --check    only verify the backup, and print what it holds; nothing is written\n"
    "  --force    replace the store that is there\n"
    "  --db DIR   the store (default: /var/lib/storyd)\n";

static void run_restore(struct guarded *g)
{
    g->error = store_restore(g->db, g->to, g->replace);
}

int restore_main(int argc, char **argv)
{
    struct command_options o;
    int status, signal_number;
    if (!command_options(argc, argv, "dFV", 1, restore_help, &o, &status))
        return status;
    const char *backup = o.arguments[0];
    char folder[MAX_PATH_SIZE];
    bool own = false;
    umask(0007);
    if (!verify(&o, backup))
        return 1;
    if (o.check)
        return 0;
    int error = link_to_backup(backup, folder, &own);
    struct guarded *g = guarded_new(folder, o.db);
    g->replace = o.force;
    if (!error)
        error = !guard(g, run_restore, &signal_number) ? STORE_CORRUPT : g->error;
    munmap(g, sizeof *g);
    if (own)
        remove_copy(folder);
    if (error)
        return print_store_error(&o, o.db, error);
    printf("%s: restored\n", o.db);
    return 0;
}
