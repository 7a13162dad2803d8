/* Allocation that aborts when out of memory; see mem.h. Used throughout lib and daemon. */
#define _DEFAULT_SOURCE /* mmap's flags, madvise */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *mem_alloc(size_t n)
{
    void *p = malloc(n ? n : 1);
    if (!p)
        abort();
    return p;
}

void *mem_zero(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p)
        abort();
    return p;
}

void *mem_resize(void *old, size_t n)
{
    void *p = realloc(old, n ? n : 1);
    if (!p)
        abort();
    return p;
}

char *mem_strn(const char *s, size_t n)
{
    char *p = mem_alloc(n + 1);
    memcpy(p, s, n);
    p[n] = 0;
    return p;
}

char *mem_str(const char *s)
{
    return mem_strn(s, strlen(s));
}

static size_t whole_pages(size_t n)
{
    return (n + MEM_HUGE - 1) / MEM_HUGE * MEM_HUGE;
}

void *mem_large(size_t n)
{
    if (n < MEM_HUGE)
        return mem_zero(n);
    n = whole_pages(n);
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        abort();
    madvise(p, n, MADV_HUGEPAGE); /* a hint: without huge pages the table works, but slower */
    return p;
}

void mem_large_free(void *p, size_t n)
{
    if (p && n >= MEM_HUGE)
        munmap(p, whole_pages(n));
    else
        free(p);
}
