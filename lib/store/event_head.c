/* The JSON fields of an event that lists and filters need; see event_record.h. All of it that
 * libstory links. */
#include "store/event_record.h"

#define AT(of, member) offsetof(struct of, member), NULL, false

static const struct codec_field source_fields[] = {
    {"name", CODEC_STRING, AT(event_source, name)},
    {"domain", CODEC_STRING, AT(event_source, domain)},
    {"formerly", CODEC_TEXT, offsetof(struct event_source, formerly), NULL, true},
    {"articles", CODEC_NUMBER, AT(event_source, articles)},
    {"reports", CODEC_COUNT, offsetof(struct event_source, reports), NULL, true},
    {"first", CODEC_NUMBER, AT(event_source, first)},
    {"url", CODEC_TEXT, offsetof(struct event_source, url), NULL, true},
    {0},
};
const struct codec_table event_source_table = {sizeof(struct event_source), source_fields};

static const struct codec_field fields[] = {
    {"id", CODEC_NUMBER, AT(event_record, number)},
    {"title", CODEC_STRING, AT(event_record, title)},
    {"lang", CODEC_TEXT, AT(event_record, lang)},
    {"updated", CODEC_NUMBER, AT(event_record, updated)},
    {"source_count", CODEC_NUMBER, AT(event_record, source_count)},
    {"article_count", CODEC_NUMBER, AT(event_record, article_count)},
    {"report_count", CODEC_NUMBER, AT(event_record, report_count)},
    {"sources", CODEC_LIST, offsetof(struct event_record, sources), &event_source_table, false},
    {"categories", CODEC_TEXTS, AT(event_record, categories)},
    {"keywords", CODEC_TEXTS, AT(event_record, keywords)},
    {"score", CODEC_NUMBER, AT(event_record, score)},
    {"velocity", CODEC_NUMBER, AT(event_record, velocity)},
    {"pinned", CODEC_FLAG, AT(event_record, pinned)},
    {"muted", CODEC_FLAG, AT(event_record, muted)},
    {"tags", CODEC_TEXTS, AT(event_record, tags)},
    {"status", CODEC_STRING, AT(event_record, status)},
    {"merged_into", CODEC_TIME, AT(event_record, merged_into)},
    {"seq", CODEC_NUMBER, AT(event_record, seq)},
    {0},
};
const struct codec_table event_head_table = {sizeof(struct event_record), fields};
