/* Executes, records and undoes editors' decisions; see decide.h. Called by the API. Refuses a
 * decision before anything has changed. */
#include "ingest/decide.h"

#include "base/mem.h"
#include "ingest/apply.h"
#include "ingest/batch.h"
#include "ingest/held.h"
#include "ingest/restore.h"
#include "store/record.h"
#include "ingest/taste.h"
#include "ingest/written.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_WHO = 200,
    MAX_WHY = 1000,
    MAX_TITLE = 1000,
    MAX_TAG = 60,
    MAX_TEXT = 4000,
    MAX_ARTICLES = 10000,
};

struct work {
    struct ingest *in;
    const json_t *ask;
    int64_t now;
    struct event_record *event;    /* the batch's record of the event concerned */
    struct decision_record record; /* under construction */
    struct decided *out;
};

/* ---- refusal --------------------------------------------------------------------------------- */

static bool refuse_decision(struct work *w, enum decide_status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse_decision(struct work *w, enum decide_status status, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(w->out->message, sizeof w->out->message, fmt, ap);
    va_end(ap);
    w->out->status = status;
    if (status == DECIDE_CONFLICT && w->event)
        w->out->record = codec_dump(event_table_of(w->event), w->event);
    return false;
}

static bool stored(struct work *w, int error)
{
    if (!error)
        return true;
    w->out->error = error;
    return refuse_decision(w, DECIDE_FAILED, "%s", store_strerror(error));
}

/* ---- reading the request --------------------------------------------------------------------- */

static bool read_asked_number(struct work *w, const char *field, uint64_t *out)
{
    json_int_t value = json_integer_value(json_object_get(w->ask, field));
    if (value <= 0)
        return refuse_decision(w, DECIDE_INVALID, "%s: expected a number of at least 1", field);
    *out = (uint64_t)value;
    return true;
}

static bool read_asked_text(struct work *w, const char *field, size_t least, size_t most,
                            char **out)
{
    const json_t *text = json_object_get(w->ask, field);
    size_t n = json_string_length(text);
    if ((!json_is_string(text) && least > 0) || n < least || n > most)
        return refuse_decision(w, DECIDE_INVALID, "%s: expected a text of %zu to %zu bytes", field,
                               least, most);
    codec_set_string(out, record_text(w->ask, field));
    return true;
}

/* The same for one line that says something. */
static bool read_asked_line(struct work *w, const char *field, size_t most, char **out)
{
    if (!read_asked_text(w, field, 1, most, out))
        return false;
    const char *text = *out;
    if (!text[strspn(text, " ")])
        return refuse_decision(w, DECIDE_INVALID, "%s is blank; expected a text", field);
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return refuse_decision(w, DECIDE_INVALID,
                                   "%s: expected one line without control characters", field);
    return true;
}

/* Whether a name is one of those in a text, separated by blanks. */
static bool is_listed(const char *list, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += n)
        if ((at == list || at[-1] == ' ') && (!at[n] || at[n] == ' '))
            return n > 0;
    return false;
}

/* A misspelt name would otherwise be taken for one that is left out. */
static bool check_asked_names(struct work *w, const char *kind, const char *fields)
{
    static const char common[] = "kind who why";
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)w->ask, name, value)
    {
        if (!is_listed(common, name) && !is_listed(fields, name))
            return refuse_decision(w, DECIDE_INVALID, "unknown field %.40s; %s has %s, %s", name,
                                   kind, common, fields);
    }
    return true;
}

/* Reads an event that exists and was not merged into another. */
static bool read_event(struct work *w, const char *field, struct event_record **out)
{
    uint64_t number = 0;
    if (!read_asked_number(w, field, &number))
        return false;
    int error = batch_event(w->in, number, out);
    if (error == STORE_NOT_FOUND)
        return refuse_decision(w, DECIDE_NOT_FOUND, "event %" PRIu64 " does not exist", number);
    if (!stored(w, error))
        return false;
    uint64_t into = (*out)->merged_into;
    if (!into)
        return true;
    if (!w->event && !stored(w, batch_event(w->in, into, &w->event)))
        return false;
    return refuse_decision(w, DECIDE_CONFLICT,
                           "event %" PRIu64 " was merged into %" PRIu64 "; use that one", number,
                           into);
}

static bool members_of(struct work *w, uint64_t event, uint64_t **out, size_t *n)
{
    return stored(w, store_linked(ingest_store(w->in), event, out, n));
}

static bool among(uint64_t article, const uint64_t *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (all[i] == article)
            return true;
    return false;
}

/* Reads the requested articles: some of the event's, not all. `rest` is one of the others. */
static bool read_asked_articles(struct work *w, size_t most, uint64_t **out, size_t *n,
                                uint64_t *rest)
{
    const json_t *asked = json_object_get(w->ask, "articles");
    size_t i, n_members = 0;
    json_t *one;
    *n = 0;
    if (!json_array_size(asked) || json_array_size(asked) > most)
        return refuse_decision(w, DECIDE_INVALID, "articles: expected an array of 1 to %zu numbers",
                               most);
    uint64_t *members = NULL;
    if (!members_of(w, w->event->number, &members, &n_members))
        return false;
    *out = mem_alloc(json_array_size(asked) * sizeof **out);
    uint64_t stranger = 0;
    json_array_foreach(asked, i, one)
    {
        uint64_t number = (uint64_t)json_integer_value(one);
        if (!among(number, members, n_members))
            stranger = number ? number : UINT64_MAX;
        else if (!among(number, *out, *n))
            (*out)[(*n)++] = number;
    }
    *rest = w->event->lead;
    for (i = 0; i < n_members && among(*rest, *out, *n); i++)
        *rest = members[i];
    free(members);
    if (stranger)
        return refuse_decision(w, DECIDE_CONFLICT, "article %" PRIu64 " is not in event %" PRIu64,
                               stranger, w->event->number);
    if (*n == n_members)
        return refuse_decision(
            w, DECIDE_INVALID,
            "articles: expected only some of the event's; omit one, or merge the event");
    return true;
}

/* ---- links ----------------------------------------------------------------------------------- */

static void unlink_all(struct work *w, const struct decision_record *decision)
{
    const struct decision_link *links = decision->links.v;
    for (size_t i = 0; i < decision->links.n; i++)
        engine_unlink(batch_engine(w->in), links[i].a, links[i].b);
}

static bool link_articles(struct work *w, uint64_t a, uint64_t b, enum link_kind kind)
{
    if (!engine_link(batch_engine(w->in), a, b, kind)) {
        unlink_all(w, &w->record);
        return refuse_decision(w, DECIDE_CONFLICT,
                               "an earlier decision contradicts this for articles %" PRIu64
                               " and %" PRIu64 "; undo it first",
                               a, b);
    }
    struct decision_link *link = codec_add(&w->record.links, sizeof *link);
    *link = (struct decision_link){a, b, mem_str(kind == MUST_LINK ? "must" : "cannot")};
    return true;
}

/* Checks, before anything is changed, whether the articles may be in one event with those of
 * `event`. */
static bool articles_may_meet(struct work *w, const uint64_t *articles, size_t n,
                              const struct event_record *event)
{
    uint64_t *others = NULL;
    size_t n_others = 0;
    if (!members_of(w, event->number, &others, &n_others))
        return false;
    bool ok = true;
    if (engine_kept_apart(batch_engine(w->in), articles, n, others, n_others))
        ok = refuse_decision(w, DECIDE_CONFLICT,
                             "an earlier decision keeps articles of event %" PRIu64
                             " apart from these articles; undo it first",
                             event->number);
    else if (n + n_others > EVENT_MOST)
        ok = refuse_decision(w, DECIDE_CONFLICT, "an event holds at most %d articles", EVENT_MOST);
    free(others);
    if (!ok)
        unlink_all(w, &w->record);
    return ok;
}

/* ---- merging and splitting ------------------------------------------------------------------- */

static bool store_changes(struct work *w)
{
    const struct engine_change *changes;
    size_t n = engine_changes(batch_engine(w->in), &changes);
    return stored(w, apply_changes(w->in, changes, n, NULL));
}

/* When one or both events have left the window the engine lacks their data, so only the records are
 * merged. */
static bool merge_records(struct work *w, const struct event_record *a,
                          const struct event_record *b)
{
    const struct engine *e = batch_engine(w->in);
    bool a_stays = engine_has_event(e, a->number);
    uint64_t n = a->article_count, n_b = b->article_count;
    if (!a_stays && !engine_has_event(e, b->number))
        a_stays = n > n_b || (n == n_b && a->number < b->number);
    const struct engine_change merged = {.kind = ENGINE_MERGED,
                                         .event = a_stays ? a->number : b->number,
                                         .from = a_stays ? b->number : a->number,
                                         .probability = 1};
    return stored(w, apply_changes(w->in, &merged, 1, NULL));
}

static bool merge_two(struct work *w, const struct event_record *a, const struct event_record *b)
{
    struct engine *e = batch_engine(w->in);
    uint64_t one = a->number, other = b->number, *articles = NULL;
    size_t n = 0;
    bool ok = members_of(w, one, &articles, &n) && articles_may_meet(w, articles, n, b);
    free(articles);
    if (!ok)
        return false;
    return engine_merge(e, one, other) ? store_changes(w) : merge_records(w, a, b);
}

/* Moves the articles, which may have left the window, to a new event: *part. */
static bool split_off(struct work *w, uint64_t event, uint64_t *articles, size_t n, uint64_t *part)
{
    struct engine *e = batch_engine(w->in);
    *part = engine_split(e, event, articles, n);
    if (!*part) {
        unlink_all(w, &w->record);
        return refuse_decision(
            w, DECIDE_CONFLICT,
            "an earlier decision keeps some of them together with others of event %" PRIu64
            "; undo it first",
            event);
    }
    const struct engine_change *made;
    size_t n_made = engine_changes(e, &made), done = 0;
    struct engine_change *all = mem_alloc((n_made + 1) * sizeof *all);
    struct engine_change split = {.kind = ENGINE_SPLIT, .event = *part, .from = event};
    split.articles = articles;
    split.n_articles = n;
    for (size_t i = 0; i < n_made; i++) {
        done |= made[i].kind == ENGINE_SPLIT;
        all[i] = made[i].kind == ENGINE_SPLIT ? split : made[i];
    }
    if (!done)
        all[n_made++] = split;
    bool ok = stored(w, apply_changes(w->in, all, n_made, NULL));
    free(all);
    return ok;
}

/* ---- kinds that move articles ---------------------------------------------------------------- */

static void note_articles(struct work *w, const uint64_t *articles, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *(uint64_t *)codec_add(&w->record.articles, sizeof(uint64_t)) = articles[i];
}

static bool decide_merge(struct work *w)
{
    struct event_record *into;
    if (!read_event(w, "into", &into))
        return false;
    if (into == w->event)
        return refuse_decision(w, DECIDE_INVALID,
                               "into: expected a different event from the one to merge");
    uint64_t *articles = NULL;
    size_t n = 0;
    bool ok = members_of(w, w->event->number, &articles, &n);
    if (ok)
        note_articles(w, articles, n);
    free(articles);
    w->record.into = into->number;
    return ok && link_articles(w, w->event->lead, into->lead, MUST_LINK) &&
           merge_two(w, w->event, into);
}

/* From then on the selected articles stay together, and apart from the rest. */
static bool decide_split(struct work *w)
{
    uint64_t *articles = NULL, rest, part;
    size_t n;
    bool ok = read_asked_articles(w, MAX_ARTICLES, &articles, &n, &rest);
    if (ok)
        note_articles(w, articles, n);
    for (size_t i = 1; ok && i < n; i++)
        ok = link_articles(w, articles[0], articles[i], MUST_LINK);
    ok = ok && link_articles(w, articles[0], rest, CANNOT_LINK) &&
         split_off(w, w->event->number, articles, n, &part);
    if (ok)
        w->record.into = part;
    free(articles);
    return ok;
}

static bool move_to(struct work *w, uint64_t part, uint64_t into)
{
    struct event_record *one, *other;
    return stored(w, batch_event(w->in, part, &one)) &&
           stored(w, batch_event(w->in, into, &other)) && merge_two(w, one, other);
}

static bool decide_move(struct work *w)
{
    struct event_record *into;
    uint64_t *articles = NULL, rest, part;
    size_t n;
    if (!read_event(w, "into", &into))
        return false;
    if (into == w->event)
        return refuse_decision(w, DECIDE_INVALID,
                               "into: expected a different event from the article's own");
    bool ok = read_asked_articles(w, 1, &articles, &n, &rest);
    if (ok)
        note_articles(w, articles, n);
    w->record.into = into->number;
    ok = ok && articles_may_meet(w, articles, n, into) &&
         link_articles(w, articles[0], rest, CANNOT_LINK) &&
         link_articles(w, articles[0], into->lead, MUST_LINK) &&
         split_off(w, w->event->number, articles, n, &part) && move_to(w, part, into->number);
    free(articles);
    return ok;
}

/* ---- kinds that set a field of the event ----------------------------------------------------- */

/* Refuses what would change nothing: the history would show it, and an undo undo nothing. */
static bool set_field(struct work *w, const char *field, json_t *value)
{
    w->record.field = mem_str(field);
    w->record.before = codec_get(&event_table, w->event, field);
    w->record.after = value;
    if (json_equal(w->record.before, value))
        return refuse_decision(w, DECIDE_CONFLICT, "nothing would change: it is already so");
    codec_set(&event_table, w->event, field, value);
    return true;
}

static bool decide_rename(struct work *w)
{
    if (!read_asked_line(w, "title", MAX_TITLE, &w->record.title) ||
        !set_field(w, "headline", json_string(w->record.title)))
        return false;
    codec_set_string(&w->event->title, w->record.title);
    return true;
}

static bool decide_pin(struct work *w)
{
    return set_field(w, "pinned", json_true());
}

static bool decide_unpin(struct work *w)
{
    return set_field(w, "pinned", json_false());
}

static bool decide_mute(struct work *w)
{
    return set_field(w, "muted", json_true());
}

static bool decide_unmute(struct work *w)
{
    return set_field(w, "muted", json_false());
}

/* The number of tags when it has no such tag. */
static size_t place_of_tag(const struct event_record *event, const char *tag)
{
    char *const *tags = event->tags.v;
    size_t i = 0;
    while (i < event->tags.n && strcmp(tags[i], tag) != 0)
        i++;
    return i;
}

static bool decide_tag(struct work *w)
{
    if (!read_asked_line(w, "tag", MAX_TAG, &w->record.tag))
        return false;
    if (w->event->tags.n >= EVENT_MAX_DECIDED)
        return refuse_decision(w, DECIDE_INVALID, "tag: an event can have at most %d tags",
                               EVENT_MAX_DECIDED);
    json_t *tags = codec_get(&event_table, w->event, "tags");
    if (place_of_tag(w->event, w->record.tag) == w->event->tags.n)
        json_array_append_new(tags, json_string(w->record.tag));
    return set_field(w, "tags", tags);
}

static bool decide_untag(struct work *w)
{
    if (!read_asked_line(w, "tag", MAX_TAG, &w->record.tag))
        return false;
    size_t at = place_of_tag(w->event, w->record.tag);
    if (at == w->event->tags.n)
        return refuse_decision(w, DECIDE_CONFLICT, "the event has no such tag");
    json_t *tags = codec_get(&event_table, w->event, "tags");
    json_array_remove(tags, at);
    return set_field(w, "tags", tags);
}

static bool decide_note(struct work *w)
{
    if (!read_asked_text(w, "text", 1, MAX_TEXT, &w->record.text))
        return false;
    if (w->event->notes.n >= EVENT_MAX_DECIDED)
        return refuse_decision(w, DECIDE_INVALID, "text: an event can have at most %d notes",
                               EVENT_MAX_DECIDED);
    json_t *notes = codec_get(&event_table, w->event, "notes");
    json_array_append_new(notes, json_pack("{s:s,s:s,s:I}", "text", w->record.text, "who",
                                           w->record.who, "time", (json_int_t)w->now));
    return set_field(w, "notes", notes);
}

/* More or less of this: changes the event's own rank by as much as doubling its sources would, and
 * that of similar events slightly. */
static bool decide_signal(struct work *w)
{
    const json_t *value = json_object_get(w->ask, "value");
    json_int_t v = json_integer_value(value);
    if (!json_is_integer(value) || v < -1 || v > 1)
        return refuse_decision(w, DECIDE_INVALID,
                               "value: expected 1 (more), -1 (less) or 0 (neither)");
    int change = (int)(v - w->event->signal);
    if (!set_field(w, "signal", json_integer(v)))
        return false;
    w->record.features = taste_features(w->event);
    taste_add(batch_taste(w->in), &w->record.features, change);
    return true;
}

/* An editor's text replaces the extracted one, which returns when the decision is undone. */
static bool decide_write(struct work *w)
{
    struct written what;
    if (!written_read(w->ask, w->event, w->record.who, w->now, &what, w->out->message,
                      sizeof w->out->message)) {
        w->out->status = DECIDE_INVALID;
        return false;
    }
    json_t *written = written_with(w->event, &what);
    w->record.wrote = mem_str(written_field(what.part));
    w->record.items = what.items;
    w->record.place = what.place;
    if (!written)
        return refuse_decision(
            w, DECIDE_CONFLICT,
            "at most %d details of an event can be written one by one; write all at once",
            EVENT_MAX_PLACES);
    set_field(w, "written", written);
    event_record_rewritten(w->event);
    return true;
}

/* ---- undoing --------------------------------------------------------------------------------- */

/* The event to which a number leads now, after merges. */
static bool follow_redirects(struct work *w, uint64_t number, struct event_record **out)
{
    do {
        if (!stored(w, batch_event(w->in, number, out)))
            return false;
        number = (*out)->merged_into;
    } while (number);
    return true;
}

/* Splits off those of the decision's articles that are still in the event, if others remain. */
static bool undo_merge(struct work *w, const struct decision_record *decision)
{
    struct event_record *event;
    const uint64_t *articles = decision->articles.v;
    uint64_t *members = NULL, part;
    size_t n = 0, left = 0;
    if (!follow_redirects(w, decision->into, &event) || !members_of(w, event->number, &members, &n))
        return false;
    uint64_t *back = mem_alloc((decision->articles.n + 1) * sizeof *back);
    for (size_t i = 0; i < decision->articles.n; i++)
        if (among(articles[i], members, n))
            back[left++] = articles[i];
    bool ok = left > 0 && left < n;
    if (!ok)
        refuse_decision(w, DECIDE_CONFLICT,
                        "event %" PRIu64 " contains nothing that can be split off again",
                        event->number);
    ok = ok && split_off(w, event->number, back, left, &part);
    if (ok)
        w->record.into = part;
    free(back);
    free(members);
    return ok;
}

/* Merges them back into the event that they were taken from. */
static bool undo_split(struct work *w, const struct decision_record *decision)
{
    struct event_record *home, *part;
    if (!follow_redirects(w, decision->event, &home) || !follow_redirects(w, decision->into, &part))
        return false;
    if (home == part)
        return refuse_decision(w, DECIDE_CONFLICT, "the two are already one event");
    return merge_two(w, part, home);
}

static bool undo_move(struct work *w, const struct decision_record *decision)
{
    uint64_t article = decision->articles.n ? *(uint64_t *)decision->articles.v : 0, part;
    struct article_record record;
    struct event_record *home, *there;
    int error = batch_article(ingest_store(w->in), article, &record);
    uint64_t now_in = record.event;
    codec_free(&article_table, &record);
    if (error == STORE_NOT_FOUND)
        return refuse_decision(w, DECIDE_CONFLICT, "article %" PRIu64 " was deleted", article);
    if (!stored(w, error))
        return false;
    if (!follow_redirects(w, decision->event, &home) || !follow_redirects(w, now_in, &there))
        return false;
    if (home == there)
        return refuse_decision(w, DECIDE_CONFLICT, "the article is already back in its event");
    if (there->article_count < 2)
        return merge_two(w, there, home);
    return articles_may_meet(w, &article, 1, home) && split_off(w, now_in, &article, 1, &part) &&
           move_to(w, part, home->number);
}

static bool undo_field(struct work *w, const struct decision_record *decision)
{
    const char *field = decision->field ? decision->field : "";
    struct event_record *event;
    if (!follow_redirects(w, decision->event, &event))
        return false;
    if (!decision->after)
        return true; /* an older version recorded nothing when the event lacked the field */
    json_t *now = codec_get(&event_table, event, field);
    bool as_decided = json_equal(now, decision->after);
    json_decref(now);
    if (!as_decided)
        return refuse_decision(w, DECIDE_CONFLICT,
                               "%s was changed by a later decision; undo that first", field);
    if (!strcmp(field, "signal"))
        taste_add(
            batch_taste(w->in), &decision->features,
            (int)(json_integer_value(decision->before) - json_integer_value(decision->after)));
    codec_set(&event_table, event, field, decision->before);
    struct article_record lead;
    if (!strcmp(field, "written"))
        event_record_rewritten(event);
    if (strcmp(field, "headline") != 0)
        return true;
    int error = batch_article(ingest_store(w->in), event->lead, &lead);
    if (!error)
        event_record_lead(event, &lead);
    codec_free(&article_table, &lead);
    return error == STORE_NOT_FOUND /* it was deleted: the event keeps its title */ ||
           stored(w, error);
}

static bool decide_undo(struct work *w);

/* name, function to execute it, function to undo it */
static const struct decision_kind {
    const char *name;
    const char *fields; /* of the request, besides kind, who and why */
    bool (*run)(struct work *w);
    bool (*undo)(struct work *w, const struct decision_record *decision);
} kinds[] = {
    {"merge", "event seq into", decide_merge, undo_merge},
    {"split", "event seq articles", decide_split, undo_split},
    {"move", "event seq into articles", decide_move, undo_move},
    {"rename", "event seq title", decide_rename, undo_field},
    {"pin", "event seq", decide_pin, undo_field},
    {"unpin", "event seq", decide_unpin, undo_field},
    {"mute", "event seq", decide_mute, undo_field},
    {"unmute", "event seq", decide_unmute, undo_field},
    {"tag", "event seq tag", decide_tag, undo_field},
    {"untag", "event seq tag", decide_untag, undo_field},
    {"note", "event seq text", decide_note, undo_field},
    {"signal", "event seq value", decide_signal, undo_field},
    {"write", "event seq field text items place", decide_write, undo_field},
    {"undo", "decision", decide_undo, NULL},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static const struct decision_kind *kind_named(const char *name)
{
    for (size_t i = 0; i < N_KINDS; i++)
        if (!strcmp(kinds[i].name, name))
            return &kinds[i];
    return NULL;
}

static bool decide_undo(struct work *w)
{
    uint64_t number = 0;
    struct decision_record decision;
    if (!read_asked_number(w, "decision", &number))
        return false;
    int error = batch_decision(ingest_store(w->in), number, &decision);
    if (error == STORE_NOT_FOUND)
        return refuse_decision(w, DECIDE_NOT_FOUND, "decision %" PRIu64 " does not exist", number);
    if (!stored(w, error))
        return false;
    const struct decision_kind *kind = kind_named(decision.kind);
    bool ok = follow_redirects(w, decision.event, &w->event);
    if (ok)
        w->record.event = w->event->number;
    if (ok && (!kind || !kind->undo))
        ok = refuse_decision(w, DECIDE_INVALID, "an undo cannot be undone; make a new decision");
    if (ok && decision.undone_by)
        ok = refuse_decision(w, DECIDE_CONFLICT,
                             "decision %" PRIu64 " was already undone by %" PRIu64, number,
                             decision.undone_by);
    if (ok) {
        unlink_all(w, &decision);
        ok = kind->undo(w, &decision);
        if (!ok)
            restore_links(batch_engine(w->in), &decision);
    }
    if (ok) {
        w->record.undoes = number;
        decision.undone_by = w->record.number;
        ok = stored(w, batch_put_decision(ingest_store(w->in), &decision));
    }
    codec_free(&decision_table, &decision);
    return ok;
}

/* ---- entry point ----------------------------------------------------------------------------- */

static bool seen_as_it_is(struct work *w)
{
    uint64_t seen = record_number(w->ask, "seq"), seq = w->event->seq;
    if (!seen || seen == seq)
        return true;
    return refuse_decision(w, DECIDE_CONFLICT,
                           "event %" PRIu64 " has changed from %" PRIu64 " to %" PRIu64
                           "; review it and decide again",
                           w->event->number, seen, seq);
}

/* The decision is logged for the event that remains, after a merge the merged one. */
static bool write_decision(struct work *w)
{
    struct event_record *event;
    uint64_t number = w->record.number;
    if (!follow_redirects(w, w->record.event, &event) ||
        !stored(w, batch_put_decision(ingest_store(w->in), &w->record)) ||
        !stored(w, store_set_number(ingest_store(w->in), "decisions", number)) ||
        !stored(w, batch_log(w->in, "decided", event->number,
                             &(struct change_record){.decision = number})) ||
        !stored(w, batch_touch(w->in, event)))
        return false;
    apply_finish(w->in, event);
    return stored(w, held_decided(w->in, event->number)) &&
           stored(w, held_decided(w->in, w->record.into)) && stored(w, ingest_commit(w->in));
}

void decide(struct ingest *in, const json_t *ask, int64_t now, struct decided *out)
{
    *out = (struct decided){.status = DECIDE_DONE};
    struct work w = {.in = in, .ask = ask, .now = now, .out = out};
    if (!stored(&w, ingest_commit_end(in)))
        return;
    const struct decision_kind *kind = kind_named(record_text(ask, "kind"));
    if (!kind) {
        refuse_decision(&w, DECIDE_INVALID,
                        "kind: expected merge, split, move, rename, pin, unpin, mute, "
                        "unmute, tag, untag, note, signal, write or undo");
        return;
    }
    /* an undo names a decision, which names the event */
    bool undo = kind->run == decide_undo;
    codec_read(&decision_table, NULL, &w.record);
    w.record.number = store_number(ingest_store(in), "decisions") + 1;
    w.record.time = now;
    codec_set_string(&w.record.kind, kind->name);
    bool ok = check_asked_names(&w, kind->name, kind->fields) &&
              read_asked_line(&w, "who", MAX_WHO, &w.record.who) &&
              read_asked_text(&w, "why", 0, MAX_WHY, &w.record.why) &&
              (undo || (read_event(&w, "event", &w.event) && seen_as_it_is(&w)));
    if (ok && w.event)
        w.record.event = w.event->number;
    ok = ok && kind->run(&w); /* afterwards w.event may no longer exist */
    if (ok && write_decision(&w)) {
        out->number = w.record.number;
        out->record = codec_dump(&decision_table, &w.record);
    }
    codec_free(&decision_table, &w.record);
}
