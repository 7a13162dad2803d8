#include "store/schema.h"

#include <lmdb.h>

const struct store_database store_databases[STORE_DATABASE_COUNT] = {
#define D(symbol, name, flags) {name, flags},
    STORE_DATABASES(D)
#undef D
};
