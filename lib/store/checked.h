/* Progress and findings of a check of the store. */
#ifndef STORE_CHECKED_H
#define STORE_CHECKED_H

#include <stddef.h>
#include <stdint.h>

struct store_check {
    uint64_t events, merged, articles, changes, feeds, items, decisions; /* records read */
    uint64_t faults;
    /* current position: the database, by its number in store_check_pages() and its name, and the
     * last intact key */
    size_t database;
    const char *name; /* NULL: the list of databases */
    unsigned char key[16];
    size_t key_size;
};

/* Formats the position: "events, after 17". */
void store_check_place(const struct store_check *c, char *out, size_t cap);

#endif
