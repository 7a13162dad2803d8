/* What is left of an event that was deleted because of its age: the record of the database
 * tombstones. storyd-db(5) and config/schema/tombstone.schema.json document the fields. */
#ifndef STORE_TOMBSTONE_RECORD_H
#define STORE_TOMBSTONE_RECORD_H

#include "base/codec.h"

#include <stdint.h>

struct tombstone_record {
    uint64_t event;
    char *title; /* never NULL in a record that codec_read() made */
    int64_t first_seen, updated, deleted;
};

extern const struct codec_table tombstone_table;

#endif
