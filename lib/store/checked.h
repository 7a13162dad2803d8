/* How far a check of the store has come, and what it found. */
#ifndef STORE_CHECKED_H
#define STORE_CHECKED_H

#include <stddef.h>
#include <stdint.h>

struct store_check {
    uint64_t events, merged, articles, changes, feeds, items, decisions; /* records seen */
    uint64_t faults;
    /* what is being read: a database, by its number for store_check_pages() and its name, and the
     * last key that was whole */
    size_t database;
    const char *name; /* NULL: the list of databases */
    unsigned char key[16];
    size_t key_size;
};

/* The place in a text: "events, after 17". */
void store_check_place(const struct store_check *c, char *out, size_t cap);

#endif
