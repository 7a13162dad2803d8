/* Detects a store's file that was truncated, by an unfinished copy or a damaged file system. LMDB
 * does not check: it maps the file, and a process that reads beyond its end is killed by SIGBUS. */
#ifndef STORE_WHOLE_H
#define STORE_WHOLE_H

#include "store/schema.h"

#include <stdbool.h>

struct MDB_env;

/* Opens an environment for reading all its databases; close it in any case. STORE_TRUNCATED when it
 * is not whole, else LMDB's errors. */
int whole_open(const char *dir, struct MDB_env **out);

/* Opens these databases in a transaction; 0: missing in an older version. */
struct MDB_txn;
int whole_databases(struct MDB_txn *txn, unsigned dbi[STORE_DATABASE_COUNT]);

/* Call it when an environment is open, before anything is read. 0 or an error; `*whole` is false
 * when pages that its newest state needs are not in data.mdb. */
int whole_check(struct MDB_env *env, bool *whole);

#endif
