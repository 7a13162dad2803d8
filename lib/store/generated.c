/* Maintains a model's statements in an event's record; see generated.h. Called by daemon/enrich and
 * ingest. Validating the model's answer is done in digest/cited.c. */
#include "store/generated.h"

#include "store/record.h"

#include <string.h>

enum { MORE_SOURCES = 3 };

static const char *const fields[] = {"summary", "details", "meaning"};
enum { N_FIELDS = sizeof fields / sizeof *fields };

void generated_set(json_t *event, json_t *generated)
{
    json_object_set_new(event, "generated", generated);
    record_event_rewritten(event);
}

bool generated_is(const json_t *statement)
{
    return !strcmp(record_text(statement, "kind"), "generated");
}

size_t generated_count(const json_t *event)
{
    size_t n = 0;
    for (size_t i = 0; i < N_FIELDS; i++)
        n += json_array_size(json_object_get(json_object_get(event, "generated"), fields[i]));
    return n;
}

struct keeping {
    const uint64_t *articles; /* NULL: all except `not` */
    size_t n;
    uint64_t not ;
};

static bool keeps_article(const struct keeping *k, uint64_t article)
{
    size_t low = 0, high = k->n;
    if (!k->articles)
        return article != k->not ;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (k->articles[mid] < article)
            low = mid + 1;
        else
            high = mid;
    }
    return low < k->n && k->articles[low] == article;
}

static bool rests_on(const struct keeping *k, const json_t *statement)
{
    size_t i;
    json_t *cite;
    bool all = keeps_article(k, record_number(statement, "article"));
    json_array_foreach(json_object_get(statement, "cites"), i, cite) all &=
        keeps_article(k, record_number(cite, "article"));
    return all;
}

/* An event that lost statements is due again, as if it had never had any source. */
static void keep_fields(json_t *event, const struct keeping *k)
{
    json_t *generated = json_object_get(event, "generated");
    bool lost = false;
    for (size_t i = 0; json_is_object(generated) && i < N_FIELDS; i++) {
        const json_t *was = json_object_get(generated, fields[i]);
        json_t *left = json_array(), *statement;
        size_t at;
        json_array_foreach(was, at, statement) if (rests_on(k, statement))
            json_array_append(left, statement);
        lost |= json_array_size(left) < json_array_size(was);
        if (json_array_size(left) < json_array_size(was))
            json_object_set(generated, fields[i], left);
        json_decref(left);
    }
    if (!lost)
        return;
    json_object_set_new(generated, "sources", json_integer(0));
    record_event_rewritten(event);
}

void generated_keep(json_t *event, const uint64_t *articles, size_t n)
{
    static const uint64_t none[1];
    keep_fields(event, &(struct keeping){.articles = articles ? articles : none, .n = n});
}

void generated_uncite(json_t *event, uint64_t article)
{
    keep_fields(event, &(struct keeping){.not = article});
}

bool generated_has_grown(uint64_t before, uint64_t now)
{
    return now >= before + MORE_SOURCES || (before && now >= 2 * before) || !before;
}

bool generated_is_due(const json_t *event, uint64_t least)
{
    uint64_t sources = record_number(event, "source_count");
    const json_t *generated = json_object_get(event, "generated");
    return !strcmp(record_text(event, "status"), "open") && sources >= least &&
           !json_is_true(json_object_get(event, "muted")) &&
           generated_has_grown(record_number(generated, "sources"), sources);
}
