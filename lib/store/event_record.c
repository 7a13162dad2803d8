/* The JSON fields of an event, in the order in which they are written, and changes to its record;
 * see event_record.h. Called by ingest and the readers of events. Stores nothing. */
#include "store/event_record.h"

#include "base/mem.h"
#include "store/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR = 3600, HALF_A_DAY = 43200 };

/* ---- fields ---------------------------------------------------------------------------------- */

#define AT(of, member)         offsetof(struct of, member), NULL, false
#define OPTIONAL(of, member)   offsetof(struct of, member), NULL, true
#define OF(of, member, table_) offsetof(struct of, member), &table_, false

static const struct codec_field note_fields[] = {
    {"text", CODEC_STRING, AT(event_note, text)},
    {"who", CODEC_STRING, AT(event_note, who)},
    {"time", CODEC_NUMBER, AT(event_note, time)},
    {0},
};
static const struct codec_table note_table = {sizeof(struct event_note), note_fields};

static const struct codec_field cause_fields[] = {
    {"what", CODEC_STRING, AT(event_cause, what)},
    {"name", CODEC_STRING, AT(event_cause, name)},
    {"value", CODEC_REAL, AT(event_cause, value)},
    {0},
};
static const struct codec_table cause_table = {sizeof(struct event_cause), cause_fields};

static const struct codec_field leaning_fields[] = {
    {"value", CODEC_REAL, AT(event_leaning, value)},
    {"because", CODEC_LIST, OF(event_leaning, because, cause_table)},
    {0},
};
static const struct codec_table leaning_table = {sizeof(struct event_leaning), leaning_fields};

static const struct codec_field place_fields[] = {
    {"place", CODEC_NUMBER, AT(event_place, place)},
    {"instead", CODEC_STRING, AT(event_place, instead)},
    {"statement", CODEC_ANY, AT(event_place, statement)},
    {0},
};
static const struct codec_table place_table = {sizeof(struct event_place), place_fields};

static const struct codec_field written_fields[] = {
    {"summary", CODEC_ANY, OPTIONAL(event_written, texts.part[EVENT_SUMMARY])},
    {"details", CODEC_ANY, OPTIONAL(event_written, texts.part[EVENT_DETAILS])},
    {"meaning", CODEC_ANY, OPTIONAL(event_written, texts.part[EVENT_MEANING])},
    {"places", CODEC_LIST, offsetof(struct event_written, places), &place_table, true},
    {0},
};
const struct codec_table event_written_table = {sizeof(struct event_written), written_fields};

static const struct codec_field generated_fields[] = {
    {"model", CODEC_STRING, AT(event_generated, model)},
    {"time", CODEC_NUMBER, AT(event_generated, time)},
    {"sources", CODEC_NUMBER, AT(event_generated, sources)},
    {"summary", CODEC_ANY, AT(event_generated, texts.part[EVENT_SUMMARY])},
    {"details", CODEC_ANY, AT(event_generated, texts.part[EVENT_DETAILS])},
    {"meaning", CODEC_ANY, AT(event_generated, texts.part[EVENT_MEANING])},
    {0},
};
static const struct codec_table generated_table = {sizeof(struct event_generated),
                                                   generated_fields};

static const struct codec_field extracted_fields[] = {
    {"summary", CODEC_ANY, OPTIONAL(event_texts, part[EVENT_SUMMARY])},
    {"details", CODEC_ANY, OPTIONAL(event_texts, part[EVENT_DETAILS])},
    {"meaning", CODEC_ANY, OPTIONAL(event_texts, part[EVENT_MEANING])},
    {0},
};
static const struct codec_table extracted_table = {sizeof(struct event_texts), extracted_fields};

static const struct codec_field fields[] = {
    {"id", CODEC_NUMBER, AT(event_record, number)},
    {"title", CODEC_STRING, AT(event_record, title)},
    {"url", CODEC_STRING, AT(event_record, url)},
    {"lang", CODEC_TEXT, AT(event_record, lang)},
    {"lead", CODEC_NUMBER, AT(event_record, lead)},
    {"first_seen", CODEC_NUMBER, AT(event_record, first_seen)},
    {"updated", CODEC_NUMBER, AT(event_record, updated)},
    {"published", CODEC_NUMBER, AT(event_record, published)},
    {"source_count", CODEC_NUMBER, AT(event_record, source_count)},
    {"article_count", CODEC_NUMBER, AT(event_record, article_count)},
    {"report_count", CODEC_NUMBER, AT(event_record, report_count)},
    {"sources", CODEC_LIST, OF(event_record, sources, event_source_table)},
    {"feeds", CODEC_NUMBERS, AT(event_record, feeds)},
    {"categories", CODEC_TEXTS, AT(event_record, categories)},
    {"keywords", CODEC_TEXTS, AT(event_record, keywords)},
    {"summary", CODEC_LIST, OF(event_record, part[EVENT_SUMMARY], digest_statement_table)},
    {"details", CODEC_LIST, OF(event_record, part[EVENT_DETAILS], digest_statement_table)},
    {"meaning", CODEC_LIST, OF(event_record, part[EVENT_MEANING], digest_statement_table)},
    {"sentiment", CODEC_OBJECT, OF(event_record, sentiment, digest_sentiment_table)},
    {"post_count", CODEC_NUMBER, AT(event_record, post_count)},
    {"similar", CODEC_LIST, OF(event_record, similar, digest_similar_table)},
    {"disputed", CODEC_LIST, OF(event_record, disputed, digest_dispute_table)},
    {"developments", CODEC_LIST, OF(event_record, developments, digest_development_table)},
    {"written", CODEC_OBJECT, OF(event_record, written, event_written_table)},
    {"generated", CODEC_OBJECT, OF(event_record, generated, generated_table)},
    {"extracted", CODEC_OBJECT, OF(event_record, extracted, extracted_table)},
    {"score", CODEC_NUMBER, AT(event_record, score)},
    {"velocity", CODEC_NUMBER, AT(event_record, velocity)},
    {"velocity_before", CODEC_REAL, AT(event_record, velocity_before)},
    {"signal", CODEC_NUMBER, AT(event_record, signal)},
    {"leaning", CODEC_OBJECT, OF(event_record, leaning, leaning_table)},
    {"headline", CODEC_TEXT, AT(event_record, headline)},
    {"pinned", CODEC_FLAG, AT(event_record, pinned)},
    {"muted", CODEC_FLAG, AT(event_record, muted)},
    {"tags", CODEC_TEXTS, AT(event_record, tags)},
    {"notes", CODEC_LIST, OF(event_record, notes, note_table)},
    {"status", CODEC_STRING, AT(event_record, status)},
    {"merged_into", CODEC_TIME, AT(event_record, merged_into)},
    {"seq", CODEC_NUMBER, AT(event_record, seq)},
    {"articles_deleted", CODEC_NUMBER, OPTIONAL(event_record, articles_deleted)},
    {"", CODEC_REST, AT(event_record, rest)},
    {0},
};
const struct codec_table event_table = {sizeof(struct event_record), fields};

static const struct codec_field merged_fields[] = {
    {"id", CODEC_NUMBER, AT(event_record, number)},
    {"title", CODEC_STRING, AT(event_record, title)},
    {"status", CODEC_STRING, AT(event_record, status)},
    {"merged_into", CODEC_NUMBER, AT(event_record, merged_into)},
    {"updated", CODEC_NUMBER, AT(event_record, updated)},
    {"seq", CODEC_NUMBER, AT(event_record, seq)},
    {"", CODEC_REST, AT(event_record, rest)},
    {0},
};
static const struct codec_table merged_table = {sizeof(struct event_record), merged_fields};

const struct codec_table *event_table_of(const struct event_record *e)
{
    return strcmp(e->status, "merged") != 0 ? &event_table : &merged_table;
}

struct event_record event_record_new(uint64_t number)
{
    struct event_record e;
    codec_read(&event_table, NULL, &e);
    e.number = number;
    codec_set_string(&e.status, "open");
    return e;
}

/* ---- sources --------------------------------------------------------------------------------- */

const char *event_first_domain(const struct event_source *source)
{
    return source->formerly ? source->formerly : source->domain;
}

static struct event_source *find_source(const struct event_record *e, const char *first_domain)
{
    struct event_source *sources = e->sources.v;
    for (size_t i = 0; i < e->sources.n; i++)
        if (!strcmp(event_first_domain(&sources[i]), first_domain))
            return &sources[i];
    return NULL;
}

bool event_counts_reports(const struct event_record *e)
{
    const struct event_source *first = e->sources.v;
    return !e->sources.n || first->reports >= 0;
}

static void count_sources(struct event_record *e)
{
    const struct event_source *sources = e->sources.v;
    e->source_count = e->sources.n;
    e->report_count = 0;
    for (size_t i = 0; i < e->sources.n; i++)
        e->report_count += sources[i].reports > 0;
}

/* Takes the element out without freeing it. */
static struct event_source take_source(struct codec_list *sources, struct event_source *at)
{
    struct event_source taken = *at, *end = (struct event_source *)sources->v + sources->n--;
    memmove(at, at + 1, (size_t)(end - at - 1) * sizeof *at);
    return taken;
}

/* Sources are ordered by their first report. */
static void insert_source(struct codec_list *sources, struct event_source new)
{
    struct event_source *last = codec_add(sources, sizeof new), *at = last;
    while (at > (struct event_source *)sources->v && at[-1].first > new.first)
        at--;
    memmove(at + 1, at, (size_t)(last - at) * sizeof *at);
    *at = new;
}

static int64_t at_least_none(int64_t reports)
{
    return reports > 0 ? reports : 0;
}

/* Adds a publisher's articles, with `of`'s name and domains. */
static void add_event_source(struct event_record *e, const struct event_source *of)
{
    struct event_source *known = find_source(e, event_first_domain(of));
    struct event_source source = {.first = of->first};
    if (known)
        source = take_source(&e->sources, known);
    else
        codec_set_string(&source.name, of->name);
    source.articles += of->articles;
    source.reports = at_least_none(source.reports) + at_least_none(of->reports);
    if (!known || of->first < source.first)
        codec_set_text(&source.url, of->url);
    source.first = source.first < of->first ? source.first : of->first;
    if (!known || of->formerly) { /* its site has moved since */
        codec_set_string(&source.domain, of->domain);
        codec_set_text(&source.formerly, of->formerly);
    }
    insert_source(&e->sources, source);
    count_sources(e);
}

bool event_record_seen_in(struct event_record *e, uint64_t feed)
{
    const uint64_t *feeds = e->feeds.v;
    for (size_t i = 0; i < e->feeds.n; i++)
        if (feeds[i] == feed)
            return false;
    if (e->feeds.n >= EVENT_MAX_FEEDS)
        return false;
    *(uint64_t *)codec_add(&e->feeds, sizeof feed) = feed;
    return true;
}

static void add_articles(struct event_record *e, uint64_t articles, int64_t published)
{
    if (!e->article_count || published < e->published)
        e->published = published;
    e->article_count += articles;
}

void event_record_join(struct event_record *e, struct article_record *article, int64_t seen)
{
    const struct event_source source = {.name = article->source.name,
                                        .domain = article->source.domain,
                                        .formerly = article->source.formerly,
                                        .articles = 1,
                                        .reports = !article->copy_of,
                                        .first = article->published,
                                        .url = article->url};
    const struct article_sighting *also = article->also_in.v;
    if (!e->article_count || article->seen < e->first_seen)
        e->first_seen = article->seen;
    add_articles(e, 1, article->published);
    add_event_source(e, &source);
    codec_set_string(&find_source(e, event_first_domain(&source))->name, source.name);
    event_record_seen_in(e, article->feed);
    for (size_t i = 0; i < article->also_in.n; i++)
        event_record_seen_in(e, also[i].feed);
    if (!e->lang)
        codec_set_text(&e->lang, article->lang);
    e->updated = seen;
    article->event = e->number;
}

void event_record_copied(struct event_record *e, struct article_record *article, uint64_t origin)
{
    struct event_source *source = find_source(e, article_first_domain(&article->source));
    if (source)
        source->reports += !origin - !article->copy_of;
    count_sources(e);
    article->copy_of = origin;
}

void event_record_clear(struct event_record *e)
{
    e->article_count = 0;
    codec_free_list(&event_source_table, &e->sources);
    count_sources(e);
    free(e->feeds.v);
    e->feeds = (struct codec_list){0};
    e->articles_deleted = 0; /* what is counted now are those that are stored */
}

/* ---- what it says ---------------------------------------------------------------------------- */

/* The index for a written detail: that of the detail it replaces, wherever that is now; if it is
 * gone, its former index, but not in place of another written one; else the end. */
static size_t place_for(const struct codec_list *details, const struct event_place *place)
{
    const struct digest_statement *d = details->v;
    size_t n = details->n, at = 0;
    while (at < n && strcmp(codec_text(d[at].text), place->instead) != 0)
        at++;
    if (at < n && *place->instead)
        return at;
    at = place->place < n ? place->place : n;
    while (at < n && !strcmp(codec_text(d[at].kind), "written"))
        at++;
    return at;
}

static void set_places(struct codec_list *details, const struct codec_list *places)
{
    const struct event_place *place = places->v;
    for (size_t i = 0; i < places->n && i < EVENT_MAX_PLACES; i++) {
        size_t at = place_for(details, &place[i]);
        if (!json_is_object(place[i].statement))
            continue;
        struct digest_statement *d = at < details->n ? (struct digest_statement *)details->v + at
                                                     : codec_add(details, sizeof *d);
        codec_free(&digest_statement_table, d);
        codec_read(&digest_statement_table, place[i].statement, d);
    }
}

/* What is shown in place of extracted statements; false: nothing. Generated ones take precedence
 * over extracted ones, written ones over both. */
static bool said_over(const struct event_record *e, enum event_part part,
                      const struct codec_list *extracted, struct codec_list *out)
{
    json_t *generated = e->generated ? e->generated->texts.part[part] : NULL;
    json_t *written = e->written ? e->written->texts.part[part] : NULL;
    bool places = part == EVENT_DETAILS && e->written && e->written->places.n;
    if (json_array_size(written)) {
        *out = codec_read_list(&digest_statement_table, written);
        return true;
    }
    if (!json_array_size(generated) && !places)
        return false;
    json_t *below = json_array_size(generated)
                        ? json_incref(generated)
                        : codec_write_list(&digest_statement_table, extracted);
    *out = codec_read_list(&digest_statement_table, below);
    json_decref(below);
    if (places)
        set_places(out, &e->written->places);
    return true;
}

static void keep_extracted(struct event_record *e, enum event_part part, json_t *statements)
{
    bool any = false;
    if (!e->extracted)
        e->extracted = mem_zero(sizeof *e->extracted);
    json_decref(e->extracted->part[part]);
    e->extracted->part[part] = statements;
    for (enum event_part i = 0; i < EVENT_PARTS; i++)
        any |= e->extracted->part[i] != NULL;
    if (!any) {
        free(e->extracted);
        e->extracted = NULL;
    }
}

/* Takes the extracted statements of a part. */
static void say_part(struct event_record *e, enum event_part part, struct codec_list *extracted)
{
    struct codec_list over;
    bool is = said_over(e, part, extracted, &over);
    if (is || e->extracted)
        keep_extracted(e, part, is ? codec_write_list(&digest_statement_table, extracted) : NULL);
    codec_free_list(&digest_statement_table, &e->part[part]);
    e->part[part] = is ? over : *extracted;
    if (is)
        codec_free_list(&digest_statement_table, extracted);
    *extracted = (struct codec_list){0};
}

static void take_said(const struct codec_table *t, struct codec_list *to, struct codec_list *from)
{
    codec_free_list(t, to);
    *to = *from;
    *from = (struct codec_list){0};
}

static void take_texts(struct codec_list *to, struct codec_list *from)
{
    codec_free_texts(to);
    *to = *from;
    *from = (struct codec_list){0};
}

void event_record_says(struct event_record *e, struct digest *said)
{
    say_part(e, EVENT_SUMMARY, &said->summary);
    say_part(e, EVENT_DETAILS, &said->details);
    say_part(e, EVENT_MEANING, &said->meaning);
    take_said(&digest_dispute_table, &e->disputed, &said->disputed);
    take_said(&digest_development_table, &e->developments, &said->developments);
    take_texts(&e->categories, &said->categories);
    take_texts(&e->keywords, &said->keywords);
}

bool event_extracted(const struct event_record *e, enum event_part part, struct codec_list *out)
{
    const json_t *aside = e->extracted ? e->extracted->part[part] : NULL;
    *out = aside ? codec_read_list(&digest_statement_table, aside) : e->part[part];
    return aside;
}

void event_record_rewritten(struct event_record *e)
{
    for (enum event_part part = 0; part < EVENT_PARTS; part++) {
        struct codec_list extracted;
        if (!event_extracted(e, part, &extracted))
            e->part[part] = (struct codec_list){0};
        say_part(e, part, &extracted);
    }
}

void event_record_generate(struct event_record *e, struct event_generated *generated)
{
    if (e->generated)
        codec_free(&generated_table, e->generated);
    else
        e->generated = mem_alloc(sizeof *e->generated);
    *e->generated = *generated;
    *generated = (struct event_generated){.model = NULL};
}

/* ---- merging --------------------------------------------------------------------------------- */

static void unite_tags(struct event_record *into, const struct event_record *from)
{
    char *const *tags = from->tags.v;
    for (size_t i = 0; i < from->tags.n; i++) {
        char *const *own = into->tags.v;
        bool known = into->tags.n >= EVENT_MAX_DECIDED;
        for (size_t k = 0; !known && k < into->tags.n; k++)
            known = !strcmp(own[k], tags[i]);
        if (!known)
            codec_add_text(&into->tags, tags[i], strlen(tags[i]));
    }
}

static bool same_note(const struct event_note *a, const struct event_note *b)
{
    return a->time == b->time && !strcmp(a->text, b->text) && !strcmp(a->who, b->who);
}

static void unite_notes(struct event_record *into, const struct event_record *from)
{
    const struct event_note *notes = from->notes.v;
    for (size_t i = 0; i < from->notes.n; i++) {
        const struct event_note *own = into->notes.v;
        bool known = into->notes.n >= EVENT_MAX_DECIDED;
        for (size_t k = 0; !known && k < into->notes.n; k++)
            known = same_note(&own[k], &notes[i]);
        if (!known)
            *(struct event_note *)codec_add(&into->notes, sizeof *notes) =
                (struct event_note){mem_str(notes[i].text), mem_str(notes[i].who), notes[i].time};
    }
}

/* Decisions on either event apply to both; in a conflict, that on `into`. */
static void merge_decisions(struct event_record *into, const struct event_record *from)
{
    if (!into->headline && from->headline) {
        codec_set_text(&into->headline, from->headline);
        codec_set_string(&into->title, from->headline);
    }
    into->pinned |= from->pinned;
    if (!into->signal)
        into->signal = from->signal;
    unite_tags(into, from);
    unite_notes(into, from);
    if (!into->written && from->written) {
        json_t *written = codec_write(&event_written_table, from->written);
        codec_set(&event_table, into, "written", written);
        json_decref(written);
        event_record_rewritten(into);
    }
}

void event_record_merge(struct event_record *into, const struct event_record *from, int64_t seen)
{
    const struct event_source *sources = from->sources.v;
    const uint64_t *feeds = from->feeds.v;
    add_articles(into, from->article_count, from->published);
    for (size_t i = 0; i < from->sources.n; i++)
        add_event_source(into, &sources[i]);
    for (size_t i = 0; i < from->feeds.n; i++)
        event_record_seen_in(into, feeds[i]);
    if (from->first_seen < into->first_seen)
        into->first_seen = from->first_seen;
    into->articles_deleted += from->articles_deleted;
    merge_decisions(into, from);
    into->updated = seen;
}

void event_record_end(struct event_record *from, uint64_t into, int64_t seen, uint64_t seq)
{
    struct event_record rest = event_record_new(from->number);
    codec_set_string(&rest.title, from->title);
    codec_set_string(&rest.status, "merged");
    rest.merged_into = into;
    rest.updated = seen;
    rest.seq = seq;
    codec_free(&event_table, from);
    *from = rest;
}

/* ---- title and rank -------------------------------------------------------------------------- */

void event_record_lead(struct event_record *e, const struct article_record *article)
{
    e->lead = article->number;
    codec_set_string(&e->title, e->headline ? e->headline : article->title);
    codec_set_string(&e->url, record_address(article->url));
}

void event_record_lean(struct event_record *e, struct event_leaning *leaning)
{
    if (e->leaning)
        codec_free(&leaning_table, e->leaning);
    if (!leaning->because.n) {
        free(e->leaning);
        e->leaning = NULL;
        return;
    }
    if (!e->leaning)
        e->leaning = mem_alloc(sizeof *e->leaning);
    *e->leaning = *leaning;
}

/* Sources per hour: the number in the hour that ends with the last one, and the mean from the first
 * one to the beginning of that hour. */
static void set_velocity(struct event_record *e)
{
    const struct event_source *sources = e->sources.v;
    size_t n = e->sources.n, late = 0;
    int64_t first = n ? sources[0].first : 0, last = n ? sources[n - 1].first : 0;
    while (late < n && sources[n - 1 - late].first > last - HOUR)
        late++;
    double hours = (double)(last - HOUR - first) / HOUR;
    double before = late < n ? (double)(n - late) / (hours > 1 ? hours : 1) : 0;
    e->velocity = late;
    e->velocity_before = round(before * 100) / 100;
}

void event_record_finish(struct event_record *e)
{
    double coverage = log2(1 + (double)e->sources.n);
    double freshness = (double)e->updated / HALF_A_DAY;
    double wanted = (double)e->signal + (e->leaning ? e->leaning->value : 0);
    set_velocity(e);
    e->score = llround(1000 * (coverage + freshness + wanted));
}
