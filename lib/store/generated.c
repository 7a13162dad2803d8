/* Maintains a model's statements in an event's record; see generated.h. Called by daemon/enrich and
 * ingest. Validating the model's answer is done in digest/cited.c. */
#include "store/generated.h"

#include <stdlib.h>
#include <string.h>

enum { MORE_SOURCES = 3 };

void generated_set(struct event_record *event, struct event_generated *generated)
{
    event_record_generate(event, generated);
    event_record_rewritten(event);
}

bool generated_is(const struct digest_statement *statement)
{
    return !strcmp(codec_text(statement->kind), "generated");
}

size_t generated_count(const struct event_record *event)
{
    size_t n = 0;
    for (size_t i = 0; event->generated && i < EVENT_PARTS; i++)
        n += json_array_size(event->generated->texts.part[i]);
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

static bool rests_on(const struct keeping *k, const struct digest_statement *s)
{
    const struct digest_cite *cites = s->cites.v;
    bool all = keeps_article(k, s->article);
    for (size_t i = 0; i < s->cites.n; i++)
        all &= keeps_article(k, cites[i].article);
    return all;
}

/* Returns those of the statements that are kept. */
static json_t *keep_statements(const struct keeping *k, const json_t *statements)
{
    struct codec_list all = codec_read_list(&digest_statement_table, statements), left = {0};
    const struct digest_statement *s = all.v;
    for (size_t i = 0; i < all.n; i++)
        if (rests_on(k, &s[i]))
            *(struct digest_statement *)codec_add(&left, sizeof *s) = s[i];
    json_t *kept = codec_write_list(&digest_statement_table, &left);
    free(left.v); /* the statements are those of `all` */
    codec_free_list(&digest_statement_table, &all);
    return kept;
}

/* An event that lost statements is due again, as if it had never had any source. */
static void keep_fields(struct event_record *event, const struct keeping *k)
{
    struct event_generated *generated = event->generated;
    bool lost = false;
    if (!generated)
        return;
    for (size_t i = 0; i < EVENT_PARTS; i++) {
        json_t **part = &generated->texts.part[i], *left = keep_statements(k, *part);
        if (json_array_size(left) < json_array_size(*part)) {
            json_t *was = *part;
            *part = left;
            left = was;
            lost = true;
        }
        json_decref(left);
    }
    if (!lost)
        return;
    generated->sources = 0;
    event_record_rewritten(event);
}

void generated_keep(struct event_record *event, const uint64_t *articles, size_t n)
{
    static const uint64_t none[1];
    keep_fields(event, &(struct keeping){.articles = articles ? articles : none, .n = n});
}

void generated_uncite(struct event_record *event, uint64_t article)
{
    keep_fields(event, &(struct keeping){.not = article});
}

bool generated_has_grown(uint64_t before, uint64_t now)
{
    return now >= before + MORE_SOURCES || (before && now >= 2 * before) || !before;
}

bool generated_is_due(const struct event_record *event, uint64_t least)
{
    uint64_t before = event->generated ? event->generated->sources : 0;
    return !strcmp(event->status, "open") && event->source_count >= least && !event->muted &&
           generated_has_grown(before, event->source_count);
}
