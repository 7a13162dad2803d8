/* What storyd looks after in its store while it runs, every ten seconds: slots of readers that
 * died, readers that stand still, whether it can read the store itself. Says in the log what it
 * finds. */
#ifndef UPKEEP_H
#define UPKEEP_H

#include "store/store.h"
#include "story.h"

#include <stddef.h>
#include <stdint.h>

struct upkeep;

enum { UPKEEP_EVERY = 10 }; /* seconds */

/* Both stay the caller's, and open for as long as it is used. */
struct upkeep *upkeep_new(struct store *store, story_db *reader);
void upkeep_free(struct upkeep *u);

void upkeep_look(struct upkeep *u);

/* As of the last look. */
struct upkeep_facts {
    size_t views;           /* open ones, of all processes */
    int64_t oldest_pid;     /* of the one furthest behind; 0: none is */
    int64_t oldest_age;     /* seconds since it was seen to be behind */
    uint64_t oldest_behind; /* commits since its state */
};
struct upkeep_facts upkeep_facts(const struct upkeep *u);

#endif
