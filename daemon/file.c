#include "file.h"

#include "base/mem.h"

#include <stdio.h>
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
