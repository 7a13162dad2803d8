/* Serves the built-in OpenAPI document and schemas. */
#include "api/about.h"

#include "builtin.h"

#include <string.h>

BUILTIN_FILE(describe_file_openapi, "config/openapi.json");
BUILTIN_FILE(describe_file_article, "config/schema/article.schema.json");
BUILTIN_FILE(describe_file_change, "config/schema/change.schema.json");
BUILTIN_FILE(describe_file_decision, "config/schema/decision.schema.json");
BUILTIN_FILE(describe_file_event, "config/schema/event.schema.json");
BUILTIN_FILE(describe_file_feed, "config/schema/feed.schema.json");
BUILTIN_FILE(describe_file_post, "config/schema/post.schema.json");
BUILTIN_FILE(describe_file_page, "config/schema/page.schema.json");
BUILTIN_FILE(describe_file_tombstone, "config/schema/tombstone.schema.json");

static const struct {
    const char *name, *begin, *end;
} schemas[] = {
    {"article.schema.json", describe_file_article, describe_file_article_end},
    {"change.schema.json", describe_file_change, describe_file_change_end},
    {"decision.schema.json", describe_file_decision, describe_file_decision_end},
    {"event.schema.json", describe_file_event, describe_file_event_end},
    {"feed.schema.json", describe_file_feed, describe_file_feed_end},
    {"post.schema.json", describe_file_post, describe_file_post_end},
    {"page.schema.json", describe_file_page, describe_file_page_end},
    {"tombstone.schema.json", describe_file_tombstone, describe_file_tombstone_end},
};

void describe_openapi(struct routes_context *c, const struct request *r, struct reply *out)
{
    (void)c, (void)r;
    out->type = "application/json";
    out->static_body = describe_file_openapi;
    out->static_length = (size_t)(describe_file_openapi_end - describe_file_openapi);
}

void describe_schema(struct routes_context *c, const struct request *r, struct reply *out)
{
    (void)c;
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        if (strcmp(schemas[i].name, r->rest) != 0)
            continue;
        out->type = "application/schema+json";
        out->static_body = schemas[i].begin;
        out->static_length = (size_t)(schemas[i].end - schemas[i].begin);
        return;
    }
    reply_problem(out, 404, "no schema %.80s", r->rest);
}
