/* For tests of the store: a folder of its own for each. */
#ifndef TESTS_STORE_DIR_H
#define TESTS_STORE_DIR_H

#include "unit.h"

#include "store/store.h"

extern char dir[64];

/* cmocka's setup and teardown */
int make_dir(void **state);
int remove_dir(void **state);

struct store *open_store(void);

#endif
