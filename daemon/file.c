/* Reads a whole file into memory. */
#include "file.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
