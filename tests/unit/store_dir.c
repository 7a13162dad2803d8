#include "store_dir.h"

#include <stdio.h>
#include <stdlib.h>

char dir[64];

int make_dir(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/storyd-store-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

int remove_dir(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

struct store *open_store(void)
{
    struct store *s;
    assert_int_equal(store_open(dir, 64 << 20, &s), 0);
    return s;
}
