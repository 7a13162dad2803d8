/* The JSON fields of a tombstone, in the order in which they are written; see tombstone_record.h.
 * Used by retention.c, which alone makes them, and daemon/web. */
#include "store/tombstone_record.h"

#define AT(member) offsetof(struct tombstone_record, member), NULL, false

static const struct codec_field fields[] = {
    {"id", CODEC_NUMBER, AT(event)},
    {"title", CODEC_STRING, AT(title)},
    {"first_seen", CODEC_NUMBER, AT(first_seen)},
    {"updated", CODEC_NUMBER, AT(updated)},
    {"deleted", CODEC_NUMBER, AT(deleted)},
    {0},
};
const struct codec_table tombstone_table = {sizeof(struct tombstone_record), fields};
