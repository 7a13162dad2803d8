/* The JSON fields of a delivery, in the order in which they are written; see delivery_record.h.
 * Used by daemon/alert, which alone writes them, and check.c. */
#include "store/delivery_record.h"

#define AT(member) offsetof(struct delivery_record, member), NULL, false

static const struct codec_field fields[] = {
    {"alert", CODEC_STRING, AT(alert)},
    {"kind", CODEC_STRING, AT(kind)},
    {"id", CODEC_STRING, AT(id)},
    {"made", CODEC_NUMBER, AT(made)},
    {"tries", CODEC_NUMBER, AT(tries)},
    {"due", CODEC_NUMBER, AT(due)},
    {"body", CODEC_STRING, AT(body)},
    {"more", CODEC_NUMBER, offsetof(struct delivery_record, more), NULL, true},
    {0},
};
const struct codec_table delivery_table = {sizeof(struct delivery_record), fields};
