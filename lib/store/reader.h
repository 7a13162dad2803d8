/* The read API over an environment that somebody else opened, and closes. */
#ifndef STORE_READER_H
#define STORE_READER_H

struct MDB_env;
struct story_db;

int reader_over(struct MDB_env *env, struct story_db **out);

#endif
