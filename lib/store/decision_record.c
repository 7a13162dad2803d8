/* The JSON fields of a decision, in the order in which they are written; see decision_record.h.
 * Used by decide.c, which alone makes decisions, and by all who read them. */
#include "store/decision_record.h"

#define AT(of, member)       offsetof(struct of, member), NULL, false
#define OPTIONAL(of, member) offsetof(struct of, member), NULL, true

static const struct codec_field link_fields[] = {
    {"a", CODEC_NUMBER, AT(decision_link, a)},
    {"b", CODEC_NUMBER, AT(decision_link, b)},
    {"kind", CODEC_STRING, AT(decision_link, kind)},
    {0},
};
static const struct codec_table link_table = {sizeof(struct decision_link), link_fields};

static const struct codec_field feature_fields[] = {
    {"what", CODEC_STRING, AT(decision_feature, what)},
    {"name", CODEC_STRING, AT(decision_feature, name)},
    {0},
};
static const struct codec_table feature_table = {sizeof(struct decision_feature), feature_fields};

static const struct codec_field fields[] = {
    {"id", CODEC_NUMBER, AT(decision_record, number)},
    {"time", CODEC_NUMBER, AT(decision_record, time)},
    {"kind", CODEC_STRING, AT(decision_record, kind)},
    {"who", CODEC_STRING, AT(decision_record, who)},
    {"why", CODEC_STRING, AT(decision_record, why)},
    {"event", CODEC_TIME, AT(decision_record, event)},
    {"into", CODEC_TIME, AT(decision_record, into)},
    {"articles", CODEC_NUMBERS, AT(decision_record, articles)},
    {"links", CODEC_LIST, offsetof(struct decision_record, links), &link_table, false},
    {"undoes", CODEC_TIME, AT(decision_record, undoes)},
    {"undone_by", CODEC_TIME, AT(decision_record, undone_by)},
    {"title", CODEC_TEXT, OPTIONAL(decision_record, title)},
    {"tag", CODEC_TEXT, OPTIONAL(decision_record, tag)},
    {"text", CODEC_TEXT, OPTIONAL(decision_record, text)},
    {"features", CODEC_LIST, offsetof(struct decision_record, features), &feature_table, true},
    {"wrote", CODEC_TEXT, OPTIONAL(decision_record, wrote)},
    {"items", CODEC_ANY, OPTIONAL(decision_record, items)},
    {"place", CODEC_COUNT, OPTIONAL(decision_record, place)},
    {"field", CODEC_TEXT, OPTIONAL(decision_record, field)},
    {"before", CODEC_ANY, OPTIONAL(decision_record, before)},
    {"after", CODEC_ANY, OPTIONAL(decision_record, after)},
    {"", CODEC_REST, AT(decision_record, rest)},
    {0},
};
const struct codec_table decision_table = {sizeof(struct decision_record), fields};
