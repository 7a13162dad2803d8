/* The JSON fields of a digest's records, in the order in which they are written. */
#include "digest/digest.h"

#define AT(of, member)          offsetof(struct of, member), NULL, false
#define OPTIONAL(of, member)    offsetof(struct of, member), NULL, true
#define LIST(of, member, table) offsetof(struct of, member), &table##_table, false

static const struct codec_field cite_fields[] = {
    {"text", CODEC_TEXT, AT(digest_cite, text)},
    {"article", CODEC_NUMBER, AT(digest_cite, article)},
    {"source", CODEC_TEXT, AT(digest_cite, source)},
    {"url", CODEC_TEXT, AT(digest_cite, url)},
    {0},
};
static const struct codec_table cite_table = {sizeof(struct digest_cite), cite_fields};

/* `article` is null for an editor's text. */
static const struct codec_field statement_fields[] = {
    {"text", CODEC_TEXT, AT(digest_statement, text)},
    {"article", CODEC_TIME, AT(digest_statement, article)},
    {"source", CODEC_TEXT, AT(digest_statement, source)},
    {"url", CODEC_TEXT, AT(digest_statement, url)},
    {"time", CODEC_NUMBER, AT(digest_statement, time)},
    {"sources", CODEC_TEXTS, AT(digest_statement, sources)},
    {"type", CODEC_TEXT, OPTIONAL(digest_statement, type)},
    {"heading", CODEC_TEXT, OPTIONAL(digest_statement, heading)},
    {"by", CODEC_TEXT, OPTIONAL(digest_statement, by)},
    {"kind", CODEC_TEXT, AT(digest_statement, kind)},
    {"cites", CODEC_LIST, offsetof(struct digest_statement, cites), &cite_table, true},
    {0},
};
const struct codec_table digest_statement_table = {sizeof(struct digest_statement),
                                                   statement_fields};

static const struct codec_field value_fields[] = {
    {"value", CODEC_TEXT, AT(digest_value, value)},
    {"sources", CODEC_TEXTS, AT(digest_value, sources)},
    {"article", CODEC_NUMBER, AT(digest_value, article)},
    {"time", CODEC_NUMBER, AT(digest_value, time)},
    {0},
};
static const struct codec_table value_table = {sizeof(struct digest_value), value_fields};

static const struct codec_field dispute_fields[] = {
    {"what", CODEC_TEXT, AT(digest_dispute, what)},
    {"values", CODEC_LIST, LIST(digest_dispute, values, value)},
    {0},
};
const struct codec_table digest_dispute_table = {sizeof(struct digest_dispute), dispute_fields};

static const struct codec_field similar_fields[] = {
    {"event", CODEC_NUMBER, AT(digest_similar, event)},
    {"title", CODEC_TEXT, AT(digest_similar, title)},
    {"updated", CODEC_NUMBER, AT(digest_similar, updated)},
    {"kind", CODEC_TEXT, AT(digest_similar, kind)},
    {"why", CODEC_TEXT, AT(digest_similar, why)},
    {0},
};
const struct codec_table digest_similar_table = {sizeof(struct digest_similar), similar_fields};

static const struct codec_field new_fields[] = {
    {"text", CODEC_TEXT, AT(digest_new, text)},
    {"article", CODEC_NUMBER, AT(digest_new, article)},
    {"source", CODEC_TEXT, AT(digest_new, source)},
    {"url", CODEC_TEXT, AT(digest_new, url)},
    {"time", CODEC_NUMBER, AT(digest_new, time)},
    {"was", CODEC_TEXT, OPTIONAL(digest_new, was)},
    {0},
};
static const struct codec_table new_table = {sizeof(struct digest_new), new_fields};

static const struct codec_field development_fields[] = {
    {"title", CODEC_TEXT, AT(digest_development, title)},
    {"from", CODEC_NUMBER, AT(digest_development, from)},
    {"until", CODEC_NUMBER, AT(digest_development, until)},
    {"article", CODEC_NUMBER, AT(digest_development, article)},
    {"source", CODEC_TEXT, AT(digest_development, source)},
    {"url", CODEC_TEXT, AT(digest_development, url)},
    {"articles", CODEC_NUMBERS, AT(digest_development, articles)},
    {"sources", CODEC_TEXTS, AT(digest_development, sources)},
    {"new", CODEC_LIST, LIST(digest_development, news, new)},
    {0},
};
const struct codec_table digest_development_table = {sizeof(struct digest_development),
                                                     development_fields};

static const struct codec_field digest_fields[] = {
    {"summary", CODEC_LIST, LIST(digest, summary, digest_statement)},
    {"details", CODEC_LIST, LIST(digest, details, digest_statement)},
    {"meaning", CODEC_LIST, LIST(digest, meaning, digest_statement)},
    {"disputed", CODEC_LIST, LIST(digest, disputed, digest_dispute)},
    {"developments", CODEC_LIST, LIST(digest, developments, digest_development)},
    {"categories", CODEC_TEXTS, AT(digest, categories)},
    {"keywords", CODEC_TEXTS, AT(digest, keywords)},
    {0},
};
const struct codec_table digest_table = {sizeof(struct digest), digest_fields};
