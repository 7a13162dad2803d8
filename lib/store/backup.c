/* Makes a consistent copy of a store while it is in use, and puts one in the place of a store; see
 * backup.h. Called by storyctl backup and restore. */
#include "store/backup.h"

#include "store/codes.h"
#include "store/schema.h"
#include "store/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 || fsync(fd) ? errno : 0;
    if (fd >= 0)
        close(fd);
    return error;
}

/* Opens and locks the file to write to; a backup that was killed may have left it. */
static int open_part(const char *path, int *fd)
{
    struct stat held, there;
    *fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, STORE_DATA_MODE);
    if (*fd < 0)
        return errno;
    if (flock(*fd, LOCK_EX | LOCK_NB))
        return errno == EWOULDBLOCK ? EBUSY : errno;
    if (fstat(*fd, &held) || !S_ISREG(held.st_mode))
        return EINVAL;
    if (stat(path, &there) || held.st_ino != there.st_ino)
        return EBUSY; /* another backup has just renamed it */
    return ftruncate(*fd, 0) ? errno : 0;
}

/* What root writes belongs to the owner of the folder, so that storyd can use it. */
static int give_to_owner(int fd, const char *folder)
{
    struct stat st;
    return geteuid() == 0 && (stat(folder, &st) || fchown(fd, st.st_uid, st.st_gid)) ? errno : 0;
}

/* Copies into `part` and renames it once everything is on the disk. */
static int copy_to(MDB_env *env, const char *to, bool replace)
{
    char path[4096], part[4096];
    if (snprintf(part, sizeof part, "%s/" STORE_PART, to) >= (int)sizeof part)
        return ENAMETOOLONG;
    snprintf(path, sizeof path, "%s/data.mdb", to);
    int fd, error = open_part(part, &fd);
    if (!error && !replace && access(path, F_OK) == 0)
        error = EEXIST;
    else if (!error) {
        error = mdb_env_copyfd2(env, fd, MDB_CP_COMPACT);
        if (!error)
            error = give_to_owner(fd, to);
        if (!error && fsync(fd))
            error = errno;
        if (!error && rename(part, path))
            error = errno;
        if (!error)
            error = sync_folder(to);
    }
    if (error && error != EBUSY)
        unlink(part);
    if (fd >= 0)
        close(fd);
    return error;
}

static bool has_store(const char *dir)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/data.mdb", dir);
    return access(path, F_OK) == 0;
}

static int make_folder(const char *path)
{
    char parent[4096];
    if (snprintf(parent, sizeof parent, "%s/..", path) >= (int)sizeof parent)
        return ENAMETOOLONG;
    if (mkdir(path, STORE_DIR_MODE) == 0)
        return sync_folder(parent);
    return errno == EEXIST ? 0 : errno;
}

int store_backup(const char *dir, const char *to)
{
    MDB_env *env = NULL;
    int error = has_store(to) ? EEXIST : whole_open(dir, &env);
    if (!error)
        error = make_folder(to);
    if (!error)
        error = copy_to(env, to, false);
    if (env)
        mdb_env_close(env);
    return error;
}

/* Keeps writers out until the descriptor is closed. */
static int lock_out_writers(const char *dir, int *fd)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/" STORE_WRITER_LOCK, dir) >= (int)sizeof path)
        return ENAMETOOLONG;
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, STORE_DATA_MODE);
    if (*fd < 0)
        return errno;
    if (flock(*fd, LOCK_EX | LOCK_NB))
        return errno == EWOULDBLOCK ? STORE_BUSY : errno;
    return give_to_owner(*fd, dir);
}

/* Every process that has the environment open holds a lock on the first byte of its lock file. */
static int look_for_readers(const char *table)
{
    struct flock held = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
    int fd = open(table, O_RDWR | O_CLOEXEC), error = 0;
    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    if (fcntl(fd, F_GETLK, &held))
        error = errno;
    else if (held.l_type != F_UNLCK)
        error = ETXTBSY;
    close(fd);
    return error;
}

int store_restore(const char *from, const char *dir, bool replace)
{
    MDB_env *env = NULL;
    char table[4096];
    int lock = -1, error = whole_open(from, &env);
    if (!error && snprintf(table, sizeof table, "%s/lock.mdb", dir) >= (int)sizeof table)
        error = ENAMETOOLONG;
    if (!error && has_store(dir) && !replace)
        error = EEXIST;
    if (!error)
        error = make_folder(dir);
    if (!error)
        error = lock_out_writers(dir, &lock);
    if (!error)
        error = look_for_readers(table);
    if (!error)
        error = copy_to(env, dir, replace);
    if (!error && unlink(table) && errno != ENOENT)
        error = errno; /* what LMDB keeps there is of the old store */
    if (lock >= 0)
        close(lock);
    if (env)
        mdb_env_close(env);
    return error;
}
