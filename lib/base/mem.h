/* Allocation that never returns NULL: it aborts when memory runs out. Callers limit the sizes they
 * request, so untrusted input reaches a limit before it can exhaust memory. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *mem_zero(size_t n) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *mem_resize(void *p, size_t n) __attribute__((returns_nonnull, warn_unused_result));
char *mem_str(const char *s) __attribute__((malloc, returns_nonnull, warn_unused_result));
char *mem_strn(const char *s, size_t n)
    __attribute__((malloc, returns_nonnull, warn_unused_result));

/* A large, zeroed table with random access, in huge pages if the system has them: with small pages
 * each access also misses the TLB. */
enum { MEM_HUGE = 2 << 20 };
void *mem_large(size_t n) __attribute__((malloc, returns_nonnull, warn_unused_result));
void mem_large_free(void *p, size_t n);

/* Ensures capacity for one more element of a growing array by doubling the capacity. */
#define MEM_GROW(array, count, capacity)                                                           \
    do {                                                                                           \
        if ((count) >= (capacity)) {                                                               \
            (capacity) = (capacity) ? (capacity)*2 : 8;                                            \
            (array) = mem_resize((array), (size_t)(capacity) * sizeof *(array));                   \
        }                                                                                          \
    } while (0)

#endif
