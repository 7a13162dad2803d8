/* Periodic checks of the store, every ten seconds: slots of dead readers, readers that hold old
 * views, whether the daemon can read the store itself. Logs what it finds. */
#ifndef UPKEEP_H
#define UPKEEP_H

#include "store/store.h"
#include "story.h"

#include <stddef.h>
#include <stdint.h>

struct upkeep;

enum { UPKEEP_EVERY = 10 }; /* seconds */
enum {
    UPKEEP_FILLING = 80,
    UPKEEP_NEARLY = 90
}; /* percent used: where warnings begin, and the next */

/* The caller keeps ownership of both and keeps them open until upkeep_free(). */
struct upkeep *upkeep_new(struct store *store, story_db *reader);
void upkeep_free(struct upkeep *u);

void upkeep_look(struct upkeep *u);

/* As of the last upkeep_look(). */
struct upkeep_facts {
    struct store_room room; /* zeros: not known yet */
    int fill;               /* percent of the map or of its disk, whichever is fuller */
    size_t views;           /* open views of all processes */
    int64_t oldest_pid;     /* of the view furthest behind; 0: none is behind */
    int64_t oldest_age;     /* seconds since it was first seen behind */
    uint64_t oldest_behind; /* commits since its state */
};
struct upkeep_facts upkeep_facts(const struct upkeep *u);

#endif
