/* Allocation that cannot fail: out of memory is a broken invariant and aborts. Every caller bounds
 * what it asks for, so a hostile input meets a ceiling before it meets this. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *mem_zero(size_t n) __attribute__((malloc, returns_nonnull, warn_unused_result));
void *mem_resize(void *p, size_t n) __attribute__((returns_nonnull, warn_unused_result));
char *mem_str(const char *s) __attribute__((malloc, returns_nonnull, warn_unused_result));
char *mem_strn(const char *s, size_t n)
    __attribute__((malloc, returns_nonnull, warn_unused_result));

/* A large table that is looked up all over: zeroed, and in huge pages where the system has them,
 * for with small ones each look costs a second one to find the page. */
enum { MEM_HUGE = 2 << 20 };
void *mem_large(size_t n) __attribute__((malloc, returns_nonnull, warn_unused_result));
void mem_large_free(void *p, size_t n);

/* Makes room for one more element in a growing array: the capacity doubles. */
#define MEM_GROW(array, count, capacity)                                                           \
    do {                                                                                           \
        if ((count) >= (capacity)) {                                                               \
            (capacity) = (capacity) ? (capacity)*2 : 8;                                            \
            (array) = mem_resize((array), (size_t)(capacity) * sizeof *(array));                   \
        }                                                                                          \
    } while (0)

#endif
