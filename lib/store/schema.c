/* The table of databases and the encoding of numeric keys; see schema.h. */
#include "store/schema.h"

#include <lmdb.h>

const struct store_database store_databases[STORE_DATABASE_COUNT] = {
#define D(symbol, name, flags, key, value) {name, flags, key, value},
    STORE_DATABASES(D)
#undef D
};

void store_u64(uint64_t number, unsigned char key[8])
{
    for (int i = 7; i >= 0; i--, number >>= 8)
        key[i] = (unsigned char)number;
}

uint64_t store_from_u64(const void *key)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | ((const unsigned char *)key)[i];
    return number;
}
