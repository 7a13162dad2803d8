/* Makes a consistent copy of a store while it is in use; see backup.h. Called by storyctl backup.
 */
#include "store/backup.h"

#include "store/schema.h"
#include "store/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
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

/* Copies into `part` and renames it once everything is on the disk. */
static int copy_to(MDB_env *env, const char *part, const char *path, const char *to)
{
    int fd, error = open_part(part, &fd);
    if (!error && access(path, F_OK) == 0)
        error = EEXIST;
    else if (!error) {
        error = mdb_env_copyfd2(env, fd, MDB_CP_COMPACT);
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

int store_backup(const char *dir, const char *to)
{
    char path[4096], part[4096], parent[4096];
    if (snprintf(part, sizeof part, "%s/" STORE_PART, to) >= (int)sizeof part)
        return ENAMETOOLONG;
    snprintf(path, sizeof path, "%s/data.mdb", to);
    snprintf(parent, sizeof parent, "%s/..", to);
    if (access(path, F_OK) == 0)
        return EEXIST;
    MDB_env *env = NULL;
    int error = whole_open(dir, &env);
    if (!error && mkdir(to, STORE_DIR_MODE) == 0)
        error = sync_folder(parent);
    else if (!error && errno != EEXIST)
        error = errno;
    if (!error)
        error = copy_to(env, part, path, to);
    if (env)
        mdb_env_close(env);
    return error;
}
