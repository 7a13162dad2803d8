/* The JSON fields of an article, in the order in which they are written, and changes to its record;
 * see article_record.h. Called by ingest and the readers of articles. Stores nothing. */
#include "store/article_record.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* ---- fields ---------------------------------------------------------------------------------- */

#define AT(of, member)         offsetof(struct of, member), NULL, false
#define OPTIONAL(of, member)   offsetof(struct of, member), NULL, true
#define OF(of, member, table_) offsetof(struct of, member), &table_, false

static const struct codec_field source_fields[] = {
    {"name", CODEC_STRING, AT(article_source, name)},
    {"domain", CODEC_STRING, AT(article_source, domain)},
    {"formerly", CODEC_TEXT, OPTIONAL(article_source, formerly)},
    {0},
};
const struct codec_table article_source_table = {sizeof(struct article_source), source_fields};

/* The same without `formerly`. */
static const struct codec_field claim_fields[] = {
    {"name", CODEC_STRING, AT(article_source, name)},
    {"domain", CODEC_STRING, AT(article_source, domain)},
    {0},
};
static const struct codec_table claim_table = {sizeof(struct article_source), claim_fields};

static const struct codec_field sighting_fields[] = {
    {"feed", CODEC_NUMBER, AT(article_sighting, feed)},
    {"guid", CODEC_TEXT, AT(article_sighting, guid)},
    {0},
};
static const struct codec_table sighting_table = {sizeof(struct article_sighting), sighting_fields};

static const struct codec_field version_fields[] = {
    {"since", CODEC_NUMBER, AT(article_version, since)},
    {"title", CODEC_STRING, AT(article_version, title)},
    {"summary", CODEC_TEXT, AT(article_version, summary)},
    {0},
};
static const struct codec_table version_table = {sizeof(struct article_version), version_fields};

static const struct codec_field visit_fields[] = {
    {"state", CODEC_STRING, AT(article_visit, state)},
    {"why", CODEC_TEXT, AT(article_visit, why)},
    {"time", CODEC_NUMBER, AT(article_visit, time)},
    {"claims", CODEC_TEXT, AT(article_visit, claims)},
    {0},
};
static const struct codec_table visit_table = {sizeof(struct article_visit), visit_fields};

static const struct codec_field reason_fields[] = {
    {"compared_with", CODEC_TIME, AT(article_reason, compared_with)},
    {"probability", CODEC_REAL, AT(article_reason, probability)},
    {"threshold", CODEC_REAL, AT(article_reason, threshold)},
    {"refused", CODEC_TEXT, AT(article_reason, refused)},
    {"shared", CODEC_STRING, AT(article_reason, shared)},
    {"features", CODEC_JSON, AT(article_reason, features)},
    {"runner_up", CODEC_TIME, AT(article_reason, runner_up)},
    {"runner_up_probability", CODEC_REAL, AT(article_reason, runner_up_probability)},
    {0},
};
const struct codec_table article_reason_table = {sizeof(struct article_reason), reason_fields};

static const struct codec_field fields[] = {
    {"id", CODEC_NUMBER, AT(article_record, number)},
    {"event", CODEC_NUMBER, AT(article_record, event)},
    {"title", CODEC_STRING, AT(article_record, title)},
    {"url", CODEC_STRING, AT(article_record, url)},
    {"link", CODEC_TEXT, AT(article_record, link)},
    {"guid", CODEC_TEXT, AT(article_record, guid)},
    {"feed", CODEC_NUMBER, AT(article_record, feed)},
    {"source", CODEC_STRUCT, OF(article_record, source, article_source_table)},
    {"claimed", CODEC_OBJECT, OF(article_record, claimed, claim_table)},
    {"author", CODEC_TEXT, AT(article_record, author)},
    {"agency", CODEC_TEXT, AT(article_record, agency)},
    {"lang", CODEC_TEXT, AT(article_record, lang)},
    {"published", CODEC_NUMBER, AT(article_record, published)},
    {"seen", CODEC_NUMBER, AT(article_record, seen)},
    {"updated", CODEC_TIME, AT(article_record, updated)},
    {"summary", CODEC_TEXT, AT(article_record, summary)},
    {"text", CODEC_TEXT, AT(article_record, text)},
    {"image", CODEC_TEXT, AT(article_record, image)},
    {"categories", CODEC_TEXTS, AT(article_record, categories)},
    {"copy_of", CODEC_TIME, AT(article_record, copy_of)},
    {"also_in", CODEC_LIST, OF(article_record, also_in, sighting_table)},
    {"versions", CODEC_LIST, OF(article_record, versions, version_table)},
    {"standing", CODEC_NUMBER, AT(article_record, standing)},
    {"section", CODEC_TEXT, AT(article_record, section)},
    {"canonical", CODEC_TEXT, AT(article_record, canonical)},
    {"kind", CODEC_TEXT, AT(article_record, kind)},
    {"paywalled", CODEC_ANY, AT(article_record, paywalled)},
    {"words", CODEC_COUNT, AT(article_record, words)},
    {"page", CODEC_OBJECT, OF(article_record, page, visit_table)},
    {"why", CODEC_OBJECT, offsetof(struct article_record, why), &article_reason_table, true},
    {"forgotten", CODEC_TIME, offsetof(struct article_record, forgotten), NULL, true},
    {"", CODEC_REST, AT(article_record, rest)},
    {0},
};
const struct codec_table article_table = {sizeof(struct article_record), fields};

/* ---- arrival --------------------------------------------------------------------------------- */

static void set_source(struct article_record *r, const struct feed_article *a)
{
    codec_set_string(&r->source.name, a->source);
    codec_set_string(&r->source.domain, a->domain);
    codec_set_text(&r->source.formerly, a->formerly);
    if (r->claimed)
        codec_free(&claim_table, r->claimed);
    free(r->claimed);
    r->claimed = NULL;
    if (!a->claimed_domain)
        return;
    r->claimed = mem_zero(sizeof *r->claimed);
    codec_set_string(&r->claimed->name, a->claimed_source);
    codec_set_string(&r->claimed->domain, a->claimed_domain);
}

static void set_categories(struct article_record *r, const struct feed_article *a)
{
    codec_free_texts(&r->categories);
    for (size_t i = 0; i < a->n_categories && i < ARTICLE_MAX_CATEGORIES; i++)
        codec_add_text(&r->categories, a->categories[i], strlen(a->categories[i]));
}

struct article_record article_record_new(const struct feed_article *a,
                                         const struct article_arrival *arrival)
{
    struct article_record r = {.number = arrival->article,
                               .event = arrival->event,
                               .feed = arrival->feed,
                               .published = arrival->published,
                               .seen = arrival->seen,
                               .copy_of = arrival->copy_of,
                               .words = -1};
    codec_set_string(&r.title, a->title);
    codec_set_string(&r.url, a->url);
    codec_set_text(&r.link, a->link);
    codec_set_text(&r.guid, a->guid);
    set_source(&r, a);
    codec_set_text(&r.author, a->author);
    codec_set_text(&r.agency, a->agency);
    codec_set_text(&r.lang, arrival->lang);
    codec_set_text(&r.summary, a->summary);
    codec_set_text(&r.text, a->text);
    codec_set_text(&r.image, a->image);
    set_categories(&r, a);
    return r;
}

/* ---- later sightings ------------------------------------------------------------------------- */

bool article_record_seen_in(struct article_record *r, uint64_t feed, const char *guid)
{
    const struct article_sighting *seen = r->also_in.v;
    for (size_t i = 0; i < r->also_in.n; i++)
        if (seen[i].feed == feed && !strcmp(codec_text(seen[i].guid), codec_text(guid)))
            return false;
    if (r->also_in.n == ARTICLE_MAX_SIGHTINGS)
        return false;
    struct article_sighting *new = codec_add(&r->also_in, sizeof *new);
    new->feed = feed;
    codec_set_text(&new->guid, guid);
    return true;
}

/* A different spelling, or other tracking parameters, do not make a different address. */
static bool same_address(const char *url, const char *other)
{
    if (!strcmp(url, other))
        return true;
    char *key = publisher_url_key(url), *other_key = publisher_url_key(other);
    bool same = *key && !strcmp(key, other_key);
    free(key);
    free(other_key);
    return same;
}

void article_record_renamed(struct article_record *r, const char *guid)
{
    article_record_seen_in(r, r->feed, r->guid);
    codec_set_text(&r->guid, guid);
}

static void keep_version(struct article_record *r)
{
    if (r->versions.n == ARTICLE_MAX_VERSIONS)
        codec_remove(&version_table, &r->versions, 1); /* the first text stays */
    struct article_version *v = codec_add(&r->versions, sizeof *v);
    v->since = r->updated ? r->updated : r->seen;
    v->title = mem_str(r->title);
    codec_set_text(&v->summary, r->summary);
}

enum article_edit article_record_update(struct article_record *r, const struct feed_article *a,
                                        int64_t seen)
{
    bool moved = !same_address(r->url, a->url);
    codec_set_string(&r->url, a->url);
    codec_set_text(&r->link, a->link);
    if (r->forgotten)
        return moved ? ARTICLE_MOVED : ARTICLE_SAME;
    if (!strcmp(r->title, a->title) && !strcmp(codec_text(r->summary), codec_text(a->summary)) &&
        !strcmp(codec_text(r->text), codec_text(a->text)))
        return moved ? ARTICLE_MOVED : ARTICLE_SAME;
    keep_version(r);
    codec_set_string(&r->title, a->title);
    codec_set_text(&r->agency, a->agency);
    codec_set_text(&r->summary, a->summary);
    codec_set_text(&r->text, a->text);
    r->updated = seen;
    r->standing = 0;
    return ARTICLE_EDITED;
}

void article_record_take_over(struct article_record *r, const struct feed_article *a, uint64_t feed)
{
    for (size_t i = r->also_in.n; i-- > 0;)
        if (((struct article_sighting *)r->also_in.v)[i].feed == feed)
            codec_remove(&sighting_table, &r->also_in, i);
    article_record_seen_in(r, r->feed, r->guid);
    r->feed = feed;
    codec_set_text(&r->guid, a->guid);
    set_source(r, a);
    codec_set_text(&r->author, r->forgotten ? NULL : a->author);
    codec_set_text(&r->image, r->forgotten ? NULL : a->image);
    set_categories(r, a);
    if (a->published != FEED_NO_TIME && a->published <= r->seen)
        r->published = a->published;
}

void article_record_forget(struct article_record *r, int64_t now)
{
    char **const texts[] = {&r->summary, &r->text, &r->author, &r->image};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        codec_set_text(texts[i], NULL);
    codec_free_list(&version_table, &r->versions);
    r->standing = 0;
    r->forgotten = now;
}

/* ---- what it says ---------------------------------------------------------------------------- */

const char *article_first_domain(const struct article_source *source)
{
    return source->formerly ? source->formerly : source->domain;
}

const char *article_body(const struct article_record *r)
{
    const char *text = codec_text(r->text), *summary = codec_text(r->summary);
    return strlen(text) > strlen(summary) ? text : summary;
}

const struct article_reason *article_why(const struct article_record *r)
{
    static char nothing[] = "";
    static const struct article_reason none = {.shared = nothing};
    return r->why ? r->why : &none;
}
