/* Hash map from non-zero numbers to pointers: open addressing, linear probing, deletion by shifting
 * entries back. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map {
    struct map_slot {
        uint64_t key; /* 0: empty */
        void *value;
    } * v;
    size_t n, slots;
};

void *map_get(const struct map *m, uint64_t key);  /* NULL if absent */
void map_ahead(const struct map *m, uint64_t key); /* prefetches the slot */
void map_put(struct map *m, uint64_t key, void *value);
void map_remove(struct map *m, uint64_t key);
void map_free(struct map *m); /* does not free the values */

#endif
