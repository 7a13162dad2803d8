/* Whether a store's file was cut short: by a copy that was not finished, by a damaged file system.
 * LMDB does not look: it maps the file, and whoever reads past its end is ended by SIGBUS. */
#ifndef STORE_WHOLE_H
#define STORE_WHOLE_H

#include "store/schema.h"

#include <stdbool.h>

struct MDB_env;

/* Opens an environment to read all of its databases; close it in any case. STORE_TRUNCATED when it
 * is not whole, else LMDB's errors. */
int whole_open(const char *dir, struct MDB_env **out);

/* Opens those databases in a transaction; 0 stands for one that an older version did not have. */
struct MDB_txn;
int whole_databases(struct MDB_txn *txn, unsigned dbi[STORE_DATABASE_COUNT]);

/* Call it once an environment is open, before anything is read. 0 or an error; `*whole` is false
 * when pages that its newest state needs are not in data.mdb. */
int whole_check(struct MDB_env *env, bool *whole);

#endif
