/* Reads a whole file into memory; replaces a file in one step. */
#include "file.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *file_read(const char *path, size_t max, size_t *n)
{
    FILE *f = fopen(path, "rbe");
    struct stat st;
    if (!f)
        return NULL;
    char *bytes = NULL;
    if (!fstat(fileno(f), &st) && S_ISREG(st.st_mode) && (size_t)st.st_size <= max) {
        bytes = mem_alloc((size_t)st.st_size + 1);
        *n = fread(bytes, 1, (size_t)st.st_size, f);
    }
    fclose(f);
    return bytes;
}

static bool append_stream(FILE *in, struct buf *out)
{
    char piece[1 << 14];
    for (size_t n; (n = fread(piece, 1, sizeof piece, in)) > 0;)
        buf_add(out, piece, n);
    return !ferror(in);
}

bool file_append(const char *path, struct buf *out)
{
    if (!strcmp(path, "-"))
        return append_stream(stdin, out);
    FILE *in = fopen(path, "rbe");
    if (!in)
        return false;
    bool ok = append_stream(in, out);
    fclose(in);
    return ok;
}

bool file_replace(const char *path, const void *bytes, size_t n)
{
    char new[4096];
    if (snprintf(new, sizeof new, "%s.new", path) >= (int)sizeof new) {
        errno = ENAMETOOLONG;
        return false;
    }
    int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    ssize_t written = write(fd, bytes, n);
    if (written >= 0 && (size_t)written < n)
        errno = ENOSPC;
    bool ok = written == (ssize_t)n && !fsync(fd);
    ok = !close(fd) && ok;
    if (ok && !rename(new, path))
        return true;
    int error = errno;
    unlink(new);
    errno = error;
    return false;
}
