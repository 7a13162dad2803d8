/* The JSON fields of a change, in the order in which they are written; see change_record.h. Used by
 * batch.c, which alone writes changes, and by all who read them. */
#include "store/change_record.h"

#define AT(member)       offsetof(struct change_record, member), NULL, false
#define OPTIONAL(member) offsetof(struct change_record, member), NULL, true

#define FIELDS                                                                                     \
    {"seq", CODEC_NUMBER, AT(seq)}, {"time", CODEC_NUMBER, AT(time)},                              \
        {"kind", CODEC_STRING, AT(kind)}, {"event", CODEC_NUMBER, AT(event)},                      \
        {"article", CODEC_NUMBER, OPTIONAL(article)}, {"from", CODEC_NUMBER, OPTIONAL(from)},      \
        {"articles", CODEC_NUMBERS, OPTIONAL(articles)}, {"into", CODEC_NUMBER, OPTIONAL(into)},   \
        {"post", CODEC_NUMBER, OPTIONAL(post)}, {"decision", CODEC_NUMBER, OPTIONAL(decision)},    \
    {                                                                                              \
        "generated", CODEC_ANY, OPTIONAL(generated)                                                \
    }

static const struct codec_field fields[] = {FIELDS, {0}},
                                scored_fields[] = {
                                    FIELDS,
                                    {"probability", CODEC_REAL, AT(probability)},
                                    {"threshold", CODEC_REAL, AT(threshold)},
                                    {0},
};
const struct codec_table change_table = {sizeof(struct change_record), fields},
                         change_scored_table = {sizeof(struct change_record), scored_fields};
