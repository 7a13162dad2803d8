/* An entry of the change log: the record of the database changes. It is written once and never
 * changed. storyd-db(5) and config/schema/change.schema.json document the fields. */
#ifndef STORE_CHANGE_RECORD_H
#define STORE_CHANGE_RECORD_H

#include "base/codec.h"

#include <stdint.h>

/* `kind` determines which of the members after `event` are used; the others are 0 or NULL. */
struct change_record {
    uint64_t seq;
    int64_t time;
    char *kind; /* never NULL in a record that codec_read() made */
    uint64_t event, article, from;
    struct codec_list articles; /* of uint64_t */
    uint64_t into, post, decision;
    json_t *generated; /* an array of names of fields */
    bool scored;       /* no field: the change has a probability and a threshold */
    double probability, threshold;
};

/* The second one is for writing a change that is scored. */
extern const struct codec_table change_table, change_scored_table;

#endif
